"""Service lines before the patient: beginning, who may, the echo, registering; all from the file. What is registered
already is the matter of line_requests.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_questions import (
    list_unknown,
    name_before,
    name_slot,
    read_values,
    tell_early,
    tell_stop,
)
from dialogues.actions.line_words import (
    deeds,
    describe,
    fill,
    find_place,
    list_advice,
    list_changeable,
    list_changes,
    list_facts,
    list_values,
    say_due,
    say_line,
)
from dialogues.actions.titles import patient_title, person_button, route_button
from dialogues.choosing import read_choice
from dialogues.line_starts import read_deed
from dialogues.payload import ask_for, set_slots
from knowledge.schema import Line
from knowledge.schema.lines import OF_CONTRACT, say_in
from services import line_records, lines, patients
from services.errors import NotAllowed, Taken
from services.finding import get_record
from services.requests import ServiceRequest


class BeginLine(DeskAction, name="action_begin_line"):
    """What the first message says already. ``outcome``: new, or ask where something of the line is under way."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, text = line_records.get_line(desk, slots["line"]), slots.latest_text
        if slots["record"] is not None:
            return {"outcome": "new"}  # being changed: all is known
        spoken = slots["said"] or ("" if text.startswith("/") else text)
        mine = line_records.list_line_requests(
            desk, contact_id=slots.contact_id, line=line.id, under_way=True
        )
        told: dict[str, Any] = {"outcome": "ask" if mine else "new"}
        for question in line.collect:
            slot = name_slot(line, question)
            if question.several and question.choices and spoken and slots[slot] is None:
                told |= tell_early(line, question, spoken)
                stops = [one for one in question.find_chosen(told.get(slot)) if one.stop is not None]
                if stops and len(stops) == len(told[slot]):
                    tell_stop(line, stops[0], {}, say)
                    return {"outcome": "stopped"}
                named = [*(told.get(slot) or ()), *list_unknown(line, question, slots)]
                told[slot] = named or None  # what cannot be had is told at its question
            elif question.others and slot in OF_CONTRACT and len(named := _list_named(slots, slot)) > 1:
                if not any(question.find_choice(one) for one in named):
                    told[slot] = say.word("list").join(named)  # in the patient's own words, and none lost
            elif question.choices and spoken and slots[slot] is None:
                told[slot] = read_choice(question.choices, spoken, by_name=not question.others)
                chosen = question.find_choice(told[slot])
                if chosen is not None and tell_stop(line, chosen, {}, say):
                    return {"outcome": "stopped"}  # nothing is asked for what is not done here
        if mine and not any(_is_same(line, one, slots, told) for one in mine):
            mine, told["outcome"] = [], "new"
        if not mine and line.intro is not None:
            say_line(say, fill(say_in(line.intro, say.language), list_values(desk, say, line, {})))
        return {name: value for name, value in told.items() if value is not None}


def _is_same(line: Line, one: ServiceRequest, slots: Slots, told: Mapping[str, Any]) -> bool:
    """「再约个胃镜」 is another matter than the ultrasound under way: places are counted for each."""
    per = line.capacity.per if line.capacity else ()
    wanted = [
        (question, told.get(name_slot(line, question)) or slots[name_slot(line, question)])
        for question in line.collect
        if question.slot in per and question.choices
    ]
    return all(value is None or value == one.slots.get(question.slot) for question, value in wanted)


def _list_named(slots: Slots, slot: str) -> list[str]:
    return list(dict.fromkeys(str(one) for one in slots.list_latest(slot)))


class AskUnderWay(DeskAction, name="action_ask_under_way"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = line_records.get_line(desk, slots["line"])
        one = line_records.list_line_requests(
            desk, contact_id=slots.contact_id, line=line.id, under_way=True
        )[0]
        say("utter_line_under_way", **describe(desk, say, line, one))
        state = line.get_state(one.stage)
        say.buttons([(say.word("progress"), set_slots(choice="query"))])
        if "change" in state.patient:
            say.buttons([(say.word("change_it"), set_slots(choice="change"))])
        if "cancel" in state.patient:
            say.buttons([(say.word("cancel_it"), set_slots(choice="cancel"))])
        say.buttons([(say.word("once_more"), set_slots(choice="again"))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        deed = read_deed(slots.latest_text)
        return "query" if deed == "when" else deed


class NoteUnderWay(DeskAction, name="action_note_under_way"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"outcome": slots["choice"], "choice": None}


class CheckLine(DeskAction, name="action_check_line"):
    """``outcome``: eligible, or told (why not, and a person)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line = line_records.get_line(desk, slots["line"])
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
        line = line_records.get_line(desk, slots["line"])
        if line.fee is not None:
            fee = fill(say_in(line.fee, say.language), list_values(desk, say, line, {}))
            say("utter_line_fee", what=say_in(line.name, say.language), fee=fee, phone_number=line.team.phone)


class TellLineEarly(DeskAction, name="action_tell_line_early"):
    """「单号多少」, 「几时可以来拿」 while it is being registered."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = line_records.get_line(desk, slots["line"])
        say("utter_line_early", what=say_in(line.name, say.language))


class AskLineConfirmation(DeskAction, name="action_ask_line_confirmation"):
    """The echo: for whom, every answer, fee, place and what to prepare."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line = line_records.get_line(desk, slots["line"])
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
        line = line_records.get_line(desk, slots["line"])
        say("utter_ask_line_change")
        say.buttons(
            (title, set_slots(choice=slot))
            for slot, title in list_changeable(line, read_values(line, slots), say)
        )
        say.buttons([(say.word("stop_it"), set_slots(choice="stop"))])


class NoteLineChange(DeskAction, name="action_note_line_change"):
    """Empties what is to be another, so that it alone is asked again. ``outcome``: changed or stop."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, choice = line_records.get_line(desk, slots["line"]), slots["choice"]
        question = line.find_question(str(choice))
        if question is None:
            if choice == "stop":
                say("utter_line_left", what=say_in(line.name, say.language))
                say.buttons([(say_in(line.name, say.language), ask_for(line.id)), person_button(say)])
                return {"outcome": "stop"}
            return {"outcome": "changed", "choice": None}
        slot = name_slot(line, question)
        kept = {name_before(line, question): slots[slot]} if question.several else {}
        return {"outcome": "changed", "confirmation": None, slot: None, **kept}


class RequestLine(DeskAction, name="action_request_line"):
    """Registers or changes it. ``outcome``: done, told, or full (the place was taken meanwhile: another day is asked)."""

    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line = line_records.get_line(desk, slots["line"])
        values = read_values(line, slots)
        before: dict[str, Any] = {}
        try:
            if slots["record"] is not None:
                kept = get_record(desk, ServiceRequest, int(slots["record"]), contact_id=slots.contact_id)
                before = dict(kept.slots)
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
            changes = list_changes(desk, say, line, before, one.slots)
            if changes:
                say("utter_line_changed", order_number=one.order_number, changes="\n".join(changes))
            else:
                say("utter_line_unchanged", order_number=one.order_number)
            say_due(desk, say, line, one, told)
        else:
            say_line(say, fill(say_in(line.done, say.language), told))
        place = find_place(line, one.slots)
        if place and place in {known.name for known in desk.hospital.places}:
            say.buttons([route_button(say, place)])
        say.buttons(deeds(say, line, one))
        return {"outcome": "done"}
