"""Slots 号源: the weekly sessions of the doctors cut into pieces of at most 30 minutes, and suspensions 停诊.

``taken`` counts holds and appointments. It moves only by conditional ``UPDATE`` (``take_place``, ``give_back``), so
the last place of a slot goes to exactly one of any number of simultaneous takers, on both databases.

Longer than 300 lines, because whoever changes what is on sale (opening, finding, taking) must see all three.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, col, select

from knowledge.schema import Doctor, Session
from services.database import Record, insert_new
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken
from services.finding import get_record
from services.history import record_change

SUSPENDED, LIFTED = "suspended", "lifted"
"""Steps of a suspension in its history."""
FREE, BUSY, UNAVAILABLE = "free", "busy", "busy-unavailable"
"""FHIR R4 slotstatus; ``busy-unavailable`` is a suspended session."""
KEPT_NOW = sa.text("reserved > 0")
"""Written out as in the index of reserves that open: SQLite does not use it for bound values."""


class Slot(Record, table=True):
    __table_args__ = (
        UniqueConstraint("hospital_id", "doctor_id", "start"),
        Index("ix_slot_department_date", "hospital_id", "department", "date"),
        Index("ix_slot_date", "hospital_id", "date"),
        Index("ix_slot_reserve", "hospital_id", "opens_at", sqlite_where=KEPT_NOW, postgresql_where=KEPT_NOW),
    )

    doctor_id: str = Field(max_length=60)
    doctor: str = Field(max_length=40)
    title: str = Field(max_length=20)
    department: str = Field(max_length=40)
    date: dt.date
    period: str = Field(max_length=10)
    start: NaiveDatetime
    end: NaiveDatetime
    clinic: str = Field(max_length=20)
    fee: int
    """Yuan."""
    place: str | None = Field(default=None, max_length=80)
    campus: str | None = Field(default=None, max_length=40)
    capacity: int
    """Places on sale to everybody; the reserve comes in when its hour has come."""
    taken: int = 0
    status: str = Field(default=FREE, max_length=20)
    reserved: int = 0
    """Places kept for referred patients until ``opens_at``. One that is taken moves from here into ``capacity`` and
    ``taken`` at once, so that ``taken`` is never above ``capacity`` whoever takes."""
    opens_at: NaiveDatetime | None = None

    @property
    def remaining(self) -> int:
        return max(self.capacity - self.taken, 0) if self.status == FREE else 0


class Suspension(Record, table=True):
    """A doctor does not hold a session 停诊: a day and a period, or (period empty) the whole day."""

    __table_args__ = (UniqueConstraint("hospital_id", "doctor_id", "date", "period"),)

    doctor_id: str = Field(max_length=60)
    date: dt.date
    period: str = Field(default="", max_length=10)
    reason: str = Field(default="", max_length=200)
    external_id: str | None = Field(default=None, max_length=100, index=True)
    lifted_at: NaiveDatetime | None = None
    """The session is held after all since then 恢复出诊; suspended anew, it is empty again."""


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


def last_open_day(desk: Desk) -> dt.date:
    """The last day whose numbers are sold now: the day furthest ahead opens at the hour of ``release_at``."""
    rules = desk.hospital.registration
    ahead = rules.days_ahead if desk.now.time() >= rules.release_at else rules.days_ahead - 1
    return desk.now.date() + dt.timedelta(days=ahead)


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


def _sold_until(desk: Desk) -> dt.datetime:
    """A slot ending after this hour may still be sold."""
    return desk.now + dt.timedelta(minutes=desk.hospital.registration.same_day_until_minutes)


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
    conditions += [left, col(Slot.end) > _sold_until(desk)]
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
    sold = sa.and_(col(Slot.status) == FREE, col(Slot.end) > _sold_until(desk))
    left: Any = sa.case((sold, col(Slot.capacity) - col(Slot.taken)), else_=0)
    if referred:
        kept = sa.and_(col(Slot.status) != UNAVAILABLE, col(Slot.end) > _sold_until(desk))
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


def get_slot(desk: Desk, *, slot_id: int) -> Slot:
    """As the database has it now, not as the session remembers it."""
    return get_record(desk, Slot, slot_id)


def take_place(desk: Desk, *, slot_id: int) -> None:
    """Counts one more into ``taken`` if there is room; raises ``Taken``, ``Invalid("past")``, ``NotAllowed`` with
    code ``suspended`` or ``not_open_yet``.
    """
    if _move_place(desk, slot_id, _TAKE):
        return
    slot = get_slot(desk, slot_id=slot_id)
    if slot.end <= _sold_until(desk):
        raise Invalid("past", field="date", value=slot.start)
    if slot.status == UNAVAILABLE:
        raise NotAllowed("suspended", field="slot", value=slot_id)
    if slot.date > last_open_day(desk):
        raise NotAllowed("not_open_yet", field="date", value=slot.date)
    raise Taken("full", field="slot", value=slot_id)


def take_reserved(desk: Desk, *, slot_id: int) -> bool:
    """One place of the reserve for a referred patient; False where none is left in it."""
    return _move_place(desk, slot_id, _TAKE_RESERVED)


def add_place(desk: Desk, *, slot_id: int) -> bool:
    """A place that the doctor makes for one patient, taken at once; False where the slot is closed or over."""
    return _move_place(desk, slot_id, _ADD)


_SLOT: sa.Table = Slot.__table__  # type: ignore[attr-defined]
_MOVE = sa.update(_SLOT).where(
    _SLOT.c.id == sa.bindparam("slot_id"),
    _SLOT.c.hospital_id == sa.bindparam("hospital"),
    _SLOT.c.status != UNAVAILABLE,
    _SLOT.c.end > sa.bindparam("sold_until"),
)
_TAKE = _MOVE.where(_SLOT.c.taken < _SLOT.c.capacity, _SLOT.c.date <= sa.bindparam("last_day")).values(
    taken=_SLOT.c.taken + 1, status=sa.case((_SLOT.c.taken + 1 >= _SLOT.c.capacity, BUSY), else_=FREE)
)
_TAKE_RESERVED = _MOVE.where(_SLOT.c.reserved > 0, _SLOT.c.date <= sa.bindparam("last_day")).values(
    reserved=_SLOT.c.reserved - 1, capacity=_SLOT.c.capacity + 1, taken=_SLOT.c.taken + 1
)
_ADD = _MOVE.values(capacity=_SLOT.c.capacity + 1, taken=_SLOT.c.taken + 1)


def _move_place(desk: Desk, slot_id: int, move: sa.Update) -> bool:
    """Whether the statement, put together once for all bookings, found the slot as it must be."""
    values = {
        "slot_id": slot_id,
        "hospital": desk.hospital_id,
        "sold_until": _sold_until(desk),
        "last_day": last_open_day(desk),
    }
    desk.session.flush()
    return desk.session.connection().execute(move, values).rowcount == 1


def give_back(desk: Desk, *, slot_id: int, reserved: bool = False, extra: bool = False) -> None:
    """One less in ``taken``; a suspended slot stays suspended. An extra place is gone, a reserved one goes back into the
    reserve as long as that has not opened to all."""
    back = sa.update(Slot).where(col(Slot.id) == slot_id, col(Slot.taken) > 0)
    values: dict[str, Any] = {"taken": col(Slot.taken) - 1}
    still_kept = sa.and_(col(Slot.opens_at).is_not(None), col(Slot.opens_at) > desk.now)
    if extra:
        values["capacity"] = col(Slot.capacity) - 1
    elif reserved:
        values["capacity"] = sa.case((still_kept, col(Slot.capacity) - 1), else_=col(Slot.capacity))
        values["reserved"] = sa.case((still_kept, col(Slot.reserved) + 1), else_=col(Slot.reserved))
    capacity = values.get("capacity", col(Slot.capacity))
    values["status"] = sa.case(
        (col(Slot.status) == UNAVAILABLE, UNAVAILABLE), (col(Slot.taken) - 1 >= capacity, BUSY), else_=FREE
    )
    desk.session.execute(back.values(**values).execution_options(synchronize_session=False))


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


def close_slots(
    desk: Desk,
    *,
    doctor_id: str,
    date: dt.date,
    period: str = "",
    reason: str = "",
    external_id: str | None = None,
) -> Suspension:
    """Writes the suspension down and closes its slots, those of days not opened yet as well. Idempotent.

    ``appointments.suspend_session`` also tells the patients concerned; call that.
    """
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "doctor_id": doctor_id,
        "date": date,
        "period": period,
        "reason": reason,
        "external_id": external_id,
    }
    new = insert_new(desk.session, Suspension, row).rowcount == 1
    slots = [
        col(Slot.hospital_id) == desk.hospital_id,
        col(Slot.doctor_id) == doctor_id,
        col(Slot.date) == date,
    ]
    if period:
        slots.append(col(Slot.period) == period)
    desk.session.execute(
        sa.update(Slot).where(*slots).values(status=UNAVAILABLE).execution_options(synchronize_session=False)
    )
    suspension = desk.session.exec(
        select(Suspension).where(
            Suspension.hospital_id == desk.hospital_id,
            Suspension.doctor_id == doctor_id,
            Suspension.date == date,
            Suspension.period == period,
        )
    ).one()
    again = suspension.lifted_at is not None
    if again:
        suspension.lifted_at, suspension.reason = None, reason
        suspension.external_id = external_id or suspension.external_id
        desk.session.add(suspension)
    if new or again:
        old = LIFTED if again else ""
        record_change(desk, record=suspension, old=old, new=SUSPENDED, reason=reason or None)
        desk.session.flush()
    return suspension


def reopen_slots(desk: Desk, *, suspension: Suspension, reason: str) -> None:
    """Takes a suspension back: its slots are on sale again, but for those that another suspension still closes."""
    suspension.lifted_at = desk.now
    desk.session.add(suspension)
    record_change(desk, record=suspension, old=SUSPENDED, new=LIFTED, reason=reason)
    desk.session.flush()
    closed = {
        one.period for one in list_suspensions_of(desk, doctor_id=suspension.doctor_id, date=suspension.date)
    }
    if "" in closed:
        return
    slots = [
        col(Slot.hospital_id) == desk.hospital_id,
        col(Slot.doctor_id) == suspension.doctor_id,
        col(Slot.date) == suspension.date,
        col(Slot.status) == UNAVAILABLE,
        col(Slot.period).not_in(closed),
    ]
    if suspension.period:
        slots.append(col(Slot.period) == suspension.period)
    status = sa.case((col(Slot.taken) >= col(Slot.capacity), BUSY), else_=FREE)
    desk.session.execute(
        sa.update(Slot).where(*slots).values(status=status).execution_options(synchronize_session=False)
    )


def list_suspensions_of(
    desk: Desk, *, doctor_id: str, date: dt.date, lifted: bool = False
) -> list[Suspension]:
    """Those of one doctor's day that stand, or (``lifted``) those taken back."""
    query = select(Suspension).where(
        Suspension.hospital_id == desk.hospital_id,
        Suspension.doctor_id == doctor_id,
        Suspension.date == date,
        col(Suspension.lifted_at).is_not(None) if lifted else col(Suspension.lifted_at).is_(None),
    )
    query = query.order_by(col(Suspension.id)).with_for_update()
    return list(desk.session.exec(query.execution_options(populate_existing=True)))
