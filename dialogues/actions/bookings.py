"""Holding the number found, showing it in full, booking it; and why the hospital's rules may say no."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.crowds import advise_if_busy
from dialogues.actions.escort_hours import find_meeting
from dialogues.actions.patients import fits_patient
from dialogues.actions.relations import keep_relation
from dialogues.actions.titles import (
    clinic_title,
    day_title,
    department_title,
    doctor_title,
    fee_title,
    half_day_title,
    patient_title,
    person_button,
    route_button,
    span_title,
)
from dialogues.payload import ask_for, set_slots
from services import appointments, holds, patients, revisits
from services.appointments import Appointment
from services.errors import Invalid, NotAllowed, NotFound, ServiceError, Taken, WrongState
from services.patients import Patient
from services.promises import list_promises
from services.registration import PENDING
from services.slots import Slot, get_slot
from services.suspicion import find_review

BOOKED = ("utter_booked", "utter_booked_now", "utter_booked_unreminded", "utter_booked_pending")
REFUSALS = {
    "sex": "utter_refused_sex",
    "too_young": "utter_refused_too_young",
    "too_old": "utter_refused_too_old",
    "no_shows": "utter_refused_no_shows",
    "duplicate": "utter_refused_duplicate",
    "same_time": "utter_refused_same_time",
    "too_many_that_day": "utter_refused_too_many_that_day",
    "too_many_open": "utter_refused_too_many_open",
    "suspended": "utter_refused_suspended",
    "not_open_yet": "utter_refused_not_open_yet",
    "referral": "utter_refused_referral",
    "too_many_of_contact": "utter_refused_too_many_of_contact",
    "too_many_today": "utter_refused_too_many_today",
    "phone_unconfirmed": "utter_refused_phone_unconfirmed",
}
"""Code of `services.limits` → the reply that explains it and leads on."""
ELSEWHEN = frozenset({"suspended", "duplicate", "same_time", "too_many_that_day", "not_open_yet", "referral"})
"""What stands against this number only: another day, hour or doctor may do."""


def tell_refusal(desk: Desk, error: ServiceError, say: Speaker) -> None:
    """Why the rules say no, and the way on."""
    until = error.details.get("until")
    day = until.date() if isinstance(until, dt.datetime) else until
    say(
        REFUSALS.get(error.code, "utter_refused"),
        department=error.value if error.field == "department" else "",
        limit=error.details.get("limit", ""),
        sex=say.name("patients_of_sex", str(error.details.get("wanted")), ""),
        until=day_title(say, day) if day else "",
    )
    children = desk.hospital.triage.children.get(str(error.value))
    if error.code == "too_young" and children and desk.hospital.get_department(children).bookable:
        say.buttons([_instead(say, children)])
    if error.code == "no_shows":
        say.buttons([(say.word("appeal"), ask_for("appeal_absence"))])


def _instead(say: Speaker, department: str) -> tuple[str, str]:
    title = say.word("book_instead", department=department_title(say, department))
    return title, ask_for("book_appointment", department=department)


def slot_values(say: Speaker, slot: Slot | Appointment) -> dict[str, Any]:
    """A number in the placeholders of replies."""
    start = slot.start - dt.timedelta(minutes=say.desk.hospital.registration.arrive_minutes_before)
    return {
        "department": slot.department,
        "clinic": clinic_title(say, slot.clinic),
        "fee_note": fee_title(say, slot.fee),
        "doctor": doctor_title(say, slot.doctor, slot.title),
        "day": half_day_title(say, slot.date, slot.period),
        "hours": span_title(slot.start, slot.end),
        "place": slot.place or slot.campus or "",
        "campus": slot.campus or "",
        "fee": slot.fee,
        "arrive": f"{start:%H:%M}",
    }


def revisit_fee(say: Speaker, slot: Slot | Appointment, *, person: str) -> dict[str, str]:
    """一号管三天: that this one costs nothing, and by which visit; nothing to say otherwise."""
    visit = revisits.find_free_visit(say.desk, person=person, department=slot.department, day=slot.date)
    if visit is None or not slot.fee:
        return {}
    seen = day_title(say, visit.date)
    return {"fee_note": say.word("revisit_fee", day=seen, days=say.desk.hospital.registration.revisit_days)}


class HoldSlot(DeskAction, name="action_hold_slot"):
    """Keeps the number while the patient looks it over; one that was just taken sends the flow back to look."""

    replies = (*REFUSALS.values(), "utter_refused")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        patient_id = slots["patient"]
        try:
            if slots["record"] is not None:
                patient_id = appointments.get_appointment(desk, appointment_id=slots["record"]).patient_id
            hold = holds.hold_slot(
                desk,
                slot_id=slots["offer"],
                contact_id=slots.contact_id,
                patient_id=patient_id,
                moving_id=slots["record"],
            )
        except (Taken, Invalid):
            say("utter_just_taken")
            return {"outcome": "taken", "offer": None, "hold": None, "time": None}
        except NotAllowed as error:
            tell_refusal(desk, error, say)
            outcome = "unconfirmed" if error.code == "phone_unconfirmed" else "refused"
            if slots["record"] is not None and error.code in ELSEWHEN:
                outcome = "elsewhen"
            return {"outcome": outcome, "hold": None} | ({} if outcome == "unconfirmed" else {"offer": None})
        if slots["hold"] not in (None, hold.id):
            holds.release_hold(desk, hold_id=slots["hold"])
        return {"outcome": "held", "hold": hold.id}


class ReleaseHold(DeskAction, name="action_release_hold"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["hold"] is not None:
            holds.release_hold(desk, hold_id=slots["hold"])
        return {"hold": None, "offer": None}


class AskBookingConfirmation(DeskAction, name="action_ask_booking_confirmation"):
    """All of it, with the full day; for another patient than was chosen the flow goes back to who it is."""

    replies = ("utter_busy_hour",)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        slot = get_slot(desk, slot_id=slots["offer"])
        patient = _with_phone(desk, slots)
        if not fits_patient(slots, patient):
            named = slots["patient_name"] if slots["patient_name"] != patient.name else None
            relation = slots["relation"] if keep_relation(slots["relation"]) != patient.relation else None
            return {"choice": "whose", "confirmation": False, "patient_name": named, "relation": relation}
        advise_if_busy(say, department=slot.department, start=slot.start)
        say(
            "utter_ask_booking_confirmation",
            patient=patient_title(say, patient),
            minutes=desk.hospital.registration.hold_minutes,
            **slot_values(say, slot) | revisit_fee(say, slot, person=patient.person),
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「可以晚一点吗」: not as echoed; another day or hour that is named is heard as such."""
        named = any(slots.list_latest(name) for name in ("date", "time", "period", "doctor", "department"))
        return False if not named and CHANGED.search(slots.latest_text) else None


