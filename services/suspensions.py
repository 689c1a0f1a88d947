"""Suspension 停诊: a session is closed, everybody booked in it is told, rebooked with one press or telephoned.

Each appointment that a suspension cancels gets a ``SuspensionNotice``, which lives until somebody knows that the patient
knows: ``waiting`` (told, or to be told), ``rebooked``, ``declined``, ``to_call`` (no answer: staff telephone),
``called``; ``resumed`` where the suspension was lifted before he chose (services/resumptions.py).

Longer than 300 lines, because closing, telling, rebooking and calling all move this one record, and must agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.appointments import Appointment, book, get_appointment, withdraw
from services.closings import Suspension, close_slots
from services.contacts import Contact
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotFound, ServiceError, WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.holds import hold_slot, release_hold
from services.limits import check_booking
from services.patients import Patient
from services.promises import cancel_promises, next_telling, promise
from services.registration import BOOKED, HELD, OPEN, PENDING, Hold
from services.reminders import describe_appointment
from services.schedules import find_free_slots
from services.slots import Slot

WAITING, REBOOKED, DECLINED, TO_CALL, CALLED = "waiting", "rebooked", "declined", "to_call", "called"
RESUMED = "resumed"
"""The session is held after all, and his number stands again."""
UNSETTLED = (WAITING, TO_CALL)
OUTCOMES = (REBOOKED, DECLINED, CALLED)
"""What a telephone call may have come to; ``called``: told, and he sees for himself."""
FARTHEST = dt.timedelta(days=366)
"""No order reaches farther: a slip in the year would wait there unseen."""
CONSIDERED = 60
"""Free slots looked at for alternatives."""


class SuspensionNotice(Record, table=True):
    __tablename__ = "suspension_notice"
    __table_args__ = (
        Index("ix_suspension_notice_suspension", "suspension_id"),
        Index("ix_suspension_notice_status", "hospital_id", "status", "call_at"),
    )

    suspension_id: int = Field(foreign_key="suspension.id")
    appointment_id: int = Field(foreign_key="appointment.id", unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    patient_id: int = Field(foreign_key="patient.id")
    status: str = Field(default=WAITING, max_length=12)
    place_in_line: int = 0
    """Among those of the suspension: whom the same free slots are offered to, in the order of booking."""
    call_at: NaiveDatetime
    """Not answered by then: somebody telephones."""
    rebooked_id: int | None = Field(default=None, foreign_key="appointment.id")
    attempts: int = 0
    """Calls that reached nobody."""
    note: str | None = Field(default=None, sa_type=Encrypted("suspension_notice.note"))
    """What was said on the telephone."""


@dataclass(frozen=True, slots=True)
class SuspendedSession:
    suspension: Suspension
    appointments: tuple[Appointment, ...]
    """All that it has cancelled, also when it is told a second time."""
    new: int = 0
    """How many of them this time."""


def suspend_session(
    desk: Desk,
    *,
    doctor_id: str,
    date: dt.date,
    period: str = "",
    reason: str = "",
    external_id: str | None = None,
) -> SuspendedSession:
    """Closes the session's slots, cancels what was booked and promises each contact a message now. Idempotent.

    In quiet hours only who would come within the rule's ``wakes_within_hours`` is told at once, the others in the
    morning: nobody is to leave home for nothing, and nobody woken for next week. Offers to the waitlist in these slots
    are withdrawn, and those people wait on. Raises ``Invalid("too_far")`` with field ``date``.
    """
    if date > desk.now.date() + FARTHEST:
        raise Invalid("too_far", field="date", value=date)
    suspension = close_slots(
        desk, doctor_id=doctor_id, date=date, period=period, reason=reason, external_id=external_id
    )
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.doctor_id == doctor_id,
        Appointment.date == date,
        col(Appointment.status).in_((PENDING, BOOKED)),
        Appointment.end > desk.now,
    )
    if period:
        query = query.where(Appointment.period == period)
    first = len(list_notices(desk, suspension_id=suspension.id))
    concerned = list(desk.session.exec(query.order_by(col(Appointment.id))))
    withdrawn = [_withdraw(desk, suspension, one, place) for place, one in enumerate(concerned, first)]
    _withdraw_offers(desk, doctor_id, date, period)
    cancelled = list_cancelled(desk, suspension_id=suspension.id)
    return SuspendedSession(suspension, cancelled, new=sum(withdrawn))


def list_cancelled(desk: Desk, *, suspension_id: int) -> tuple[Appointment, ...]:
    """The appointments it has cancelled, in the order of booking."""
    told = [one.appointment_id for one in list_notices(desk, suspension_id=suspension_id)]
    return tuple(get_appointment(desk, appointment_id=one) for one in told)


def _withdraw(desk: Desk, suspension: Suspension, appointment: Appointment, place: int) -> bool:
    """Whether it was he who withdrew it: another who was quicker tells the patient."""
    rules = desk.hospital.outpatients.suspension
    urgent = appointment.start - desk.now < dt.timedelta(hours=rules.wakes_within_hours)
    if not withdraw(desk, appointment_id=appointment.id, reason="suspended"):
        return False
    notice = _write_notice(
        desk, suspension, appointment, place, told_at=desk.now if urgent else next_telling(desk)
    )
    promise(
        desk,
        contact_id=appointment.contact_id,
        kind="session_suspended",
        due_at=desk.now,
        drop_after=appointment.start,
        urgent=urgent,
        subject=notice.subject,
        slots={  # no day or hour: what the patient says of these is what he wants instead
            "record": notice.id,
            "patient": appointment.patient_id,
            "department": appointment.department,
            "order_number": appointment.order_number,
            "reason": suspension.reason,
        },
    )
    return True


def _write_notice(
    desk: Desk, suspension: Suspension, appointment: Appointment, place: int, *, told_at: dt.datetime
) -> SuspensionNotice:
    """A new one, or the appointment's own again where its session was resumed and is now suspended once more."""
    query = (
        select(SuspensionNotice).where(SuspensionNotice.appointment_id == appointment.id).with_for_update()
    )
    known = desk.session.exec(query.execution_options(populate_existing=True)).one_or_none()
    call_at = _call_at(desk, appointment, told_at)
    if known is None:
        known = SuspensionNotice(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            suspension_id=suspension.id,
            appointment_id=appointment.id,
            contact_id=appointment.contact_id,
            patient_id=appointment.patient_id,
            place_in_line=place,
            call_at=call_at,
        )
        desk.session.add(known)
        desk.session.flush()
        record_change(desk, record=known, old="", new=WAITING)
        return known
    known.suspension_id, known.place_in_line = suspension.id, place
    known.call_at, known.attempts = call_at, 0
    cancel_promises(desk, subject=known.subject)
    change_state(desk, record=known, new=WAITING, reason="suspended_again")
    return known


