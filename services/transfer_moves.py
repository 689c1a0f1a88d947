"""A ride arranged already, at another hour: the same request and number; who was to drive is free again."""

from __future__ import annotations

import datetime as dt

from services.cutoffs import check_cut_off
from services.desk import Desk
from services.errors import Taken, WrongState
from services.finding import get_record
from services.history import change_state, record_change
from services.promises import cancel_promises
from services.transfers import (
    ACCEPTED,
    REQUESTED,
    Transfer,
    check_start,
    give_places_back,
    promise_reminder,
    take_places,
)


def move_transfer(desk: Desk, *, transfer_id: int, contact_id: int, start: dt.datetime) -> Transfer:
    """The ride goes at another hour under the same number; who was to drive is free again. The same hour changes nothing.

    Raises what ``check_start`` raises, ``NotAllowed("too_late")`` after the cut-off of the old hour, ``Taken("full")``,
    ``WrongState`` where it is under way or over.
    """
    transfer = get_record(desk, Transfer, transfer_id, contact_id=contact_id, lock=True)
    start = start.replace(minute=0, second=0, microsecond=0)
    if transfer.start == start:
        return transfer
    if transfer.status not in (REQUESTED, ACCEPTED):
        raise WrongState(transfer.status, field="status", value=REQUESTED)
    check_cut_off(desk, transfer, minutes=desk.hospital.transfers.cancel_before_minutes)
    check_start(desk, start=start)
    old, places = transfer.start, {"seats": transfer.seats, "stretchers": transfer.stretchers}
    give_places_back(desk, transfer)
    try:
        take_places(desk, start=start, hours=transfer.hours_taken, **places)
    except Taken:
        take_places(desk, start=old, hours=transfer.hours_taken, **places)
        raise
    was, why = transfer.status, f"moved from {old:%Y-%m-%d %H:%M}"
    transfer.start = start
    transfer.driver = transfer.driver_phone = None
    cancel_promises(desk, subject=transfer.subject)
    if was == ACCEPTED:
        change_state(desk, record=transfer, new=REQUESTED, reason=why)
    else:
        record_change(desk, record=transfer, old=was, new=was, reason=why)
    desk.session.add(transfer)
    promise_reminder(desk, transfer)
    desk.session.flush()
    return transfer
