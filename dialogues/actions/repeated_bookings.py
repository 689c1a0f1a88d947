"""「我妈的也挂了吧」 right after a booking: the same once more, for another person."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.patients import fits_patient
from intents.language import strip_marks
from services import appointments, patients
from services.appointments import Appointment

JUST_MADE = dt.timedelta(minutes=15)
"""「能改到后天吗」, 「我妈的也挂了吧」 so soon after booking speak of that booking."""
LIKEWISE = re.compile(
    "也|同样|一样|照样|一起|一块|再.{0,8}(?:一个|个号|一份)|多.{0,2}一个|都挂|nua|luon|giong|cung"
)
WHERE = ("department", "doctor", "symptom", "clinic", "date")


class RecallBooking(DeskAction, name="action_recall_booking"):
    """Where and when, from the booking just made, if nothing of it is said anew; else nothing."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        someone = slots["relation"] or slots["patient_name"]
        if not someone or any(slots[name] for name in WHERE):
            return {}
        if LIKEWISE.search(strip_marks(slots.latest_text.lower())) is None:
            return {}
        last = find_just_made(desk, contact_id=slots.contact_id)
        if last is None or fits_patient(slots, patients.get_patient(desk, patient_id=last.patient_id)):
            return {}
        return {
            "department": last.department,
            "doctor": last.doctor,
            "date": last.date.isoformat(),
            "period": last.period,
        }


def find_just_made(desk: Desk, *, contact_id: int) -> Appointment | None:
    """The newest appointment still to come, where it was booked a moment ago."""
    mine = appointments.list_appointments(desk, contact_id=contact_id, upcoming=True)
    newest = max(mine, key=lambda one: (one.created_at, one.id), default=None)
    return newest if newest is not None and desk.now - newest.created_at <= JUST_MADE else None
