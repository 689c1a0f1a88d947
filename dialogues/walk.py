"""One turn's walk through the flows: a stack machine that runs until a question waits or nothing is left to do.

It is the only mutable thing of the room: made from a conversation, closed into a `Turn`, never kept. The file is
somewhat long because push, run, ask, end and close are one machine and are read together; what a frame is stands in
stack.py, how it speaks and acts in voice.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from structlog import get_logger

from dialogues.conversation import Frame
from dialogues.flows import END, Flow, Step
from dialogues.payload import number_payload, set_slots
from dialogues.reply import Button, Reply, leave_question_out
from dialogues.turn import Alarm, Turn
from dialogues.voice import Voice
from services.errors import ServiceError

log = get_logger("dialogues")

MAX_STEPS = 200
"""Steps a turn may take; more is a loop in a flow."""
MAX_FLOWS = 4
"""Flows that may lie interrupted under one another; the oldest is given up for a fifth."""
MAX_PENDING = 3
MAX_WORDS = 100
"""Letters of the message that an alarm shows, where no words of danger were found in it."""
MOST_WRONG = 2
"""Answers to one question that the hospital's own check refused, before a person is offered."""
MAX_TRIES = 3
"""Unanswered tries at one question after which a person is offered."""


class Walk(Voice):
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
        told: dict[str, Any] = {"flow_name": self.book.title_of(flow, self.language), **(context or {})}
        below = self.find_interrupted()
        if below:
            told.setdefault("interrupted_flow", below.id)
            told.setdefault("interrupted_name", self.book.title_of(below.id, self.language))
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

    def drop(self, start: int, end: int | None = None) -> None:
        """Gives up the frames from ``start``; each flow gives back what it held."""
        end = len(self.stack) if end is None else end
        kept = self.stack[end:]
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
        step = self.step_of(frame)
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
        if frame.kind == "flow":
            self.last_flow = frame.flow
        if not flow.ask_again:
            self.may_ask_again = False
        if frame.kind == "flow" and frame.asked and self.find_interrupted():
            self.push("pattern_continue_interrupted")

    def _link(self, flow: str) -> None:
        """Another flow takes this one's place and knows what was said to it. One that leads to an emergency or a
        crisis (triage does) alarms staff like the patient's own cry."""
        frame = self.stack.pop()
        if not frame.called:
            self._drop_same(flow)
        if self.book.flows[flow].kind == "interrupt":
            kind = flow.removeprefix("pattern_")
            self.alarms.append(Alarm(kind, (self.text[:MAX_WORDS],), frame.flow))
        self.push(flow, called=frame.called, context=frame.context)
        if not frame.called:
            self.change_top(slots={**frame.slots}, asked=frame.asked)
        name = self.book.title_of(flow, self.language)
        self.change_top(context={**self.stack[-1].context, "flow_name": name})

    def _drop_same(self, flow: str) -> None:
        """The very flow that one leads to lies open below (it asks 「满意吗」, and its matter is looked up): it is not asked
        twice."""
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at].flow == flow and not self.stack[at].called:
                end = next(
                    (top for top in range(at + 1, len(self.stack)) if not self.stack[top].called),
                    len(self.stack),
                )
                self.drop(at, end)

    def _begin_pending(self) -> bool:
        if self.paused or not self.pending or len(self.stack) > self.pending[0].depth:
            return False
        one = self.pending.pop(0)
        flow = self.find_flow(one.intent, one.slots)
        title = self.book.title_of(flow.id if flow else one.intent, self.language)
        again = flow is not None and one.follows == flow.id
        self.say("utter_next_person" if again else "utter_next_request", request=title)
        slots = self._same_patient(one.slots)
        if flow is None:
            flow = self.book.flows["pattern_search"]
        elif again:
            slots = self._do_again(flow, slots)
        self.intent, self.text = one.intent, one.text
        self.push(flow.id, slots=slots, context={"request": one.intent})
        return True

    def _same_patient(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Both requests of one message are for the same patient, unless the second says for whom."""
        patient = self.ended.slots.get("patient") if self.ended else None
        said = "relation" in slots or "patient_name" in slots
        return dict(slots) if said or patient is None else {**slots, "patient": patient}

    def _do_again(self, flow: Flow, slots: dict[str, Any]) -> dict[str, Any]:
        """The errand just ended, for another person: as it was done, unless he is to go somewhere else."""
        done = self.ended.slots if self.ended else {}
        told = {name: done[name] for name in flow.repeats if done.get(name) is not None}
        if any(slots.get(name, told.get(name)) != told.get(name) for name in ("department", "doctor")):
            return slots
        return {**slots, **told}

    def _complete(self) -> bool:
        """Once, when a flow of the hospital's own has ended and nothing is left."""
        ended, self.ended = self.ended, None
        if ended is None or ended.kind != "flow":
            return False
        self.push("pattern_completed", context={"flow": ended.flow, "asked": ended.asked})
        return True

    # asking

    def _collect(self, frame: Frame, step: Step) -> None:
        value = self.get(step.name)
        told = self.answering == step.name
        if value is None or (step.ask_before_filling and not told and not self.take_spared(step.name)):
            self._ask(step, known=value)
            return
        values = self.values()
        for refusal in step.refusals:
            if refusal.condition.holds(values, frame.context):
                self.speak(refusal.utter)
                self.put(step.name, None)
                self.answering = None
                if told:
                    self.count_try()
                return
        if told:
            self.answering = None
        self.tries = 0
        self.advance(step)

    def count_try(self, *, most: int = MAX_TRIES) -> bool:
        """One more try at the open question failed; at the third (``most``) a person is offered (true)."""
        self.tries += 1
        if self.tries < most:
            return False
        self.tries = 0
        self.push("pattern_cannot_handle", context={"reason": "tries"})
        return True

    def _ask(self, step: Step, *, known: Any = None) -> None:
        if self._is_wrong_again(step):
            return
        frame = self.stack[-1]
        if not self._pose(step, known):
            return
        self.question += 1
        self.spoken = self.question
        self.change_top(question=self.question, asked=frame.asked + 1)

    def _is_wrong_again(self, step: Step) -> bool:
        """Whether a person is to be offered first, because what was answered here was wrong for the second time. Only of
        slots whose answers are checked: others are rightly asked for again and again."""
        if step.name != self.told or not self.book.slots[step.name].never or self.get("attempts"):
            return False  # what counts its attempts gives up by itself
        self.told = None
        self.tries = self.before.tries
        return self.count_try(most=MOST_WRONG)

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
            self.answering = step.name
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
        step = self.step_of(frame)
        self.replies[:] = [leave_question_out(one) for one in self.replies]
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
            language_chosen=self.language_chosen,
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
        flow = self.stack[self.owner()].flow if self.stack else self.last_flow
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
