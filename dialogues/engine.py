"""The assistant: a conversation and what was understood in, the next conversation and the replies out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogues.actions import desk_at_work
from dialogues.book import Book
from dialogues.conversation import Conversation
from dialogues.hearing import hear
from dialogues.pressing import press, understand_payload
from dialogues.turn import Turn
from dialogues.walk import Walk
from intents.understanding import Context, Option, Understanding
from services.desk import Desk


class Assistant:
    """Everything is read once in the `Book`; a turn changes nothing here, so one assistant serves all threads."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def context(self, conversation: Conversation) -> Context:
        """What `understand` may know: the open question and the buttons under it."""
        return Context(
            requested_slot=conversation.requested_slot,
            flow=conversation.stack[-1].flow if conversation.stack else None,
            options=tuple(Option(one["title"], one["payload"]) for one in conversation.options),
            language=conversation.language,
        )

    def step(self, conversation: Conversation, understanding: Understanding, *, desk: Desk) -> Turn:
        """One message of the patient. A service's refusal becomes an honest sentence; any other error is raised,
        and then nothing of the turn may be kept."""
        walk = Walk(
            self.book,
            conversation,
            desk,
            text=understanding.text,
            intent=understanding.intent.name,
            entities=understanding.entities,
        )
        token = desk_at_work.set(desk)
        try:
            hear(walk, understanding)
        finally:
            desk_at_work.reset(token)
        return walk.close()

    def press(self, conversation: Conversation, payload: str, *, desk: Desk) -> Turn | None:
        """A button, or its payload sent as text; ``None`` where the text is no payload."""
        danger = understand_payload(payload)
        if danger is not None:
            return self.step(conversation, danger, desk=desk)
        walk = Walk(self.book, conversation, desk, text=payload)
        token = desk_at_work.set(desk)
        try:
            if not press(walk, payload):
                return None
            if conversation.paused:
                return Turn(conversation)
            walk.run()
        finally:
            desk_at_work.reset(token)
        return walk.close()

    def start(
        self, conversation: Conversation, flow: str, slots: Mapping[str, Any] | None = None, *, desk: Desk
    ) -> Turn:
        """The clock or staff begin a flow. What was open is not asked again now: it comes back when the started flow
        has ended, if that flow itself waits for an answer. What the same flow (or one that it ``voids``) has asked before
        about the same record is void. Raises `KeyError` for a flow that does not exist."""
        walk = Walk(self.book, conversation, desk)
        walk.may_ask_again = False
        _void_earlier(walk, flow, (slots or {}).get("record"))
        token = desk_at_work.set(desk)
        try:
            walk.push(flow, slots=slots)
            walk.run()
        finally:
            desk_at_work.reset(token)
        return walk.close()

    def lay_aside(self, conversation: Conversation) -> Conversation:
        """The conversation as the patient knows it: without the questions that he has not seen yet (``unseen``)."""
        stack = list(conversation.stack)
        at = next((at for at, frame in enumerate(stack) if frame.question >= conversation.unseen), len(stack))
        while at and at < len(stack) and stack[at].called:
            at -= 1
        kept = tuple(stack[:at])
        asking = (
            self.book.flows[kept[-1].flow].steps[kept[-1].step].name if kept and kept[-1].question else None
        )
        return conversation.having(stack=kept, requested_slot=asking, options=(), unseen=0)

    def take_up(self, turn: Turn, unseen: Conversation) -> Turn:
        """The questions laid aside for this turn are on top again, as they were in ``unseen``."""
        aside = unseen.stack[len(self.lay_aside(unseen).stack) :]
        conversation = turn.conversation.having(
            stack=(*turn.conversation.stack, *aside),
            requested_slot=unseen.requested_slot,
            options=unseen.options,
            last_replies=(*turn.conversation.last_replies, *unseen.last_replies),
            tries=0,
        )
        return replace(turn, conversation=conversation)

    def resume(self, conversation: Conversation, *, desk: Desk) -> Turn:
        """A person hands back: the assistant says that it is there again, and asks the open question."""
        walk = Walk(self.book, conversation, desk)
        walk.paused = False
        token = desk_at_work.set(desk)
        try:
            walk.say("utter_resumed")
            walk.run()
        finally:
            desk_at_work.reset(token)
        return walk.close()


def _void_earlier(walk: Walk, flow: str, record: Any) -> None:
    """「要吗」 of an offer that has passed must not come back when the next one has been answered."""
    for at in range(len(walk.stack) - 1, -1, -1):
        frame = walk.stack[at]
        if record is None or frame.slots.get("record") != record:
            continue
        if frame.flow != flow and frame.flow not in walk.book.flows[flow].voids:
            continue
        end = at + 1
        while end < len(walk.stack) and walk.stack[end].called:
            end += 1
        walk.drop(at, end)
