"""What one does with appointments: hold a place while the patient confirms, book it, move it, cancel it.

A hold is counted in its slot's ``taken`` and lives for the rule's ``hold_minutes``; booking turns it into an
appointment in the same transaction, and booking it twice gives the same appointment. Limits are counted by person,
so one human being under two contacts is one.

Longer than 300 lines, because every function here moves ``taken`` and the records together, and they must agree.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from services.desk import Desk
from services.errors import NotAllowed, Taken, WrongState
from services.finding import get_record
from services.history import change_state, record_change
from services.limits import check_booking, check_fit, lock_person
from services.numbers import order_number
from services.patients import Patient, get_patient
from services.promises import cancel_promises, promise
from services.registration import (
    ARRIVED,
    BOOKED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    HELD,
    HELD_NOW,
    NEXT,
    PENDING,
    RELEASED,
    Appointment,
    Hold,
    find_appointment,
    get_appointment,
    get_hold,
    list_appointments,
)
from services.reminders import describe_appointment, promise_reminders
from services.schedules import UNAVAILABLE, Suspension, close_slots, get_slot, give_back, take_place

__all__ = [
    "Appointment",
    "Hold",
    "SuspendedSession",
    "advance_appointment",
    "book",
    "cancel",
    "check_fit",
    "expire_holds",
    "find_appointment",
    "get_appointment",
    "get_hold",
    "hold_slot",
    "list_appointments",
    "release_hold",
    "reschedule",
    "suspend_session",
]

HOLDS_PER_CONTACT = 2
"""One being confirmed and one for a second patient; the oldest beyond is let go, so nobody empties a clinic."""


def hold_slot(
    desk: Desk,
    *,
    slot_id: int,
    contact_id: int,
    patient_id: int | None = None,
    moving_id: int | None = None,
    offer_minutes: int | None = None,
) -> Hold:
    """Keeps a place for ``hold_minutes``; asked twice for the same slot, the same hold is given.

    With ``patient_id`` the rules are checked now, before the patient confirms (``moving_id``: the appointment to be
    moved, which is not counted). ``offer_minutes``: an offer to the waitlist, kept so long. Raises ``Taken("full")``, ``Invalid("past")``, and ``NotAllowed`` (``suspended``,
    ``not_open_yet`` and the codes of ``limits.check_booking``).
    """
    if patient_id is not None:
        patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
        moving = None if moving_id is None else get_appointment(desk, appointment_id=moving_id)
        check_booking(desk, patient=patient, slot=get_slot(desk, slot_id=slot_id), moving=moving)
    mine = select(Hold).where(
        Hold.hospital_id == desk.hospital_id,
        Hold.contact_id == contact_id,
        Hold.status == HELD,
        Hold.expires_at > desk.now,
    )
    held = list(desk.session.exec(mine.order_by(col(Hold.id)).execution_options(populate_existing=True)))
    for one in held:
        if one.slot_id == slot_id:
            return one
    take_place(desk, slot_id=slot_id)
    asked = [one for one in held if not one.offered]
    if offer_minutes is None and len(asked) >= HOLDS_PER_CONTACT:
        release_hold(desk, hold_id=asked[0].id)
    minutes = desk.hospital.registration.hold_minutes if offer_minutes is None else offer_minutes
    hold = Hold(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot_id,
        contact_id=contact_id,
        expires_at=desk.now + dt.timedelta(minutes=minutes),
        offered=offer_minutes is not None,
    )
    desk.session.add(hold)
    desk.session.flush()
    if hold.offered:
        return hold
    promise(
        desk,
        contact_id=contact_id,
        kind="hold_expired",
        due_at=hold.expires_at,
        drop_after=hold.expires_at + dt.timedelta(minutes=30),
        urgent=True,
        subject=hold.subject,
        slots={"hold": hold.id, "slot": slot_id},
    )
    return hold


def release_hold(desk: Desk, *, hold_id: int) -> bool:
    """Gives the place back; False where the hold had ended before."""
    return _end_hold(desk, hold_id, RELEASED)


def expire_holds(desk: Desk, *, limit: int = 200) -> list[Hold]:
    """Ends the holds whose time is over and gives their places back; for the clock. Two clocks do it once."""
    query = (
        select(Hold.id)
        .where(Hold.hospital_id == desk.hospital_id, HELD_NOW, Hold.expires_at <= desk.now)
        .order_by(col(Hold.slot_id), col(Hold.id))
        .limit(limit)
    )
    ended = [one for one in desk.session.exec(query).all() if _end_hold(desk, one, EXPIRED)]
    return [get_hold(desk, hold_id=one) for one in ended]


def _end_hold(desk: Desk, hold_id: int, status: str) -> bool:
    ended = _change_hold(desk, hold_id, HELD, status)
    if ended:
        hold = get_hold(desk, hold_id=hold_id)
        give_back(desk, slot_id=hold.slot_id)
        if status != EXPIRED:
            cancel_promises(desk, subject=hold.subject)
    return ended


def _change_hold(desk: Desk, hold_id: int, old: str, new: str, *, living: bool = False) -> bool:
    change = sa.update(Hold).where(
        col(Hold.id) == hold_id, col(Hold.hospital_id) == desk.hospital_id, col(Hold.status) == old
    )
    if living:
        change = change.where(col(Hold.expires_at) > desk.now)
    change = change.values(status=new, ended_at=desk.now).execution_options(synchronize_session=False)
    return desk.session.execute(change).rowcount == 1  # type: ignore[attr-defined]


def book(
    desk: Desk,
    *,
    hold_id: int,
    patient_id: int,
    special_need: str | None = None,
    complaint: str | None = None,
) -> Appointment:
    """Makes the appointment of a hold and promises its reminders. The same hold again: the same appointment.

    A hold that ran out is honoured while the slot still has a place. Raises ``Taken("hold_expired")``,
    ``WrongState("released")``, ``NotAllowed`` with the codes of ``limits.check_booking``.
    """
    return _book(desk, hold_id, patient_id, special_need=special_need, complaint=complaint, moving=None)


def _book(
    desk: Desk,
    hold_id: int,
    patient_id: int,
    *,
    special_need: str | None,
    complaint: str | None,
    moving: Appointment | None,
) -> Appointment:
    hold = get_hold(desk, hold_id=hold_id)
    patient = get_patient(desk, patient_id=patient_id, contact_id=hold.contact_id)
    lock_person(desk, person=patient.person)
    hold = get_hold(desk, hold_id=hold_id)
    if hold.status == CONFIRMED and hold.appointment_id is not None:
        return get_appointment(desk, appointment_id=hold.appointment_id)
    slot = get_slot(desk, slot_id=hold.slot_id)
    if slot.status == UNAVAILABLE:
        raise NotAllowed("suspended", field="slot", value=slot.id)
    check_booking(desk, patient=patient, slot=slot, moving=moving)
    _confirm(desk, hold)
    appointment = Appointment(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot.id,
        patient_id=patient.id,
        contact_id=hold.contact_id,
        person=patient.person,
        special_need=special_need,
        complaint=complaint,
        replaces_id=moving.id if moving else None,
        **{name: getattr(slot, name) for name in _KEPT},
    )
    desk.session.add(appointment)
    desk.session.flush()
    appointment.order_number = order_number("GH", desk.now.date(), appointment.id)
    hold.appointment_id = appointment.id
    desk.session.add(hold)
    record_change(desk, record=appointment, old="", new=BOOKED)
    promise_reminders(desk, appointment=appointment, patient=patient)
    desk.session.flush()
    return appointment


_KEPT = (
    "department",
    "doctor_id",
    "doctor",
    "title",
    "clinic",
    "date",
    "period",
    "start",
    "end",
    "place",
    "campus",
    "fee",
)


def _confirm(desk: Desk, hold: Hold) -> None:
    """Ends the hold as confirmed, its place staying taken; takes the place anew where the hold has run out."""
    if not _change_hold(desk, hold.id, HELD, CONFIRMED, living=True):
        hold = get_hold(desk, hold_id=hold.id)
        if hold.status == HELD:
            _end_hold(desk, hold.id, EXPIRED)
        elif hold.status != EXPIRED:
            raise WrongState(hold.status, field="hold", value=hold.id)
        try:
            take_place(desk, slot_id=hold.slot_id)
        except Taken:
            raise Taken("hold_expired", field="hold", value=hold.id) from None
        _change_hold(desk, hold.id, EXPIRED, CONFIRMED)
    cancel_promises(desk, subject=hold.subject)
    desk.session.refresh(hold)


def cancel(
    desk: Desk, *, appointment_id: int, contact_id: int | None = None, reason: str = "patient"
) -> Appointment:
    """Cancels and gives the place back; what is cancelled already stays as it is.

    A patient may until ``cancel_before_minutes`` before the start (``NotAllowed("too_late")``, ``until``); staff
    until it has ended in some way. Raises ``WrongState`` from any state but pending and booked.
    """
    appointment = get_record(desk, Appointment, appointment_id, contact_id=contact_id, lock=True)
    if appointment.status == CANCELLED:
        return appointment
    check_change(desk, appointment)
    _cancel(desk, appointment, reason)
    return appointment


def check_change(desk: Desk, appointment: Appointment) -> None:
    """Whether the appointment may still be cancelled or moved by who acts at the desk."""
    if CANCELLED not in NEXT.get(appointment.status, ()):
        raise WrongState(appointment.status, field="appointment", value=appointment.id)
    until = appointment.start - dt.timedelta(minutes=desk.hospital.registration.cancel_before_minutes)
    if desk.now > until and not desk.actor.startswith("staff"):
        raise NotAllowed("too_late", field="appointment", value=appointment.id, until=until)


def _cancel(desk: Desk, appointment: Appointment, reason: str) -> None:
    gone = (
        sa.update(Appointment)
        .where(col(Appointment.id) == appointment.id, col(Appointment.status).in_((PENDING, BOOKED)))
        .values(status=CANCELLED, ended_reason=reason)
        .execution_options(synchronize_session=False)
    )
    old = appointment.status
    if desk.session.execute(gone).rowcount == 1:  # type: ignore[attr-defined]
        give_back(desk, slot_id=appointment.slot_id)
        cancel_promises(desk, subject=appointment.subject)
        record_change(desk, record=appointment, old=old, new=CANCELLED, reason=reason)
    desk.session.flush()
    desk.session.refresh(appointment)


def reschedule(
    desk: Desk, *, appointment_id: int, hold_id: int, contact_id: int | None = None
) -> Appointment:
    """Moves an appointment to a held place: the new one is booked and the old one cancelled, or neither.

    The same limits and the same cut-off as for booking and cancelling. The same hold again gives the same result.
    """
    old = get_appointment(desk, appointment_id=appointment_id, contact_id=contact_id)
    hold = get_hold(desk, hold_id=hold_id, contact_id=old.contact_id)
    if hold.appointment_id is None:
        check_change(desk, old)
    new = _book(
        desk, hold_id, old.patient_id, special_need=old.special_need, complaint=old.complaint, moving=old
    )
    if old.status != CANCELLED:
        _cancel(desk, old, "rescheduled")
    return new


def advance_appointment(
    desk: Desk, *, appointment_id: int, status: str, reason: str | None = None
) -> Appointment:
    """Arrived, fulfilled, not come: what the hospital's own systems and staff report. Cancelling is ``cancel``."""
    if status == CANCELLED:
        return cancel(desk, appointment_id=appointment_id, reason=reason or "staff")
    appointment = get_record(desk, Appointment, appointment_id, lock=True)
    if status != appointment.status and status not in NEXT.get(appointment.status, ()):
        raise WrongState(appointment.status, field="status", value=status)
    change_state(desk, record=appointment, new=status, reason=reason)
    if status not in (BOOKED, ARRIVED):
        cancel_promises(desk, subject=appointment.subject)
    return appointment


@dataclass(frozen=True, slots=True)
class SuspendedSession:
    suspension: Suspension
    appointments: tuple[Appointment, ...]
    """Cancelled by it; their contacts are told by a promise of kind ``session_suspended``."""


def suspend_session(
    desk: Desk,
    *,
    doctor_id: str,
    date: dt.date,
    period: str = "",
    reason: str = "",
    external_id: str | None = None,
) -> SuspendedSession:
    """停诊: closes the session's slots, cancels what was booked and promises each contact a message now.

    Idempotent. The message outlives quiet hours only in the last 12 hours before the appointment.
    """
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
    concerned = list(desk.session.exec(query.order_by(col(Appointment.id))))
    for one in concerned:
        patient = desk.session.get(Patient, one.patient_id)
        assert patient is not None
        _cancel(desk, one, "suspended")
        promise(
            desk,
            contact_id=one.contact_id,
            kind="session_suspended",
            due_at=desk.now,
            drop_after=one.start,
            urgent=one.start - desk.now < dt.timedelta(hours=12),
            subject=one.subject,
            slots=describe_appointment(one, patient) | {"reason": reason},
        )
    return SuspendedSession(suspension, tuple(concerned))
