"""Crowding: how many come by the hour, from the same weekday of the last weeks, and when it is quieter.

Where the history is too small to say anything, nothing is said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from services.desk import Desk
from services.registration import ARRIVED, BOOKED, FULFILLED, Appointment

QUIET, USUAL, BUSY = "quiet", "usual", "busy"
CAME = (ARRIVED, FULFILLED, BOOKED)
"""``booked`` too: a hospital that does not report arrivals leaves its past appointments so."""


@dataclass(frozen=True, slots=True)
class Hour:
    hour: int
    visits: float
    """A week, on this weekday, on average."""
    level: str


@dataclass(frozen=True, slots=True)
class Crowding:
    """A department's day by the hour."""

    department: str
    day: dt.date
    hours: tuple[Hour, ...]

    @property
    def quiet(self) -> tuple[int, ...]:
        return tuple(one.hour for one in self.hours if one.level == QUIET)

    @property
    def busy(self) -> tuple[int, ...]:
        return tuple(one.hour for one in self.hours if one.level == BUSY)


def find_crowding(desk: Desk, *, department: str, day: dt.date) -> Crowding | None:
    """``None`` where fewer than ``least_visits`` came in the ``weeks`` before on this weekday."""
    rules = desk.hospital.outpatients.crowding
    last = min(desk.now.date() - dt.timedelta(days=1), day)
    last -= dt.timedelta(days=(last.weekday() - day.weekday()) % 7)
    days = [last - dt.timedelta(weeks=back) for back in range(rules.weeks)]
    hour = sa.extract("hour", col(Appointment.start))
    query = (
        sa.select(hour, sa.func.count())
        .where(
            col(Appointment.hospital_id) == desk.hospital_id,
            col(Appointment.department) == department,
            col(Appointment.date).in_(days),
            col(Appointment.status).in_(CAME),
        )
        .group_by(hour)
    )
    counts = {int(at): int(count) for at, count in desk.session.execute(query)}
    if sum(counts.values()) < rules.least_visits or len(counts) < 2:
        return None
    mean = sum(counts.values()) / len(counts)
    return Crowding(
        department,
        day,
        tuple(
            Hour(
                at,
                count / rules.weeks,
                QUIET
                if count < mean * rules.quiet_below
                else BUSY
                if count > mean * rules.busy_above
                else USUAL,
            )
            for at, count in sorted(counts.items())
        ),
    )
