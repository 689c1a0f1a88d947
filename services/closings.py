"""Suspensions 停诊: a doctor does not hold a session; what is on sale of it is closed, and opened again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Record, insert_new
from services.desk import Desk
from services.history import record_change
from services.slots import BUSY, FREE, UNAVAILABLE, Slot

SUSPENDED, LIFTED = "suspended", "lifted"
"""Steps of a suspension in its history."""


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
