"""Until when: hours round the clock, or working days to the end of office hours."""

from __future__ import annotations

import datetime as dt

from knowledge.schema import Span
from services.desk import Desk

OFFICE_ENDS = dt.time(17, 30)
"""Where the hospital has no afternoon session to go by."""


def count_deadline(desk: Desk, span: Span, *, start: dt.datetime | None = None) -> dt.datetime:
    """The moment at which a span that begins now (or at ``start``) is over. Of working days the last one counts until
    the end of the afternoon; asked for after it, the count begins with the next working day."""
    begin = start or desk.now
    if span.hours is not None:
        return begin + dt.timedelta(hours=span.hours)
    afternoon = desk.hospital.registration.periods.get("afternoon")
    ends = afternoon.end if afternoon else OFFICE_ENDS
    is_workday = desk.hospital.calendar.is_workday
    day, left = begin.date(), span.workdays or 0
    if not is_workday(day) or begin.time() >= ends:
        day = _next_workday(desk, day)
    for _ in range(left):
        day = _next_workday(desk, day)
    return dt.datetime.combine(day, ends)


def _next_workday(desk: Desk, day: dt.date) -> dt.date:
    day += dt.timedelta(days=1)
    while not desk.hospital.calendar.is_workday(day):
        day += dt.timedelta(days=1)
    return day
