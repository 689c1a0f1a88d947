"""Service lines before the patient: beginning, echo, registering, looking up, changing, cancelling; all from the file.

Longer than 300 lines: a request's whole life in the chat is read together.
"""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_questions import name_slot, read_values
from dialogues.actions.line_words import (
    describe,
    fill,
    find_place,
    list_advice,
    list_facts,
    list_values,
    name_title,
    say_line,
)
from dialogues.actions.titles import day_title, patient_title, person_button, route_button
from dialogues.line_starts import CANCEL, CHANGE, PROGRESS, fold, read_choice
from dialogues.payload import ask_for, set_slots
from knowledge.schema import Line
from knowledge.schema.lines import ENDED, say_in
from services import lines, patients
from services.errors import NotAllowed, Taken
from services.history import list_changes
from services.requests import ServiceRequest

SHOWN = 3


class BeginLine(DeskAction, name="action_begin_line"):
    """What the first message says already. ``outcome``: new, or (something is under way) query, change, cancel where the
    words say so, else ask."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, text = lines.get_line(desk, slots["line"]), slots.latest_text
        if slots["record"] is not None:
            return {"outcome": "new"}  # being changed: all is known
        spoken = slots["said"] or ("" if text.startswith("/") else text)
        mine = lines.list_line_requests(desk, contact_id=slots.contact_id, line=line.id, under_way=True)
        plain = fold(spoken)
        if mine and spoken:
            for deed, words in (("cancel", CANCEL), ("change", CHANGE), ("query", PROGRESS)):
                if words.search(plain):
                    return {"outcome": deed}
        if PROGRESS.search(plain) and not mine:
            say("utter_no_line_requests", what=say_in(line.name, say.language))
        told: dict[str, Any] = {"outcome": "ask" if mine else "new"}
        for question in line.collect:
            slot = name_slot(line, question)
            if question.choices and spoken and slots[slot] is None:
                told[slot] = read_choice(question.choices, spoken, by_name=not question.others)
        if not mine and line.intro is not None:
            say_line(say, fill(say_in(line.intro, say.language), list_values(desk, say, line, {})))
        return {name: value for name, value in told.items() if value is not None}


class AskUnderWay(DeskAction, name="action_ask_under_way"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = lines.get_line(desk, slots["line"])
        one = lines.list_line_requests(desk, contact_id=slots.contact_id, line=line.id, under_way=True)[0]
        say("utter_line_under_way", **describe(desk, say, line, one))
        state = line.get_state(one.stage)
        say.buttons([(say.word("progress"), set_slots(choice="query"))])
        if "change" in state.patient:
            say.buttons([(say.word("change_it"), set_slots(choice="change"))])
        if "cancel" in state.patient:
            say.buttons([(say.word("cancel_it"), set_slots(choice="cancel"))])
        say.buttons([(say.word("once_more"), set_slots(choice="again"))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        plain = fold(slots.latest_text)
        for deed, words in (("cancel", CANCEL), ("change", CHANGE), ("query", PROGRESS)):
            if words.search(plain):
                return deed
        return None


class NoteUnderWay(DeskAction, name="action_note_under_way"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"outcome": slots["choice"], "choice": None}


class CheckLine(DeskAction, name="action_check_line"):
    """``outcome``: eligible, or told (why not, and a person)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line = lines.get_line(desk, slots["line"])
        patient = None
        if slots["patient"] is not None and line.patient:
            patient = patients.get_patient(
                desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id
            )
        refused = lines.find_refusal(desk, line=line, patient=patient)
        if refused is None:
            return {"outcome": "eligible", "confirmation": None}
        say_line(say, fill(say_in(refused.say, say.language), list_values(desk, say, line, {})))
        say.buttons([person_button(say)])
        return {"outcome": "told"}


