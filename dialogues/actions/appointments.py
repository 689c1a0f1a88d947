"""The appointments a patient has: which one is meant, showing, moving and cancelling it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import BOOKED, ELSEWHEN, REFUSALS, slot_values, tell_booked, tell_refusal
from dialogues.actions.free_numbers import known
from dialogues.actions.patients import fits_patient
from dialogues.actions.repeated_bookings import JUST_MADE
from dialogues.actions.titles import (
    clinic_title,
    department_title,
    doctor_title,
    half_day_title,
    hour_title,
    patient_title,
    route_button,
)
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import appointments, patients, schedules, suspensions
from services.appointments import Appointment
from services.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from services.registration import OPEN, PENDING
from services.slots import get_slot

SHOWN = 5
ALL = re.compile(
    "(?:全|都|全都|统统|一起)(?:给我|帮我)?(?:退|取消|不要|不去|不看)|全部|所有|(?:两|三|几|2|3)个都|ca hai|tat ca|het cac"
)
"""「两个都退了」, 「我爸的号全退了」."""


def means_all(text: str) -> bool:
    return ALL.search(strip_marks(text.lower())) is not None


def find_meant(desk: Desk, slots: Slots, *, by_date: bool) -> list[Appointment]:
    """The open appointments that fit what was said; all of them where nothing fits."""
    number = slots["order_number"]
    if number:
        found = appointments.find_appointment(desk, order_number=number, contact_id=slots.contact_id)
        if found is not None and found.status in OPEN:
            return [found]
    mine = appointments.list_appointments(desk, contact_id=slots.contact_id, upcoming=True)
    fitting = mine
    for fits in _wishes(desk, slots, by_date=by_date):
        fitting = [one for one in fitting if fits(one)] or fitting
    return fitting


def _wishes(desk: Desk, slots: Slots, *, by_date: bool) -> list[Any]:
    wishes: list[Any] = []
    if known(slots["department"]):
        entry = desk.hospital.find_department(slots["department"])
        wishes.append(lambda one: entry is not None and one.department == entry.name)
    if known(slots["doctor"]):
        names = {one.name for one in desk.hospital.find_doctors(slots["doctor"])}
        wishes.append(lambda one: one.doctor in names)
    if by_date and known(slots["date"]):
        try:
            first, last = schedules.parse_days(slots["date"])
        except Invalid:
            return wishes
        wishes.append(lambda one: first <= one.date <= last)
        wishes.append(lambda one: known(slots["period"]) in (None, one.period))
    if slots["relation"] or slots["patient_name"]:
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        ids = {one.id for one in mine if fits_patient(slots, one)}
        wishes.append(lambda one: one.patient_id in ids)
    return wishes


class PickAppointment(DeskAction, name="action_pick_appointment"):
    """``outcome``: found (with ``record``), many, all (「两个都退」), none (told)."""

    by_date = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["record"] is not None:
            return {"outcome": "found"}
        found = find_meant(desk, slots, by_date=self.by_date)
        if not found:
            say("utter_no_appointments")
            return {"outcome": "none"}
        if len(found) > 1:
            return {"outcome": "all" if means_all(slots.latest_text) else "many"}
        return {"outcome": "found", "record": found[0].id}


class PickAppointmentToMove(DeskAction, name="action_pick_appointment_to_move"):
    """As `PickAppointment`; the date said is the new one, so it does not choose. Department and doctor stay."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["record"] is None:
            found = find_meant(desk, slots, by_date=False)
            if not found:
                say("utter_no_appointments")
                return {"outcome": "none"}
            newest = max(one.created_at for one in found)
            last = [one for one in found if one.created_at == newest]
            if len(found) > 1 and (len(last) > 1 or desk.now - newest > JUST_MADE):
                return {"outcome": "many"}
            record = last[0]
        else:
            record = appointments.get_appointment(
                desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
            )
        try:
            appointments.check_change(desk, record)
        except (NotAllowed, WrongState):
            say("utter_too_late_to_change", **slot_values(say, record))
            return {"outcome": "told"}
        return {
            "outcome": "found",
            "record": record.id,
            "department": record.department,
            "doctor": slots["doctor"] or record.doctor,
        }


