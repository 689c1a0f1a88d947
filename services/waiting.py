"""The waitlist 候补 as records: who waits for what, in which order. The verbs are in waitlist.py, the offers in offers.py.

States by FHIR R4 (appointmentstatus): ``waitlist``, ``proposed`` (a place is kept for the answer), ``booked``,
``cancelled``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Record
from services.desk import Desk
from services.finding import get_record, list_records
from services.patients import Patient
from services.registration import PROPOSED, WAITLIST, get_hold
from services.slots import Slot, get_slot

OPEN = (WAITLIST, PROPOSED)


class WaitlistEntry(Record, table=True):
    __tablename__ = "waitlist"
    __table_args__ = (
        Index("ix_waitlist_contact", "contact_id"),
        Index("ix_waitlist_status", "hospital_id", "status", "department"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=WAITLIST, max_length=12)
    department: str = Field(max_length=40)
    doctor: str | None = Field(default=None, max_length=40)
    first_day: dt.date
    last_day: dt.date
    period: str | None = Field(default=None, max_length=10)
    hold_id: int | None = Field(default=None, foreign_key="hold.id", index=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    offers: int = 0
    """How many were let pass without an answer; whoever let fewer pass comes first, then who joined first."""
    ended_reason: str | None = Field(default=None, max_length=40)
    """``patient``, ``unanswered`` (too often), ``over`` (the days are gone), ``staff``."""


def wants(desk: Desk, entry: WaitlistEntry, slot: Slot) -> bool:
    """Whether the slot is of the kind waited for; the doctor may be 韦医生."""
    if slot.department != entry.department or not entry.first_day <= slot.date <= entry.last_day:
        return False
    if entry.period not in (None, slot.period):
        return False
    if entry.doctor in (None, slot.doctor):
        return True
    known = desk.hospital.find_doctors(entry.doctor or "", department=entry.department)
    return slot.doctor_id in {one.id for one in known}


def get_entry(desk: Desk, *, entry_id: int, contact_id: int | None = None) -> WaitlistEntry:
    return get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id)


def list_waitlist(desk: Desk, *, contact_id: int | None = None, limit: int = 50) -> list[WaitlistEntry]:
    """Those waiting or offered, in the order of joining."""
    order = (col(WaitlistEntry.id),)
    return list_records(desk, WaitlistEntry, order=order, contact_id=contact_id, status=OPEN, limit=limit)


def find_unanswered(desk: Desk, *, contact_id: int) -> WaitlistEntry | None:
    """The newest entry of the contact that ended because its offers were not answered, while its days are still ahead."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        WaitlistEntry.contact_id == contact_id,
        WaitlistEntry.ended_reason == "unanswered",
        WaitlistEntry.last_day >= desk.now.date(),
    )
    return desk.session.exec(query.order_by(col(WaitlistEntry.id).desc()).limit(1)).first()


def list_entries(desk: Desk, *, limit: int = 50) -> list[WaitlistEntry]:
    """All, also ended ones; newest first."""
    query = select(WaitlistEntry).where(WaitlistEntry.hospital_id == desk.hospital_id)
    return list(desk.session.exec(query.order_by(col(WaitlistEntry.id).desc()).limit(limit)))


def find_offered_slot(desk: Desk, *, entry: WaitlistEntry) -> Slot | None:
    """The slot now kept for the entry."""
    if entry.hold_id is None:
        return None
    return get_slot(desk, slot_id=get_hold(desk, hold_id=entry.hold_id).slot_id)


def count_ahead(desk: Desk, *, entry: WaitlistEntry) -> int:
    """How many of the same department wait before this one for a day, hour and doctor that it waits for too."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        WaitlistEntry.status == WAITLIST,
        WaitlistEntry.department == entry.department,
        WaitlistEntry.first_day <= entry.last_day,
        WaitlistEntry.last_day >= entry.first_day,
    )
    return sum(
        (one.offers, one.id) < (entry.offers, entry.id)
        and (None in (one.period, entry.period) or one.period == entry.period)
        and (None in (one.doctor, entry.doctor) or one.doctor == entry.doctor)
        for one in desk.session.exec(query)
    )


def describe_entry(entry: WaitlistEntry, patient: Patient, slot: Slot | None = None) -> dict[str, Any]:
    """The entry in the slots of the contract; with the slot offered, its day, hour and place."""
    days = entry.first_day.isoformat()
    if entry.last_day != entry.first_day:
        days += f"/{entry.last_day.isoformat()}"
    found: dict[str, Any] = {
        "record": entry.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "department": entry.department,
        "doctor": entry.doctor,
        "date": days,
        "period": entry.period,
        "order_number": entry.order_number,
    }
    if slot is not None:
        found |= {
            "slot": slot.id,
            "doctor": slot.doctor,
            "date": slot.date.isoformat(),
            "period": slot.period,
            "time": f"{slot.start:%H:%M}",
            "end_time": f"{slot.end:%H:%M}",
            "place": slot.place,
            "fee": slot.fee,
        }
    return found
