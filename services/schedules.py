"""What is on sale 出诊: the weekly sessions of the doctors cut into slots of at most 30 minutes, the reserve for referred
patients, and what is free of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from knowledge.schema import Doctor, Session
from services.closings import Suspension
from services.database import insert_new
from services.desk import Desk
from services.errors import Invalid
from services.slots import BUSY, FREE, KEPT_NOW, UNAVAILABLE, Slot, last_open_day, sold_until


@dataclass(frozen=True, slots=True)
class SessionOffer:
    """One doctor's session on one day, with what is left of it."""

    doctor_id: str
    doctor: str
    title: str
    department: str
    date: dt.date
    period: str
    clinic: str
    start: dt.datetime
    end: dt.datetime
    place: str | None
    campus: str | None
    fee: int
    capacity: int
    remaining: int
    suspended: bool


def open_slots(desk: Desk, *, days: int | None = None) -> int:
    """Makes the slots of today and the ``days`` after (the rule's ``days_ahead``) that are not there yet.

    Returns how many were new. Running it again, or twice at once, changes nothing. Clinics that close on statutory
    holidays are left out; a session suspended beforehand opens as ``busy-unavailable``.
    """
    first = desk.now.date()
    suspended = {
        (one.doctor_id, one.date, one.period)
        for one in desk.session.exec(
            select(Suspension).where(
                Suspension.hospital_id == desk.hospital_id,
                Suspension.date >= first,
                col(Suspension.lifted_at).is_(None),
            )
        )
    }
    ahead = desk.hospital.registration.days_ahead if days is None else days
    rows = [
        row
        for offset in range(ahead + 1)
        for row in _slots_of_day(desk, first + dt.timedelta(days=offset), suspended)
    ]
    if not rows:
        return 0
    last = first + dt.timedelta(days=ahead)
    there = sa.select(col(Slot.doctor_id), col(Slot.start)).where(
        col(Slot.hospital_id) == desk.hospital_id, col(Slot.date).between(first, last)
    )
    known = {(doctor_id, start) for doctor_id, start in desk.session.execute(there)}
    new = [row for row in rows if (row["doctor_id"], row["start"]) not in known]
    if new:
        insert_new(desk.session, Slot, new)
    return len(new)


def _slots_of_day(
    desk: Desk, day: dt.date, suspended: set[tuple[str, dt.date, str]]
) -> Iterator[dict[str, Any]]:
    hospital = desk.hospital
    closed: tuple[str, ...] = ()
    if hospital.calendar.holiday_name(day) is not None and not hospital.calendar.is_workday(day):
        closed = hospital.registration.closed_on_holidays
    for doctor in hospital.doctors:
        seen: set[dt.datetime] = set()
        for session in doctor.sessions:
            if day.isoweekday() not in session.weekdays or session.clinic in closed:
                continue
            off = (doctor.id, day, session.period) in suspended or (doctor.id, day, "") in suspended
            for start, end in _cut(session, day, hospital.registration.slot_minutes):
                if start in seen:
                    continue
                seen.add(start)
                yield _slot_row(desk, doctor, session, start, end, UNAVAILABLE if off else FREE)


def _cut(session: Session, day: dt.date, minutes: int) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    start, last = dt.datetime.combine(day, session.start), dt.datetime.combine(day, session.end)
    while start < last:
        end = min(start + dt.timedelta(minutes=minutes), last)
        yield start, end
        start = end


def _slot_row(
    desk: Desk, doctor: Doctor, session: Session, start: dt.datetime, end: dt.datetime, status: str
) -> dict[str, Any]:
    share = (end - start) / dt.timedelta(minutes=30)
    capacity = max(1, round(session.capacity * share))
    kept, opens_at = count_reserve(
        desk, department=doctor.department, clinic=session.clinic, start=start, capacity=capacity
    )
    return {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "doctor_id": doctor.id,
        "doctor": doctor.name,
        "title": doctor.title,
        "department": doctor.department,
        "date": start.date(),
        "period": session.period,
        "start": start,
        "end": end,
        "clinic": session.clinic,
        "fee": session.fee,
        "place": session.place,
        "campus": session.campus,
        "capacity": capacity - kept,
        "taken": 0,
        "status": status if capacity > kept or status == UNAVAILABLE else BUSY,
        "reserved": kept,
        "opens_at": opens_at if kept else None,
    }


def parse_days(text: str | dt.date) -> tuple[dt.date, dt.date]:
    """The first and last day of a ``date`` slot: ``2026-03-13`` or ``2026-03-12/2026-03-15``."""
    if isinstance(text, dt.date):
        return text, text
    try:
        first, _, last = text.partition("/")
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError:
        raise Invalid("date", field="date", value=text) from None


