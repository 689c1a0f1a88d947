"""What is said before its turn: the answer to a later question of the same flow, a second errand of the same kind."""

from __future__ import annotations

import re
from typing import Any

from dialogues import filling
from dialogues.conversation import Pending
from dialogues.flows import Step
from dialogues.line_starts import is_question
from dialogues.walk import Walk
from intents.understanding import Request, Understanding

ONE_MORE = re.compile(
    r"(?:再|另外?|还要|还想|顺便|同时)(?:帮我|帮忙|给|替|为)?.{0,4}?(?:挂|约|预约|订|申请|登记|借|要)(?!早|晚|改|迟)"
)
"""「再挂下周一口腔科」: one more, beside what is being done."""
INDIFFERENT = re.compile("随便.{0,2}[哪什么]么?个?|(?:什么|哪个?|边个?|谁).{0,4}(?:都|也)(?:行|可以|得|好)")
"""「随便哪个医生」 asks nothing, though it has the word of a question."""
WHOSE_OR_WHAT = frozenset({"department", "doctor", "patient_name", "relation"})
"""Another of these makes it another errand; another day alone changes this one."""


def foresee(walk: Walk, step: Step) -> dict[str, Any]:
    """The slots of questions still to be asked in the running flow that the words surely fill."""
    told: dict[str, Any] = {}
    for frame in walk.chain():
        here = walk.step_of(frame)
        for later in walk.flow_of(frame).steps.values():
            if later.verb != "collect" or (later.name == step.name and later.id != step.id):
                continue
            if later.place < here.place or (later.id != step.id and walk.get(later.name) is not None):
                continue
            told |= {name: value for name, value in walk.foresee(later.ask).items() if value is not None}
    told.pop(step.name, None)  # the open question reads its own answer
    return told


def is_asking(text: str) -> bool:
    """Whether the words ask about something, so that they are no answer given early."""
    return is_question(INDIFFERENT.sub("", text))


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
