"""What a person and an account have booked, read once for every rule that asks: limits, absences, dealing, free visits.

One statement, put together once a process: of the time a booking takes, most went into building a question for each rule.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from services.desk import Desk
from services.patients import Patient
from services.registration import Appointment


class Entry(NamedTuple):
    """Of an appointment what rules look at."""

    id: int
    contact_id: int
    person: str
    created_at: dt.datetime
    replaces_id: int | None
    status: str
    ended_reason: str | None
    department: str
    doctor_id: str
    date: dt.date
    start: dt.datetime
    end: dt.datetime
    excused: bool


_TABLE: sa.Table = Appointment.__table__  # type: ignore[attr-defined]
_READ = sa.select(*(_TABLE.c[name] for name in Entry._fields)).where(
    _TABLE.c.hospital_id == sa.bindparam("hospital_id"),
    sa.or_(
        sa.and_(_TABLE.c.person == sa.bindparam("person"), _TABLE.c.date >= sa.bindparam("since")),
        sa.and_(_TABLE.c.contact_id == sa.bindparam("contact_id"), _TABLE.c.start >= sa.bindparam("recent")),
    ),
)


@dataclass(frozen=True, slots=True)
class Ledger:
    of_person: tuple[Entry, ...]
    """Whoever booked them: what lies ahead, and what lies behind as far as absences count."""
    of_contact: tuple[Entry, ...]
    """For whomever: what lies ahead, and what was booked as lately as ``review.cancel_days`` counts."""


def read_ledger(desk: Desk, *, patient: Patient) -> Ledger:
    """Of this patient's person and contact, as the database has it now."""
    rules = desk.hospital.registration
    behind = max(rules.no_show_days + rules.no_show_block_days, rules.revisit_days)
    lately = max(rules.review.cancel_days, 1) + 1  # nothing is booked for a day before the day of booking
    desk.session.flush()
    rows = desk.session.connection().execute(
        _READ,
        {
            "hospital_id": desk.hospital_id,
            "person": patient.person,
            "since": desk.now.date() - dt.timedelta(days=behind),
            "contact_id": patient.contact_id,
            "recent": desk.now - dt.timedelta(days=lately),
        },
    )
    found = [Entry._make(row) for row in rows]
    return Ledger(
        tuple(one for one in found if one.person == patient.person),
        tuple(one for one in found if one.contact_id == patient.contact_id),
    )
