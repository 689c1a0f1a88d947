"""An escort asked for already, at another hour: the same request, number and needs; who was to come is free again."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from services.assignments import assign_escort, release_companions
from services.desk import Desk
from services.errors import NotAllowed, Taken, WrongState
from services.escorts import (
    ACCEPTED,
    REQUESTED,
    Escort,
    check_start,
    describe_escort,
    give_place_back,
    take_place,
)
from services.finding import get_record
from services.history import change_state, record_change
from services.patients import get_patient
from services.promises import cancel_promises, promise


def move_escort(desk: Desk, *, escort_id: int, contact_id: int, start: dt.datetime) -> Escort:
    """The escort meets the patient at another hour; the same hour again changes nothing.

    Raises what ``check_start`` raises, ``NotAllowed("too_late")`` after the cut-off of the old hour, ``Taken("full")``,
    ``WrongState`` where it is under way or over.
    """
    escort = get_record(desk, Escort, escort_id, contact_id=contact_id, lock=True)
    if escort.start == start:
        return escort
    if escort.status not in (REQUESTED, ACCEPTED):
        raise WrongState(escort.status, field="status", value=REQUESTED)
    until = escort.start - dt.timedelta(minutes=desk.hospital.escort.cancel_before_minutes)
    if desk.now > until:
        raise NotAllowed("too_late", field="escort", value=escort.id, until=until)
    check_start(desk, start=start)
    entitled, old = bool(escort.ground), escort.start
    give_place_back(desk, start=old, count=escort.staff_count, entitled=entitled)
    try:
        take_place(desk, start=start, count=escort.staff_count, entitled=entitled)
    except Taken:
        take_place(desk, start=old, count=escort.staff_count, entitled=entitled)
        raise
    escort.start = start
    was = escort.status
    why = f"moved from {old:%Y-%m-%d %H:%M}"
    cancel_promises(desk, subject=escort.subject)
    if was == ACCEPTED:
        release_companions(desk, escort=escort, reason=why)
        escort.companion = escort.companion_phone = None
        change_state(desk, record=escort, new=REQUESTED, reason=why)
    else:
        desk.session.add(escort)
        record_change(desk, record=escort, old=was, new=was, reason=why)
    desk.session.flush()
    _remind(desk, escort)
    if was == ACCEPTED:  # somebody had been found: he hears at once who comes now, if the rule finds one
        with suppress(NotAllowed, WrongState):
            assign_escort(desk, escort_id=escort.id)
    return escort


def _remind(desk: Desk, escort: Escort) -> None:
    due = escort.start - dt.timedelta(minutes=desk.hospital.escort.remind_minutes_before)
    if due > desk.now:
        patient = get_patient(desk, patient_id=escort.patient_id)
        promise(
            desk,
            contact_id=escort.contact_id,
            kind="escort_meeting",
            due_at=due,
            drop_after=escort.start,
            subject=escort.subject,
            slots=describe_escort(escort, patient),
        )
