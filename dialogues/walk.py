"""One turn's walk through the flows: a stack machine that runs until a question waits or nothing is left to do.

It is the only mutable thing of the room: made from a conversation, closed into a `Turn`, never kept. Frames and
flows are frozen; a frame that changes is replaced. It stays one file of about 400 lines, because run, ask, end and
close share its state and are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from structlog import get_logger

from dialogues.book import Book
from dialogues.conversation import Conversation, Frame, Pending
from dialogues.flows import END, Flow, Step
from dialogues.payload import number_payload, set_slots
from dialogues.reply import Button, Reply
from dialogues.slots import WrongValue
from services.desk import Desk
from services.errors import ServiceError

log = get_logger("dialogues")

MAX_STEPS = 200
"""Steps a turn may take; more is a loop in a flow."""
MAX_FLOWS = 4
"""Flows that may lie interrupted under one another; the oldest is given up for a fifth."""
MAX_PENDING = 3
MAX_TRIES = 3
"""Unanswered tries at one question after which a person is offered."""
_SAID = frozenset({"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """What staff must see at once; the turn runner records it (``services.alarms``)."""

    kind: str
    """``emergency`` or ``crisis``."""
    words: tuple[str, ...]
    """What the patient said that made it one."""
    flow: str | None = None
    """The flow it interrupted."""


@dataclass(frozen=True, slots=True)
class Turn:
    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    flow: str | None = None
    """The flow that now waits, else the last that ended."""


class Walk:
    def __init__(
        self, book: Book, conversation: Conversation, desk: Desk, *, text: str = "", intent: str = ""
    ) -> None:
        self.book = book
        self.desk = desk
        self.before = conversation
        self.text = text
        self.intent = intent
        self.stack: list[Frame] = list(conversation.stack)
        self.slots: dict[str, Any] = dict(conversation.slots)
        self.pending: list[Pending] = list(conversation.pending)
        self.language = conversation.language
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
        self.answered: tuple[int, str] | None = None
        """Frame and step whose question this message answered: an ``ask_before_filling`` is then not asked anew."""
        self.ended: Frame | None = None
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

    def change_top(self, **changes: Any) -> None:
        self.stack[-1] = replace(self.stack[-1], **changes)

    # the stack

    def push(
        self,
        flow: str,
        *,
        slots: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        called: bool = False,
    ) -> None:
        """Puts a flow on top; values that are none of a slot's are left out."""
        compiled = self.book.flows[flow]
        if compiled.kind == "flow" and not called:
            self._drop_oldest()
        told: dict[str, Any] = {"flow_name": compiled.name, **(context or {})}
        below = self.find_interrupted()
        if below:
            told.setdefault("interrupted_flow", below.id)
            told.setdefault("interrupted_name", below.name)
        self.stack.append(
            Frame(self.next_frame, flow, compiled.first, kind=compiled.kind, called=called, context=told)
        )
        self.next_frame += 1
        for slot, value in (slots or {}).items():
            self.fill(slot, value)

    def _drop_oldest(self) -> None:
        flows = [at for at, frame in enumerate(self.stack) if frame.kind == "flow" and not frame.called]
        if len(flows) >= MAX_FLOWS:
            end = next(
                (at for at in range(flows[0] + 1, len(self.stack)) if not self.stack[at].called),
                len(self.stack),
            )
            self.drop(flows[0], end)

    def remove(self, flow: str) -> None:
        """Takes the frames of a pattern (and what it called) off the stack, wherever they lie."""
        kept: list[Frame] = []
        going = False
        for frame in self.stack:
            going = frame.flow == flow or (going and frame.called)
            if not going:
                kept.append(frame)
        self.stack = kept

    def drop(self, start: int, end: int | None = None) -> None:
        """Gives up the frames from ``start``; each flow gives back what it held."""
        kept = self.stack[end:] if end is not None else []
        del self.stack[end:]
        while len(self.stack) > start:
            undo = self.flow_of(self.stack[-1]).on_cancel
            if undo:
                self._undo(undo)
            self.stack.pop()
        self.stack.extend(kept)

    def _undo(self, action: str) -> None:
        try:
            self.act(action)
        except ServiceError as error:
            log.warning("on_cancel refused", action=action, code=error.code, field=error.field)

    # running

    def run(self) -> None:
        """Walks on until a question waits or nothing is left to do."""
        if self._walk():
            return
        log.error("flow loops", flow=self.top.flow if self.top else None)
        self.fail("loop")
        if not self._walk():
            self._give_up()

    def _walk(self) -> bool:
        """False where the steps of a turn were used up."""
        for _ in range(MAX_STEPS):
            frame = self.top
            if self._begin_pending():
                continue
            if frame is None:
                if not self._complete():
                    return True
            elif frame.question:
                if not self._come_back(frame):
                    return True
            else:
                try:
                    self._take(frame)
                except ServiceError as error:
                    self._report(frame, error)
                    self.fail(error.code)
        return False

    def _take(self, frame: Frame) -> None:
        step = self.flow_of(frame).steps.get(frame.step)
        if step is None:  # the flow was changed while the conversation waited in it
            self.change_top(step=self.flow_of(frame).first, question=0)
            return
        match step.verb:
            case "collect":
                self._collect(frame, step)
                return
            case "action":
                self.act(step.name)
                if self.top is None or self.top.id != frame.id:
                    return  # a repair took the frame away
            case "set_slots":
                for slot, value in step.values:
                    self.put(slot, self.book.slots[slot].cast(value))
            case "call":
                self.push(step.name, called=True)
                return
            case "link":
                self._link(step.name)
                return
        self.advance(step)

    def advance(self, step: Step) -> None:
        """The top frame leaves a step by the first way whose condition holds."""
        values: Mapping[str, Any] | None = None
        for way in step.ways:
            if way.condition is not None:
                if values is None:
                    values = self.values()
                if not way.condition.holds(values, self.stack[-1].context):
                    continue
            if way.target == END:
                self._end()
            else:
                self.change_top(step=way.target, question=0)
            return
        raise AssertionError(f"step {step.id} has no way out")  # the compiler demands an else

    def _end(self) -> None:
        frame = self.stack[-1]
        flow = self.flow_of(frame)
        at = self.owner()
        for slot in flow.kept:
            if self.stack[at].slots.get(slot) is not None:
                self.slots[slot] = self.stack[at].slots[slot]
        self.stack.pop()
        if frame.called:
            self.change_top(asked=self.stack[-1].asked + frame.asked)
            self.advance(self.step_of(self.stack[-1]))
            return
        self.ended = frame
        if not flow.ask_again:
            self.may_ask_again = False
        if frame.kind == "flow" and frame.asked and self.find_interrupted():
            self.push("pattern_continue_interrupted")

    def _link(self, flow: str) -> None:
        """Another flow takes this one's place and knows what was said to it."""
        frame = self.stack.pop()
        self.push(flow, called=frame.called, context=frame.context)
        if not frame.called:
            self.change_top(slots={**frame.slots}, asked=frame.asked)
        name = self.book.flows[flow].name
        self.change_top(context={**self.stack[-1].context, "flow_name": name})

    def _begin_pending(self) -> bool:
        if self.paused or not self.pending or len(self.stack) > self.pending[0].depth:
            return False
        one = self.pending.pop(0)
        flow = self.find_flow(one.intent, one.slots)
        self.say("utter_next_request", request=self.book.titles.get(one.intent, flow.name if flow else ""))
        slots = dict(one.slots)
        if flow is None:
            flow = self.book.flows["pattern_search"]
        self.intent, self.text = one.intent, one.text
        self.push(flow.id, slots=slots, context={"request": one.intent})
        return True

    def _complete(self) -> bool:
        """Once, when a flow of the hospital's own has ended and nothing is left."""
        ended, self.ended = self.ended, None
        if ended is None or ended.kind != "flow":
            return False
        self.push("pattern_completed", context={"flow": ended.flow, "asked": ended.asked})
        return True

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

    # asking

    def _collect(self, frame: Frame, step: Step) -> None:
        value = self.get(step.name)
        fresh = self.answered != (frame.id, step.id)
        if value is None or (step.ask_before_filling and fresh):
            self._ask(step, known=value)
            return
        values = self.values()
        for refusal in step.refusals:
            if refusal.condition.holds(values, frame.context):
                self.speak(refusal.utter)
                self.put(step.name, None)
                self.answered = None
                self.count_try(answered=not fresh)
                return
        self.tries = 0
        self.advance(step)

    def count_try(self, *, answered: bool = True) -> bool:
        """One more try at the open question failed; at the third a person is offered (true)."""
        if answered:
            self.tries += 1
            if self.tries >= MAX_TRIES:
                self.tries = 0
                self.push("pattern_cannot_handle", context={"reason": "tries"})
                return True
        return False

    def _ask(self, step: Step, *, known: Any = None) -> None:
        frame = self.stack[-1]
        if not self._pose(step, known):
            return
        self.question += 1
        self.spoken = self.question
        self.change_top(question=self.question, asked=frame.asked + 1)

    def _pose(self, step: Step, known: Any) -> bool:
        """Says the question. False where the asking action found the answer itself or the frame is gone."""
        frame = self.stack[-1]
        said = len(self.replies)
        self.speak(step.ask)
        if self.top is None or self.top.id != frame.id:
            return False
        if known is not None:
            self._offer(step.name, known, said)
        elif self.get(step.name) is not None:
            self.answered = (frame.id, step.id)
            return False
        return True

    def _offer(self, slot: str, known: Any, said: int) -> None:
        """The value known already stands first among the buttons, so that one press keeps it."""
        if len(self.replies) <= said or not isinstance(known, str | int | float | bool):
            return
        payload = set_slots(**{slot: known})
        last = self.replies[-1]
        if all(one.payload != payload for one in last.buttons):
            buttons = (Button(self.show(slot, known), payload), *last.buttons)
            self.replies[-1] = replace(last, buttons=buttons)

    def _come_back(self, frame: Frame) -> bool:
        """The open question is asked again, if this turn has not asked it; true where the walk goes on."""
        if self.spoken == frame.question or not self.may_ask_again:
            return False
        step = self.flow_of(frame).steps.get(frame.step)
        if step is None or step.verb != "collect":
            self.change_top(question=0)
            return True
        try:
            waits = self._pose(step, self.get(step.name))
        except ServiceError as error:
            self._report(frame, error)
            self.fail(error.code)
            return True
        if not waits:
            if self.top is not None and self.top.id == frame.id:
                self.change_top(question=0)
            return True
        self.spoken = frame.question
        return False

    # speaking and acting

    def speak(self, name: str) -> None:
        """A reply, or an action that speaks."""
        if name.startswith("utter_"):
            self.say(name)
        else:
            self.act(name)

    def act(self, name: str) -> None:
        """Runs an action, takes over the slots it sets and says what it says."""
        if name.startswith("utter_"):
            self.say(name)
            return
        builtin = self.book.builtin.get(name)
        if builtin is not None:
            builtin(self)
            return
        dispatcher = CollectingDispatcher()
        events = _finish(self.book.actions[name].run(dispatcher, self._tracker(), {}))
        for event in events or ():
            if event.get("event") == "slot":
                slot = self.book.slots.get(event["name"])
                if slot is None:
                    raise KeyError(f"{name} sets the slot {event['name']!r}, which does not exist")
                self.put(slot.name, slot.cast(event["value"]))
        for message in dispatcher.messages:
            self.replies.append(self._render(message))

    def _tracker(self) -> Tracker:
        slots = self.values()
        slots["contact_id"] = self.before.contact_id
        slots["channel"] = self.before.channel
        slots["language"] = self.language
        message = {"text": self.text, "intent": {"name": self.intent}, "entities": []}
        sender = f"{self.before.channel}:{self.before.sender}"
        return Tracker(sender, slots, message, [], self.paused, None, {}, None)

    def _render(self, message: Mapping[str, Any]) -> Reply:
        if message.get("response"):
            values = {name: value for name, value in message.items() if name not in _SAID}
            reply = self.reply(message["response"], values)
        else:
            reply = Reply(text=message.get("text") or "")
        buttons = tuple(Button(one["title"], one["payload"]) for one in message.get("buttons", ()))
        return replace(
            reply,
            buttons=(*reply.buttons, *buttons),
            image=message.get("image") or reply.image,
            custom={**reply.custom, **message["custom"]} if message.get("custom") else reply.custom,
        )

    def say(self, name: str, **values: Any) -> None:
        self.replies.append(self.reply(name, values))

    def reply(self, name: str, values: Mapping[str, Any]) -> Reply:
        context = self.stack[-1].context if self.stack else {}

        def find(placeholder: str) -> Any:
            for place in (values, context, self.book.house):
                if placeholder in place:
                    return place[placeholder]
            return self.get(placeholder)

        def show(placeholder: str) -> str:
            return self.show(placeholder, find(placeholder))

        def raw(placeholder: str) -> str:
            value = find(placeholder)
            return "" if value is None else str(value)

        variant = self.book.wording.get_variant(name, language=self.language, turn=self.turn)
        return variant.fill(show, raw, large=self.large_type)

    def show(self, slot: str, value: Any) -> str:
        """A value in the patient's words."""
        if value is None:
            return ""
        known = self.book.slots.get(slot)
        return known.display(value, language=self.language, year=self.desk.now.year) if known else str(value)

    def fail(self, code: str) -> None:
        """What was running is given up with an honest sentence; a second failure in one turn ends it plainly."""
        self.failures += 1
        if self.failures > 1 or not self.stack:
            self._give_up()
            return
        del self.stack[self.owner() :]
        self.push("pattern_internal_error", context={"code": code})

    def _give_up(self) -> None:
        self.stack.clear()
        self.pending.clear()
        self.say("utter_internal_error")

    @staticmethod
    def _report(frame: Frame, error: ServiceError) -> None:
        """The fields, never the value: it may be a patient's."""
        log.warning("service refused", flow=frame.flow, step=frame.step, code=error.code, field=error.field)

    # closing

    def close(self) -> Turn:
        """The conversation as it is now, and what is said."""
        frame = self.top
        waits = frame is not None and frame.question > 0
        number = frame.question if frame and waits else 0
        replies = tuple(self._number(one, number) for one in self.replies) if number else tuple(self.replies)
        conversation = self.before.having(
            language=self.language,
            large_type=self.large_type,
            slots=self.slots,
            stack=tuple(self.stack),
            pending=tuple(self.pending),
            requested_slot=self.step_of(frame).name if frame and waits else None,
            question=self.question,
            options=self._options(replies, number),
            last_replies=tuple(one.to_json() for one in replies) or self.before.last_replies,
            paused=self.paused,
            next_frame=self.next_frame,
            tries=self.tries if waits else 0,
            turns=self.turn,
        )
        flow = self.flow_of(self.stack[self.owner()]).id if self.stack else self.ended and self.ended.flow
        return Turn(conversation, replies, tuple(self.alarms), flow)

    @staticmethod
    def _number(reply: Reply, question: int) -> Reply:
        if not reply.buttons:
            return reply
        return replace(
            reply,
            buttons=tuple(Button(one.title, number_payload(one.payload, question)) for one in reply.buttons),
        )

    def _options(self, replies: tuple[Reply, ...], number: int) -> tuple[Mapping[str, str], ...]:
        last = next((one for one in reversed(replies) if one.buttons), None)
        fresh = tuple({"title": one.title, "payload": one.payload} for one in last.buttons) if last else ()
        open_still = number and number == self.before_question and self.spoken != number
        if open_still or not replies:  # the question was not said again: its buttons still stand
            return (*self.before.options, *(one for one in fresh if one not in self.before.options))
        return fresh

    @property
    def before_question(self) -> int:
        return self.before.stack[-1].question if self.before.stack else 0


def _finish(result: Any) -> Any:
    """What an action returned; one written as a coroutine (as Rasa allows) must not wait for anything outside."""
    if not hasattr(result, "send"):
        return result
    try:
        result.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise RuntimeError("an action run in process may not wait for network or disk")


Builtin = Callable[[Walk], None]
