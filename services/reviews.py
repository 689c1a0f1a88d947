"""Bookings held for review: staff release or refuse them, the patient is told; nobody waits for ever."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlmodel import col, select

from services.appointments import cancel
from services.desk import Desk
from services.errors import Invalid, Taken
from services.finding import get_record, list_records
from services.history import change_state
from services.patients import Patient
from services.promises import next_telling, tell
from services.registration import BOOKED, PENDING, Appointment, get_appointment
from services.reminders import describe_appointment, promise_reminders
from services.suspicion import REFUSED, RELEASED, REQUESTED, WAITING, BookingReview, end_review

SOON = dt.timedelta(hours=3)
NEXT = {REQUESTED: (RELEASED, REFUSED)}


def release_booking(desk: Desk, *, review_id: int, reason: str | None = None) -> Appointment:
    """The booking holds from now on: reminders are promised, the patient is told.

    Decided already the same way, nothing happens; otherwise raises ``Taken("decided")``.
    """
    review = get_record(desk, BookingReview, review_id, lock=True)
    if not end_review(desk, review=review, status=RELEASED, reason=reason):
        _refuse_twice(review, RELEASED)
        return get_appointment(desk, appointment_id=review.appointment_id)
    appointment = get_record(desk, Appointment, review.appointment_id, lock=True)
    if appointment.status == PENDING:
        change_state(desk, record=appointment, new=BOOKED, reason=reason or "released")
        patient = desk.session.get_one(Patient, appointment.patient_id)
        promise_reminders(desk, appointment=appointment, patient=patient)
        _tell(desk, appointment, patient)
    return appointment


def refuse_booking(desk: Desk, *, review_id: int, reason: str) -> Appointment:
    """The booking ends and its place goes to the next; the patient is told why, and how to reach a person."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    review = get_record(desk, BookingReview, review_id, lock=True)
    if not end_review(desk, review=review, status=REFUSED, reason=reason.strip()):
        _refuse_twice(review, REFUSED)
        return get_appointment(desk, appointment_id=review.appointment_id)
    appointment = cancel(desk, appointment_id=review.appointment_id, reason="review")
    _tell(desk, appointment, desk.session.get_one(Patient, appointment.patient_id))
    return appointment


def settle_reviews(desk: Desk, *, limit: int = 100) -> int:
    """For the clock: what nobody decided in time is released, for a doubt must not cost a patient the doctor."""
    query = (
        select(BookingReview.id)
        .where(BookingReview.hospital_id == desk.hospital_id, WAITING, BookingReview.due_at <= desk.now)
        .order_by(col(BookingReview.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(desk.session.exec(query))
    for one in due:
        release_booking(desk, review_id=one, reason="undecided")
    return len(due)


def get_review(desk: Desk, *, review_id: int) -> BookingReview:
    return get_record(desk, BookingReview, review_id)


def list_reviews(desk: Desk, *, limit: int = 200) -> list[BookingReview]:
    """Those that wait first, soonest due; then the newest decided."""
    waiting = sa.case((col(BookingReview.status) == REQUESTED, 0), else_=1)
    return list_records(desk, BookingReview, order=(waiting, col(BookingReview.id).desc()), limit=limit)


def _refuse_twice(review: BookingReview, wanted: str) -> None:
    if review.status != wanted:
        raise Taken("decided", field="status", value=review.status)


def _tell(desk: Desk, appointment: Appointment, patient: Patient) -> None:
    tell(
        desk,
        contact_id=appointment.contact_id,
        kind="booking_reviewed",
        subject=appointment.subject,
        slots=describe_appointment(appointment, patient),
        urgent=next_telling(desk)
        > appointment.start - SOON,  # he must not hear of it when he should be on his way
    )
