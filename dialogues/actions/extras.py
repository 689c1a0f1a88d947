"""加号: asking the doctor of a full session for one more place, and hearing what the doctor says."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import REFUSALS, slot_values, tell_refusal
from dialogues.actions.departments import TOLD, make_out
from dialogues.actions.free_numbers import EXTRA, MOST, find_free_sessions, known
from dialogues.actions.offer_questions import DOCTORS_SHOWN
from dialogues.actions.titles import (
    department_title,
    doctor_title,
    half_day_title,
    patient_title,
    person_button,
    route_button,
)
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import appointments, extras, patients, schedules
from services.errors import Invalid, NotAllowed
from services.slots import get_slot

REFUSED = {
    "too_many_extras": "utter_extra_waiting",
    "extras_full": "utter_extra_none_left",
    "not_extended": "utter_extra_impossible",
}


STATE = re.compile(
    "批|同意了|答应|答复|回复|结果|消息|怎么样|怎样|进度|好了[没吗]|有没有|到哪|什么时候|ket qua|tra loi|the nao|dong y chua"
)


class HearExtra(DeskAction, name="action_hear_extra"):
    """``outcome``: told (what the doctor has said of the last request), or ask."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        made = extras.list_extras(desk, contact_id=slots.contact_id, limit=1)
        if not made or known(slots["doctor"]) or not STATE.search(strip_marks(slots.latest_text.lower())):
            return {"outcome": "ask"}
        tell_extra(desk, made[0], say)
        return {"outcome": "told"}


class FindSessionToExtend(DeskAction, name="action_find_session_to_extend"):
    """``outcome``: extend (``offer`` is a slot of the session), ask_doctor, free (there are numbers left: book), none
    (told)."""

    replies = (*TOLD, "utter_extra_not_needed")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = make_out(desk, slots, say)
        if meant.doctor is None or meant.department is None:
            return meant.changes | {"outcome": "ask_doctor", "doctor": None}
        wanted = {"date": known(slots["date"]), "period": known(slots["period"])}
        slot = extras.find_session_to_extend(desk, department=meant.department, doctor=meant.doctor, **wanted)
        if slot is not None:
            on = {"date": slot.date.isoformat(), "period": slot.period}  # another day said now is a change
            return meant.changes | on | {"outcome": "extend", "offer": slot.id}
        if find_free_sessions(desk, department=meant.department, doctor=meant.doctor, **wanted):
            if not EXTRA.search(slots.latest_text):  # else the booking says so
                say("utter_extra_not_needed", doctor=meant.doctor)
            return meant.changes | {"outcome": "free"}
        say("utter_extra_impossible")
        return meant.changes | {"outcome": "none"}


class AskExtraDoctor(DeskAction, name="action_ask_extra_doctor"):
    """Whom to ask: those whose sessions are full, where a department is known."""

    replies = ("utter_which_doctor", "utter_ask_extra_doctor")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        department = known(slots["department"])
        say("utter_ask_extra_doctor")
        if department is None:
            return
        found = schedules.find_sessions(
            desk,
            department=department,
            date=known(slots["date"]),
            period=known(slots["period"]),
            limit=MOST,
        )
        full = {one.doctor: one for one in found if not one.remaining and not one.suspended}
        say.buttons(
            (doctor_title(say, one.doctor, one.title), set_slots(doctor=one.doctor))
            for one in list(full.values())[:DOCTORS_SHOWN]
        )


class AskExtraConfirmation(DeskAction, name="action_ask_extra_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        slot = get_slot(desk, slot_id=int(slots["offer"]))
        patient = patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
        say("utter_ask_extra_confirmation", patient=patient_title(say, patient), **slot_values(say, slot))


class RequestExtra(DeskAction, name="action_request_extra"):
    replies = (*REFUSALS.values(), "utter_refused", *REFUSED.values())

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            made = extras.request_extra(
                desk,
                contact_id=slots.contact_id,
                patient_id=int(slots["patient"]),
                slot_id=int(slots["offer"]),
                reason=slots["extra_reason"],
            )
        except NotAllowed as error:
            if error.code in REFUSED:
                say(REFUSED[error.code], doctor=error.value or "")
                say.buttons([(say.word("waitlist"), ask_for("join_waitlist")), person_button(say)])
            else:
                tell_refusal(desk, error, say)
            return {"outcome": "refused", "offer": None}
        except Invalid:
            say("utter_extra_impossible")
            return {"outcome": "refused", "offer": None}
        say(
            "utter_extra_requested",
            doctor=made.doctor,
            day=half_day_title(say, made.date, made.period),
            order_number=made.order_number,
        )
        say.buttons(
            [
                (
                    say.word("waitlist"),
                    ask_for("join_waitlist", department=made.department, date=made.date.isoformat()),
                ),
                person_button(say),
            ]
        )
        return {"outcome": "requested", "offer": None}


class TellExtraAnswered(DeskAction, name="action_tell_extra_answered"):
    """Accepted with the number in full; declined with the doctor's word and the other ways."""

    replies = ("utter_extra_accepted", "utter_extra_declined", "utter_extra_unanswered")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        tell_extra(
            desk, extras.get_extra(desk, request_id=int(slots["record"]), contact_id=slots.contact_id), say
        )


def tell_extra(desk: Desk, one: extras.ExtraRequest, say: Speaker) -> None:
    patient = patients.get_patient(desk, patient_id=one.patient_id)
    who = patient_title(say, patient)
    if one.status == "requested":
        day = half_day_title(say, one.date, one.period)
        say("utter_extra_pending", who=who, doctor=one.doctor, day=day, order_number=one.order_number)
        say.buttons([person_button(say)])
        return
    if one.status == "accepted" and one.appointment_id is not None:
        booked = appointments.get_appointment(desk, appointment_id=one.appointment_id)
        values = slot_values(say, booked)
        say("utter_extra_accepted", who=who, order_number=booked.order_number, **values)
        if booked.place:
            say.buttons([route_button(say, booked.place)])
        say.buttons([(say.word("cancel"), ask_for("cancel_appointment", order_number=booked.order_number))])
        return
    say(
        "utter_extra_declined" if one.answer else "utter_extra_unanswered",
        who=who,
        doctor=one.doctor,
        day=half_day_title(say, one.date, one.period),
        department=department_title(say, one.department),
        answer=one.answer or "",
    )
    say.buttons(
        [
            (
                say.word("waitlist"),
                ask_for("join_waitlist", department=one.department, date=one.date.isoformat()),
            ),
            (say.word("book_other_day"), ask_for("book_appointment", department=one.department)),
            person_button(say),
        ]
    )
