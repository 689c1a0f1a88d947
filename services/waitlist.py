"""The waitlist 候补: who wants a full session is offered the place that somebody gives back, in the order of joining.

States by FHIR R4 (appointmentstatus): ``waitlist``, ``proposed`` (a place is kept for the answer), ``booked``,
``cancelled``. An offer not answered goes to the next, and who let it pass stays on the list, behind the others.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, and_, col, or_, select

from services.appointments import Appointment, book, get_hold, hold_slot, release_hold
from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, ServiceError, Taken, WrongState
from services.finding import get_record
from services.history import change_state, record_change
from services.limits import check_fit
from services.numbers import order_number
from services.patients import Patient, get_patient
from services.promises import cancel_promises, is_quiet, promise, tell
from services.registration import BOOKED, CANCELLED, CONFIRMED, HELD, PROPOSED, WAITLIST
from services.schedules import Slot, find_free_slots, get_slot, parse_days

OPEN = (WAITLIST, PROPOSED)
Wish = tuple[str, str | None, str, str | None]


class WaitlistEntry(Record, table=True):
    __tablename__ = "waitlist"
    __table_args__ = (
        Index("ix_waitlist_contact", "contact_id"),
        Index("ix_waitlist_status", "hospital_id", "status"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=WAITLIST, max_length=12)
    department: str = Field(max_length=40)
    doctor: str | None = Field(default=None, max_length=40)
    first_day: dt.date
    last_day: dt.date
    period: str | None = Field(default=None, max_length=10)
    hold_id: int | None = Field(default=None, foreign_key="hold.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    offers: int = 0
    ended_reason: str | None = Field(default=None, max_length=40)


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

    Raises ``NotAllowed`` with code ``too_many_waiting`` or those of ``limits.check_fit``, and ``Invalid("past")``.
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


def leave_waitlist(desk: Desk, *, entry_id: int, contact_id: int, reason: str = "patient") -> WaitlistEntry:
    """Leaves the list, or declines the place offered and leaves; left already, it stays."""
    entry = get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id, lock=True)
    if entry.status not in OPEN:
        return entry
    if entry.hold_id is not None:
        release_hold(desk, hold_id=entry.hold_id)
    _end(desk, entry, CANCELLED, reason)
    return entry


def accept_offer(desk: Desk, *, entry_id: int, contact_id: int) -> Appointment:
    """Books the place offered; again, the same appointment. Raises what ``appointments.book`` raises."""
    entry = get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id, lock=True)
    if entry.hold_id is None:
        raise WrongState("not_offered", field="waitlist", value=entry.id)
    appointment = book(desk, hold_id=entry.hold_id, patient_id=entry.patient_id)
    if entry.status != BOOKED:
        entry.appointment_id = appointment.id
        _end(desk, entry, BOOKED, None)
    return appointment


def offer_freed_slots(desk: Desk, *, limit: int = 50) -> int:
    """For the clock, outside quiet hours: keeps a freed place for whoever waits longest and promises the offer.

    Also puts back who let an offer pass, and ends what nobody can wait for any more. Returns how many offers.
    """
    _settle(desk)
    if is_quiet(desk):
        return 0
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id, WaitlistEntry.status == WAITLIST
    )
    query = query.order_by(col(WaitlistEntry.offers), col(WaitlistEntry.id)).limit(limit)
    nothing: set[Wish] = set()
    return sum(
        _offer(desk, entry, nothing)
        for entry in list(desk.session.exec(query.with_for_update(skip_locked=True)))
    )


def _offer(desk: Desk, entry: WaitlistEntry, nothing: set[Wish]) -> bool:
    days = f"{max(entry.first_day, desk.now.date())}/{entry.last_day}"
    wish = (entry.department, entry.doctor, days, entry.period)
    if wish in nothing:
        return False
    free = find_free_slots(
        desk, department=entry.department, doctor=entry.doctor, date=days, period=entry.period, limit=3
    )
    if not free:
        nothing.add(wish)
    minutes = desk.hospital.registration.waitlist_offer_minutes
    for slot in free:
        if slot.start < desk.now + dt.timedelta(minutes=minutes):
            continue
        try:
            hold = hold_slot(
                desk,
                slot_id=slot.id,
                contact_id=entry.contact_id,
                patient_id=entry.patient_id,
                offer_minutes=minutes,
            )
        except Taken:
            continue
        except (
            ServiceError
        ):  # the patient has another appointment then, or a limit: the place is for the next
            return False
        entry.hold_id, entry.offers = hold.id, entry.offers + 1
        change_state(desk, record=entry, new=PROPOSED)
        patient = get_patient(desk, patient_id=entry.patient_id)
        promise(
            desk,
            contact_id=entry.contact_id,
            kind="waitlist_offer",
            due_at=desk.now,
            drop_after=hold.expires_at,
            subject=entry.subject,
            slots=describe_entry(entry, patient, slot)
            | {"until": f"{hold.expires_at:%H:%M}", "hold": hold.id},
        )
        return True
    return False


def _settle(desk: Desk) -> None:
    """Offers answered elsewhere or run out, and days gone by."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        or_(
            WaitlistEntry.status == PROPOSED,
            and_(WaitlistEntry.status == WAITLIST, WaitlistEntry.last_day < desk.now.date()),
        ),
    )
    for entry in list(desk.session.exec(query.with_for_update(skip_locked=True))):
        if entry.status == PROPOSED and entry.hold_id is not None:
            hold = get_hold(desk, hold_id=entry.hold_id)
            if hold.status == HELD:
                continue
            if hold.status == CONFIRMED:
                entry.appointment_id = hold.appointment_id
                _end(desk, entry, BOOKED, None)
                continue
            entry.hold_id = None
            cancel_promises(desk, subject=entry.subject)
            change_state(desk, record=entry, new=WAITLIST, reason="offer_passed")
        if entry.last_day < desk.now.date():
            _end(desk, entry, CANCELLED, "over")
            patient = desk.session.get(Patient, entry.patient_id)
            assert patient is not None
            tell(
                desk,
                contact_id=entry.contact_id,
                kind="waitlist_over",
                subject=entry.subject,
                slots=describe_entry(entry, patient),
            )


