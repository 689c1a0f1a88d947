"""Whatever string comes, an answer comes back: nothing raises, entities stand in the text, huge messages are cut."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import Context, Interpreter
from intents.normalise import LONGEST, normalise

NOW = datetime(2026, 3, 11, 9, 0)
PIECES = [
    "明天", "下周三", "3号", "十点", "一点", "上午", "骨科", "黄医生", "头痛", "没有", "到", "之前", "寄到", "桂江市江滨路8号", "10000001234",
    "不要", "改到", "，", "。", "(", "）", "【", "🙂", "\u200b", "\u202e", "ﷺ", "ngày mai", "mingtian", "khám", "SELECT", "<b>", "{", "0", "二十",
    "农历", "初", "廿", "年底", "前一天", "我叫", "王", "收件人", "B超", "的地方", "在哪", "\n", "e\u0301", "\ud800",
]  # fmt: skip
PATIENTS = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
SLOTS = st.sampled_from(
    ["date", "time", "period", "patient_name", "phone", "age", "address", "confirmation", "choice", "place"]
)


def read(interpreter: Interpreter, text: str, slot: str | None = None) -> None:
    understood = interpreter.understand(text, now=NOW, context=Context(requested_slot=slot))
    assert understood.intent.name
    assert understood.requests
    for one in understood.entities:
        assert 0 <= one.start <= one.end <= len(understood.text)


@given(text=st.text(max_size=60), slot=SLOTS)
@settings(max_examples=150, deadline=None)
def test_any_string_gives_an_answer(interpreter: Interpreter, text: str, slot: str) -> None:
    read(interpreter, text, slot)


@given(text=PATIENTS, slot=SLOTS)
@settings(max_examples=150, deadline=None)
def test_any_jumble_of_patients_words_gives_an_answer(interpreter: Interpreter, text: str, slot: str) -> None:
    read(interpreter, text, slot)


@pytest.mark.parametrize(
    "text",
    ["😀" * 10_000, "一" * 20_000, "1" * 20_000, "(" * 9_000 + ")" * 9_000, "3号" * 9_000, "ﷺ" * 9_000, "黄医生头痛" * 4_000],
    ids=["emoji", "han", "digits", "brackets", "days", "ligatures", "doctors"],
)  # fmt: skip
def test_a_huge_message_is_cut_and_answered(interpreter: Interpreter, text: str) -> None:
    read(interpreter, text)
    plain = normalise(text)
    assert plain.truncated
    assert len(plain.text) < LONGEST + 20