class TellLineFee(DeskAction, name="action_tell_line_fee"):
    """「要多少钱」 while it is being registered."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = lines.get_line(desk, slots["line"])
        if line.fee is not None:
            fee = fill(say_in(line.fee, say.language), list_values(desk, say, line, {}))
            say("utter_line_fee", what=say_in(line.name, say.language), fee=fee, phone_number=line.team.phone)


class AskLineConfirmation(DeskAction, name="action_ask_line_confirmation"):
    """The echo: for whom, every answer, fee, place and what to prepare."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = lines.get_line(desk, slots["line"])
        values = read_values(line, slots)
        facts = [say_in(line.name, say.language)]
        if line.patient:
            patient = patients.get_patient(
                desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id
            )
            facts.append(say.word("fact", title=say.word("for_whom"), value=patient_title(say, patient)))
        facts += list_facts(desk, say, line, values)
        facts += list_advice(desk, say, line, values)
        say("utter_ask_line_confirmation", facts="\n".join(facts))


class AskLineChange(DeskAction, name="action_ask_line_change"):
    """Not as echoed: which of it is to be another."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = lines.get_line(desk, slots["line"])
        say("utter_ask_line_change")
        say.buttons(
            (title, set_slots(choice=slot))
            for slot, title in _list_changes(line, read_values(line, slots), say)
        )
        say.buttons([(say.word("stop_it"), set_slots(choice="stop"))])


def _list_changes(line: Line, values: dict[str, Any], say: Speaker) -> list[tuple[str, str]]:
    return [
        (one.slot, say.word("change_one", what=name_title(say, one)))
        for one in line.collect
        if one.change and line.is_asked(one, values)
    ]


class NoteLineChange(DeskAction, name="action_note_line_change"):
    """Empties what is to be another, so that it alone is asked again. ``outcome``: changed or stop."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, choice = lines.get_line(desk, slots["line"]), slots["choice"]
        question = line.find_question(str(choice))
        if question is None:
            if choice == "stop":
                say("utter_line_left", what=say_in(line.name, say.language))
                say.buttons([(say_in(line.name, say.language), ask_for(line.id)), person_button(say)])
                return {"outcome": "stop"}
            return {"outcome": "changed", "choice": None}
        return {"outcome": "changed", "confirmation": None, name_slot(line, question): None}


class RequestLine(DeskAction, name="action_request_line"):
    """Registers or changes it. ``outcome``: done, told, or full (the place was taken meanwhile: another day is asked)."""

    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line = lines.get_line(desk, slots["line"])
        values = read_values(line, slots)
        try:
            if slots["record"] is not None:
                one = lines.change_request(
                    desk, request_id=int(slots["record"]), contact_id=slots.contact_id, values=values
                )
            else:
                one = lines.request_line(
                    desk,
                    contact_id=slots.contact_id,
                    line=line.id,
                    patient_id=int(slots["patient"]) if line.patient else None,
                    values=values,
                )
        except Taken:
            say("utter_line_taken")
            last = line.capacity.per[-1] if line.capacity else "date"
            return {"outcome": "full", name_slot(line, last): None, "date": None}
        except NotAllowed:
            say("utter_line_too_late", phone_number=line.team.phone)
            say.buttons([person_button(say)])
            return {"outcome": "told"}
        told = describe(desk, say, line, one)
        if slots["record"] is not None:
            say("utter_line_changed", order_number=one.order_number)
        else:
            say_line(say, fill(say_in(line.done, say.language), told))
        place = find_place(line, one.slots)
        if place and place in {known.name for known in desk.hospital.places}:
            say.buttons([route_button(say, place)])
        say.buttons(deeds(say, line, one))
        return {"outcome": "done"}


def deeds(say: Speaker, line: Line, one: ServiceRequest) -> list[tuple[str, str]]:
    """What the patient may do with a request, by buttons."""
    state, number = line.get_state(one.stage), {"order_number": one.order_number}
    found = [(say.word("progress"), ask_for("query_request", **number))]
    if "change" in state.patient:
        found.append((say.word("change_it"), ask_for("change_request", **number)))
    if "cancel" in state.patient:
        found.append((say.word("cancel_it"), ask_for("cancel_request", **number)))
    return [*found, person_button(say)]


