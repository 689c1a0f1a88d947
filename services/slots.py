"""Slots 号源 and their places.

``taken`` counts holds and appointments. It moves only by conditional ``UPDATE`` (``take_place``, ``give_back``), so
the last place of a slot goes to exactly one of any number of simultaneous takers, on both databases.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, col

from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken
from services.finding import get_record

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


def last_open_day(desk: Desk) -> dt.date:
    """The last day whose numbers are sold now: the day furthest ahead opens at the hour of ``release_at``."""
    rules = desk.hospital.registration
    ahead = rules.days_ahead if desk.now.time() >= rules.release_at else rules.days_ahead - 1
    return desk.now.date() + dt.timedelta(days=ahead)


def sold_until(desk: Desk) -> dt.datetime:
    """A slot ending after this hour may still be sold."""
    return desk.now + dt.timedelta(minutes=desk.hospital.registration.same_day_until_minutes)


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
    if slot.end <= sold_until(desk):
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
        "sold_until": sold_until(desk),
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