def _matching(
    desk: Desk,
    department: str | None,
    doctor: str | None,
    date: str | dt.date | None,
    period: str | None,
    clinic: str | None,
) -> list[Any]:
    conditions: list[Any] = [col(Slot.hospital_id) == desk.hospital_id]
    first, last = desk.now.date(), last_open_day(desk)
    if date is not None:
        wanted = parse_days(date)
        first, last = max(first, wanted[0]), min(last, wanted[1])
    conditions += [col(Slot.date) >= first, col(Slot.date) <= last]
    if department is not None:
        conditions.append(col(Slot.department) == department)
    if doctor is not None:
        known = desk.hospital.find_doctors(doctor, department=department)
        ids = [one.id for one in known]
        conditions.append(sa.or_(col(Slot.doctor_id).in_(ids), col(Slot.doctor) == doctor))
    if period is not None:
        conditions.append(col(Slot.period) == period)
    if clinic is not None:
        conditions.append(col(Slot.clinic) == clinic)
    return conditions


def find_free_slots(
    desk: Desk,
    *,
    department: str | None = None,
    doctor: str | None = None,
    date: str | dt.date | None = None,
    period: str | None = None,
    time: str | None = None,
    clinic: str | None = None,
    referred: bool = False,
    limit: int = 20,
) -> list[Slot]:
    """Slots with a place left, soonest first. ``date`` is a day or ``start/end``; ``time`` (HH:MM) keeps the slots
    that hold this minute; ``doctor`` may be 韦医生; ``referred`` sees the reserve too.
    """
    conditions = _matching(desk, department, doctor, date, period, clinic)
    left: Any = sa.and_(col(Slot.status) == FREE, col(Slot.taken) < col(Slot.capacity))
    if referred:
        left = sa.and_(col(Slot.status) != UNAVAILABLE, sa.or_(left, col(Slot.reserved) > 0))
    conditions += [left, col(Slot.end) > sold_until(desk)]
    query = select(Slot).where(*conditions).order_by(col(Slot.start), col(Slot.doctor_id))
    query = query.execution_options(populate_existing=True)
    if time is None:
        return list(desk.session.exec(query.limit(limit)))
    minute = dt.time.fromisoformat(time)
    return [one for one in desk.session.exec(query) if one.start.time() <= minute < one.end.time()][:limit]


def find_sessions(
    desk: Desk,
    *,
    department: str | None = None,
    doctor: str | None = None,
    date: str | dt.date | None = None,
    period: str | None = None,
    clinic: str | None = None,
    referred: bool = False,
    limit: int = 50,
) -> list[SessionOffer]:
    """Sessions of the days on sale, also full and suspended ones, soonest first; ended ones are left out."""
    sold = sa.and_(col(Slot.status) == FREE, col(Slot.end) > sold_until(desk))
    left: Any = sa.case((sold, col(Slot.capacity) - col(Slot.taken)), else_=0)
    if referred:
        kept = sa.and_(col(Slot.status) != UNAVAILABLE, col(Slot.end) > sold_until(desk))
        left = left + sa.case((kept, col(Slot.reserved)), else_=0)
    keys = (Slot.doctor_id, Slot.doctor, Slot.title, Slot.department, Slot.date, Slot.period, Slot.clinic)
    start, end = sa.func.min(col(Slot.start)), sa.func.max(col(Slot.end))
    query = (
        sa.select(
            *(col(key) for key in keys),
            start,
            end,
            sa.func.min(col(Slot.place)),
            sa.func.min(col(Slot.campus)),
            sa.func.max(col(Slot.fee)),
            sa.func.sum(col(Slot.capacity)),
            sa.func.sum(left),
            sa.func.min(sa.case((col(Slot.status) == UNAVAILABLE, 1), else_=0)),
        )
        .where(*_matching(desk, department, doctor, date, period, clinic))
        .group_by(*(col(key) for key in keys))
        .having(end > desk.now)
        .order_by(start, col(Slot.doctor_id))
        .limit(limit)
    )
    offers = []
    for row in desk.session.execute(query):
        values: list[Any] = [*row[:12], int(row[12]), max(int(row[13]), 0), bool(row[14])]
        offers.append(SessionOffer(*values))
    return offers


def count_reserve(
    desk: Desk, *, department: str, clinic: str, start: dt.datetime, capacity: int
) -> tuple[int, dt.datetime | None]:
    """How many places of a slot are kept for referred patients, and when they open to all; of a session one in so many
    (``quotas.every``), spread by the hour. A slot opened after that hour keeps none."""
    rules = desk.hospital.registration.quotas
    if (
        rules is None
        or clinic not in rules.clinics
        or (rules.departments and department not in rules.departments)
    ):
        return 0, None
    opens_at = dt.datetime.combine(start.date() - dt.timedelta(days=rules.days_before), rules.at)
    if opens_at <= desk.now:
        return 0, None
    return min(-(-capacity // rules.every), capacity), opens_at


def open_reserves(desk: Desk) -> int:
    """For the clock: what referred patients have not taken by the set hour is on sale to everybody. Two clocks do it
    once; returns how many slots."""
    opened = (
        sa.update(Slot)
        .where(col(Slot.hospital_id) == desk.hospital_id, KEPT_NOW, col(Slot.opens_at) <= desk.now)
        .values(
            capacity=col(Slot.capacity) + col(Slot.reserved),
            reserved=0,
            status=sa.case((col(Slot.status) == UNAVAILABLE, UNAVAILABLE), else_=FREE),
        )
        .execution_options(synchronize_session=False)
    )
    return int(desk.session.execute(opened).rowcount)  # type: ignore[attr-defined]
