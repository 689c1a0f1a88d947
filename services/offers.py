"""A place given back is offered, in the same transaction, to whoever comes first in line and can take it.

So no slot stands idle while somebody waits for it, and nobody who happens to look at the right moment takes it before
those in line. One person at a time: the place is held for him until the hour told; then it goes to the next. In quiet
hours it is kept as well, and told in the morning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from services.desk import Desk
from services.errors import ServiceError
from services.history import change_state
from services.limits import check_booking
from services.patients import Patient
from services.promises import cancel_promises, next_telling, promise, tell
from services.registration import (
    BOOKED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    HELD,
    PROPOSED,
    WAITLIST,
    Hold,
)
from services.slots import FREE, UNAVAILABLE, Slot, get_slot, last_open_day, take_place
from services.waiting import WaitlistEntry, describe_entry, wants

LAPSED = "waitlist_lapsed"
"""The promise that tells an offer not answered in time."""


def offer_place(desk: Desk, *, slot_id: int) -> WaitlistEntry | None:
    """Keeps one free place of the slot for the first in line who can take it, and promises the offer; ``None`` where
    there is no place, nobody waits for it, or too little time is left to answer.
    """
    slot = get_slot(desk, slot_id=slot_id)
    if slot.remaining < 1 or slot.start < _soonest_start(desk) or slot.date > last_open_day(desk):
        return None
    for entry in _line_for(desk, slot):
        if wants(desk, entry, slot) and _can_take(desk, entry, slot):
            return _offer(desk, entry, slot)
    return None


def _answer_until(desk: Desk) -> dt.datetime:
    return next_telling(desk) + dt.timedelta(minutes=desk.hospital.registration.waitlist_offer_minutes)


def _soonest_start(desk: Desk) -> dt.datetime:
    """Who answers at the last moment must still be able to come."""
    return _answer_until(desk) + dt.timedelta(minutes=desk.hospital.registration.arrive_minutes_before)


def _line_for(desk: Desk, slot: Slot) -> list[WaitlistEntry]:
    """Those who wait in the department for this day, first come first. Who is being changed by another transaction is
    left out, not waited for: the two could otherwise wait for each other."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        WaitlistEntry.status == WAITLIST,
        WaitlistEntry.department == slot.department,
        WaitlistEntry.first_day <= slot.date,
        WaitlistEntry.last_day >= slot.date,
        sa.or_(col(WaitlistEntry.period).is_(None), col(WaitlistEntry.period) == slot.period),
    )
    query = query.order_by(col(WaitlistEntry.offers), col(WaitlistEntry.id)).with_for_update(skip_locked=True)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def _can_take(desk: Desk, entry: WaitlistEntry, slot: Slot) -> bool:
    """The rules let the patient have this slot, his contact is not just confirming the very same, and no other place of
    the department that day is being kept for him: he could take only one."""
    patient = desk.session.get_one(Patient, entry.patient_id)
    try:
        check_booking(desk, patient=patient, slot=slot)
    except ServiceError:
        return False
    kept = (
        select(WaitlistEntry.id)
        .join(Hold, col(WaitlistEntry.hold_id) == col(Hold.id))
        .join(Slot, col(Hold.slot_id) == col(Slot.id))
        .join(Patient, col(WaitlistEntry.patient_id) == col(Patient.id))
        .where(
            WaitlistEntry.hospital_id == desk.hospital_id,
            WaitlistEntry.status == PROPOSED,
            WaitlistEntry.department == slot.department,
            Slot.date == slot.date,
            Patient.person == patient.person,
        )
    )
    if desk.session.exec(kept.limit(1)).first() is not None:
        return False
    query = select(Hold.id).where(
        Hold.slot_id == slot.id, Hold.contact_id == entry.contact_id, Hold.status == HELD
    )
    return desk.session.exec(query).first() is None


def _offer(desk: Desk, entry: WaitlistEntry, slot: Slot) -> WaitlistEntry | None:
    try:
        take_place(desk, slot_id=slot.id)
    except ServiceError:  # taken in this very moment
        return None
    hold = Hold(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot.id,
        contact_id=entry.contact_id,
        expires_at=_answer_until(desk),
        offered=True,
    )
    desk.session.add(hold)
    desk.session.flush()
    entry.hold_id = hold.id
    change_state(desk, record=entry, new=PROPOSED, reason="place_freed")
    cancel_promises(
        desk, subject=entry.subject, kind=LAPSED
    )  # he need not hear that he lost what he has again
    patient = desk.session.get_one(Patient, entry.patient_id)
    promise(
        desk,
        contact_id=entry.contact_id,
        kind="waitlist_offer",
        due_at=next_telling(desk),
        drop_after=hold.expires_at,
        subject=entry.subject,
        slots=describe_entry(entry, patient, slot) | {"until": f"{hold.expires_at:%H:%M}", "hold": hold.id},
    )
    return entry


