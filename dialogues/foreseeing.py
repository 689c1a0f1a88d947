"""What is said before its turn: the answer to a later question of the same flow, a second errand of the same kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogues import filling
from dialogues.conversation import Pending
from dialogues.flows import Step
from dialogues.walk import Walk
from intents.understanding import Request, Understanding

ONE_MORE = re.compile(
    r"(?:再|另外?|还要|还想|顺便|同时)(?:帮我|帮忙|给|替|为)?.{0,4}?(?:挂|约|预约|订|申请|登记|借|要)(?!早|晚|改|迟)"
)
"""「再挂下周一口腔科」: one more, beside what is being done."""
WHOSE_OR_WHAT = frozenset({"department", "doctor", "patient_name", "relation"})
"""Another of these makes it another errand; another day alone changes this one."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the words surely say for other questions of the running flow."""

    ahead: Mapping[str, Any]
    """For those still to be asked."""
    again: Mapping[str, Any]
    """For those answered before: the same, or otherwise (「还是自己来取吧」)."""


def foresee(walk: Walk, step: Step) -> Foreseen:
    ahead: dict[str, Any] = {}
    again: dict[str, Any] = {}
    for frame in walk.chain():
        here = walk.step_of(frame)
        for other in walk.flow_of(frame).steps.values():
            if other.verb != "collect" or (other.name == step.name and other.id != step.id):
                continue
            known = other.id != step.id and walk.get(other.name) is not None
            told = {name: one for name, one in walk.foresee(other.ask).items() if one is not None}
            if known and other.name in told:
                again[other.name] = told[other.name]
            elif not known and other.place >= here.place:
                ahead |= told
    ahead.pop(step.name, None)  # the open question reads its own answer
    return Foreseen(ahead, again)


def asks_one_more(walk: Walk, understood: Understanding) -> bool:
    """Whether the message asks for the same thing once more, for another department or another patient."""
    if ONE_MORE.search(understood.text) is None:
        return False
    new = filling.find_changes(walk, understood.slots)
    return any(name in WHOSE_OR_WHAT and walk.get(name) is not None for name in new)


def keep_until_done(walk: Walk, wanted: Request, understood: Understanding) -> None:
    """It waits until what is running has ended; the open question is asked again."""
    slots = {**understood.slots, **wanted.slots}
    waiting = Pending(wanted.intent, slots, wanted.text or understood.text, walk.owner())
    walk.pending = [waiting, *walk.pending][:3]
    walk.say("utter_one_more_later")
