"""What one does with appointments: book a place that is held, move it, cancel it.

A hold is counted in its slot's ``taken`` and lives for the rule's ``hold_minutes``; booking turns it into an
appointment in the same transaction, and booking it twice gives the same appointment. Limits are counted by person,
so one human being under two contacts is one.

Longer than 300 lines, because every function here moves ``taken`` and the records together, and they must agree.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlmodel import col

from services.cutoffs import check_cut_off
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.finding import get_record
from services.history import change_state, record_change
from services.holds import confirm_hold, find_usable_referral
from services.ledger import read_ledger
from services.limits import check_booking, check_fit, lock_person
from services.numbers import order_number
from services.offers import offer_place, settle_offer
from services.patients import get_patient
from services.promises import cancel_promises
from services.referrals import find_referral, restore_referral, use_referral
from services.registration import (
    ARRIVED,
    BOOKED,
    CANCELLED,
    CONFIRMED,
    NEXT,
    PENDING,
    Appointment,
    Hold,
    find_appointment,
    get_appointment,
    get_hold,
    list_appointments,
)
from services.reminders import promise_reminders
from services.revisits import SEEN, find_free_visit
from services.slots import UNAVAILABLE, add_place, get_slot, give_back, take_place, take_reserved
from services.suspicion import WITHDRAWN, end_review, find_grounds, find_review, hold_for_review

__all__ = [
    "Appointment",
    "Hold",
    "advance_appointment",
    "book",
    "cancel",
    "check_fit",
    "find_appointment",
    "get_appointment",
    "get_hold",
    "grant_place",
    "list_appointments",
    "reschedule",
    "withdraw",
]


def book(
    desk: Desk,
    *,
    hold_id: int,
    patient_id: int,
    special_need: str | None = None,
    complaint: str | None = None,
) -> Appointment:
    """Makes the appointment of a hold and promises its reminders. The same hold again: the same appointment.

    A hold that ran out is honoured while the slot still has a place. What looks like dealing in numbers is ``pending``
    until staff have looked at it (``suspicion``, ``reviews``). Raises ``Taken("hold_expired")``,
    ``WrongState("released")``, ``NotAllowed`` with the codes of ``limits.check_booking``, ``referral`` where the place
    is kept for referred patients.
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
    if lock_person(desk, person=patient.person, contact_id=hold.contact_id):
        hold = get_hold(desk, hold_id=hold_id)
    if hold.status == CONFIRMED and hold.appointment_id is not None:
        return get_appointment(desk, appointment_id=hold.appointment_id)
    slot = get_slot(desk, slot_id=hold.slot_id)
    if slot.status == UNAVAILABLE:
        raise NotAllowed("suspended", field="slot", value=slot.id)
    ledger = read_ledger(desk, patient=patient)
    check_booking(desk, patient=patient, slot=slot, moving=moving, ledger=ledger)
    referral = (
        find_usable_referral(desk, patient=patient, department=slot.department, moving=moving)
        if hold.reserved
        else None
    )
    if hold.reserved and referral is None:
        raise NotAllowed("referral", field="slot", value=slot.id)
    grounds = (
        []
        if hold.extra
        else find_grounds(
            desk, patient=patient, slot=slot, moving=moving, ledger=ledger, in_line=hold.offered
        )
    )
    confirm_hold(desk, hold=hold)
    visit = None
    first = slot.date - dt.timedelta(days=desk.hospital.registration.revisit_days)
    if any(one.status in SEEN and one.date >= first for one in ledger.of_person):  # hardly anybody was
        visit = find_free_visit(desk, person=patient.person, department=slot.department, day=slot.date)
    appointment = Appointment(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot.id,
        patient_id=patient.id,
        contact_id=hold.contact_id,
        person=patient.person,
        status=PENDING if grounds else BOOKED,
        extra=hold.extra,
        reserved=hold.reserved,
        special_need=special_need,
        complaint=complaint,
        replaces_id=moving.id if moving else None,
        **{name: getattr(slot, name) for name in _KEPT},
    )
    if visit is not None:  # 一号管三天
        appointment.fee, appointment.revisit_of_id = 0, visit.id
    desk.session.add(appointment)
    desk.session.flush()
    appointment.order_number = order_number("GH", desk.now.date(), appointment.id)
    hold.appointment_id = appointment.id
    desk.session.add(hold)
    if hold.offered:
        settle_offer(desk, hold=hold)
    record_change(desk, record=appointment, old="", new=appointment.status, reason=",".join(grounds) or None)
    if hold.reserved and referral is not None:
        use_referral(desk, referral=referral, appointment_id=appointment.id)
    if grounds:
        hold_for_review(desk, appointment=appointment, grounds=grounds)
    else:
        promise_reminders(desk, appointment=appointment, patient=patient)
    desk.session.flush()
    return appointment