def _end(desk: Desk, entry: WaitlistEntry, status: str, reason: str | None) -> None:
    entry.ended_reason = reason
    change_state(desk, record=entry, new=status, reason=reason)
    cancel_promises(desk, subject=entry.subject)


def get_entry(desk: Desk, *, entry_id: int, contact_id: int | None = None) -> WaitlistEntry:
    return get_record(desk, WaitlistEntry, entry_id, contact_id=contact_id)


def list_waitlist(desk: Desk, *, contact_id: int | None = None, limit: int = 50) -> list[WaitlistEntry]:
    """Those waiting or offered, in the order of joining."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id, col(WaitlistEntry.status).in_(OPEN)
    )
    if contact_id is not None:
        query = query.where(WaitlistEntry.contact_id == contact_id)
    query = query.order_by(col(WaitlistEntry.id)).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def find_offered_slot(desk: Desk, *, entry: WaitlistEntry) -> Slot | None:
    """The slot now kept for the entry."""
    if entry.hold_id is None:
        return None
    return get_slot(desk, slot_id=get_hold(desk, hold_id=entry.hold_id).slot_id)


def describe_entry(entry: WaitlistEntry, patient: Patient, slot: Slot | None = None) -> dict[str, Any]:
    """The entry in the slots of the contract; with the slot offered, its day, hour and place."""
    days = entry.first_day.isoformat()
    if entry.last_day != entry.first_day:
        days += f"/{entry.last_day.isoformat()}"
    found: dict[str, Any] = {
        "record": entry.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "department": entry.department,
        "doctor": entry.doctor,
        "date": days,
        "period": entry.period,
        "order_number": entry.order_number,
    }
    if slot is not None:
        found |= {
            "slot": slot.id,
            "doctor": slot.doctor,
            "date": slot.date.isoformat(),
            "period": slot.period,
            "time": f"{slot.start:%H:%M}",
            "end_time": f"{slot.end:%H:%M}",
            "place": slot.place,
            "fee": slot.fee,
        }
    return found
