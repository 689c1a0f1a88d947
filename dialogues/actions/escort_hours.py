"""When an escort can meet the patient of a visit."""

from __future__ import annotations

import datetime as dt

from dialogues.actions import Desk, Speaker
from dialogues.actions.titles import day_title, department_title
from services import appointments, escorts
from services.appointments import Appointment
from services.errors import ServiceError


def find_meeting(desk: Desk, booked: Appointment) -> str:
    """``07:40``: when to be there to sign in; where nobody is on duty yet, the hour of the visit itself."""
    before = dt.timedelta(minutes=desk.hospital.registration.arrive_minutes_before)
    start = booked.start - before
    return f"{start if can_start(desk, start) else booked.start:%H:%M}"


def can_start(desk: Desk, start: dt.datetime) -> bool:
    try:
        escorts.check_start(desk, start=start)
    except ServiceError:
        return False
    return True


def find_late_meeting(
    say: Speaker, *, contact_id: int, patient_id: int, start: dt.datetime
) -> dict[str, str]:
    """The last visit of that day in the placeholders of ``utter_escort_after_visit``, where it begins before they meet;
    else nothing."""
    desk = say.desk
    booked = appointments.list_appointments(desk, contact_id=contact_id, patient_id=patient_id, upcoming=True)
    visits = [one for one in booked if one.date == start.date()]
    last = max(visits, key=lambda one: one.start, default=None)
    if last is None or last.start >= start:
        return {}
    return {
        "day": day_title(say, last.date),
        "hour": f"{last.start:%H:%M}",
        "department": department_title(say, last.department),
        "meeting": f"{start:%H:%M}",
        "before": find_meeting(desk, last),
    }
