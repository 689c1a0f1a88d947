"""What buttons send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.payload import Payload, ask_for, number_payload, parse_payload, set_slots


def test_a_button_fills_a_slot_of_its_question() -> None:
    assert parse_payload("/SetSlots(department=骨科)#12") == Payload(
        slots={"department": "骨科"}, question=12
    )


def test_several_slots_and_their_types() -> None:
    found = parse_payload('/SetSlots(confirmation=true, doctor=null, time=08:30, address="一路(1), 二号")')
    assert found and found.slots == {
        "confirmation": True,
        "doctor": None,
        "time": "08:30",
        "address": "一路(1), 二号",
    }


def test_an_intent_with_and_without_slots() -> None:
    assert parse_payload("/book_appointment") == Payload(intent="book_appointment")
    assert parse_payload('/ask_route{"place": "西药房"}') == Payload(
        intent="ask_route", slots={"place": "西药房"}
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "你好",
        "/",
        "/SetSlots()",
        "/SetSlots(a=b",
        "/SetSlots(=b)",
        '/ask{"a":}',
        "/挂号",
        "/" + "a" * 2000,
        "//x",
    ],
)
def test_what_is_no_payload_is_something_the_patient_says(text: str) -> None:
    assert parse_payload(text) is None


VALUES = st.one_of(st.none(), st.booleans(), st.text(max_size=40), st.lists(st.text(max_size=5), max_size=3))


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True), VALUES, min_size=1, max_size=3))
def test_what_is_written_is_read_back(slots: dict[str, Any]) -> None:
    payload = number_payload(set_slots(**slots), 7)
    if len(payload) < 1000:
        assert parse_payload(payload) == Payload(slots=slots, question=7)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    parse_payload("/" + text)
    parse_payload(f"/SetSlots({text})#1")
    parse_payload(f"/greet{{{text}}}")


def test_a_number_is_given_once_and_only_to_what_fills_slots() -> None:
    assert number_payload("/SetSlots(a=b)#3", 4) == "/SetSlots(a=b)#3"
    assert number_payload(ask_for("greet"), 4) == "/greet"