def grant_place(desk: Desk, *, slot_id: int, patient_id: int, complaint: str | None = None) -> Appointment:
    """加号: a place beyond the capacity, made for this patient and booked in one; it goes when the patient gives it up.

    Raises ``Invalid("past")``, ``NotAllowed("suspended")`` and the codes of ``limits.check_booking``.
    """
    patient = get_patient(desk, patient_id=patient_id)
    if not add_place(desk, slot_id=slot_id):
        if get_slot(desk, slot_id=slot_id).status == UNAVAILABLE:
            raise NotAllowed("suspended", field="slot", value=slot_id)
        raise Invalid("past", field="date", value=slot_id)
    hold = Hold(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot_id,
        contact_id=patient.contact_id,
        expires_at=desk.now + dt.timedelta(minutes=desk.hospital.registration.hold_minutes),
        extra=True,
    )
    desk.session.add(hold)
    desk.session.flush()
    return _book(desk, hold.id, patient.id, special_need=None, complaint=complaint, moving=None)


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


def withdraw(desk: Desk, *, appointment_id: int, reason: str) -> bool:
    """The hospital takes a number back (停诊): as ``cancel``, and no cut-off holds. Who calls it tells the patient.
    False where it was cancelled already."""
    appointment = get_record(desk, Appointment, appointment_id, lock=True)
    if appointment.status not in (PENDING, BOOKED, CANCELLED):
        raise WrongState(appointment.status, field="appointment", value=appointment.id)
    if appointment.status == CANCELLED:
        return False
    _cancel(desk, appointment, reason)
    return True


def reinstate(desk: Desk, *, appointment_id: int, reason: str) -> bool:
    """A number taken back by a suspension stands again with its place and its reminders; false where it was cancelled
    otherwise, or its hour is over. Nobody could take the place meanwhile; should it be gone all the same, one is added:
    what is said to stand must stand."""
    appointment = get_record(desk, Appointment, appointment_id, lock=True)
    if appointment.status != CANCELLED or appointment.ended_reason != "suspended":
        return False
    slot_id = appointment.slot_id
    if appointment.reserved:
        appointment.reserved = take_reserved(desk, slot_id=slot_id)
    try:
        if appointment.extra:
            raise Taken("full", field="slot", value=slot_id)
        if not appointment.reserved:
            take_place(desk, slot_id=slot_id)
    except Taken:
        if not add_place(desk, slot_id=slot_id):
            return False
    except (Invalid, NotAllowed):
        return False
    appointment.ended_reason = None
    change_state(desk, record=appointment, new=BOOKED, reason=reason)
    patient = get_patient(desk, patient_id=appointment.patient_id)
    if appointment.reserved:
        referral = find_referral(desk, person=appointment.person, department=appointment.department)
        if referral is not None:
            use_referral(desk, referral=referral, appointment_id=appointment.id)
    promise_reminders(desk, appointment=appointment, patient=patient)
    desk.session.flush()
    return True


def check_change(desk: Desk, appointment: Appointment) -> None:
    """Whether the appointment may still be cancelled or moved by who acts at the desk."""
    if CANCELLED not in NEXT.get(appointment.status, ()):
        raise WrongState(appointment.status, field="appointment", value=appointment.id)
    check_cut_off(desk, appointment, minutes=desk.hospital.registration.cancel_before_minutes)


def _cancel(desk: Desk, appointment: Appointment, reason: str) -> None:
    gone = (
        sa.update(Appointment)
        .where(col(Appointment.id) == appointment.id, col(Appointment.status).in_((PENDING, BOOKED)))
        .values(status=CANCELLED, ended_reason=reason)
        .execution_options(synchronize_session=False)
    )
    old = appointment.status
    if desk.session.execute(gone).rowcount == 1:  # type: ignore[attr-defined]
        give_back(desk, slot_id=appointment.slot_id, reserved=appointment.reserved, extra=appointment.extra)
        cancel_promises(desk, subject=appointment.subject)
        record_change(desk, record=appointment, old=old, new=CANCELLED, reason=reason)
        if old == PENDING and (review := find_review(desk, appointment_id=appointment.id)) is not None:
            end_review(desk, review=review, status=WITHDRAWN, reason=reason)
        if appointment.reserved:
            restore_referral(desk, appointment_id=appointment.id)
        offer_place(desk, slot_id=appointment.slot_id)
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
