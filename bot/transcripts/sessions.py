"""世界 words for sessions: ``骨科 3月12日上午 余0``, ``韦启明 明天下午 停诊``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services import Desk
from services.database import insert_new
from services.resumptions import resume_session
from services.slots import Slot
from services.suspensions import suspend_session

# Sessions opened here for somebody who has none at that hour: half an hour each, two patients a piece.
HOURS = {"morning": (8, 30), "noon": (12, 0), "afternoon": (14, 30), "evening": (19, 0)}
PIECES = 4
CAPACITY = 2


def set_remaining(
    desk: Desk, *, department: str, doctor: str | None, day: dt.date, period: str, left: int
) -> None:
    """Makes exactly ``left`` places free in these sessions; opens a session where there is none."""
    slots = _slots(desk, department=department, doctor=doctor, day=day, period=period)
    if not slots:
        _open(desk, department=department, doctor=doctor, day=day, period=period)
        slots = _slots(desk, department=department, doctor=doctor, day=day, period=period)
    slots[0].capacity += max(left - sum(slot.capacity for slot in slots), 0)
    for slot in slots:
        given = min(left, slot.capacity)
        left -= given
        slot.taken = slot.capacity - given
        slot.status = "free" if given else "busy"
        desk.session.add(slot)
    desk.session.flush()


def suspend(desk: Desk, *, department: str, doctor: str | None, day: dt.date, period: str) -> None:
    """停诊, of the doctor named or of all of the department."""
    for doctor_id in {
        slot.doctor_id for slot in _slots(desk, department=department, doctor=doctor, day=day, period=period)
    }:
        suspend_session(desk, doctor_id=doctor_id, date=day, period=period, reason="医生临时有事")


def resume(desk: Desk, *, department: str, doctor: str | None, day: dt.date, period: str) -> None:
    """恢复出诊, of the doctor named or of all of the department."""
    found = _slots(desk, department=department, doctor=doctor, day=day, period=period)
    for doctor_id in sorted({slot.doctor_id for slot in found}):
        resume_session(desk, doctor_id=doctor_id, date=day, period=period, reason="医生能来了")


def _slots(desk: Desk, *, department: str, doctor: str | None, day: dt.date, period: str) -> list[Any]:
    query = sa.select(Slot).where(
        Slot.hospital_id == desk.hospital_id,  # type: ignore[arg-type]
        Slot.department == department,  # type: ignore[arg-type]
        Slot.date == day,  # type: ignore[arg-type]
    )
    if period:
        query = query.where(Slot.period == period)  # type: ignore[arg-type]
    if doctor:
        query = query.where(Slot.doctor == doctor)  # type: ignore[arg-type]
    query = query.order_by(Slot.start, Slot.doctor_id).execution_options(populate_existing=True)  # type: ignore[arg-type]
    return list(desk.session.scalars(query))


def _open(desk: Desk, *, department: str, doctor: str | None, day: dt.date, period: str) -> None:
    known = desk.hospital.list_doctors(department)
    if not known:
        raise ValueError(f"{department} has no doctors")
    who = desk.hospital.get_doctor(doctor) if doctor else known[0]
    hour, minute = HOURS[period or "morning"]
    first = dt.datetime.combine(day, dt.time(hour, minute))
    session = who.sessions[0] if who.sessions else None
    rows = [
        {
            "hospital_id": desk.hospital_id,
            "created_at": desk.now,
            "doctor_id": who.id,
            "doctor": who.name,
            "title": who.title,
            "department": department,
            "date": day,
            "period": period or "morning",
            "start": first + dt.timedelta(minutes=30 * piece),
            "end": first + dt.timedelta(minutes=30 * (piece + 1)),
            "clinic": "general",
            "fee": session.fee if session else 10,
            "place": session.place if session else None,
            "campus": session.campus if session else None,
            "capacity": CAPACITY,
            "taken": 0,
            "status": "free",
        }
        for piece in range(PIECES)
    ]
    insert_new(desk.session, Slot, rows)
