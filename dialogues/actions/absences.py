"""Not come: how it is told, and how a patient says that it is a mistake. And what came of a booking held for review."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import REFUSALS, slot_values, tell_refusal
from dialogues.actions.patients import fits_patient
from dialogues.actions.titles import day_title, department_title, patient_title, person_button, route_button
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import absences, appointments, patients
from services.errors import NotAllowed
from services.limits import find_block
from services.patients import Patient
from services.registration import BOOKED, CANCELLED, NOSHOW

STATE = re.compile(
    "怎么样|怎样|结果|进度|消息|批|答复|回复|处理|过了|好了[没吗]|到哪|多久|什么时候|几时|ket qua|the nao|den dau|xong chua"
)


class TellBlock(DeskAction, name="action_tell_block"):
    """Whoever may not book online hears it before he chooses a day and a doctor. ``outcome``: blocked (told), who (it is
    asked first whose booking it is, for one of those known is blocked); nothing where none is."""

    replies = (*REFUSALS.values(), "utter_refused")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        until = {one.id: day for one in mine if (day := find_block(desk, person=one.person))}
        if not until:
            return {"outcome": None}
        said = slots["relation"] or slots["patient_name"]
        meant = [
            one
            for one in mine
            if slots["patient"] == one.id or (said and slots["patient"] is None and fits_patient(slots, one))
        ]
        if not said and slots["patient"] is None:
            return {"outcome": "who"}
        if not any(one.id in until for one in meant):
            return {"outcome": None}
        if len(meant) > 1:
            return {"outcome": "who"}
        refused = NotAllowed(
            "no_shows",
            field="patient",
            until=until[meant[0].id],
            limit=desk.hospital.registration.no_show_limit,
        )
        tell_refusal(desk, refused, say)
        return {"outcome": "blocked"}


def _list_absent(desk: Desk, slots: Slots) -> list[Patient]:
    """The contact's patients with an absence that counts, those who may not book first."""
    mine = patients.list_patients(desk, contact_id=slots.contact_id)
    blocked = {one.id for one in mine if find_block(desk, person=one.person)}
    found = [one for one in mine if one.id in blocked or absences.list_absences(desk, person=one.person)]
    return sorted(found, key=lambda one: one.id not in blocked)


class FindAbsence(DeskAction, name="action_find_absence"):
    """``outcome``: found (``patient``), many, none (told), or told: what came of an appeal made already."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        made = absences.find_appeal(desk, contact_id=slots.contact_id)
        if made is not None and STATE.search(strip_marks(slots.latest_text.lower())):
            tell_appeal(desk, made, say)
            return {"outcome": "told"}
        absent = _list_absent(desk, slots)
        if slots["patient"] is not None:
            absent = [one for one in absent if one.id == int(slots["patient"])]
        if not absent:
            say("utter_no_absence")
            say.buttons([person_button(say)])
            return {"outcome": "none"}
        if len(absent) > 1:
            return {"outcome": "many"}
        return {"outcome": "found", "patient": absent[0].id}


class AskAbsentPatient(DeskAction, name="action_ask_absent_patient"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_absent_patient")
        say.buttons((patient_title(say, one), set_slots(patient=one.id)) for one in _list_absent(desk, slots))


class AskAppealText(DeskAction, name="action_ask_appeal_text"):
    """With the days that are held against the patient, so that he knows what it is about."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
        lines = [
            say.word("line", what=day_title(say, one.date), about=department_title(say, one.department))
            for one in absences.list_absences(desk, person=patient.person)
        ]
        say("utter_ask_appeal_text", who=patient_title(say, patient), lines="\n".join(lines))


class AppealAbsence(DeskAction, name="action_appeal_absence"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        absences.appeal_absence(
            desk, contact_id=slots.contact_id, patient_id=int(slots["patient"]), text=slots["appeal_text"]
        )
        say("utter_appeal_received")


class TellAppealSettled(DeskAction, name="action_tell_appeal_settled"):
    replies = ("utter_appeal_accepted", "utter_appeal_rejected")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = absences.get_appeal(desk, appeal_id=int(slots["record"]), contact_id=slots.contact_id)
        tell_appeal(desk, one, say)


def tell_appeal(desk: Desk, one: absences.AbsenceAppeal, say: Speaker) -> None:
    who = patient_title(say, patients.get_patient(desk, patient_id=one.patient_id))
    if one.status == "requested":
        say("utter_appeal_waiting", who=who, day=day_title(say, one.created_at.date()))
        say.buttons([person_button(say)])
        return
    accepted = one.status == "accepted"
    say("utter_appeal_accepted" if accepted else "utter_appeal_rejected", who=who, answer=one.answer or "")
    say.buttons([(say.word("book"), ask_for("book_appointment")), person_button(say)])


class TellAppointmentMissed(DeskAction, name="action_tell_appointment_missed"):
    """Nothing where it was put right meanwhile."""

    replies = ("utter_missed", "utter_missed_blocked")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = appointments.get_appointment(
            desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
        )
        if one.status != NOSHOW or one.excused:
            return
        patient = patients.get_patient(desk, patient_id=one.patient_id)
        until = find_block(desk, person=one.person)
        rules = desk.hospital.registration
        say(
            "utter_missed_blocked" if until else "utter_missed",
            who=patient_title(say, patient),
            until=day_title(say, until) if until else "",
            limit=rules.no_show_limit,
            days=rules.no_show_days,
            **slot_values(say, one),
        )
        say.buttons(
            [
                (say.word("appeal"), ask_for("appeal_absence")),
                (say.word("book_again"), ask_for("book_appointment", department=one.department)),
                person_button(say),
            ]
        )


class TellBookingReviewed(DeskAction, name="action_tell_booking_reviewed"):
    replies = ("utter_review_released", "utter_review_refused")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = appointments.get_appointment(
            desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
        )
        who = patient_title(say, patients.get_patient(desk, patient_id=one.patient_id))
        if one.status == BOOKED:
            say("utter_review_released", who=who, order_number=one.order_number, **slot_values(say, one))
            if one.place:
                say.buttons([route_button(say, one.place)])
            say.buttons([(say.word("cancel"), ask_for("cancel_appointment", order_number=one.order_number))])
        elif one.status == CANCELLED:
            say("utter_review_refused", who=who, **slot_values(say, one))
            say.buttons([person_button(say)])
