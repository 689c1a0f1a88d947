"""When an escort can meet the patient of a visit."""

from __future__ import annotations

import datetime as dt

from dialogues.actions import Desk
from services import escorts
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
