"""The reminders that booking an appointment promises, by the rules of registration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.desk import Desk
from services.patients import Patient
from services.promises import is_quiet, promise
from services.registration import Appointment

WORTHWHILE = dt.timedelta(minutes=20)
"""A reminder that quiet hours would hold back until less than this before the start is not promised."""


def promise_reminders(desk: Desk, *, appointment: Appointment, patient: Patient) -> None:
    """The evening before and two hours before, as ``registration.yml`` says; what is past is not promised."""
    rules = desk.hospital.registration
    for reminder in rules.reminders:
        if reminder.days_before is not None and reminder.at is not None:
            day = appointment.date - dt.timedelta(days=reminder.days_before)
            due = dt.datetime.combine(day, reminder.at)
            last = due + dt.timedelta(minutes=reminder.drop_after_minutes)
        else:
            due = appointment.start - dt.timedelta(minutes=reminder.minutes_before or 0)
            last = min(due + dt.timedelta(minutes=reminder.drop_after_minutes), appointment.start)
            if is_quiet(desk, due):
                due = max(due, dt.datetime.combine(due.date(), rules.quiet_hours.end))
                last = max(last, min(due + WORTHWHILE, appointment.start))
        if due <= desk.now or appointment.start - due < WORTHWHILE:
            continue
        promise(
            desk,
            contact_id=appointment.contact_id,
            kind="appointment_reminder",
            due_at=due,
            drop_after=last,
            subject=appointment.subject,
            slots=describe_appointment(appointment, patient) | {"reminder": reminder.id},
        )


def describe_appointment(appointment: Appointment, patient: Patient) -> dict[str, Any]:
    """The appointment in the slots of the contract."""
    return {
        "record": appointment.id,
        "department": appointment.department,
        "doctor": appointment.doctor,
        "date": appointment.date.isoformat(),
        "period": appointment.period,
        "time": f"{appointment.start:%H:%M}",
        "end_time": f"{appointment.end:%H:%M}",
        "place": appointment.place,
        "campus": appointment.campus,
        "fee": appointment.fee,
        "patient": patient.id,
        "patient_name": patient.name,
        "order_number": appointment.order_number,
    }
