"""A button pressed, or its payload typed: fills slots of the open question or asks for something.

A press on an old question never acts; it says so and asks the open one again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogues import filling, requesting
from dialogues.dangers import DANGER
from dialogues.flows import Step
from dialogues.payload import Payload, parse_payload
from dialogues.walk import Walk
from intents.understanding import IntentScore, Request, Understanding

START = frozenset({"start", "session_start", "help", "restart"})
"""What platforms send when a chat begins, or a patient types by habit."""


def press(walk: Walk, text: str) -> bool:
    """False where the text is no payload; the walk is left as it was."""
    payload = parse_payload(text)
    if payload is None:
        return False
    if walk.paused:
        return payload.intent is None or payload.intent in START or payload.intent in walk.book.titles
    if payload.intent is None:
        _fill(walk, payload, text)
    elif payload.intent in START:
        walk.push("pattern_session_start")
    elif payload.intent in walk.book.titles:
        _ask(walk, payload.intent, payload.slots)
    else:
        return False
    return True


def understand_payload(text: str) -> Understanding | None:
    """A payload that means danger, as the understanding of a message; ``None`` for every other."""
    payload = parse_payload(text)
    if payload is None or payload.intent not in DANGER:
        return None
    return Understanding(text=text, intent=IntentScore(payload.intent, 1.0))


def _ask(walk: Walk, intent: str, slots: Mapping[str, Any]) -> None:
    known = {
        name: value
        for name, value in slots.items()
        if name in walk.book.slots and not walk.book.slots[name].offered_only
    }
    wanted = Request(intent, 1.0, known)
    understood = Understanding(text="", intent=IntentScore(intent, 1.0), slots=known, requests=(wanted,))
    walk.intent = intent
    waiting = walk.waiting
    if "faq" in known:
        requesting.search(walk, intent, known)
    elif waiting is None:
        requesting.request(walk, understood, (wanted,))
    elif intent in requesting.ANSWERS:
        _say_yes_or_no(walk, waiting[1], intent == "affirm")
    elif intent in requesting.own_intents(walk):
        filling.apply_changes(walk, filling.find_changes(walk, known))
    else:
        requesting.serve_aside(walk, (wanted,), understood)


def _say_yes_or_no(walk: Walk, step: Step, yes: bool) -> None:
    if walk.book.slots[step.name].type == "bool":
        filling.answer(walk, step, yes)
    elif yes:
        filling.keep_known(walk, step)
    elif step.optional:
        filling.skip(walk, step)


def _fill(walk: Walk, payload: Payload, text: str) -> None:
    """Fills slots if the button belongs to the question now open."""
    waiting = walk.waiting
    if waiting is None or not _belongs(walk, payload, text, waiting[0].question, waiting[1].name):
        walk.push("pattern_stale_press")
        return
    step = waiting[1]
    others = {name: value for name, value in payload.slots.items() if name != step.name}
    filled = all(walk.fill(name, value) for name, value in others.items())
    if step.name in payload.slots:
        value = payload.slots[step.name]
        if value is None and step.optional:
            filling.skip(walk, step)
            return
        filled = filled and filling.answer(walk, step, value)
    else:
        filling.forget_question(walk)
    if not filled:
        walk.push("pattern_stale_press")


def _belongs(walk: Walk, payload: Payload, text: str, question: int, requested: str) -> bool:
    if payload.question is not None and payload.question != question:
        return False
    bare = text.strip().partition(")#")[0]
    if any(one["payload"].partition(")#")[0] == bare for one in walk.before.options):
        return True
    slots = [walk.book.slots.get(name) for name in payload.slots]
    return requested in payload.slots and all(slot is not None and not slot.offered_only for slot in slots)
