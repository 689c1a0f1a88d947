"""What looks like dealing in numbers 号贩子: many accounts on one phone, bursts, hoarding of one doctor, numbers given back
again and again or handed over, more persons than a family has, more children than a guardian has.

Nothing is refused by a machine: the booking stands as ``pending``, its place is kept, and a person decides
(``reviews``). What is looked at is behaviour, never who somebody is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Record
from services.desk import Desk
from services.documents import CHILD
from services.history import list_changes, record_change
from services.ledger import Entry, Ledger, read_ledger
from services.limits import books_online
from services.patients import Patient
from services.promises import is_quiet
from services.referrals import list_referred
from services.registration import CANCELLED, OPEN, Appointment
from services.slots import Slot

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
    """Codes, parted by commas: those of ``find_grounds``."""
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
_PROVEN = _ACCOUNTS.where(_P.phone_confirmed_at.is_not(None))
"""For who has proved that the phone is his: strangers who only write it down are no fault of his."""
EVENING = dt.timedelta(minutes=15)
"""So long before the quiet hours: the clock and the outbox have their time."""
_GIVEN_BACK = ("patient", "rescheduled")


def find_grounds(
    desk: Desk,
    *,
    patient: Patient,
    slot: Slot,
    moving: Appointment | None = None,
    ledger: Ledger | None = None,
    in_line: bool = False,
) -> list[str]:
    """Codes of what looks wrong about one more booking of this contact for this patient; empty: nothing.

    Only what a contact books himself is looked at: staff see who stands before them. A moved number is no new one,
    but one that was being looked at stays so. Who has waited his turn (``in_line``) was handed nothing. For whom an institution has spoken (``referrals``), nothing looks wrong.
    """
    if not books_online(desk):
        return []
    if moving is not None:
        return ["moved"] if moving.status == "pending" else []
    ledger = ledger or read_ledger(desk, patient=patient)
    grounds = _look(desk, patient, slot, ledger.of_contact, in_line)
    if not grounds:
        return []
    referred = list_referred(desk, persons={one.person for one in ledger.of_contact} | {patient.person})
    if patient.person in referred:
        return []
    others = [one for one in ledger.of_contact if one.person not in referred]
    return _look(desk, patient, slot, others, in_line)


def _look(desk: Desk, patient: Patient, slot: Slot, mine: Sequence[Entry], in_line: bool) -> list[str]:
    rules, now = desk.hospital.registration.review, desk.now
    recent = [one for one in mine if one.created_at > now - dt.timedelta(days=rules.cancel_days)]
    made = [one for one in recent if one.replaces_id is None]
    burst = [one.person for one in made if one.created_at > now - dt.timedelta(minutes=rules.burst_minutes)]
    persons = {one.person for one in recent} | {patient.person}
    given_up = [one for one in made if one.status == CANCELLED and one.ended_reason == "patient"]
    same = [
        one for one in mine if one.status in OPEN and (one.doctor_id, one.date) == (slot.doctor_id, slot.date)
    ]
    found = {
        "accounts_per_phone": count_accounts(desk, patient=patient) >= rules.accounts_per_phone,
        "burst": len(burst) >= rules.burst_bookings and len({*burst, patient.person}) <= len(burst),
        "same_doctor": len(same) >= rules.same_doctor,
        "persons": len(persons) > desk.hospital.registration.max_patients_per_contact,
        "cancels": len(given_up) >= rules.cancels,
        "handed_over": not in_line and _is_handed_over(desk, patient, slot),
        "guardian": patient.id_kind == CHILD
        and _count_children(desk, patient) >= rules.children_per_guardian,
    }
    return [code for code, holds in found.items() if holds]


def count_accounts(desk: Desk, *, patient: Patient) -> int:
    """Other accounts with open appointments under the patient's phone."""
    if not patient.phone_index:
        return 0
    asked = {
        "phone_index": patient.phone_index,
        "hospital_id": desk.hospital_id,
        "contact_id": patient.contact_id,
        "now": desk.now,
        "since": desk.now - dt.timedelta(days=1),
    }
    statement = _PROVEN if patient.phone_confirmed_at else _ACCOUNTS
    return int(desk.session.connection().execute(statement, asked).scalar_one())


