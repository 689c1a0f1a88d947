"""A request of a service line on its way: each state of the line's file entered, with the bed, the seat, the deadline and the
reminders that go with it; every move in the history, and told where the file says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson

from knowledge.schema import Line, LineState
from knowledge.schema.lines import ENDED, LineField, Span
from services import beds
from services.bed_turns import check_turn
from services.deadlines import count_deadline
from services.desk import Desk
from services.errors import Invalid, NotAllowed, WrongState, describe_known
from services.events import take_event
from services.finding import get_record
from services.history import record_change
from services.line_records import get_line
from services.numbers import give_one_back
from services.promises import cancel_promises, promise, tell
from services.requests import ServiceRequest

REMINDER_KEEPS = dt.timedelta(hours=12)
FARTHEST = dt.timedelta(days=366)
CORRECTED = "corrected"
"""Begins the reason of a change that leaves the state and tells anew what staff had said with it."""
WHY = "why"
"""The slot in which a state asks for its reason, where the patient reads it."""
NEWS, REMINDER = "request_changed", "request_reminder"
"""Kinds of promises, and the flows that keep them."""


def advance_line(
    desk: Desk,
    *,
    request_id: int,
    stage: str,
    given: Mapping[str, Any] | None = None,
    reason: str | None = None,
    external_id: str | None = None,
    staff_id: int | None = None,
) -> ServiceRequest:
    """The next state, by staff or another system; the patient is told where the file says so.

    The same ``external_id`` again changes nothing, nor does the state already reached, unless what it wants is told anew:
    another day or number is kept, and the patient hears of it. Raises ``WrongState`` where the state may not follow or not
    be set by this actor, with those that may as ``allowed``; ``Invalid`` (``unknown_stage``, ``missing``, ``date``,
    ``past_day``, ``too_far``, ``time``) with the field at fault, ``Taken("no_bed")`` where a bed is wanted and none is free,
    ``Invalid("out_of_turn")`` with field ``reason`` where others come first and nobody says why they do not.
    """
    request = get_record(desk, ServiceRequest, request_id, lock=True)
    line = get_line(desk, request.line)
    if external_id is not None and not take_event(
        desk, kind="service_request", external_id=external_id, subject=request.subject
    ):
        return request
    if stage not in (known := [one.id for one in line.states]):
        raise Invalid("unknown_stage", field="stage", value=stage, **describe_known(stage, known))
    goal, again = line.get_state(stage), stage == request.stage
    following = list_following(desk, line=line, request=request)
    if not again and stage not in following:
        raise WrongState(request.stage, field="stage", value=stage, allowed=following)
    if again and not _may_enter(desk, goal):
        return request
    told = {name: str(value).strip() for name, value in (given or {}).items() if value not in (None, "")}
    for field in goal.needs:
        if field.ahead is not None and field.slot not in told and not again:
            told[field.slot] = _reckon_day(desk, field).isoformat()
        if field.required and not (told.get(field.slot) or request.slots.get(field.slot)):
            raise Invalid("missing", field=field.slot)
        if field.slot in told:
            _check_field(desk, field, told[field.slot])
    wanted = {field.slot: told[field.slot] for field in goal.needs if field.slot in told}
    if again:
        wanted.pop("bed", None)  # a bed is changed by letting it go
        return _correct(desk, line, request, wanted)
    if goal.bed == "reserve":
        check_turn(desk, line=line, request=request, reason=reason)
    if staff_id is not None:
        request.staff_id = staff_id
    # what the patient is told is why; nobody writes it twice
    enter(desk, line, request, goal, reason=reason or wanted.get(WHY), given=wanted)
    return request


def list_following(desk: Desk, *, line: Line, request: ServiceRequest) -> list[str]:
    """The states into which whoever acts may move it on."""
    following = [line.get_state(one) for one in line.get_state(request.stage).next]
    return [one.id for one in following if _may_enter(desk, one)]


def _correct(desk: Desk, line: Line, request: ServiceRequest, given: Mapping[str, str]) -> ServiceRequest:
    """What staff told with the state it stands in was wrong: kept as it is told now, and said to the patient once more."""
    changed = sorted(name for name, value in given.items() if request.slots.get(name) != value)
    if not changed:
        return request
    request.values = orjson.dumps(request.slots | dict(given)).decode()
    desk.session.add(request)
    reason = f"{CORRECTED} {','.join(changed)}"
    record_change(desk, record=request, old=request.stage, new=request.stage, reason=reason)
    desk.session.flush()
    plan_reminders(desk, line, request)
    if line.get_state(request.stage).tell:
        cancel_promises(desk, subject=request.subject, kind=NEWS)
        tell_news(desk, request)
    return request


def _check_field(desk: Desk, field: LineField, text: str) -> None:
    """A day from today on and within a year (a slip of the year is none), a time of day."""
    try:
        if field.kind == "time":
            dt.time.fromisoformat(text.zfill(5))
        day = dt.date.fromisoformat(text) if field.kind == "date" else None
    except ValueError:
        raise Invalid(field.kind, field=field.slot, value=text) from None
    if day is not None and day < desk.now.date():
        raise Invalid("past_day", field=field.slot, value=day)
    if day is not None and day > desk.now.date() + FARTHEST:
        raise Invalid("too_far", field=field.slot, value=day)


def _reckon_day(desk: Desk, field: LineField) -> dt.date:
    """So many days on; one more where the hour is too late to tell the patient in good time."""
    late = field.before is not None and desk.now.time() > field.before
    return desk.now.date() + dt.timedelta(days=(field.ahead or 0) + late)


def _may_enter(desk: Desk, state: LineState) -> bool:
    actor = desk.actor.partition(":")[0]
    role = {"contact": "patient", "staff": "staff", "api": "api", "clock": "clock"}.get(actor, "staff")
    return role in state.by


def cancel_request(
    desk: Desk, *, request_id: int, contact_id: int | None = None, reason: str = "patient"
) -> ServiceRequest:
    """Cancelled while the state lets the patient do so; cancelled already, it stays. ``NotAllowed("too_late")``."""
    request = get_record(desk, ServiceRequest, request_id, contact_id=contact_id, lock=True)
    if request.status == "cancelled":
        return request
    line = get_line(desk, request.line)
    may_patient_act(desk, request, "cancel", contact_id)
    following = [line.get_state(one) for one in line.get_state(request.stage).next]
    goal = next((one for one in following if one.status == "cancelled"), None)
    if goal is None:
        raise NotAllowed("too_late", field="record", value=request.id, stage=request.stage)
    enter(desk, line, request, goal, reason=reason, given={})
    return request


def may_patient_act(desk: Desk, request: ServiceRequest, deed: str, contact_id: int | None) -> None:
    """Raises ``NotAllowed("too_late")`` where the patient can no longer change or cancel it himself."""
    state = get_line(desk, request.line).get_state(request.stage)
    if state.status in ENDED or (contact_id is not None and deed not in state.patient):
        raise NotAllowed("too_late", field="record", value=request.id, stage=request.stage)


def enter(
    desk: Desk,
    line: Line,
    request: ServiceRequest,
    state: LineState,
    *,
    reason: str | None,
    given: Mapping[str, Any],
) -> None:
    values = request.slots | dict(given)
    if state.bed is not None or state.status in ENDED:
        ended, wanted = state.status in ENDED, given.get("bed")
        values |= beds.follow_request(desk, request=request, deed=state.bed, ended=ended, wanted=wanted)
    request.values = orjson.dumps(values).decode()
    old, request.stage, request.status = request.stage, state.id, state.status
    request.stage_at, request.late_at, request.escalated_at = desk.now, None, None
    request.due_at = None if state.status in ENDED else count_due(desk, state, request.urgent)
    if state.status in ("cancelled", "rejected"):
        give_seat_back(desk, request)
    desk.session.add(request)
    record_change(desk, record=request, old=old, new=state.id, reason=reason)
    desk.session.flush()
    plan_reminders(desk, line, request)
    cancel_promises(desk, subject=request.subject, kind=NEWS)  # the latest news only
    if state.tell:
        tell_news(desk, request, urgent=state.at_once)


def count_due(desk: Desk, state: LineState, urgent: bool) -> dt.datetime | None:
    span: Span | None = (state.urgent_within if urgent else None) or state.within
    return None if span is None else count_deadline(desk, span)


def give_seat_back(desk: Desk, request: ServiceRequest) -> None:
    if request.seat is not None:
        give_one_back(desk, name=request.seat)
        request.seat = None


def tell_news(desk: Desk, request: ServiceRequest, *, urgent: bool = False) -> None:
    tell(
        desk,
        contact_id=request.contact_id,
        kind=NEWS,
        subject=request.subject,
        slots={"record": request.id},
        urgent=urgent or request.urgent,
    )


def plan_reminders(desk: Desk, line: Line, request: ServiceRequest) -> None:
    """The reminders that this request now calls for, in place of those given before."""
    cancel_promises(desk, subject=request.subject, kind=REMINDER)
    for one in line.reminders:
        day = request.slots.get(one.of)
        if request.stage not in one.states or not day:
            continue
        due = dt.datetime.combine(dt.date.fromisoformat(day) - dt.timedelta(days=one.days_before), one.at)
        if due > desk.now:
            promise(
                desk,
                contact_id=request.contact_id,
                kind=REMINDER,
                due_at=due,
                drop_after=due + REMINDER_KEEPS,
                subject=request.subject,
                slots={"record": request.id, "reminder": one.id},
            )