def _call_at(desk: Desk, appointment: Appointment, told_at: dt.datetime) -> dt.datetime:
    rules = desk.hospital.outpatients.suspension
    today = appointment.date == told_at.date()
    return told_at + dt.timedelta(minutes=rules.urgent_answer_minutes if today else rules.answer_minutes)


def _withdraw_offers(desk: Desk, doctor_id: str, date: dt.date, period: str) -> None:
    query = select(Hold.id).join(Slot, col(Slot.id) == col(Hold.slot_id))
    query = query.where(
        Hold.hospital_id == desk.hospital_id,
        Hold.status == HELD,
        col(Hold.offered).is_(True),
        Slot.doctor_id == doctor_id,
        Slot.date == date,
    )
    if period:
        query = query.where(Slot.period == period)
    for hold_id in list(desk.session.exec(query)):
        release_hold(desk, hold_id=hold_id)


def find_suspension(desk: Desk, *, external_id: str) -> Suspension | None:
    query = select(Suspension).where(
        Suspension.hospital_id == desk.hospital_id, Suspension.external_id == external_id
    )
    return desk.session.exec(query).first()


def list_suspensions(desk: Desk, *, limit: int = 50) -> list[Suspension]:
    """Newest first."""
    query = select(Suspension).where(Suspension.hospital_id == desk.hospital_id)
    return list(desk.session.exec(query.order_by(col(Suspension.id).desc()).limit(limit)))


def get_notice(desk: Desk, *, notice_id: int, contact_id: int | None = None) -> SuspensionNotice:
    return get_record(desk, SuspensionNotice, notice_id, contact_id=contact_id)


def list_notices(
    desk: Desk,
    *,
    suspension_id: int | None = None,
    contact_id: int | None = None,
    statuses: Collection[str] | None = None,
    limit: int = 2000,
) -> list[SuspensionNotice]:
    """In the order of booking."""
    order = (col(SuspensionNotice.id),)
    return list_records(
        desk,
        SuspensionNotice,
        order=order,
        suspension_id=suspension_id,
        contact_id=contact_id,
        status=statuses,
        limit=limit,
    )


def find_alternatives(desk: Desk, *, notice: SuspensionNotice) -> list[Slot]:
    """So many free slots as the rule offers: the nearest of the department, and the next of the same doctor.

    Nothing is held for so many people at once; instead each is shown the places that are left when those before him in
    line have taken theirs, so that a whole clinic is not sent to the same half hour. What the patient's other bookings
    rule out is left out.
    """
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    patient = desk.session.get_one(Patient, notice.patient_id)
    soonest = desk.now + dt.timedelta(minutes=desk.hospital.registration.cancel_before_minutes)
    free = [
        one
        for one in find_free_slots(desk, department=old.department, limit=CONSIDERED)
        if one.start >= soonest  # nobody can be there in ten minutes
    ]
    near = sorted(free, key=lambda one: (abs(one.date - old.date), abs(one.start - old.start)))
    same = [one for one in free if one.doctor_id == old.doctor_id]
    wanted = desk.hospital.outpatients.suspension.alternatives
    found: list[Slot] = []
    for choices in (near, same, near, near):
        able = [one for one in choices if one not in found and _fits(desk, patient, one)]
        if able and len(found) < wanted:
            found.append(_share(able, notice.place_in_line))
    return sorted(found, key=lambda one: one.start)


