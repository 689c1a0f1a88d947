"""Appointments 挂号 and holds: the records, their states and how they are read. The verbs are in appointments.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.finding import get_record

PROPOSED, PENDING, BOOKED, ARRIVED = "proposed", "pending", "booked", "arrived"
FULFILLED, CANCELLED, NOSHOW, WAITLIST = "fulfilled", "cancelled", "noshow", "waitlist"
"""FHIR R4 appointmentstatus. ``waitlist`` and ``proposed`` are states of a ``WaitlistEntry``."""
OPEN = (PENDING, BOOKED, ARRIVED)
NEXT = {
    PENDING: (BOOKED, CANCELLED),
    BOOKED: (ARRIVED, FULFILLED, NOSHOW, CANCELLED),
    ARRIVED: (FULFILLED, NOSHOW),
    NOSHOW: (ARRIVED,),
}
"""Who comes after having been marked absent has arrived all the same (过号)."""
HELD, CONFIRMED, RELEASED, EXPIRED = "held", "confirmed", "released", "expired"
OPEN_NOW = sa.text("status IN ('pending', 'booked', 'arrived')")
"""Those not ended, few among the many past ones; written out as below."""
HELD_NOW = sa.text("status = 'held'")
"""Written out as in the index of expiring holds: SQLite does not use it for bound values."""


class Appointment(Record, table=True):
    """What the slot said at the time of booking is kept here too: the slot may change, the promise does not."""

    __table_args__ = (
        Index("ix_appointment_contact", "contact_id", "start"),
        Index("ix_appointment_person", "person", "date"),
        Index("ix_appointment_slot", "slot_id"),
        Index("ix_appointment_department", "hospital_id", "department", "date"),
        Index("ix_appointment_open", "hospital_id", "date", sqlite_where=OPEN_NOW, postgresql_where=OPEN_NOW),
    )

    slot_id: int = Field(foreign_key="slot.id")
    patient_id: int = Field(foreign_key="patient.id")
    contact_id: int = Field(foreign_key="contact.id")
    person: str = Field(max_length=40)
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=BOOKED, max_length=12)
    department: str = Field(max_length=40)
    doctor_id: str = Field(max_length=60)
    doctor: str = Field(max_length=40)
    title: str = Field(max_length=20)
    clinic: str = Field(max_length=20)
    date: dt.date
    period: str = Field(max_length=10)
    start: NaiveDatetime
    end: NaiveDatetime
    place: str | None = Field(default=None, max_length=80)
    campus: str | None = Field(default=None, max_length=40)
    fee: int
    special_need: str | None = Field(default=None, max_length=20)
    complaint: str | None = Field(default=None, sa_type=Encrypted("appointment.complaint"))
    """What brings the patient, in his words, if he said it."""
    replaces_id: int | None = Field(default=None, foreign_key="appointment.id")
    """The appointment that was moved here."""
    revisit_of_id: int | None = None
    """一号管三天: the visit whose number this one uses, so that it costs nothing. No foreign key: SQLite adds none to a table
    that stands."""
    ended_reason: str | None = Field(default=None, max_length=40)
    """Why it was cancelled: ``patient``, ``rescheduled``, ``suspended``, ``staff``, ``review``."""
    extra: bool = False
    """加号: its place was made for it and goes with it."""
    reserved: bool = False
    """Its place was kept for referred patients."""
    excused: bool = False
    """An absence that staff have lifted: it does not count."""


class Hold(Record, table=True):
    """A place kept while one contact confirms; until it ends it is counted in the slot's ``taken``."""

    __table_args__ = (
        Index("ix_hold_contact", "contact_id", "status"),
        Index(
            "ix_hold_expiry",
            "hospital_id",
            "expires_at",
            sqlite_where=HELD_NOW,
            postgresql_where=HELD_NOW,
        ),
    )

    slot_id: int = Field(foreign_key="slot.id")
    contact_id: int = Field(foreign_key="contact.id")
    status: str = Field(default=HELD, max_length=10)
    expires_at: NaiveDatetime
    offered: bool = False
    """Kept for somebody of the waitlist; the contact did not ask for it now."""
    reserved: bool = False
    """Its place was kept for referred patients, and goes back there."""
    extra: bool = False
    """Its place was made for it by the doctor."""
    ended_at: NaiveDatetime | None = None
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")


def get_appointment(desk: Desk, *, appointment_id: int, contact_id: int | None = None) -> Appointment:
    """Raises ``NotFound`` also where it is another contact's."""
    return get_record(desk, Appointment, appointment_id, contact_id=contact_id)


def find_appointment(desk: Desk, *, order_number: str, contact_id: int | None = None) -> Appointment | None:
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id, Appointment.order_number == order_number.strip().upper()
    )
    if contact_id is not None:
        query = query.where(Appointment.contact_id == contact_id)
    return desk.session.exec(query).one_or_none()


def list_appointments(
    desk: Desk,
    *,
    contact_id: int | None = None,
    patient_id: int | None = None,
    statuses: Collection[str] | None = None,
    date: dt.date | None = None,
    department: str | None = None,
    upcoming: bool = False,
    limit: int = 50,
) -> list[Appointment]:
    """Newest booking first; with ``upcoming`` those still open and not over, soonest first."""
    query = select(Appointment).where(Appointment.hospital_id == desk.hospital_id)
    if contact_id is not None:
        query = query.where(Appointment.contact_id == contact_id)
    if patient_id is not None:
        query = query.where(Appointment.patient_id == patient_id)
    if date is not None:
        query = query.where(Appointment.date == date)
    if department is not None:
        query = query.where(Appointment.department == department)
    if statuses is not None or upcoming:
        query = query.where(col(Appointment.status).in_(OPEN if statuses is None else statuses))
    if upcoming:
        query = query.where(Appointment.end > desk.now).order_by(col(Appointment.start), col(Appointment.id))
    else:
        query = query.order_by(col(Appointment.id).desc())
    return list(desk.session.exec(query.limit(limit).execution_options(populate_existing=True)))


def get_hold(desk: Desk, *, hold_id: int, contact_id: int | None = None) -> Hold:
    return get_record(desk, Hold, hold_id, contact_id=contact_id)
