"""Whose it is: another than oneself is heard as such, and a denied self is none."""

from __future__ import annotations

import pytest

from intents.slots.relations import read_relations, read_vietnamese_relations


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("帮别人开诊断证明", "别人"),
        ("给人家挂个号", "别人"),
        ("帮人开个诊断证明", "别人"),
        ("不是我自己的，帮别人开", "别人"),
        ("不是我自己，是我妈", "母亲"),
        ("不是我妈，是我爸", "父亲"),
        ("替一个老乡开", "其他"),
        ("替我妈开", "母亲"),
        ("是我自己", "本人"),
        ("别人都说这里好", None),
        ("叫人家等这么久", None),
    ],
)
def test_who_is_meant(text: str, relation: str | None) -> None:
    found = read_relations(text)
    assert (found[0].value if found else None) == relation


def test_another_is_heard_in_vietnamese() -> None:
    assert read_vietnamese_relations("xin giấy cho người khác")[0].value == "别人"