def find_meant(desk: Desk, slots: Slots) -> list[ServiceRequest]:
    """By id or number, else those of the line under way, else those of any line, else the last."""
    if slots["record"] is not None:
        return [lines.get_record(desk, ServiceRequest, int(slots["record"]), contact_id=slots.contact_id)]
    if slots["order_number"]:
        found = lines.find_request(desk, number=slots["order_number"], contact_id=slots.contact_id)
        return [found] if found is not None and found.line else []
    mine = {"contact_id": slots.contact_id, "line": slots["line"]}
    return lines.list_line_requests(desk, **mine, under_way=True) or lines.list_line_requests(
        desk, **mine, limit=1
    )


class ShowRequests(DeskAction, name="action_show_requests"):
    """Where each stands, since when, until when the next step is promised, how many wait before it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots)
        if not mine:
            say("utter_no_requests")
            say.buttons([person_button(say)])
            return
        for one in mine[:SHOWN]:
            line = lines.get_line(desk, one.line)
            told = describe(desk, say, line, one)
            say("utter_request_state", **told)
            state = line.get_state(one.stage)
            ahead = lines.count_ahead(desk, request=one) if state.bed == "wait" else None
            if ahead is not None:
                say("utter_request_ahead" if ahead else "utter_request_first", count=ahead)
            elif state.tell_due and state.status not in ENDED and one.due_at is not None:
                late = one.due_at <= desk.now
                say("utter_request_overdue" if late else "utter_request_due", **told)
            say.buttons(deeds(say, line, one))

    replies = ("utter_request_ahead", "utter_request_first", "utter_request_overdue", "utter_request_due")


class PickRequest(DeskAction):
    """``outcome``: found (``record`` and ``line`` are set), many, or told (there is none, or it is too late)."""

    deed = ""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = find_meant(desk, slots)
        able = [
            one for one in found if self.deed in lines.get_line(desk, one.line).get_state(one.stage).patient
        ]
        if not found:
            say("utter_no_requests")
            say.buttons([person_button(say)])
            return {"outcome": "told"}
        if not able:
            line = lines.get_line(desk, found[0].line)
            say("utter_line_too_late_now", **describe(desk, say, line, found[0]))
            say.buttons(
                [
                    (say.word("progress"), ask_for("query_request", order_number=found[0].order_number)),
                    person_button(say),
                ]
            )
            return {"outcome": "told"}
        if len(able) > 1:
            return {"outcome": "many"}
        return {"outcome": "found", "record": able[0].id, "line": able[0].line}


class PickChange(PickRequest, name="action_pick_change"):
    deed = "change"


class PickCancel(PickRequest, name="action_pick_cancel"):
    deed = "cancel"


class AskRequest(DeskAction, name="action_ask_request"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_request")
        for one in find_meant(desk, slots)[:5]:
            line = lines.get_line(desk, one.line)
            day = day_title(say, one.created_at.date())
            title = f"{say_in(line.name, say.language)} {day} {one.order_number[-6:]}"
            say.buttons([(title, set_slots(record=one.id))])


class GuessRequestChange(DeskAction, name="action_guess_request_change"):
    """What is to be changed, where the message brought another value for it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, one = _get_picked(desk, slots)
        for question in line.collect:
            told = slots[name_slot(line, question)]
            if question.choices and not slots.latest_text.startswith("/"):
                told = read_choice(question.choices, slots.latest_text) or told
            if question.change and told not in (None, "", one.slots.get(question.slot)):
                return {"choice": question.slot, name_slot(line, question): told}
        return {"choice": None}


def _get_picked(desk: Desk, slots: Slots) -> tuple[Line, ServiceRequest]:
    one = lines.get_record(desk, ServiceRequest, int(slots["record"]), contact_id=slots.contact_id)
    return lines.get_line(desk, one.line), one