def settle_offer(desk: Desk, *, hold: Hold) -> None:
    """What an offer has come to, when its hold has ended: booked, or not answered and back in line, behind those who
    let fewer pass; too often not answered, and the waiting ends.
    """
    query = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        WaitlistEntry.hold_id == hold.id,
        WaitlistEntry.status == PROPOSED,
    )
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    entry = desk.session.exec(query).first()
    if entry is None or hold.status == HELD:
        return
    if hold.status == CONFIRMED:
        entry.appointment_id = hold.appointment_id
        end_waiting(desk, entry=entry, status=BOOKED)
        return
    cancel_promises(desk, subject=entry.subject)
    entry.hold_id = None
    withdrawn = get_slot(desk, slot_id=hold.slot_id).status == UNAVAILABLE
    entry.offers += not withdrawn
    if entry.offers >= desk.hospital.outpatients.offers.most_unanswered:
        end_waiting(desk, entry=entry, status=CANCELLED, reason="unanswered", tells=True)
        return
    reason = "suspended" if withdrawn else "not_answered" if hold.status == EXPIRED else "released"
    change_state(desk, record=entry, new=WAITLIST, reason=reason)
    if reason == "not_answered":
        _tell(desk, entry, LAPSED, {"slot": hold.slot_id})


def offer_freed_slots(desk: Desk) -> int:
    """For the clock: what no other act has offered (numbers of a new day, added ones), and what nobody can wait for
    any more. Returns how many offers.
    """
    _settle(desk)
    waiting = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id, WaitlistEntry.status == WAITLIST
    )
    by_department: dict[str, list[WaitlistEntry]] = defaultdict(list)
    for entry in desk.session.exec(waiting):
        by_department[entry.department].append(entry)
    offered = 0
    for department, entries in sorted(by_department.items()):
        for slot in _free_slots(desk, department, entries):
            while any(one.status == WAITLIST and wants(desk, one, slot) for one in entries):
                if offer_place(desk, slot_id=slot.id) is None:
                    break
                offered += 1
    return offered


def _free_slots(desk: Desk, department: str, entries: list[WaitlistEntry]) -> list[Slot]:
    query = select(Slot).where(
        Slot.hospital_id == desk.hospital_id,
        Slot.department == department,
        Slot.date >= max(desk.now.date(), min(one.first_day for one in entries)),
        Slot.date <= min(last_open_day(desk), max(one.last_day for one in entries)),
        Slot.status == FREE,
        col(Slot.taken) < col(Slot.capacity),
        Slot.start >= _soonest_start(desk),
    )
    return list(desk.session.exec(query.order_by(col(Slot.start), col(Slot.id))))


def _settle(desk: Desk) -> None:
    """Offers whose hold ended while the entry was locked by another, and days gone by."""
    ended = select(Hold).join(WaitlistEntry, col(WaitlistEntry.hold_id) == col(Hold.id))
    ended = ended.where(
        WaitlistEntry.hospital_id == desk.hospital_id, WaitlistEntry.status == PROPOSED, Hold.status != HELD
    )
    for hold in list(desk.session.exec(ended.execution_options(populate_existing=True))):
        settle_offer(desk, hold=hold)
    past = select(WaitlistEntry).where(
        WaitlistEntry.hospital_id == desk.hospital_id,
        WaitlistEntry.status == WAITLIST,
        WaitlistEntry.last_day < desk.now.date(),
    )
    for entry in list(desk.session.exec(past.with_for_update(skip_locked=True))):
        end_waiting(desk, entry=entry, status=CANCELLED, reason="over", tells=True)


def end_waiting(
    desk: Desk,
    *,
    entry: WaitlistEntry,
    status: str,
    reason: str | None = None,
    note: str | None = None,
    tells: bool = False,
) -> None:
    """Takes the entry off the list; what was promised about it is taken back, and with ``tells`` the contact is told
    that the waiting is over. ``note`` is what staff wrote: it stands in the history, which is encrypted."""
    entry.ended_reason = reason
    change_state(desk, record=entry, new=status, reason=note or reason)
    cancel_promises(desk, subject=entry.subject)
    if tells:
        _tell(desk, entry, "waitlist_over", {"outcome": reason})


def _tell(desk: Desk, entry: WaitlistEntry, kind: str, more: dict[str, Any]) -> None:
    patient = desk.session.get_one(Patient, entry.patient_id)
    tell(
        desk,
        contact_id=entry.contact_id,
        kind=kind,
        subject=entry.subject,
        slots=describe_entry(entry, patient) | more,
    )
