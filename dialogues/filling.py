"""What a message brings to the flow that is waiting: the answer, other slots, corrections of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogues.flows import Step
from dialogues.payload import parse_payload
from dialogues.slots import ANY, WrongValue
from dialogues.walk import Walk
from dialogues.words import read_words


def answer(walk: Walk, step: Step, value: Any) -> bool:
    """The open question gets its answer; false where it is none (the question stays open)."""
    if value is None or not walk.fill(step.name, value):
        return False
    leave_question(walk, step)
    return True


def suits(walk: Walk, step: Step, value: Any) -> bool:
    """Whether what was read from the words can be a value of the slot asked for. An id is one only if it was offered."""
    slot = walk.book.slots[step.name]
    try:
        slot.cast(value)
    except WrongValue:
        return False
    return not slot.offered_only or value == ANY or _was_offered(walk, step.name, value)


def _was_offered(walk: Walk, slot: str, value: Any) -> bool:
    payloads = (parse_payload(one["payload"]) for one in walk.before.options)
    return any(one is not None and str(one.slots.get(slot)) == str(value) for one in payloads)


def leave_question(walk: Walk, step: Step) -> None:
    """The question is answered: the walk goes on from its step."""
    walk.answering = walk.told = step.name
    walk.mark_answered(step.name)
    walk.change_top(question=0)


def skip(walk: Walk, step: Step) -> None:
    """An optional question is left without an answer."""
    walk.put(step.name, None)
    walk.change_top(question=0)
    walk.tries = 0
    walk.advance(step)


def find_changes(walk: Walk, slots: Mapping[str, Any], *, besides: str | None = None) -> dict[str, Any]:
    """The slots among these that say something new to the running flow, in their types."""
    changes: dict[str, Any] = {}
    for name, value in slots.items():
        known = walk.book.slots.get(name)
        if known is None or name == besides or known.offered_only or value is None:
            continue
        try:
            cast = known.cast(value)
        except WrongValue:
            continue
        if cast != walk.get(name):
            changes[name] = cast
    return changes


def says_nothing_new(walk: Walk, slots: Mapping[str, Any]) -> bool:
    """The patient repeats something the flow knows already: no reason to say that one did not understand."""
    chain = [walk.flow_of(frame) for frame in walk.chain()]
    return any(walk.get(name) is not None and any(name in flow.mentioned for flow in chain) for name in slots)


def apply_changes(walk: Walk, changes: Mapping[str, Any]) -> bool:
    """Fills what was empty and corrects what was said before; true where the flow goes back to an earlier step."""
    corrected = [name for name in changes if walk.get(name) is not None]
    for name, value in changes.items():
        walk.put(name, value)
    back = _find_earliest(walk, corrected)
    if back is None:
        return False
    at, step = back
    del walk.stack[at + 1 :]
    walk.change_top(step=step, question=0)
    owner = walk.owner()
    told = walk.stack[owner].answered
    walk.stack[owner] = replace(walk.stack[owner], spared=tuple(one for one in told if one not in corrected))
    walk.answering = None
    walk.tries = 0
    ours = [name for name in corrected if any(name in walk.flow_of(one).mentioned for one in walk.chain())]
    walk.push("pattern_correction", context={"changes": describe(walk, ours or corrected)})
    return True


def _find_earliest(walk: Walk, corrected: list[str]) -> tuple[int, str] | None:
    """The first step already passed that collected one of these, in the outermost flow that has one."""
    for at in range(walk.owner(), len(walk.stack)):
        frame = walk.stack[at]
        flow = walk.flow_of(frame)
        here = flow.steps[frame.step].place
        places = [flow.steps[flow.collected[name]].place for name in corrected if name in flow.collected]
        earlier = [place for place in places if place < here]
        if earlier:
            first = min(earlier)
            return at, next(step.id for step in flow.steps.values() if step.place == first)
    return None


def describe(walk: Walk, names: list[str]) -> str:
    """「日期改成3月13日（周五），时段改成上午」"""
    told = []
    for name in names:
        title = walk.book.slots[name].title(walk.language)
        value = walk.show(name, walk.get(name))
        told.append(walk.reply("utter_one_change", {"title": title, "value": value}).text)
    return read_words().word("clause", language=walk.language).join(told)


def keep_known(walk: Walk, step: Step) -> bool:
    """A yes to a question that offered the value known already."""
    if step.ask_before_filling and walk.get(step.name) is not None:
        leave_question(walk, step)
        return True
    return False


def forget_question(walk: Walk) -> None:
    """The open question will be asked anew, as a new question."""
    if walk.top is not None:
        walk.stack[-1] = replace(walk.stack[-1], question=0)
