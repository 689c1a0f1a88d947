"""What one does on the waitlist 候补: join it, accept what is offered, leave it. How places are offered: offers.py."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from services.appointments import Appointment, book
from services.desk import Desk
from services.errors import Invalid, NotAllowed, WrongState
from services.finding import get_record
from services.history import record_change
from services.holds import release_hold
from services.limits import check_fit
from services.numbers import order_number
from services.offers import end_waiting, offer_freed_slots
from services.patients import Patient, get_patient
from services.registration import CANCELLED, WAITLIST
from services.schedules import parse_days
from services.waiting import (
    OPEN,
    WaitlistEntry,
    count_ahead,
    describe_entry,
    find_offered_slot,
    get_entry,
    list_waitlist,
)

__all__ = [
    "OPEN",
    "WaitlistEntry",
    "accept_offer",
    "count_ahead",
    "describe_entry",
    "find_offered_slot",
    "get_entry",
    "join_waitlist",
    "leave_waitlist",
    "list_waitlist",
    "offer_freed_slots",
]


def join_waitlist(
    desk: Desk,
    *,
    contact_id: int,
    patient_id: int,
    department: str,
    date: str | dt.date,
    doctor: str | None = None,
    period: str | None = None,
) -> WaitlistEntry:
    """Joins for a day or a range of days (``start/end``); the same again is the same entry.

    Raises ``NotAllowed`` with code ``too_many_waiting`` (field ``contact``; ``patient`` where others have put him in line so often) or those of ``limits.check_fit``, and ``Invalid("past")``.
    """
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    first, last = parse_days(date)
    first = max(first, desk.now.date())
    if last < first:
        raise Invalid("past", field="date", value=last)
    check_fit(desk, patient=patient, department=department, day=first)
    waiting = list_waitlist(desk, contact_id=contact_id)
    wanted = (patient_id, department, doctor, first, last, period)
    for one in waiting:
        if (one.patient_id, one.department, one.doctor, one.first_day, one.last_day, one.period) == wanted:
            return one
    limit = desk.hospital.registration.waitlist_per_contact
    if len(waiting) >= limit:
        raise NotAllowed("too_many_waiting", field="contact", limit=limit)
    if _count_person(desk, person=patient.person) >= limit:
        raise NotAllowed("too_many_waiting", field="patient", limit=limit)
    entry = WaitlistEntry(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        department=department,
        doctor=doctor,
        first_day=first,
        last_day=last,
        period=period,
    )
    desk.session.add(entry)
    desk.session.flush()
    entry.order_number = order_number("HB", desk.now.date(), entry.id)
    desk.session.add(entry)
    record_change(desk, record=entry, old="", new=WAITLIST)
    desk.session.flush()
    return entry


def _count_person(desk: Desk, *, person: str) -> int:
    """How often he waits, whoever of his family or not of his family has put him in line."""
    query = (
        select(WaitlistEntry.id)
        .join(Patient, col(WaitlistEntry.patient_id) == col(Patient.id))
        .where(
            WaitlistEntry.hospital_id == desk.hospital_id,
            col(WaitlistEntry.status).in_(OPEN),
            Patient.person == person,
        )
    )
    return len(list(desk.session.exec(query)))


def leave_waitlist(
    desk: Desk,
    *,
    entry_id: int,
    contact_id: int | None = None,
    reason: str = "patient",
    note: str | None = None,
) -> WaitlistEntry:
    """Leaves the list, or declines the place offered and leaves; the place goes to the next. Left already, it stays."""
    entry = get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id, lock=True)
    if entry.status not in OPEN:
        return entry
    end_waiting(desk, entry=entry, status=CANCELLED, reason=reason, note=note)
    if entry.hold_id is not None:
        release_hold(desk, hold_id=entry.hold_id)
    return entry


def accept_offer(desk: Desk, *, entry_id: int, contact_id: int) -> Appointment:
    """Books the place offered; again, the same appointment. Raises what ``appointments.book`` raises."""
    entry = get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id, lock=True)
    if entry.hold_id is None:
        raise WrongState("not_offered", field="waitlist", value=entry.id)
    appointment = book(desk, hold_id=entry.hold_id, patient_id=entry.patient_id)
    desk.session.refresh(entry)
    return appointment
