"""Where only one meaning was thinkable, a yes to the question back begins it."""

from __future__ import annotations

from typing import Any


def test_a_yes_to_the_only_meaning_begins_it_with_what_was_said(talk: Any) -> None:
    talk.say("骨科", "book_appointment", 0.35, department="骨科")
    assert talk.asked is None
    assert len(talk.last.replies[-1].buttons) == 2  # the meaning, and a person
    assert talk.say("是的", "affirm") == ["哪一天来？"]


def test_a_yes_to_several_meanings_begins_none(talk: Any) -> None:
    near = (("book_appointment", 0.4), ("ask_route", 0.38))
    talk.say("骨科", "book_appointment", 0.4, ranking=near)
    talk.say("是的", "affirm")
    assert talk.flows == []
