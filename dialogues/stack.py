"""The frames of a conversation in one turn, and the slots as the running flow sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dialogues.book import Book
from dialogues.conversation import Conversation, Frame, Pending
from dialogues.flows import Flow, Step
from dialogues.reply import Reply
from dialogues.slots import WrongValue
from dialogues.turn import Alarm
from intents.understanding import Entity
from services.desk import Desk


class Stack:
    """The mutable state of a turn. Frames and flows are frozen: a frame that changes is replaced."""

    def __init__(
        self,
        book: Book,
        conversation: Conversation,
        desk: Desk,
        *,
        text: str = "",
        intent: str = "",
        entities: Iterable[Entity] = (),
    ) -> None:
        self.book = book
        self.desk = desk
        self.before = conversation
        self.text = text
        self.intent = intent
        self.entities = tuple(entities)
        self.stack = _known_frames(book, conversation.stack)
        self.slots: dict[str, Any] = dict(conversation.slots)
        self.pending: list[Pending] = list(conversation.pending)
        self.language = conversation.language
        self.language_chosen = conversation.language_chosen
        self.large_type = conversation.large_type
        self.paused = conversation.paused
        self.question = conversation.question
        self.next_frame = conversation.next_frame
        self.tries = conversation.tries
        self.turn = conversation.turns + 1
        self.replies: list[Reply] = []
        self.alarms: list[Alarm] = []
        self.may_ask_again = True
        self.spoken: int | None = None
        """The question asked in this turn."""
        self.answering: str | None = None
        """The slot whose question this message answered."""
        self.told: str | None = None
        """As ``answering``, for the whole turn: a checked answer that is asked for again was wrong."""
        self.ended: Frame | None = None
        """The flow that ended last, until its completion is told."""
        self.last_flow: str | None = None
        self.failures = 0

    # what is where

    @property
    def top(self) -> Frame | None:
        return self.stack[-1] if self.stack else None

    @property
    def waiting(self) -> tuple[Frame, Step] | None:
        """The frame whose question is open, and its step."""
        frame = self.top
        return (frame, self.step_of(frame)) if frame and frame.question else None

    def flow_of(self, frame: Frame) -> Flow:
        return self.book.flows[frame.flow]

    def step_of(self, frame: Frame) -> Step:
        return self.flow_of(frame).steps[frame.step]

    def owner(self, index: int = -1) -> int:
        """The index of the frame whose slots are used at ``index``: the first caller of a chain of calls."""
        index %= len(self.stack)
        while index and self.stack[index].called:
            index -= 1
        return index

    def chain(self) -> list[Frame]:
        """The running flow and those that called it, the first caller first."""
        return self.stack[self.owner() :] if self.stack else []

    def find_interrupted(self, below: int | None = None) -> Flow | None:
        """The nearest flow of the hospital's own (no pattern) on the stack below ``below``."""
        for index in range((len(self.stack) if below is None else below) - 1, -1, -1):
            if self.stack[index].kind == "flow":
                return self.flow_of(self.stack[self.owner(index)])
        return None

    def values(self) -> dict[str, Any]:
        """All slots as the running flow sees them."""
        return {**self.slots, **self.stack[self.owner()].slots} if self.stack else dict(self.slots)

    def get(self, slot: str) -> Any:
        if self.stack:
            own = self.stack[self.owner()].slots
            if slot in own:
                return own[slot]
        return self.slots.get(slot)

    def put(self, slot: str, value: Any) -> None:
        """Fills a slot where it lives; the value must already be of the slot's type."""
        if self.book.slots[slot].lifetime == "conversation" or not self.stack:
            self.slots[slot] = value
            return
        at = self.owner()
        frame = self.stack[at]
        self.stack[at] = replace(frame, slots={**frame.slots, slot: value})

    def fill(self, slot: str, value: Any) -> bool:
        """As `put`, for a value from outside; false where it is none of the slot's."""
        known = self.book.slots.get(slot)
        if known is None:
            return False
        try:
            self.put(slot, known.cast(value))
        except WrongValue:
            return False
        return True

    def mark_answered(self, slot: str) -> None:
        """The patient was asked and told a fact. A yes or a choice among offers is none: it hangs on what was offered."""
        known = self.book.slots[slot]
        at = self.owner()
        if known.type != "bool" and not known.offered_only and slot not in self.stack[at].answered:
            self.stack[at] = replace(self.stack[at], answered=(*self.stack[at].answered, slot))

    def take_spared(self, slot: str) -> bool:
        """Whether the question may be left out this once, because a correction led past it again."""
        at = self.owner()
        spared = self.stack[at].spared
        if slot not in spared:
            return False
        self.stack[at] = replace(self.stack[at], spared=tuple(one for one in spared if one != slot))
        return True

    def change_top(self, **changes: Any) -> None:
        self.stack[-1] = replace(self.stack[-1], **changes)

    def find_flow(
        self, intent: str, slots: Mapping[str, Any] = {}, *, confidence: float = 1.0
    ) -> Flow | None:
        """The flow that this intent starts here and now, if any."""
        for flow, threshold in self.book.triggers.get(intent, ()):
            if threshold is not None and confidence < threshold:
                continue
            if flow.guard is None or flow.guard.holds({**self.slots, **slots}, {}):
                return flow
        return None

    def remove(self, flow: str) -> None:
        """Takes the frames of a pattern (and what it called) off the stack, wherever they lie."""
        kept: list[Frame] = []
        going = False
        for frame in self.stack:
            going = frame.flow == flow or (going and frame.called)
            if not going:
                kept.append(frame)
        self.stack = kept


def _known_frames(book: Book, frames: Iterable[Frame]) -> list[Frame]:
    """The frames whose flow still exists; one whose step is gone begins anew with what it knows."""
    kept: list[Frame] = []
    lost = False
    for frame in frames:
        flow = book.flows.get(frame.flow)
        lost = flow is None or (lost and frame.called)
        if flow is None or lost:
            continue
        step = flow.steps.get(frame.step)
        if step is None or (frame.question and step.verb != "collect"):
            frame = replace(frame, step=flow.first, question=0)
        kept.append(frame)
    return kept
