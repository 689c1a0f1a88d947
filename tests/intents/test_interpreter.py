"""Whole messages: what ordinary wording means, and that danger always comes first."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import Context, Interpreter

ORDINARY = {
    "我妈想挂明天上午的骨科": (
        "book_appointment",
        {"department": "骨科", "date": "2026-03-12", "period": "morning"},
    ),
    "改到后天下午三点": ("reschedule_appointment", {"date": "2026-03-13", "time": "15:00"}),
    "退掉明天的号": ("cancel_appointment", {"date": "2026-03-12"}),
    "取消": ("stop_task", {}),
    "韦医生什么时候坐诊": ("query_schedule", {"doctor": "韦医生"}),
    "彩超在几楼": ("ask_route", {"place": "门诊二楼彩超候诊区"}),
    "膝盖痛了三天挂什么科": ("describe_symptom", {"symptom": ["膝盖痛"], "duration": "P3D"}),
    "我要投诉，二楼彩超等了三个小时没人理": ("file_complaint", {"place": "门诊二楼彩超候诊区"}),
    "我妈70岁一个人来，想约个陪诊": ("request_escort", {"age": 70, "special_need": "alone"}),
    "中药寄到哪里了": ("query_herb_delivery", {}),
    "人工": ("talk_to_human", {}),
}


@pytest.mark.parametrize(("text", "meant"), ORDINARY.items())
def test_ordinary_wording_is_understood(
    interpreter: Interpreter, now: datetime, text: str, meant: tuple[str, dict[str, object]]
) -> None:
    understanding = interpreter.understand(text, now=now)
    intent, slots = meant
    assert understanding.intent.name == intent
    assert slots.items() <= dict(understanding.slots).items()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我胸口痛得厉害出了好多汗", "report_emergency"),
        ("挂个号，对了我爸突然昏倒叫不醒", "report_emergency"),
        ("帮我查报告，唉我不想活了", "express_crisis"),
        ("想问下骨科，救命啊我老婆大出血", "report_emergency"),
    ],
)
def test_danger_wins_whatever_else_is_said(
    interpreter: Interpreter, now: datetime, text: str, intent: str
) -> None:
    understanding = interpreter.understand(text, now=now)
    assert understanding.intent.name == intent
    assert understanding.danger


@pytest.mark.parametrize(
    "text", ["价格看得我心梗", "排队排得我要累死", "我爸去年脑梗过，现在复查挂什么科", "没有胸痛也没有出汗"]
)
def test_a_figure_of_speech_or_an_old_story_is_no_emergency(
    interpreter: Interpreter, now: datetime, text: str
) -> None:
    assert interpreter.understand(text, now=now).intent.name not in ("report_emergency", "express_crisis")


def test_two_requests_are_found_in_their_order_each_with_its_slots(
    interpreter: Interpreter, now: datetime
) -> None:
    understanding = interpreter.understand("帮我查一下中药寄到哪了，顺便挂明天骨科的号", now=now)
    assert [one.intent for one in understanding.requests] == ["query_herb_delivery", "book_appointment"]
    assert understanding.requests[1].slots["department"] == "骨科"
    assert "department" not in understanding.requests[0].slots


@pytest.mark.parametrize(
    ("requested", "text", "value"),
    [
        ("period", "下午吧", "afternoon"),
        ("patient_name", "韦大山", "韦大山"),
        ("phone", "10000001234", "10000001234"),
        ("confirmation", "好的", True),
        ("confirmation", "不要", False),
        ("special_need", "没有", "none"),
        ("age", "七十", 70),
        ("date", "都可以", "any"),
        ("address", "江滨路8号2栋301", "江滨路8号2栋301"),
    ],
)
def test_an_answer_to_the_question_is_read_as_that_answer(
    interpreter: Interpreter, now: datetime, requested: str, text: str, value: object
) -> None:
    understanding = interpreter.understand(text, now=now, context=Context(requested_slot=requested))
    assert understanding.answer == {requested: value}


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_string_gives_an_answer(interpreter: Interpreter, text: str) -> None:
    understanding = interpreter.understand(text, now=datetime(2026, 3, 11, 9))
    assert understanding.requests
    for entity in understanding.entities:
        assert understanding.text[entity.start : entity.end] == entity.text


@pytest.mark.parametrize(
    "text",
    [
        "\u9fc5",
        "我想挂\u9fef科",
        "\ud800",
        "挂号\udfff",
        "\U0003134f",
        "\ufdfa" * 50,
        "\u0e33" * 80,
        "\U000e0041",
    ],
    ids=ascii,
)
def test_characters_no_table_knows_are_read_past(interpreter: Interpreter, now: datetime, text: str) -> None:
    assert interpreter.understand(text, now=now).requests


def test_a_huge_message_is_read_in_its_first_part(interpreter: Interpreter, now: datetime) -> None:
    understanding = interpreter.understand("我想挂骨科" + "啊" * 10_000, now=now)
    assert understanding.truncated
    assert understanding.slots["department"] == "骨科"
