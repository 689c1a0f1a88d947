"""加号: the session is full, and the patient asks its doctor for a place beyond it.

States by FHIR R4 (task-status): ``requested``, ``accepted`` (the extra place is booked), ``rejected``, ``cancelled``.
The doctor's desk answers at the console; a request that nobody answers ends with its hour, and the patient is told.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.appointments import grant_place
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.limits import check_fit, find_block, lock_person
from services.numbers import order_number
from services.patients import Patient, get_patient
from services.promises import tell
from services.registration import OPEN_NOW, Appointment
from services.schedules import parse_days
from services.slots import UNAVAILABLE, Slot, last_open_day

REQUESTED, ACCEPTED, REJECTED, CANCELLED = "requested", "accepted", "rejected", "cancelled"
NEXT = {REQUESTED: (ACCEPTED, REJECTED, CANCELLED)}
WAITING = sa.text("status = 'requested'")
"""Written out as in the index: SQLite does not use it for bound values."""


class ExtraRequest(Record, table=True):
    __tablename__ = "extra_request"
    __table_args__ = (
        Index("ix_extra_request_session", "hospital_id", "doctor_id", "date", "period"),
        Index(
            "ix_extra_request_due", "hospital_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING
        ),
    )

    contact_id: int = Field(foreign_key="contact.id", index=True)
    patient_id: int = Field(foreign_key="patient.id")
    person: str = Field(max_length=40)
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    department: str = Field(max_length=40)
    doctor_id: str = Field(max_length=60)
    doctor: str = Field(max_length=40)
    date: dt.date
    period: str = Field(max_length=10)
    reason: str = Field(sa_type=Encrypted("extra_request.reason"))
    """Why it cannot wait, in the patient's words, for the doctor."""
    answer: str | None = Field(default=None, max_length=200)
    """The doctor's word to the patient."""
    due_at: NaiveDatetime
    """Not answered until then, it ends."""
    ended_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")


def find_session_to_extend(
    desk: Desk, *, department: str, doctor: str, date: str | dt.date | None = None, period: str | None = None
) -> Slot | None:
    """The soonest full session of the doctor that takes requests, as its last slot; ``None`` where there is none, or
    where it still has numbers (then nobody need ask)."""
    rules = desk.hospital.registration.extra

    first, last = desk.now.date(), desk.now.date() + dt.timedelta(days=rules.days_ahead)
    if date is not None:
        wanted = parse_days(date)
        first, last = max(first, wanted[0]), min(last, wanted[1])
    query = select(Slot).where(
        Slot.hospital_id == desk.hospital_id,
        Slot.department == department,
        Slot.doctor == doctor,
        Slot.date >= first,
        Slot.date <= min(last, last_open_day(desk)),
        Slot.status != UNAVAILABLE,
        col(Slot.clinic).in_(rules.clinics),
    )
    if period is not None:
        query = query.where(Slot.period == period)
    sessions: dict[tuple[dt.date, str], list[Slot]] = {}
    query = query.order_by(col(Slot.start)).execution_options(populate_existing=True)
    for one in desk.session.exec(query):
        sessions.setdefault((one.date, one.period), []).append(one)
    for slots in sessions.values():
        if any(one.remaining and one.end > desk.now for one in slots):
            continue
        if slots[-1].end - dt.timedelta(minutes=rules.until_minutes) > desk.now:
            return slots[-1]
    return None


def request_extra(desk: Desk, *, contact_id: int, patient_id: int, slot_id: int, reason: str) -> ExtraRequest:
    """Asks the doctor of a full session; the same again is the same request.

    Raises ``Invalid`` (``missing`` reason, ``past``) and ``NotAllowed`` with code ``too_many_extras`` (of this patient),
    ``extras_full`` (the doctor has granted as many as the rule allows), ``not_extended`` (this kind of clinic takes
    none), ``no_shows``, or those of ``limits.check_fit``.
    """
    rules = desk.hospital.registration.extra
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    slot = get_record(desk, Slot, slot_id)
    if not reason.strip():
        raise Invalid("missing", field="reason")
    lock_person(desk, person=patient.person, contact_id=contact_id)
    check_fit(desk, patient=patient, department=slot.department, day=slot.date)
    blocked = find_block(desk, person=patient.person)
    if blocked is not None:
        raise NotAllowed(
            "no_shows", field="patient", until=blocked, limit=desk.hospital.registration.no_show_limit
        )
    if slot.clinic not in rules.clinics:
        raise NotAllowed("not_extended", field="clinic", value=slot.clinic)
    end = desk.session.exec(
        select(sa.func.max(Slot.end)).where(
            Slot.hospital_id == desk.hospital_id,
            Slot.doctor_id == slot.doctor_id,
            Slot.date == slot.date,
            Slot.period == slot.period,
        )
    ).one()
    due = end - dt.timedelta(minutes=rules.until_minutes)
    if due <= desk.now:
        raise Invalid("past", field="date", value=slot.start)
    mine = [one for one in list_extras(desk, person=patient.person) if one.status == REQUESTED]
    for one in mine:
        if (one.doctor_id, one.date, one.period) == (slot.doctor_id, slot.date, slot.period):
            return one
    if len(mine) >= rules.per_patient:
        raise NotAllowed("too_many_extras", field="patient", limit=rules.per_patient)
    if _count_granted(desk, slot.doctor_id, slot.date, slot.period) >= rules.per_session:
        raise NotAllowed("extras_full", field="doctor", value=slot.doctor, limit=rules.per_session)
    made = ExtraRequest(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        person=patient.person,
        department=slot.department,
        doctor_id=slot.doctor_id,
        doctor=slot.doctor,
        date=slot.date,
        period=slot.period,
        reason=reason.strip()[:500],
        due_at=due,
    )
    desk.session.add(made)
    desk.session.flush()
    made.order_number = order_number("JH", desk.now.date(), made.id)
    desk.session.add(made)
    record_change(desk, record=made, old="", new=REQUESTED)
    desk.session.flush()
    return made