def _is_handed_over(desk: Desk, patient: Patient, slot: Slot) -> bool:
    """Whether the last place of an hour was somebody else's a moment ago, from an account that gives back too often."""
    if slot.taken < slot.capacity:
        return False
    rules = desk.hospital.registration.review
    gone = select(Appointment).where(
        Appointment.slot_id == slot.id,
        Appointment.status == CANCELLED,
        col(Appointment.ended_reason).in_(_GIVEN_BACK),
        Appointment.person != patient.person,
    )
    for one in desk.session.exec(gone.order_by(col(Appointment.id).desc()).limit(5)):
        ended = [step.created_at for step in list_changes(desk, record=one) if step.new == CANCELLED]
        if not ended or ended[-1] <= desk.now - dt.timedelta(minutes=rules.handover_minutes):
            continue
        giver = desk.session.get_one(Patient, one.patient_id)
        own = giver.contact_id == patient.contact_id or giver.phone_index == patient.phone_index
        back = sa.select(sa.func.count()).where(
            _A.contact_id == one.contact_id,
            _A.start > desk.now - dt.timedelta(days=rules.cancel_days),
            _A.created_at > desk.now - dt.timedelta(days=rules.cancel_days),
            _A.status == CANCELLED,
            _A.ended_reason.in_(_GIVEN_BACK),
        )
        if desk.session.execute(back).scalar_one() >= rules.handovers + (not own):
            return True
    return False


def _count_children(desk: Desk, patient: Patient) -> int:
    """Other children without a document who have open appointments under the same guardian, whoever booked. The number
    lies encrypted, so the few there are of such children are opened one by one."""
    others = (
        select(Patient)
        .join(Appointment, _A.patient_id == _P.id)
        .where(
            Patient.hospital_id == desk.hospital_id,
            Patient.id_kind == CHILD,
            Patient.person != patient.person,
            col(Appointment.status).in_(OPEN),
            Appointment.end > desk.now,
        )
    )
    found = {
        one.person
        for one in desk.session.exec(others)
        if one.guardian_id_number == patient.guardian_id_number
    }
    return len(found)


@dataclass(frozen=True, slots=True)
class Account:
    """What an account did lately (``cancel_days``)."""

    made: int
    persons: int
    given_back: int


def count_account(desk: Desk, *, contact_id: int) -> Account:
    since = desk.now - dt.timedelta(days=desk.hospital.registration.review.cancel_days)
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.contact_id == contact_id,
        Appointment.created_at > since,
        col(Appointment.replaces_id).is_(None),
    )
    made = list(desk.session.exec(query))
    back = sum(one.status == CANCELLED and one.ended_reason == "patient" for one in made)
    return Account(len(made), len({one.person for one in made}), back)


def hold_for_review(desk: Desk, *, appointment: Appointment, grounds: list[str]) -> BookingReview:
    """Queues a pending booking for staff; ``due_at`` is when it is released if nobody has decided."""
    rules = desk.hospital.registration.review
    latest = appointment.start - dt.timedelta(minutes=rules.before_minutes)
    due = max(_before_night(desk, min(desk.now + dt.timedelta(hours=rules.hours), latest)), desk.now)
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


def _before_night(desk: Desk, due: dt.datetime) -> dt.datetime:
    """What would be decided at night, when nobody is told, is decided the evening before, if that is still to come."""
    if not is_quiet(desk, due):
        return due
    hours = desk.hospital.registration.quiet_hours
    evening = dt.datetime.combine(due.date(), hours.start) - EVENING
    if evening > due:
        evening -= dt.timedelta(days=1)
    return evening if evening > desk.now else due


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