CHANGED = re.compile("(?:换|改)(?!约陪|成药)|提前|推后|推迟|[晚早](?:一)?(?:点|些)")


def _with_phone(desk: Desk, slots: Slots) -> Patient:
    """The patient, with the phone that was corrected meanwhile."""
    patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
    if slots["phone"] and slots["phone"] != patient.phone:
        with contextlib.suppress(Invalid):
            patient = patients.set_phone(desk, patient_id=patient.id, phone=slots["phone"])
    return patient


class AskBookingChange(DeskAction, name="action_ask_booking_change"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_booking_change")
        say.buttons(
            [
                (say.word("other_time"), set_slots(choice="time")),
                (say.word("other_day"), set_slots(choice="date")),
                (say.word("other_doctor"), set_slots(choice="doctor")),
                (say.word("other_patient"), set_slots(choice="patient")),
                (say.word("not_booking"), set_slots(choice="stop")),
            ]
        )


class BookAppointment(DeskAction, name="action_book_appointment"):
    atomic = True
    replies = (*REFUSALS.values(), "utter_refused", *BOOKED)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        again = {"outcome": "taken", "offer": None, "hold": None, "time": None, "confirmation": None}
        need = slots["special_need"]
        try:
            booked = appointments.book(
                desk,
                hold_id=slots["hold"],
                patient_id=slots["patient"],
                special_need=None if need == "none" else need,
                complaint="，".join(slots["symptom"]) if slots["symptom"] else None,
            )
        except (Taken, Invalid, WrongState, NotFound):
            say("utter_just_taken")
            return again
        except NotAllowed as error:
            tell_refusal(desk, error, say)
            return {"outcome": "refused", "hold": None}
        tell_booked(desk, booked, say)
        patient = patients.get_patient(desk, patient_id=booked.patient_id)
        outcome = "booked" if patient.phone_confirmed_at else "unconfirmed"
        return {"outcome": outcome, "hold": None, "record": booked.id}


def find_answer_hour(desk: Desk, booked: Appointment) -> dt.datetime:
    """By when somebody whose booking is looked at has heard, at the latest."""
    review = find_review(desk, appointment_id=booked.id)
    return booked.start if review is None else review.due_at


def tell_booked(desk: Desk, booked: Appointment, say: Speaker) -> None:
    """``utter_booked`` with the ways on: the route, an escort that day, changing it. A reminder is spoken of only where
    one will come (none does for 08:00 booked the night before)."""
    late = booked.start - desk.now < dt.timedelta(minutes=desk.hospital.registration.arrive_minutes_before)
    reminded = bool(list_promises(desk, subject=booked.subject, status="waiting", limit=1))
    if booked.status == PENDING:
        until = find_answer_hour(desk, booked)
        say(
            "utter_booked_pending",
            order_number=booked.order_number,
            until=f"{day_title(say, until.date())}{until:%H:%M}",
            **slot_values(say, booked),
        )
        say.buttons([(say.word("cancel"), ask_for("cancel_appointment", order_number=booked.order_number))])
        say.buttons([person_button(say)])
        return
    say(
        "utter_booked_now" if late else "utter_booked" if reminded else "utter_booked_unreminded",
        order_number=booked.order_number,
        **slot_values(say, booked),
    )
    if booked.place:
        say.buttons([route_button(say, booked.place)])
    say.buttons(
        [
            (
                say.word("request_escort"),
                ask_for("request_escort", date=booked.date.isoformat(), time=find_meeting(desk, booked)),
            ),
            (say.word("reschedule"), ask_for("reschedule_appointment", order_number=booked.order_number)),
            (say.word("cancel"), ask_for("cancel_appointment", order_number=booked.order_number)),
        ]
    )
