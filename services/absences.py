"""The end of a visit's day: kept or not come; and the appeal against an absence that was none.

A past appointment never stays ``booked``: who arrived has been there (``fulfilled``), who was not seen has not come
(``noshow``) where the hospital writes arrivals down, and is told so with the way to object. A half-day on which nobody
at all has checked in was one on which nobody could (the queue feed silent, the house not running): it is held against
nobody, all count as having been there. Three absences end booking
online for a while (``limits.find_block``); an absence that staff excuse no longer counts.
"""

from __future__ import annotations

import datetime as dt
from functools import cache, partial

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.arrivals import Arrival
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, Taken, WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.limits import find_block
from services.patients import Patient, get_patient
from services.promises import cancel_promises, tell
from services.registration import (
    ARRIVED,
    CANCELLED,
    FULFILLED,
    NOSHOW,
    OPEN_NOW,
    PENDING,
    Appointment,
)
from services.reminders import describe_appointment

REQUESTED, ACCEPTED, REJECTED = "requested", "accepted", "rejected"
MOST = 500


class AbsenceAppeal(Record, table=True):
    """「我去了，怎么算我爽约」: settled by staff with a reason."""

    __tablename__ = "absence_appeal"
    __table_args__ = (Index("ix_absence_appeal_status", "hospital_id", "status"),)

    contact_id: int = Field(foreign_key="contact.id", index=True)
    patient_id: int = Field(foreign_key="patient.id")
    person: str = Field(max_length=40)
    status: str = Field(default=REQUESTED, max_length=12)
    text: str = Field(sa_type=Encrypted("absence_appeal.text"))
    """In the patient's words."""
    answer: str | None = Field(default=None, sa_type=Encrypted("absence_appeal.answer"))
    """Staff's reason, told to the patient."""
    ended_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")


def end_past_visits(desk: Desk, *, limit: int = MOST) -> int:
    """For the clock, after midnight: appointments of the days before end. Returns how many; two clocks end each once."""
    rules = desk.hospital.registration
    query = (
        select(Appointment)
        .where(Appointment.hospital_id == desk.hospital_id, OPEN_NOW, Appointment.date < desk.now.date())
        .order_by(col(Appointment.date), col(Appointment.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    past = list(desk.session.exec(query))
    recorded = cache(partial(_was_recorded, desk))
    for one in past:
        if one.status == ARRIVED:
            change_state(desk, record=one, new=FULFILLED, reason="day_over")
        elif one.status == PENDING:
            one.ended_reason = "review"
            change_state(desk, record=one, new=CANCELLED, reason="day_over")
        elif rules.arrivals_reported and recorded(one.date, one.period):
            change_state(desk, record=one, new=NOSHOW, reason="not_arrived")
            _tell_absence(desk, one)
        else:
            change_state(desk, record=one, new=FULFILLED, reason="assumed")
        cancel_promises(desk, subject=one.subject, kind="appointment_reminder")
    return len(past)


def _was_recorded(desk: Desk, day: dt.date, period: str) -> bool:
    """Whether anybody checked in for this half-day. Arrivals are asked, not states: those settle here, piece by piece."""
    query = select(Arrival.id).where(
        Arrival.hospital_id == desk.hospital_id, Arrival.date == day, Arrival.period == period
    )
    return desk.session.exec(query.limit(1)).first() is not None


def _tell_absence(desk: Desk, one: Appointment) -> None:
    patient = desk.session.get_one(Patient, one.patient_id)
    tell(
        desk,
        contact_id=one.contact_id,
        kind="appointment_missed",
        subject=one.subject,
        slots=describe_appointment(one, patient),
    )


def list_absences(desk: Desk, *, person: str) -> list[Appointment]:
    """Those that still count, newest first: within the rule's days and not excused."""
    since = desk.now.date() - dt.timedelta(days=desk.hospital.registration.no_show_days)
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == person,
        Appointment.status == NOSHOW,
        col(Appointment.excused).is_(False),
        Appointment.date >= since,
    )
    return list(desk.session.exec(query.order_by(col(Appointment.date).desc())))


def appeal_absence(desk: Desk, *, contact_id: int, patient_id: int, text: str) -> AbsenceAppeal:
    """The patient objects; one open appeal a person. Raises ``Invalid("missing")`` without words, ``WrongState`` where
    no absence counts."""
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    if not text.strip():
        raise Invalid("missing", field="text")
    if not list_absences(desk, person=patient.person) and find_block(desk, person=patient.person) is None:
        raise WrongState("no_absence", field="patient", value=patient_id)
    open_one = desk.session.exec(
        select(AbsenceAppeal).where(
            AbsenceAppeal.hospital_id == desk.hospital_id,
            AbsenceAppeal.person == patient.person,
            AbsenceAppeal.status == REQUESTED,
        )
    ).first()
    if open_one is not None:
        return open_one
    appeal = AbsenceAppeal(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        person=patient.person,
        text=text.strip()[:1000],
    )
    desk.session.add(appeal)
    desk.session.flush()
    record_change(desk, record=appeal, old="", new=REQUESTED)
    return appeal


def settle_appeal(desk: Desk, *, appeal_id: int, accept: bool, reason: str) -> AbsenceAppeal:
    """Staff excuse the absences of the person, or let them stand; the patient is told with the reason."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    appeal = get_record(desk, AbsenceAppeal, appeal_id, lock=True)
    wanted = ACCEPTED if accept else REJECTED
    if appeal.status != REQUESTED:
        if appeal.status != wanted:
            raise Taken("decided", field="status", value=appeal.status)
        return appeal
    if accept:
        excuse_absences(desk, person=appeal.person, reason=reason)
    kind, _, number = desk.actor.partition(":")
    appeal.staff_id = int(number) if kind == "staff" and number.isdecimal() else None
    appeal.answer, appeal.ended_at = reason.strip()[:500], desk.now
    change_state(desk, record=appeal, new=wanted, reason=reason.strip())
    tell(
        desk,
        contact_id=appeal.contact_id,
        kind="appeal_settled",
        subject=appeal.subject,
        slots={"record": appeal.id},
    )
    return appeal


def excuse_absences(desk: Desk, *, person: str, reason: str) -> int:
    """None of the person's absences up to now counts any more; each keeps its state, and its history says why."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == person,
        Appointment.status == NOSHOW,
        col(Appointment.excused).is_(False),
    )
    counted = list(desk.session.exec(query))
    for one in counted:
        one.excused = True
        desk.session.add(one)
        record_change(desk, record=one, old=NOSHOW, new="excused", reason=reason.strip())
    desk.session.flush()
    return len(counted)


def get_appeal(desk: Desk, *, appeal_id: int, contact_id: int | None = None) -> AbsenceAppeal:
    return get_record(desk, AbsenceAppeal, appeal_id, contact_id=contact_id)


def find_appeal(desk: Desk, *, contact_id: int) -> AbsenceAppeal | None:
    """The newest appeal of the contact, whatever came of it."""
    query = select(AbsenceAppeal).where(
        AbsenceAppeal.hospital_id == desk.hospital_id, AbsenceAppeal.contact_id == contact_id
    )
    return desk.session.exec(query.order_by(col(AbsenceAppeal.id).desc()).limit(1)).first()


def list_appeals(desk: Desk, *, limit: int = 200) -> list[AbsenceAppeal]:
    """Those that wait first, in the order they came; then the newest settled."""
    waiting = sa.case((col(AbsenceAppeal.status) == REQUESTED, 0), else_=1)
    return list_records(desk, AbsenceAppeal, order=(waiting, col(AbsenceAppeal.id).desc()), limit=limit)
