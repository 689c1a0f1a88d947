"""An escort asked for already, at another hour: the same request, number and needs; who was to come is free again."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from services.assignments import assign_escort, release_companions
from services.cutoffs import check_cut_off
from services.desk import Desk
from services.errors import NotAllowed, Taken, WrongState
from services.escorts import (
    ACCEPTED,
    REQUESTED,
    Escort,
    check_start,
    give_place_back,
    promise_meeting,
    take_place,
)
from services.finding import get_record
from services.history import change_state, record_change
from services.promises import cancel_promises


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
    check_cut_off(desk, escort, minutes=desk.hospital.escort.cancel_before_minutes)
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
    promise_meeting(desk, escort)
    if was == ACCEPTED:  # somebody had been found: he hears at once who comes now, if the rule finds one
        with suppress(NotAllowed, WrongState):
            assign_escort(desk, escort_id=escort.id)
    return escort
