"""What a patient does with what is registered already: looks it up, changes it, cancels it."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_questions import name_before, name_slot
from dialogues.actions.line_words import deeds, describe, fill, list_changeable, say_due, say_line
from dialogues.actions.titles import day_title, person_button
from dialogues.choosing import fold, read_choice
from dialogues.line_changes import read_change
from dialogues.payload import ask_for, set_slots
from knowledge.schema import Line
from knowledge.schema.lines import say_in
from services import bed_calls, bed_turns, line_records, line_states
from services.errors import NotAllowed
from services.finding import get_record
from services.line_answers import SKIPPED
from services.requests import ServiceRequest

SHOWN = 3


def find_meant(desk: Desk, slots: Slots) -> list[ServiceRequest]:
    """By id or number, else those of the line under way, else those of any line, else the last."""
    if slots["record"] is not None:
        return [get_record(desk, ServiceRequest, int(slots["record"]), contact_id=slots.contact_id)]
    if slots["order_number"]:
        found = line_records.find_request(desk, number=slots["order_number"], contact_id=slots.contact_id)
        return [found] if found is not None and found.line else []
    mine = {"contact_id": slots.contact_id, "line": slots["line"]}
    return line_records.list_line_requests(desk, **mine, under_way=True) or line_records.list_line_requests(
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
            line = line_records.get_line(desk, one.line)
            told = describe(desk, say, line, one)
            state = line.get_state(one.stage)
            if state.say is not None and state.bed != "wait":
                say_line(say, fill(say_in(state.say, say.language), told))
            else:
                say("utter_request_state_on" if told.get("when") else "utter_request_state", **told)
            ahead = bed_turns.count_ahead(desk, request=one) if state.bed == "wait" else None
            if ahead is not None:
                say("utter_request_ahead" if ahead else "utter_request_first", count=ahead)
            else:
                say_due(desk, say, line, one, told)
            say.buttons(deeds(say, line, one))

    replies = (
        "utter_request_state",
        "utter_request_state_on",
        "utter_request_ahead",
        "utter_request_first",
        "utter_request_overdue",
        "utter_request_due",
    )


class TellNoRequest(DeskAction, name="action_tell_no_request"):
    """Asked after, and nothing of it is under way: said so, with what the FAQ knows of it and a button that begins it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = line_records.get_line(desk, slots["line"])
        what = say_in(line.name, say.language)
        say("utter_no_line_requests", what=what)
        asked = desk.hospital.find_faq(slots["faq"]) if slots["faq"] else None
        own = {start.intent for start in line.starts if not start.words}
        entry = asked if asked is not None and asked.intent in own else None
        if entry is None and line.faq:
            entry = desk.hospital.find_faq(line.faq)
        if entry is not None:
            say_line(say, entry.answers.get(say.language) or entry.answer)
        say.buttons([(say.word("do_line", what=what), ask_for(line.id)), person_button(say)])


class PostponeRequest(DeskAction, name="action_postpone_request"):
    """The bed goes to the next, the registration stays."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        found = find_meant(desk, slots)
        able = [one for one in found if line_records.get_line(desk, one.line).get_state(one.stage).back]
        if not able:
            say("utter_no_requests")
            say.buttons([person_button(say)])
            return
        one, line = able[0], line_records.get_line(desk, able[0].line)
        actor = desk.acting_as(f"contact:{slots.contact_id}")
        bed_calls.postpone_request(actor, request_id=one.id, contact_id=slots.contact_id)
        say("utter_request_postponed", **describe(desk, say, line, one))
        say.buttons(deeds(say, line, one))


class PickRequest(DeskAction):
    """``outcome``: found (``record`` and ``line`` are set), many, or told (there is none, or it is too late)."""

    deed = ""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = find_meant(desk, slots)
        able = [
            one
            for one in found
            if self.deed in line_records.get_line(desk, one.line).get_state(one.stage).patient
        ]
        if not found:
            say("utter_no_requests")
            say.buttons([person_button(say)])
            return {"outcome": "told"}
        if not able:
            line = line_records.get_line(desk, found[0].line)
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
            line = line_records.get_line(desk, one.line)
            day = day_title(say, one.created_at.date())
            title = f"{say_in(line.name, say.language)} {day} {one.order_number[-6:]}"
            say.buttons([(title, set_slots(record=one.id))])


class GuessRequestChange(DeskAction, name="action_guess_request_change"):
    """What is to be changed, where the message brought other values; ``choice`` is the first of them."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, one = get_picked(desk, slots)
        found: dict[str, Any] = {"choice": None}
        for question in line.collect:
            slot = name_slot(line, question)
            told = slots[slot]
            if question.several and not slots.latest_text.startswith("/"):
                told = read_change(question, slots.latest_text, held=one.slots.get(question.slot))
            elif question.choices and not slots.latest_text.startswith("/"):
                told = read_choice(question.choices, slots.latest_text) or told
            if question.change and told not in (None, "", one.slots.get(question.slot)):
                found |= {"choice": found["choice"] or question.slot, slot: told}
        return found


def get_picked(desk: Desk, slots: Slots) -> tuple[Line, ServiceRequest]:
    one = get_record(desk, ServiceRequest, int(slots["record"]), contact_id=slots.contact_id)
    return line_records.get_line(desk, one.line), one


class AskRequestChange(DeskAction, name="action_ask_request_change"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = get_picked(desk, slots)
        say("utter_ask_request_change", **describe(desk, say, line, one))
        say.buttons((title, set_slots(choice=slot)) for slot, title in list_changeable(line, one.slots, say))

    def read(self, desk: Desk, slots: Slots) -> str | None:
        line, one = get_picked(desk, slots)
        plain = fold(slots.latest_text)
        for question in line.collect:
            titles = (question.title or {}).values()
            if any(fold(title) in plain for title in titles) and line.is_asked(question, one.slots):
                return question.slot
        return None


class LoadRequest(DeskAction, name="action_load_request"):
    """The request's answers into the dialogue; what is to be changed stays empty, or as it was just said."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, one = get_picked(desk, slots)
        loaded: dict[str, Any] = {"line": line.id, "patient": one.patient_id}
        for question in line.collect:
            slot, known = name_slot(line, question), one.slots.get(question.slot)
            told = slots[slot] if question.change and slots[slot] != known else None
            if known is None and question.optional and line.is_asked(question, one.slots):
                known = SKIPPED  # left open once, it is not asked again
            loaded[slot] = told if told is not None or question.slot == slots["choice"] else known
            if question.several:
                loaded[name_before(line, question)] = known
        return loaded


class AskCancelRequest(DeskAction, name="action_ask_cancel_request"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = get_picked(desk, slots)
        say("utter_ask_cancel_request", **describe(desk, say, line, one))


class CancelRequest(DeskAction, name="action_cancel_request"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = get_picked(desk, slots)
        try:
            line_states.cancel_request(
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
