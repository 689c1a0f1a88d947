"""Holds: a place kept while the patient confirms.

A hold is counted in its slot's ``taken`` and lives for the rule's ``hold_minutes``; ``appointments.book`` turns it into
an appointment in the same transaction.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select

from services.desk import Desk
from services.errors import Taken, WrongState
from services.limits import check_booking
from services.offers import offer_place, settle_offer
from services.patients import Patient, get_patient
from services.promises import cancel_promises, promise
from services.referrals import Referral, find_referral
from services.registration import (
    CONFIRMED,
    EXPIRED,
    HELD,
    HELD_NOW,
    RELEASED,
    Appointment,
    Hold,
    get_appointment,
    get_hold,
)
from services.slots import get_slot, give_back, take_place, take_reserved

_HOLD: sa.Table = Hold.__table__  # type: ignore[attr-defined]
_CHANGE = (
    sa.update(_HOLD)
    .where(
        _HOLD.c.id == sa.bindparam("hold_id"),
        _HOLD.c.hospital_id == sa.bindparam("hospital"),
        _HOLD.c.status == sa.bindparam("old"),
    )
    .values(status=sa.bindparam("status"), ended_at=sa.bindparam("ended_at"))
)
HOLDS_PER_CONTACT = 2
"""One being confirmed and one for a second patient; the oldest beyond is let go, so nobody empties a clinic."""


def hold_slot(
    desk: Desk,
    *,
    slot_id: int,
    contact_id: int,
    patient_id: int | None = None,
    moving_id: int | None = None,
) -> Hold:
    """Keeps a place for ``hold_minutes``; asked twice for the same slot, the same hold is given.

    With ``patient_id`` the rules are checked now, before the patient confirms (``moving_id``: the appointment to be
    moved, which is not counted). Raises ``Taken("full")``, ``Invalid("past")``, and ``NotAllowed`` (``suspended``, ``not_open_yet`` and the codes
    of ``limits.check_booking``).
    """
    referred = False
    if patient_id is not None:
        patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
        moving = None if moving_id is None else get_appointment(desk, appointment_id=moving_id)
        slot = get_slot(desk, slot_id=slot_id)
        check_booking(desk, patient=patient, slot=slot, moving=moving)
        referred = (
            slot.reserved > 0
            and find_usable_referral(desk, patient=patient, department=slot.department, moving=moving)
            is not None
        )
    mine = select(Hold).where(
        Hold.hospital_id == desk.hospital_id, Hold.contact_id == contact_id, Hold.status == HELD
    )
    held = list(desk.session.exec(mine.order_by(col(Hold.id)).execution_options(populate_existing=True)))
    held = [one for one in held if one.expires_at > desk.now]
    for one in held:
        if one.slot_id == slot_id:
            return one
    reserved = referred and take_reserved(desk, slot_id=slot_id)
    if not reserved:
        take_place(desk, slot_id=slot_id)
    asked = [one for one in held if not one.offered]
    if len(asked) >= HOLDS_PER_CONTACT:
        release_hold(desk, hold_id=asked[0].id)
    minutes = desk.hospital.registration.hold_minutes
    hold = Hold(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot_id,
        contact_id=contact_id,
        expires_at=desk.now + dt.timedelta(minutes=minutes),
        reserved=reserved,
    )
    desk.session.add(hold)
    desk.session.flush()
    promise(
        desk,
        contact_id=contact_id,
        kind="hold_expired",
        due_at=hold.expires_at,
        drop_after=hold.expires_at + dt.timedelta(minutes=30),
        urgent=True,
        subject=hold.subject,
        slots={"hold": hold.id, "slot": slot_id} | ({"record": moving_id} if moving_id else {}),
    )
    return hold


def release_hold(desk: Desk, *, hold_id: int) -> bool:
    """Gives the place back; False where the hold had ended before."""
    return _end(desk, hold_id, RELEASED)


def expire_holds(desk: Desk, *, limit: int = 200) -> list[Hold]:
    """Ends the holds whose time is over and gives their places back; for the clock. Two clocks do it once."""
    query = (
        select(Hold.id)
        .where(Hold.hospital_id == desk.hospital_id, HELD_NOW, Hold.expires_at <= desk.now)
        .order_by(col(Hold.slot_id), col(Hold.id))
        .limit(limit)
    )
    ended = [one for one in desk.session.exec(query).all() if _end(desk, one, EXPIRED)]
    return [get_hold(desk, hold_id=one) for one in ended]


def confirm_hold(desk: Desk, *, hold: Hold) -> None:
    """Ends the hold as confirmed, its place staying taken; takes the place anew where the hold has run out."""
    if not _change(desk, hold.id, HELD, CONFIRMED):  # also past its time, while nobody has ended it
        hold = get_hold(desk, hold_id=hold.id)
        if hold.status != EXPIRED:
            raise WrongState(hold.status, field="hold", value=hold.id)
        hold.reserved = hold.reserved and take_reserved(desk, slot_id=hold.slot_id)
        desk.session.add(hold)
        desk.session.flush()
        try:
            if not hold.reserved:
                take_place(desk, slot_id=hold.slot_id)
        except Taken:
            raise Taken("hold_expired", field="hold", value=hold.id) from None
        _change(desk, hold.id, EXPIRED, CONFIRMED)
    cancel_promises(desk, subject=hold.subject)
    set_committed_value(hold, "status", CONFIRMED)  # what the statement above has written
    set_committed_value(hold, "ended_at", desk.now)


def find_usable_referral(
    desk: Desk, *, patient: Patient, department: str, moving: Appointment | None
) -> Referral | None:
    """The patient's referral into the department, also the one that the appointment to be moved has used."""
    if moving is not None and moving.reserved and moving.department == department:
        used = select(Referral).where(Referral.appointment_id == moving.id)
        return desk.session.exec(used.limit(1)).first()
    return find_referral(desk, person=patient.person, department=department)


def _end(desk: Desk, hold_id: int, status: str) -> bool:
    ended = _change(desk, hold_id, HELD, status)
    if ended:
        hold = get_hold(desk, hold_id=hold_id)
        give_back(desk, slot_id=hold.slot_id, reserved=hold.reserved, extra=hold.extra)
        if status != EXPIRED:
            cancel_promises(desk, subject=hold.subject)
        if hold.offered:
            settle_offer(desk, hold=hold)
        offer_place(desk, slot_id=hold.slot_id)
    return ended


def _change(desk: Desk, hold_id: int, old: str, new: str) -> bool:
    desk.session.flush()
    values = {
        "hold_id": hold_id,
        "hospital": desk.hospital_id,
        "old": old,
        "status": new,
        "ended_at": desk.now,
    }
    return desk.session.connection().execute(_CHANGE, values).rowcount == 1