class AskAppointment(DeskAction, name="action_ask_appointment"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = appointments.list_appointments(desk, contact_id=slots.contact_id, upcoming=True)
        say("utter_ask_appointment")
        say.buttons((_title(say, one), set_slots(record=one.id)) for one in mine[:SHOWN])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return "all" if means_all(slots.latest_text) else None


def _title(say: Speaker, one: Appointment) -> str:
    patient = patients.get_patient(say.desk, patient_id=one.patient_id)
    when = half_day_title(say, one.date, one.period)
    return f"{when} {one.start:%H:%M} {department_title(say, one.department)} {patient.masked_name}"


class AskCancelConfirmation(DeskAction, name="action_ask_cancel_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        record = _get(desk, slots)
        patient = patients.get_patient(desk, patient_id=record.patient_id)
        say("utter_ask_cancel_confirmation", patient=patient_title(say, patient), **slot_values(say, record))


class CancelAppointment(DeskAction, name="action_cancel_appointment"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        record = _get(desk, slots)
        try:
            appointments.cancel(desk, appointment_id=record.id, contact_id=slots.contact_id)
        except NotAllowed:
            say("utter_too_late_to_change", **slot_values(say, record))
            return {"outcome": "told"}
        except WrongState:
            say("utter_not_open_any_more", **slot_values(say, record))
            return {"outcome": "told"}
        say("utter_cancelled", **slot_values(say, record))
        say.buttons([(say.word("book_again"), ask_for("book_appointment", department=record.department))])
        return {"outcome": "cancelled"}


class KeepAppointment(DeskAction, name="action_keep_appointment"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_appointment_kept", **slot_values(say, _get(desk, slots)))


class AskRescheduleConfirmation(DeskAction, name="action_ask_reschedule_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        old = _get(desk, slots)
        patient = patients.get_patient(desk, patient_id=old.patient_id)
        say(
            "utter_ask_reschedule_confirmation",
            patient=patient_title(say, patient),
            old=hour_title(say, old.start, old.end, old.period),
            **slot_values(say, get_slot(desk, slot_id=slots["offer"])),
        )


class RescheduleAppointment(DeskAction, name="action_reschedule_appointment"):
    """The old appointment stays until the new one holds; a number gone meanwhile leads back to the choice of another."""

    atomic = True
    again = {"offer": None, "hold": None, "confirmation": None}
    replies = (*REFUSALS.values(), "utter_refused", *BOOKED)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        old = _get(desk, slots)
        try:
            new = appointments.reschedule(
                desk, appointment_id=old.id, hold_id=slots["hold"], contact_id=slots.contact_id
            )
        except (Taken, NotFound, WrongState, Invalid) as error:
            if error.field == "appointment":
                say("utter_not_open_any_more", **slot_values(say, old))
                return {"outcome": "told", "hold": None}
            say("utter_just_taken")
            return {"outcome": "taken", "time": None} | self.again
        except NotAllowed as error:
            if error.code == "too_late":
                say("utter_too_late_to_change", **slot_values(say, old))
                return {"outcome": "told", "hold": None}
            tell_refusal(desk, error, say)
            return {"outcome": "elsewhen"} | self.again if error.code in ELSEWHEN else {"outcome": "told"}
        say("utter_rescheduled")
        tell_booked(desk, new, say)
        return {"outcome": "moved", "hold": None}


def _tell_none(desk: Desk, slots: Slots, say: Speaker) -> None:
    """「我约上了没」 of whose number was given back with a suspended session: not yet, and which it was."""
    waits = suspensions.list_notices(desk, contact_id=slots.contact_id, statuses=suspensions.UNSETTLED)
    if not waits:
        say("utter_no_appointments")
        return
    old = appointments.get_appointment(desk, appointment_id=waits[0].appointment_id)
    say("utter_not_rebooked_yet", **slot_values(say, old))


class ListAppointments(DeskAction, name="action_list_appointments"):
    """What is still to come, soonest first, one line each."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots, by_date=True)
        if not mine:
            _tell_none(desk, slots, say)
            return
        lines = "\n".join(appointment_line(say, one) for one in mine[:SHOWN])
        say("utter_appointments", lines=lines, count=len(mine))
        first = mine[0]
        if first.place:
            say.buttons([route_button(say, first.place)])
        say.buttons(
            [
                (say.word("reschedule"), ask_for("reschedule_appointment")),
                (say.word("cancel"), ask_for("cancel_appointment")),
                (say.word("my_patients"), ask_for("list_patients")),
            ]
        )
        if first.start - desk.now < dt.timedelta(hours=3):
            say.buttons([(say.word("queue"), ask_for("query_queue"))])


def appointment_line(say: Speaker, one: Appointment) -> str:
    return say.word(
        "appointment_line",
        when=hour_title(say, one.start, one.end, one.period),
        department=department_title(say, one.department)
        + clinic_title(say, one.clinic)
        + (say.word("pending") if one.status == PENDING else ""),
        doctor=doctor_title(say, one.doctor, one.title),
        who=patient_title(say, patients.get_patient(say.desk, patient_id=one.patient_id)),
        place=one.place or one.campus,
    )


def _get(desk: Desk, slots: Slots) -> Appointment:
    return appointments.get_appointment(
        desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
    )
