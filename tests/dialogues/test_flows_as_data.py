"""The hospital's own flows and replies, read as data: what holds for every one of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

import services
from dialogues import Assistant, load_assistant
from dialogues.wording import Variant
from knowledge import load_hospital

ROOM = Path(services.__file__).parent.parent
CONTRACT = frozenset(
    {"department", "doctor", "date", "period", "time", "place", "origin", "symptom", "duration", "age", "sex"}
    | {"special_need", "patient_name", "phone", "id_number", "address", "tracking_number", "order_number"}
    | {"examination", "complaint_category"}
)
PROMISING = frozenset({"promise", "tell", "_tell"})
LONGEST = 60
"""Letters that a sentence may have; a placeholder counts as one word of four."""
NOT_TASKS = frozenset({"report_emergency", "express_crisis"})


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return load_assistant(load_hospital())


def replies_of(assistant: Assistant, file: str) -> dict[str, tuple[Variant, ...]]:
    names = yaml.safe_load((ROOM / "dialogues" / "replies" / file).read_text("utf-8"))["responses"]
    return {name: assistant.book.wording.replies[name]["zh"] for name in names}


def ours() -> list[str]:
    return sorted(
        path.name for path in (ROOM / "dialogues" / "replies").glob("*.yml") if path.suffixes == [".yml"]
    )


def test_every_intent_of_the_inventory_is_served_by_a_flow_or_the_faq(assistant: Assistant) -> None:
    answered = {entry.intent for entry in assistant.book.hospital.faq if entry.general}
    for intent in assistant.book.titles:
        assert intent in NOT_TASKS or assistant.book.triggers.get(intent) or intent in answered, intent


def test_every_promise_of_the_services_has_a_flow_of_its_name(assistant: Assistant) -> None:
    kinds = {"followup"}
    for path in (ROOM / "services").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in PROMISING:
                given = [one.value for one in call.keywords if one.arg == "kind"] + call.args
                kinds |= {
                    one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    assert {"appointment_reminder", "hold_expired", "session_suspended", "escort_meeting"} <= kinds
    assert kinds <= set(assistant.book.flows)


def test_a_flow_that_carries_an_intents_name_is_begun_by_that_intent(assistant: Assistant) -> None:
    for name, flow in assistant.book.flows.items():
        if name in assistant.book.titles:
            assert name in {intent for intent, _ in flow.triggers}, name


def test_a_question_for_anything_but_the_patients_own_words_has_buttons(assistant: Assistant) -> None:
    book = assistant.book
    for flow in book.flows.values():
        for step in flow.steps.values():
            if (
                step.verb != "collect"
                or step.name in CONTRACT
                or step.free_text
                or step.ask.startswith("action_")
            ):
                continue
            for variant in book.wording.replies[step.ask]["zh"]:
                assert variant.buttons, f"{flow.id}/{step.id} asks {step.ask} without buttons"


@pytest.mark.parametrize("file", ours())
def test_sentences_are_short_enough_to_be_read_in_one_breath(assistant: Assistant, file: str) -> None:
    for name, variants in replies_of(assistant, file).items():
        for variant in variants:
            for sentence in re.split(r"[。！？\n]", re.sub(r"\{\w+\}", "某某某某", variant.text)):
                assert len(sentence) <= LONGEST, f"{name}: {sentence}"


@pytest.mark.parametrize("file", ours())
def test_no_reply_blames_reassures_or_speaks_another_language(assistant: Assistant, file: str) -> None:
    forbidden = re.compile(
        r"您应该早|是您的错|不要紧张|没事的|放心|不严重|不用担心|error|null|None|Exception"
    )
    for name, variants in replies_of(assistant, file).items():
        for variant in variants:
            assert not forbidden.search(variant.text), name


def test_emergency_and_crisis_name_the_numbers_to_call(assistant: Assistant) -> None:
    for name in ("utter_emergency", "utter_crisis"):
        for variant in assistant.book.wording.replies[name]["zh"]:
            assert "120" in variant.text
