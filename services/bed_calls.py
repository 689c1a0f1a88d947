"""The clock gives every free bed to whoever is next, and a patient who cannot come lets it go to the next."""

from __future__ import annotations

from services.bed_turns import find_turns
from services.desk import Desk
from services.errors import NotAllowed, Taken
from services.finding import get_record
from services.line_records import get_line
from services.line_states import advance_line, enter
from services.requests import ServiceRequest


def call_next(desk: Desk, *, limit: int = 50) -> int:
    """Every free bed goes to the first whom it fits; returns how many were called."""
    done = 0
    for one, goal in find_turns(desk)[:limit]:
        try:
            with desk.session.begin_nested():
                advance_line(desk.acting_as("clock"), request_id=one.id, stage=goal.id, reason="turn")
        except Taken:
            continue  # the bed went to whoever stood before him
        done += 1
    return done


def postpone_request(desk: Desk, *, request_id: int, contact_id: int | None = None) -> ServiceRequest:
    """「这次来不了，接着排」: the bed is free for the next, and he waits on, behind those who wait already.

    Raises ``NotAllowed("too_late")`` where its state does not let the patient go back.
    """
    request = get_record(desk, ServiceRequest, request_id, contact_id=contact_id, lock=True)
    line = get_line(desk, request.line)
    back = line.get_state(request.stage).back
    if back is None:
        raise NotAllowed("too_late", field="record", value=request.id, stage=request.stage)
    void = {field.slot: None for field in line.get_state(request.stage).needs}
    passed = {"passed_at": desk.now.isoformat(timespec="seconds")}
    enter(desk, line, request, line.get_state(back), reason="postponed", given=void | passed)
    return request
