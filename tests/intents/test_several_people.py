"""For whom an errand is wanted, where a message wants it for several."""

from __future__ import annotations

from datetime import datetime

import pytest

from intents import Interpreter
from intents.slots.several_people import share_out

NOW = datetime(2026, 3, 11, 9)

SEVERAL = [
    ("我爸妈都要挂心内科，明天上午", ["父亲", "母亲"]),
    ("给我爸妈挂骨科", ["父亲", "母亲"]),
    ("爸妈两个人的号都挂上", ["父亲", "母亲"]),
    ("帮我和我老婆各挂一个", ["本人", "配偶"]),
    ("我们两口子都要挂号", ["本人", "配偶"]),
    ("我爸、我妈、我老婆都要挂", ["父亲", "母亲", "配偶"]),
    ("两个孩子都要挂儿科", ["子女", "子女"]),
    ("给爷爷奶奶各约一个眼科", ["祖父母", "祖父母"]),
    ("给我爸挂骨科，我妈也挂一个", ["父亲", "母亲"]),
    ("帮我挂眼科，再给我妈挂口腔科", ["本人", "母亲"]),
    ("帮我爸挂骨科，还有我妈", ["父亲", "母亲"]),
    ("把我爸妈的号都退了", ["父亲", "母亲"]),
    ("đặt khám cho bố mẹ tôi", ["父亲", "母亲"]),
    ("hai vợ chồng tôi đều muốn khám", ["本人", "配偶"]),
]
ONE = [
    "我和我妈一起来，给她挂号",
    "我爸妈都来了，给我妈挂骨科",
    "我爸妈都不在家，我自己挂",
    "帮我和我妈说一声",
    "给我妈挂骨科，我陪她去",
    "给我妈挂骨科，再约个陪诊",
    "给我爸挂个号，我妈的号不要了",
    "不是给我爸，是给我妈挂",
    "挂骨科，我爸也看过韦医生",
    "再帮我妈也挂一个",
    "đặt khám cho mẹ chồng tôi",
]


@pytest.mark.parametrize(("text", "whose"), SEVERAL)
def test_each_person_gets_a_share(text: str, whose: list[str]) -> None:
    assert [one.relation for one in share_out(text)] == whose


@pytest.mark.parametrize("text", ONE)
def test_an_errand_for_one_is_not_shared_out(text: str) -> None:
    assert share_out(text) == []


def test_each_request_has_what_was_said_for_all_and_whose_it_is(interpreter: Interpreter) -> None:
    found = interpreter.understand("我爸妈都要挂心内科，明天上午", now=NOW)
    assert [one.intent for one in found.requests] == ["book_appointment"] * 2
    assert [one.slots["relation"] for one in found.requests] == ["父亲", "母亲"]
    assert {one.slots["department"] for one in found.requests} == {"心血管内科"}
    assert {one.slots["date"] for one in found.requests} == {"2026-03-12"}


def test_what_is_said_for_one_of_them_stays_his(interpreter: Interpreter) -> None:
    found = interpreter.understand("给我爸挂骨科明天上午，给我妈挂眼科", now=NOW)
    first, second = (dict(one.slots) for one in found.requests)
    assert (first["relation"], first["department"], first["date"]) == ("父亲", "骨科", "2026-03-12")
    assert (second["relation"], second["department"]) == ("母亲", "眼科") and "date" not in second


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "我明天上午想看眼科，下午再看骨科",
            ["眼科 2026-03-12 morning", "骨科 2026-03-12 afternoon"],
        ),
        ("上午看眼科，下午看骨科", ["眼科 morning", "骨科 afternoon"]),
        ("先看眼科再看骨科，明天", ["眼科 2026-03-12", "骨科 2026-03-12"]),
        ("明天挂眼科和骨科", ["眼科 2026-03-12", "骨科 2026-03-12"]),
        (
            "Sáng mai tôi muốn khám mắt, chiều khám xương khớp",
            ["眼科 2026-03-12 morning", "骨科 2026-03-12 afternoon"],
        ),
        (
            "明天上午给我爸看骨科，我妈看眼科",
            ["父亲 骨科 2026-03-12 morning", "母亲 眼科 2026-03-12 morning"],
        ),
        ("我爸看骨科我妈看眼科", ["父亲 骨科", "母亲 眼科"]),
        (
            "明天上午我爸看骨科，下午我妈看眼科",
            ["父亲 骨科 2026-03-12 morning", "母亲 眼科 2026-03-12 afternoon"],
        ),
        (
            "我爸挂骨科，我妈挂眼科，我挂口腔科，都是后天上午",
            [
                "父亲 骨科 2026-03-13 morning",
                "母亲 眼科 2026-03-13 morning",
                "本人 口腔科 2026-03-13 morning",
            ],
        ),
        (
            "Đặt khám mắt cho mẹ tôi, khám xương khớp cho bố tôi",
            ["母亲 眼科", "父亲 骨科"],
        ),
        ("眼科和骨科哪个好", ["眼科"]),
        ("明天上午骨科，不行就下午", ["骨科 2026-03-12 morning"]),
        ("我爸骨科的号退了，我妈眼科的留着", ["父亲 骨科"]),
    ],
)
def test_nothing_said_is_lost_and_each_has_his_own(
    interpreter: Interpreter, text: str, wanted: list[str]
) -> None:
    names = ("relation", "department", "date", "period")
    found = interpreter.understand(text, now=NOW)
    got = [" ".join(str(one.slots[name]) for name in names if name in one.slots) for one in found.requests]
    assert got == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("帮我妈约明天眼科，再给我爸约个陪诊", ["book_appointment 母亲", "request_escort 父亲"]),
        ("我妈看眼科，我爸也要陪诊", ["book_appointment 母亲", "request_escort 父亲"]),
        ("老爸挂骨科，老妈约个陪诊", ["book_appointment 父亲", "request_escort 母亲"]),
        ("把我爸的骨科退了，我妈的改到后天", ["cancel_appointment 父亲", "reschedule_appointment 母亲"]),
        ("给我妈取消明天的眼科，给我爸约骨科", ["cancel_appointment 母亲", "book_appointment 父亲"]),
    ],
)
def test_each_person_has_an_errand_of_his_own_in_the_order_said(
    interpreter: Interpreter, text: str, wanted: list[str]
) -> None:
    found = interpreter.understand(text, now=NOW)
    assert [f"{one.intent} {one.slots['relation']}" for one in found.requests] == wanted


def test_who_came_along_is_not_whom_it_is_for(interpreter: Interpreter) -> None:
    found = interpreter.understand("我爸妈都来了，给我妈挂骨科", now=NOW)
    assert found.slots["relation"] == "母亲"
