"""The little language of ``if``."""

from __future__ import annotations

from typing import Any

import pytest

from dialogues.conditions import ConditionError, parse_condition

SLOTS: dict[str, Any] = {
    "department": "骨科",
    "age": 8,
    "confirmation": True,
    "symptom": ["发热", "咳嗽"],
    "place": "",
    "doctor": None,
}
CONTEXT = {"reason": "tries"}


@pytest.mark.parametrize(
    "text",
    [
        'slots.department == "骨科"',
        "slots.department = '骨科'",
        "slots.confirmation",
        "slots.doctor is null",
        "slots.missing is null",
        "slots.department is not null",
        "slots.place is empty",
        "slots.symptom is not empty",
        "not slots.doctor",
        "slots.age < 14 and slots.age >= 8",
        "slots.age > 10 or slots.confirmation is true",
        'slots.department in ["儿科", "骨科"]',
        "slots.department in {'儿科' '骨科'}",
        'slots.department not in ["儿科"]',
        'slots.symptom contains "发热"',
        'slots.department matches "^骨"',
        'context.reason == "tries"',
        "not (slots.age > 10 or slots.doctor)",
        "NOT slots.doctor AND slots.age != 9",
    ],
)
def test_it_holds(text: str) -> None:
    assert parse_condition(text).holds(SLOTS, CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "slots.missing < 3",
        "slots.department < 3",
        'slots.doctor contains "韦"',
        'slots.age contains "8"',
        "slots.confirmation == false",
        "slots.department is empty",
        "context.unknown",
        'slots.department != "骨科"',
    ],
)
def test_it_does_not_hold_and_does_not_fail(text: str) -> None:
    assert not parse_condition(text).holds(SLOTS, CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slots.age <",
        "slots.age < 3 3",
        "(slots.age",
        "__import__('os')",
        "age == 3",
        "slots.a in [slots.b]",
        "a;b",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(text)


def test_a_condition_knows_which_slots_and_literals_it_names() -> None:
    condition = parse_condition(
        'slots.department in ["骨科", "儿科"] and context.reason == "x" and slots.age > 3'
    )
    assert condition.slots == {"department", "age"}
    assert condition.context == {"reason"}
    assert ("department", "儿科") in condition.literals