def _fits(desk: Desk, patient: Patient, slot: Slot) -> bool:
    try:
        check_booking(desk, patient=patient, slot=slot)
    except ServiceError:
        return False
    return True


def _share(slots: list[Slot], place: int) -> Slot:
    """Who stands ``place``-th in line gets that place of those free, counted through the slots in turn."""
    place %= sum(one.remaining for one in slots) or 1
    for one in slots:
        place -= one.remaining
        if place < 0:
            return one
    return slots[0]


def note_told(desk: Desk, *, notice_id: int) -> None:
    """The message went out now: the time to answer begins."""
    notice = get_record(desk, SuspensionNotice, notice_id, lock=True)
    if notice.status == WAITING:
        notice.call_at = _call_at(desk, get_appointment(desk, appointment_id=notice.appointment_id), desk.now)
        desk.session.add(notice)
        desk.session.flush()


def rebook(desk: Desk, *, notice_id: int, slot_id: int, contact_id: int | None = None) -> Appointment:
    """Books another slot in place of the suspended one, with one press; pressed again, the same appointment.

    Raises what ``holds.hold_slot`` and ``book`` raise.
    """
    notice = get_record(desk, SuspensionNotice, notice_id, contact_id=contact_id, lock=True)
    if notice.rebooked_id is not None:
        return get_appointment(desk, appointment_id=notice.rebooked_id)
    if notice.status == RESUMED:
        raise WrongState(notice.status, field="status", value=notice.id)
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    hold = hold_slot(desk, slot_id=slot_id, contact_id=notice.contact_id, patient_id=notice.patient_id)
    booked = book(
        desk,
        hold_id=hold.id,
        patient_id=notice.patient_id,
        special_need=old.special_need,
        complaint=old.complaint,
    )
    notice.rebooked_id = booked.id
    change_state(desk, record=notice, new=REBOOKED)
    return booked


def decline(desk: Desk, *, notice_id: int, contact_id: int | None = None) -> SuspensionNotice:
    """The patient knows, and needs no other number now."""
    notice = get_record(desk, SuspensionNotice, notice_id, contact_id=contact_id, lock=True)
    if notice.status in UNSETTLED:
        change_state(desk, record=notice, new=DECLINED)
    return notice


def call_unanswered(desk: Desk, *, limit: int = 200) -> int:
    """For the clock: who has not answered in time, or cannot be reached at all, goes on the list of calls."""
    query = select(SuspensionNotice).where(
        SuspensionNotice.hospital_id == desk.hospital_id,
        SuspensionNotice.status == WAITING,
        SuspensionNotice.call_at <= desk.now,
    )
    query = query.order_by(col(SuspensionNotice.id)).limit(limit).with_for_update(skip_locked=True)
    moved = 0
    for notice in list(desk.session.exec(query)):
        mine = find_booked_since(desk, notice)
        if mine is not None:  # he has found another number by himself
            notice.rebooked_id = mine.id
            change_state(desk, record=notice, new=REBOOKED, reason="by_himself")
            continue
        contact = desk.session.get_one(Contact, notice.contact_id)
        change_state(
            desk, record=notice, new=TO_CALL, reason="no_answer" if contact.reachable else "unreachable"
        )
        moved += 1
    return moved


def find_booked_since(desk: Desk, notice: SuspensionNotice) -> Appointment | None:
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == old.person,
        Appointment.department == old.department,
        Appointment.created_at >= notice.created_at,
        col(Appointment.status).in_(OPEN),
    )
    return desk.session.exec(query).first()


def tick_off(desk: Desk, *, notice_id: int, outcome: str, note: str = "") -> SuspensionNotice:
    """What came of a telephone call: one of ``OUTCOMES``, or ``unreached`` (it stays on the list, counted).

    Raises ``Invalid("status")``, ``WrongState`` where somebody was quicker.
    """
    notice = get_record(desk, SuspensionNotice, notice_id, lock=True)
    if outcome not in (*OUTCOMES, "unreached"):
        raise Invalid("status", field="status", value=outcome)
    if notice.status not in UNSETTLED:
        raise WrongState(notice.status, field="status", value=outcome)
    if note.strip():
        notice.note = note.strip()[:500]
    desk.session.add(notice)
    if outcome == "unreached":
        notice.attempts += 1
        record_change(desk, record=notice, old=notice.status, new=notice.status, reason="unreached")
        desk.session.flush()
        return notice
    change_state(desk, record=notice, new=outcome, reason="telephone")
    return notice


def describe_notice(desk: Desk, notice: SuspensionNotice) -> dict[str, Any]:
    """In the slots of the contract."""
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    patient = desk.session.get(Patient, notice.patient_id)
    if patient is None:
        raise NotFound(field="patient", value=notice.patient_id)
    return describe_appointment(old, patient) | {"record": notice.id}
