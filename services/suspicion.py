"""What looks like dealing in numbers 号贩子: many accounts on one phone, bursts, numbers given back again and again.

Nothing is refused by a machine: the booking stands as ``pending``, its place is kept, and a person decides
(``reviews``). What is looked at is behaviour, never who somebody is.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Record
from services.desk import Desk
from services.history import record_change
from services.ledger import Ledger, read_ledger
from services.limits import books_online
from services.patients import Patient
from services.registration import CANCELLED, OPEN, Appointment

REQUESTED, RELEASED, REFUSED, WITHDRAWN = "requested", "released", "refused", "cancelled"
WAITING = sa.text("status = 'requested'")
"""Written out as in the index: SQLite does not use it for bound values."""


class BookingReview(Record, table=True):
    """A booking that a person looks at before it holds."""

    __tablename__ = "booking_review"
    __table_args__ = (
        Index("ix_booking_review_appointment", "appointment_id", unique=True),
        Index(
            "ix_booking_review_due", "hospital_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING
        ),
    )

    appointment_id: int = Field(foreign_key="appointment.id")
    contact_id: int = Field(foreign_key="contact.id", index=True)
    grounds: str = Field(max_length=100)
    """Codes, parted by commas: ``accounts_per_phone``, ``burst``, ``cancels``, ``moved``."""
    status: str = Field(default=REQUESTED, max_length=12)
    due_at: NaiveDatetime
    """Undecided then, it is released."""
    ended_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")


_A, _P = Appointment.__table__.c, Patient.__table__.c  # type: ignore[attr-defined]
_ACCOUNTS = sa.select(sa.func.count(sa.distinct(_A.contact_id))).where(
    _P.phone_index == sa.bindparam("phone_index"),
    _A.patient_id == _P.id,
    _A.contact_id
    == _P.contact_id,  # always so; it finds them by the index of each account, not among all that are open
    _A.start > sa.bindparam("since"),
    _A.hospital_id == sa.bindparam("hospital_id"),
    _A.contact_id != sa.bindparam("contact_id"),
    _A.status.in_(OPEN),
    _A.end > sa.bindparam("now"),
)
"""Put together once: asked at every booking."""


def find_grounds(
    desk: Desk, *, patient: Patient, moving: Appointment | None = None, ledger: Ledger | None = None
) -> list[str]:
    """Codes of what looks wrong about one more booking of this contact for this patient; empty: nothing.

    Only what a contact books himself is looked at: staff see who stands before them. A moved number is no new one,
    but one that was being looked at stays so.
    """
    if not books_online(desk):
        return []
    if moving is not None:
        return ["moved"] if moving.status == "pending" else []
    rules, now = desk.hospital.registration.review, desk.now
    grounds = []
    if patient.phone_index:
        asked = {
            "phone_index": patient.phone_index,
            "hospital_id": desk.hospital_id,
            "contact_id": patient.contact_id,
            "now": now,
            "since": now - dt.timedelta(days=1),
        }
        if desk.session.connection().execute(_ACCOUNTS, asked).scalar_one() >= rules.accounts_per_phone:
            grounds.append("accounts_per_phone")
    since = now - dt.timedelta(days=rules.cancel_days)
    ledger = ledger or read_ledger(desk, patient=patient)
    recent = [one for one in ledger.of_contact if one.created_at > since and one.replaces_id is None]
    burst = now - dt.timedelta(minutes=rules.burst_minutes)
    if sum(one.created_at > burst for one in recent) >= rules.burst_bookings:
        grounds.append("burst")
    given_up = [one for one in recent if one.status == CANCELLED and one.ended_reason == "patient"]
    if len(given_up) >= rules.cancels:
        grounds.append("cancels")
    return grounds


def hold_for_review(desk: Desk, *, appointment: Appointment, grounds: list[str]) -> BookingReview:
    """Queues a pending booking for staff; ``due_at`` is when it is released if nobody has decided."""
    rules = desk.hospital.registration.review
    latest = appointment.start - dt.timedelta(minutes=rules.before_minutes)
    due = max(min(desk.now + dt.timedelta(hours=rules.hours), latest), desk.now)
    review = BookingReview(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        appointment_id=appointment.id,
        contact_id=appointment.contact_id,
        grounds=",".join(grounds),
        due_at=due,
    )
    desk.session.add(review)
    desk.session.flush()
    record_change(desk, record=review, old="", new=REQUESTED, reason=review.grounds)
    return review


def find_review(desk: Desk, *, appointment_id: int) -> BookingReview | None:
    query = select(BookingReview).where(
        BookingReview.hospital_id == desk.hospital_id, BookingReview.appointment_id == appointment_id
    )
    return desk.session.exec(query.execution_options(populate_existing=True)).one_or_none()


def end_review(desk: Desk, *, review: BookingReview, status: str, reason: str | None = None) -> bool:
    """Ends it once, whoever comes first: staff, the patient who cancels, or the clock."""
    end = (
        sa.update(BookingReview)
        .where(col(BookingReview.id) == review.id, WAITING)
        .values(status=status, ended_at=desk.now, staff_id=_staff_id(desk))
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(end).rowcount == 1  # type: ignore[attr-defined]
    if won:
        record_change(desk, record=review, old=REQUESTED, new=status, reason=reason)
        desk.session.flush()
    desk.session.refresh(review)
    return won


def _staff_id(desk: Desk) -> int | None:
    kind, _, number = desk.actor.partition(":")
    return int(number) if kind == "staff" and number.isdecimal() else None
