"""Lifting a suspension 恢复出诊: the doctor comes after all.

Who has not chosen yet keeps the number he had, and is told so, also who was told by telephone only; who has moved, or has said that he does not come, keeps what
he chose. The places go on sale again, and the waitlist hears of them as of any other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from services.appointments import Appointment, get_appointment, reinstate
from services.closings import Suspension, close_slots, list_suspensions_of, reopen_slots
from services.desk import Desk
from services.errors import NotFound
from services.finding import get_record, list_records
from services.history import change_state
from services.offers import offer_place
from services.patients import Patient
from services.promises import cancel_promises, next_telling, promise
from services.reminders import describe_appointment
from services.slots import UNAVAILABLE, Slot
from services.suspensions import (
    CALLED,
    REBOOKED,
    RESUMED,
    UNSETTLED,
    SuspensionNotice,
    find_booked_since,
    list_notices,
)

REASON = "resumed"
NOT_CHOSEN = (*UNSETTLED, CALLED)
"""Told on the telephone and seeing for himself, he has neither another number nor said that he wants none."""


@dataclass(frozen=True, slots=True)
class ResumedSession:
    suspensions: tuple[Suspension, ...]
    appointments: tuple[Appointment, ...]
    """All that stand again, also when it is told a second time."""


def resume_session(
    desk: Desk, *, doctor_id: str, date: dt.date, period: str = "", reason: str = ""
) -> ResumedSession:
    """Opens the session again, all of the day's without a period. Idempotent; of a whole day suspended one half-day may
    come back alone. Raises ``NotFound`` with field ``suspension`` where nothing of the kind was suspended."""
    standing = _list_meant(desk, doctor_id, date, period)
    for one in standing:
        if period and not one.period:
            _keep_closed(desk, one, besides=period)
        reopen_slots(desk, suspension=one, reason=reason.strip() or REASON)
        for notice in list_notices(desk, suspension_id=one.id, statuses=NOT_CHOSEN):
            _resume(desk, notice.id, period)
    if standing:
        _offer_places(desk, doctor_id, date, period)
    return find_resumed(desk, doctor_id=doctor_id, date=date, period=period)


def find_resumed(desk: Desk, *, doctor_id: str, date: dt.date, period: str = "") -> ResumedSession:
    """What was lifted, and all that stand again by it; raises ``NotFound`` where nothing was."""
    lifted = _list_meant(desk, doctor_id, date, period, lifted=True)
    if not lifted:
        raise NotFound(field="suspension", value=doctor_id)
    stands = [
        get_appointment(desk, appointment_id=notice.appointment_id)
        for one in lifted
        for notice in list_notices(desk, suspension_id=one.id, statuses=(RESUMED,))
    ]
    return ResumedSession(tuple(lifted), tuple(one for one in stands if period in ("", one.period)))


def _list_meant(
    desk: Desk, doctor_id: str, date: dt.date, period: str, *, lifted: bool = False
) -> list[Suspension]:
    found = list_suspensions_of(desk, doctor_id=doctor_id, date=date, lifted=lifted)
    return [one for one in found if not period or one.period in ("", period)]


def list_standing(desk: Desk, *, limit: int = 100) -> list[Suspension]:
    """Suspensions of today and later, the soonest first."""
    standing = (col(Suspension.date) >= desk.now.date(), col(Suspension.lifted_at).is_(None))
    order = (col(Suspension.date), col(Suspension.id))
    return list_records(desk, Suspension, *standing, order=order, limit=limit)


def _keep_closed(desk: Desk, whole: Suspension, *, besides: str) -> None:
    """The other half-days of a day suspended as a whole stay closed, each by its own suspension."""
    query = select(Slot.period).where(
        Slot.hospital_id == desk.hospital_id, Slot.doctor_id == whole.doctor_id, Slot.date == whole.date
    )
    for other in sorted(set(desk.session.exec(query)) - {besides}):
        close_slots(desk, doctor_id=whole.doctor_id, date=whole.date, period=other, reason=whole.reason)


def _resume(desk: Desk, notice_id: int, period: str) -> None:
    notice = get_record(desk, SuspensionNotice, notice_id, lock=True)
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    if notice.status not in NOT_CHOSEN or (period and old.period != period):
        return
    mine = find_booked_since(desk, notice)
    if mine is not None:  # he has found another number by himself
        notice.rebooked_id = mine.id
        change_state(desk, record=notice, new=REBOOKED, reason="by_himself")
        return
    if not reinstate(desk, appointment_id=old.id, reason=REASON):
        return
    untold = cancel_promises(desk, subject=notice.subject, kind="session_suspended")
    heard = notice.status == CALLED or not untold
    change_state(desk, record=notice, new=RESUMED, reason=REASON)
    if not heard:
        return
    rules = desk.hospital.outpatients.suspension
    urgent = old.start - desk.now < dt.timedelta(hours=rules.wakes_within_hours)
    patient = desk.session.get_one(Patient, notice.patient_id)
    promise(
        desk,
        contact_id=notice.contact_id,
        kind="session_resumed",
        due_at=desk.now if urgent else next_telling(desk),
        drop_after=old.start,
        urgent=urgent,
        subject=notice.subject,
        slots=describe_appointment(old, patient) | {"record": notice.id},
    )


def _offer_places(desk: Desk, doctor_id: str, date: dt.date, period: str) -> None:
    query = select(Slot.id).where(
        Slot.hospital_id == desk.hospital_id,
        Slot.doctor_id == doctor_id,
        Slot.date == date,
        Slot.status != UNAVAILABLE,
    )
    if period:
        query = query.where(Slot.period == period)
    for slot_id in list(desk.session.exec(query.order_by(col(Slot.start)))):
        while offer_place(desk, slot_id=slot_id) is not None:
            pass
