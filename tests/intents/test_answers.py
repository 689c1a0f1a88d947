"""What people say to an open question is first of all its answer; tables in answers/said.yml."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from intents import Interpreter
from intents.answers import asks_for_time
from intents.understanding import Context

SAID = yaml.safe_load((Path(__file__).parent / "answers" / "said.yml").read_text("utf-8"))
BOOL = {"yes": True, "no": False}
BY_INTENT = {"affirm": True, "deny": False, "stop_task": False}
"""Where the words alone do not say it, the dialogue goes by the intent."""
ROWS = [
    pytest.param(slot, text, BOOL.get(value, value), id=f"{slot}-{value}-{text}")
    for slot, values in SAID.items()
    for value, texts in values.items()
    for text in texts
]


@pytest.mark.parametrize(("slot", "text", "value"), ROWS)
def test_what_is_said_to_a_question_is_its_answer(
    interpreter: Interpreter, now: datetime, slot: str, text: str, value: object
) -> None:
    understood = interpreter.understand(text, now=now, context=Context(requested_slot=slot))
    heard = understood.answer.get(slot)
    if heard is None and isinstance(value, bool):
        heard = BY_INTENT.get(understood.intent.name)
    if value == "no answer":
        assert heard is None
    elif isinstance(heard, list):
        assert value in heard
    else:
        assert heard == value
    assert not understood.danger


@pytest.mark.parametrize(
    "text",
    [
        "等等", "等一下", "等下哈", "稍等", "我想想", "我再考虑下", "还没想好", "我问下我儿子先", "等我拿身份证", "我翻一下手机",
        "你等我找下单子", "我同屋企人商量下", "先等等", "deng yi xia", "đợi chút",
    ],
)  # fmt: skip
def test_who_asks_for_a_moment_has_not_been_misunderstood(
    interpreter: Interpreter, now: datetime, text: str
) -> None:
    assert asks_for_time(text)
    understood = interpreter.understand(text, now=now, context=Context(requested_slot="confirmation"))
    assert understood.waits and not understood.answer


@pytest.mark.parametrize(
    "text", ["等好久了", "问下停车场在哪", "我想挂号", "看看骨科的号", "等骨科的号", "明天", "查一下报告"]
)
def test_a_request_or_an_answer_is_no_pause(text: str) -> None:
    assert not asks_for_time(text)


@pytest.mark.parametrize("text", ["你好", "您好", "你好啊", "您好，您好", "你们好！"])
def test_a_greeting_agrees_to_nothing(interpreter: Interpreter, now: datetime, text: str) -> None:
    assert not interpreter.understand(text, now=now, context=Context(requested_slot="confirmation")).answer


@pytest.mark.parametrize("text", ["你好，可以的", "您好 好的", "好的好的", "你好的"])
def test_a_greeting_before_a_yes_leaves_it_one(interpreter: Interpreter, now: datetime, text: str) -> None:
    understood = interpreter.understand(text, now=now, context=Context(requested_slot="confirmation"))
    assert understood.answer.get("confirmation") is True