def accept_extra(desk: Desk, *, request_id: int, answer: str = "") -> Appointment:
    """The doctor says yes: a place is made in the latest slot of the session that is still to come, booked for the
    patient, who is told. Again, the same appointment.

    Raises ``Taken("decided")``, ``NotAllowed`` (``extras_full``, ``suspended``, limits of the patient), ``Invalid("past")``.
    """
    request = get_record(desk, ExtraRequest, request_id, lock=True)
    if request.status == ACCEPTED and request.appointment_id is not None:
        return get_record(desk, Appointment, request.appointment_id)
    _check_waiting(request)
    rules = desk.hospital.registration.extra
    if _count_granted(desk, request.doctor_id, request.date, request.period) >= rules.per_session:
        raise NotAllowed("extras_full", field="doctor", value=request.doctor, limit=rules.per_session)
    slots = select(Slot).where(
        Slot.hospital_id == desk.hospital_id,
        Slot.doctor_id == request.doctor_id,
        Slot.date == request.date,
        Slot.period == request.period,
        Slot.end > desk.now,
    )
    last = desk.session.exec(slots.order_by(col(Slot.start).desc()).limit(1)).first()
    if last is None:
        raise Invalid("past", field="date", value=request.date)
    made = grant_place(desk, slot_id=last.id, patient_id=request.patient_id, complaint=request.reason)
    request.appointment_id = made.id
    _end(desk, request, ACCEPTED, answer)
    return made


def decline_extra(desk: Desk, *, request_id: int, answer: str) -> ExtraRequest:
    """The doctor says no, with a word to the patient. Raises ``Taken("decided")``, ``Invalid("missing")``."""
    if not answer.strip():
        raise Invalid("missing", field="answer")
    request = get_record(desk, ExtraRequest, request_id, lock=True)
    if request.status == REJECTED:
        return request
    _check_waiting(request)
    _end(desk, request, REJECTED, answer)
    return request


def withdraw_extra(desk: Desk, *, request_id: int, contact_id: int) -> ExtraRequest:
    """The patient no longer wants it; answered already, it stays as it is."""
    request = get_record(desk, ExtraRequest, request_id, contact_id=contact_id, lock=True)
    if request.status == REQUESTED:
        _end(desk, request, CANCELLED, "", reason="patient")
    return request


def expire_extras(desk: Desk, *, limit: int = 100) -> int:
    """For the clock: requests that no doctor answered in time end, and the patients are told, so that they can go
    another way."""
    query = select(ExtraRequest).where(
        ExtraRequest.hospital_id == desk.hospital_id, WAITING, ExtraRequest.due_at <= desk.now
    )
    over = list(desk.session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    for one in over:
        _end(desk, one, REJECTED, "", reason="unanswered")
    return len(over)


def get_extra(desk: Desk, *, request_id: int, contact_id: int | None = None) -> ExtraRequest:
    return get_record(desk, ExtraRequest, request_id, contact_id=contact_id)


def list_extras(
    desk: Desk,
    *,
    contact_id: int | None = None,
    person: str | None = None,
    doctor: str | None = None,
    limit: int = 200,
) -> list[ExtraRequest]:
    """Those that wait first, soonest session first; then the newest answered."""
    waiting = sa.case((col(ExtraRequest.status) == REQUESTED, 0), else_=1)
    order = (waiting, col(ExtraRequest.id).desc())
    return list_records(
        desk, ExtraRequest, order=order, contact_id=contact_id, person=person, doctor=doctor, limit=limit
    )


def describe_extra(one: ExtraRequest, patient: Patient) -> dict[str, Any]:
    """The request in the slots of the contract."""
    return {
        "record": one.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "department": one.department,
        "doctor": one.doctor,
        "date": one.date.isoformat(),
        "period": one.period,
        "order_number": one.order_number,
        "answer": one.answer,
    }


def _count_granted(desk: Desk, doctor_id: str, date: dt.date, period: str) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Appointment)
        .where(
            col(Appointment.hospital_id) == desk.hospital_id,
            OPEN_NOW,
            col(Appointment.date) == date,
            col(Appointment.doctor_id) == doctor_id,
            col(Appointment.period) == period,
            col(Appointment.extra).is_(True),
        )
    )
    return int(desk.session.execute(query).scalar_one())


def _check_waiting(request: ExtraRequest) -> None:
    if request.status == CANCELLED:
        raise WrongState(request.status, field="status", value=request.id)
    if request.status != REQUESTED:
        raise Taken("decided", field="status", value=request.status)


def _end(desk: Desk, request: ExtraRequest, status: str, answer: str, *, reason: str | None = None) -> None:
    kind, _, number = desk.actor.partition(":")
    request.staff_id = int(number) if kind == "staff" and number.isdecimal() else None
    request.answer, request.ended_at = answer.strip()[:200] or None, desk.now
    change_state(desk, record=request, new=status, reason=answer.strip() or reason)
    if status in (ACCEPTED, REJECTED):
        tell(
            desk,
            contact_id=request.contact_id,
            kind="extra_answered",
            subject=request.subject,
            slots={"record": request.id},
            urgent=request.date == desk.now.date(),
        )