class AskRequestChange(DeskAction, name="action_ask_request_change"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = _get_picked(desk, slots)
        say("utter_ask_request_change", **describe(desk, say, line, one))
        say.buttons((title, set_slots(choice=slot)) for slot, title in _list_changes(line, one.slots, say))

    def read(self, desk: Desk, slots: Slots) -> str | None:
        line, one = _get_picked(desk, slots)
        plain = fold(slots.latest_text)
        for question in line.collect:
            titles = (question.title or {}).values()
            if any(fold(title) in plain for title in titles) and line.is_asked(question, one.slots):
                return question.slot
        return None


class LoadRequest(DeskAction, name="action_load_request"):
    """The request's answers into the dialogue; what is to be changed stays empty, or as it was just said."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, one = _get_picked(desk, slots)
        loaded: dict[str, Any] = {"line": line.id, "patient": one.patient_id}
        for question in line.collect:
            slot = name_slot(line, question)
            if question.slot == slots["choice"]:
                loaded[slot] = None if slots[slot] == one.slots.get(question.slot) else slots[slot]
            else:
                loaded[slot] = one.slots.get(question.slot)
        return loaded


class AskCancelRequest(DeskAction, name="action_ask_cancel_request"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = _get_picked(desk, slots)
        say("utter_ask_cancel_request", **describe(desk, say, line, one))


class CancelRequest(DeskAction, name="action_cancel_request"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = _get_picked(desk, slots)
        try:
            lines.cancel_request(
                desk.acting_as(f"contact:{slots.contact_id}"),
                request_id=one.id,
                contact_id=slots.contact_id,
            )
        except NotAllowed:
            say("utter_line_too_late", phone_number=line.team.phone)
            say.buttons([person_button(say)])
            return
        say("utter_request_cancelled", **describe(desk, say, line, one))
        say.buttons([(say_in(line.name, say.language), ask_for(line.id)), person_button(say)])


def tell_news(desk: Desk, say: Speaker, one: ServiceRequest) -> None:
    """The words of the state that a request has reached."""
    line = lines.get_line(desk, one.line)
    state = line.get_state(one.stage)
    last = [change for change in list_changes(desk, record=one) if change.old != change.new]
    reason = last[-1].reason if last and last[-1].actor.startswith(("staff", "api")) else None
    told = describe(desk, say, line, one, reason=reason)
    if state.say is not None:
        say_line(say, fill(say_in(state.say, say.language), told))
    else:
        say("utter_request_state", **told)
    if state.tell_due and state.status not in ENDED and one.due_at is not None:
        say("utter_request_due", **told)
    say.buttons(deeds(say, line, one) if state.status not in ENDED else [person_button(say)])


class TellRequestReminder(DeskAction, name="action_tell_request_reminder"):
    """Some days before: only while the request still stands where the reminder is of use."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        line, one = _get_picked(desk, slots)
        reminder = next((known for known in line.reminders if known.id == slots["choice"]), None)
        reminder = reminder or (line.reminders[0] if line.reminders else None)
        if reminder is None or one.stage not in reminder.states:
            return None
        told = describe(desk, say, line, one)
        say_line(say, fill(say_in(reminder.say, say.language), told))
        advice = list_advice(desk, say, line, one.slots)
        if advice:
            say_line(say, "\n".join(advice))
        place = find_place(line, one.slots)
        if place and place in {known.name for known in desk.hospital.places}:
            say.buttons([route_button(say, place)])
        say.buttons(deeds(say, line, one))
        return None


class TellRequestLate(DeskAction, name="action_tell_request_late"):
    """The promised time is over: said honestly, if it is still so."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = _get_picked(desk, slots)
        if one.late_at is None or line.get_state(one.stage).status in ENDED:
            return
        say("utter_request_late", **describe(desk, say, line, one))
        say.buttons(deeds(say, line, one))
