"""Service lines 服务线: whatever a front desk does that one file of ``knowledge/…/lines/*.yml`` rules.

A request is a `ServiceRequest` whose ``line`` names its file: what was collected lies in ``values``, where it stands in
``stage`` (the line's own state) and ``status`` (that of a FHIR R4 Task), until when the next step is promised in
``due_at``. Every move is in the history with who, when and why, and reaches the patient where the file says so.
Longer than 300 lines with its moves and its views; the rules of all are the same file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlmodel import col, or_, select

from knowledge.schema import Line, LineState
from knowledge.schema.lines import ENDED, LineRule, Span
from services import beds
from services.alarms import raise_alarm
from services.deadlines import count_deadline
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from services.events import take_event
from services.finding import get_record
from services.history import list_changes, record_change
from services.line_answers import check_answers, find_chosen, name_seat
from services.numbers import give_one_back, order_number, take_one
from services.patients import Patient, get_patient
from services.promises import cancel_promises, promise, tell
from services.requests import OPEN, ServiceRequest

REMINDER_KEEPS = dt.timedelta(hours=12)
NEWS, REMINDER, LATE = "request_changed", "request_reminder", "request_late"
"""Kinds of promises, and the flows that keep them."""


def request_line(
    desk: Desk,
    *,
    contact_id: int,
    line: str,
    values: Mapping[str, Any],
    patient_id: int | None = None,
    external_id: str | None = None,
) -> ServiceRequest:
    """Registers a request of a line; the very same while it is open, or the same ``external_id``, is the same one.

    Raises ``Invalid`` with the slot as field (``missing`` where it lacks), ``NotAllowed("not_eligible")`` with
    ``rule``, ``NotAllowed("stopped")`` where a choice ends the matter, ``Taken`` where no place is left.
    """
    rules = get_line(desk, line)
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id) if patient_id else None
    if rules.patient and patient is None:
        raise Invalid("missing", field="patient")
    if external_id is not None and (known := find_request(desk, number=external_id)) is not None:
        return known
    kept = check_answers(desk, line=rules, values=values)
    for one in list_line_requests(desk, contact_id=contact_id, line=line, under_way=True):
        if one.patient_id == patient_id and _asked(rules, one.slots) == kept:
            return one
    refused = find_refusal(desk, line=rules, patient=patient)
    if refused is not None:
        raise NotAllowed("not_eligible", field="patient", rule=rules.who.index(refused))
    if any(one.stop for one in find_chosen(rules, kept)):
        raise NotAllowed("stopped", field="line")
    first = rules.states[0]
    request = ServiceRequest(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        kind=rules.kind,
        line=rules.id,
        team=rules.team.id,
        external_id=external_id,
        status=first.status,
        stage=first.id,
        stage_at=desk.now,
        urgent=_is_urgent(rules, kept),
        values=orjson.dumps(kept).decode(),
        seat=_take_seat(desk, rules, kept),
    )
    request.due_at = _count_due(desk, first, request.urgent)
    desk.session.add(request)
    desk.session.flush()
    request.order_number = order_number(rules.prefix, desk.now.date(), request.id)
    desk.session.add(request)
    record_change(desk, record=request, old="", new=first.id, reason="requested")
    desk.session.flush()
    _remind(desk, rules, request)
    return request


def find_refusal(desk: Desk, *, line: Line, patient: Patient | None) -> LineRule | None:
    """The first rule that says no; ``None`` where the patient may ask."""
    if patient is None:
        return None
    age = patient.age(desk.now.date())
    for rule in line.who:
        if (
            (rule.min_age is not None and age < rule.min_age)
            or (rule.max_age is not None and age > rule.max_age)
            or (rule.sex is not None and patient.sex != rule.sex)
            or (rule.relations and patient.relation not in rule.relations)
        ):
            return rule
    return None


def _is_urgent(line: Line, values: Mapping[str, Any]) -> bool:
    return any(one.urgent for one in find_chosen(line, values))


def _take_seat(desk: Desk, line: Line, values: Mapping[str, Any]) -> str | None:
    seat = name_seat(line, values)
    if seat is None:
        return None
    if not take_one(desk, name=seat[0], limit=seat[1]):
        raise Taken("full", field=line.capacity.per[-1] if line.capacity else None)
    return seat[0]


def _count_due(desk: Desk, state: LineState, urgent: bool) -> dt.datetime | None:
    span: Span | None = (state.urgent_within if urgent else None) or state.within
    return None if span is None else count_deadline(desk, span)


def change_request(
    desk: Desk, *, request_id: int, values: Mapping[str, Any], contact_id: int | None = None
) -> ServiceRequest:
    """Other answers, as long as the state lets the patient change (staff always may while it is open). Raises as
    `request_line`, and ``NotAllowed("too_late")``."""
    request = get_record(desk, ServiceRequest, request_id, contact_id=contact_id, lock=True)
    line = get_line(desk, request.line)
    may_patient_act(desk, request, "change", contact_id)
    kept = check_answers(desk, line=line, values=values)
    given = {name: value for name, value in request.slots.items() if line.find_question(name) is None}
    changed = sorted(
        name for name in {*kept, *request.slots} - set(given) if kept.get(name) != request.slots.get(name)
    )
    if not changed:
        return request
    seat = name_seat(line, kept)
    if (seat[0] if seat else None) != request.seat:
        taken = _take_seat(desk, line, kept)
        _give_seat_back(desk, request)
        request.seat = taken
    if request.urgent != _is_urgent(line, kept):
        request.urgent = _is_urgent(line, kept)
        request.due_at = _count_due(desk, line.get_state(request.stage), request.urgent)
    request.values = orjson.dumps(given | kept).decode()
    desk.session.add(request)
    reason = f"changed {','.join(changed)}"
    record_change(desk, record=request, old=request.stage, new=request.stage, reason=reason)
    desk.session.flush()
    _remind(desk, line, request)
    if contact_id is None:
        _tell(desk, request)
    return request


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
    _enter(desk, line, request, goal, reason=reason, given={})
    return request


def may_patient_act(desk: Desk, request: ServiceRequest, deed: str, contact_id: int | None) -> None:
    """Raises ``NotAllowed("too_late")`` where the patient can no longer change or cancel it himself."""
    state = get_line(desk, request.line).get_state(request.stage)
    if state.status in ENDED or (contact_id is not None and deed not in state.patient):
        raise NotAllowed("too_late", field="record", value=request.id, stage=request.stage)


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

    The same ``external_id`` again, or the state already reached, changes nothing. Raises ``WrongState`` where the
    state may not follow or not be set by this actor, ``Invalid("missing")`` with the field that the state wants,
    ``Taken("no_bed")`` where a bed is wanted and none is free.
    """
    request = get_record(desk, ServiceRequest, request_id, lock=True)
    line = get_line(desk, request.line)
    if external_id is not None and not take_event(
        desk, kind="service_request", external_id=external_id, subject=request.subject
    ):
        return request
    if stage == request.stage:
        return request
    if stage not in line.get_state(request.stage).next or not _may_enter(desk, line.get_state(stage)):
        raise WrongState(request.stage, field="status", value=stage)
    goal = line.get_state(stage)
    told = {name: str(value).strip() for name, value in (given or {}).items() if value not in (None, "")}
    for field in goal.needs:
        if field.required and not (told.get(field.slot) or request.slots.get(field.slot)):
            raise Invalid("missing", field=field.slot)
    if staff_id is not None:
        request.staff_id = staff_id
    wanted = {field.slot: told[field.slot] for field in goal.needs if field.slot in told}
    _enter(desk, line, request, goal, reason=reason, given=wanted)
    return request


def _may_enter(desk: Desk, state: LineState) -> bool:
    actor = desk.actor.partition(":")[0]
    role = {"contact": "patient", "staff": "staff", "api": "api", "clock": "clock"}.get(actor, "staff")
    return role in state.by


def _enter(
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
        values |= beds.follow_request(desk, request=request, deed=state.bed, ended=state.status in ENDED)
    request.values = orjson.dumps(values).decode()
    old, request.stage, request.status = request.stage, state.id, state.status
    request.stage_at, request.late_at, request.escalated_at = desk.now, None, None
    request.due_at = None if state.status in ENDED else _count_due(desk, state, request.urgent)
    if state.status in ("cancelled", "rejected"):
        _give_seat_back(desk, request)
    desk.session.add(request)
    record_change(desk, record=request, old=old, new=state.id, reason=reason)
    desk.session.flush()
    _remind(desk, line, request)
    if state.tell:
        _tell(desk, request)


def _give_seat_back(desk: Desk, request: ServiceRequest) -> None:
    if request.seat is not None:
        give_one_back(desk, name=request.seat)
        request.seat = None


def _tell(desk: Desk, request: ServiceRequest) -> None:
    cancel_promises(desk, subject=request.subject, kind=NEWS)  # the latest news only
    tell(
        desk,
        contact_id=request.contact_id,
        kind=NEWS,
        subject=request.subject,
        slots={"record": request.id},
        urgent=request.urgent,
    )


def _remind(desk: Desk, line: Line, request: ServiceRequest) -> None:
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


def alarm_late_requests(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: the promised time is over and nobody has moved it: staff are alarmed, the patient is told (kind
    ``request_late``). Late for ``escalate_after`` more, the duty head is alarmed. Each once a state."""
    done = 0
    for one in _find_due(desk, col(ServiceRequest.late_at).is_(None), limit):
        one.late_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="request_late", contact_id=one.contact_id, subject=one.subject)
        tell(desk, contact_id=one.contact_id, kind=LATE, subject=one.subject, slots={"record": one.id})
        done += 1
    waiting = col(ServiceRequest.late_at).is_not(None), col(ServiceRequest.escalated_at).is_(None)
    for one in _find_due(desk, waiting[0] & waiting[1], limit):
        line = desk.hospital.find_line(one.line)
        assert one.late_at is not None
        if line and count_deadline(desk, line.escalate_after, start=one.late_at) <= desk.now:
            one.escalated_at = desk.now
            desk.session.add(one)
            raise_alarm(desk, kind="request_escalated", contact_id=one.contact_id, subject=one.subject)
            done += 1
    desk.session.flush()
    return done


def _find_due(desk: Desk, condition: Any, limit: int) -> list[ServiceRequest]:
    query = select(ServiceRequest).where(
        ServiceRequest.hospital_id == desk.hospital_id,
        col(ServiceRequest.due_at).is_not(None),
        col(ServiceRequest.due_at) <= desk.now,
        condition,
    )
    query = query.order_by(col(ServiceRequest.due_at)).limit(limit).with_for_update(skip_locked=True)
    return list(desk.session.exec(query))


def get_line(desk: Desk, line: str | None) -> Line:
    """Raises ``NotFound`` with field ``line``."""
    found = desk.hospital.find_line(line)
    if found is None:
        raise NotFound(field="line", value=line)
    return found


def find_request(desk: Desk, *, number: str, contact_id: int | None = None) -> ServiceRequest | None:
    """By order number or the other system's number."""
    word = number.strip()
    query = select(ServiceRequest).where(
        ServiceRequest.hospital_id == desk.hospital_id,
        or_(ServiceRequest.order_number == word.upper(), ServiceRequest.external_id == word),
    )
    if contact_id is not None:
        query = query.where(ServiceRequest.contact_id == contact_id)
    return desk.session.exec(query.order_by(col(ServiceRequest.id).desc()).limit(1)).first()


def list_line_requests(
    desk: Desk,
    *,
    contact_id: int | None = None,
    line: str | None = None,
    team: str | None = None,
    under_way: bool = False,
    since: dt.datetime | None = None,
    limit: int = 50,
) -> list[ServiceRequest]:
    """Newest first; ``under_way`` without those ended, ``since`` with those ended only from then on."""
    query = select(ServiceRequest).where(
        ServiceRequest.hospital_id == desk.hospital_id, col(ServiceRequest.line).is_not(None)
    )
    is_open = col(ServiceRequest.status).in_(OPEN)
    for column, value in (
        (ServiceRequest.contact_id, contact_id),
        (ServiceRequest.line, line),
        (ServiceRequest.team, team),
    ):
        if value is not None:
            query = query.where(column == value)
    if under_way:
        query = query.where(is_open)
    if since is not None:
        query = query.where(or_(is_open, col(ServiceRequest.stage_at) > since))
    query = query.order_by(col(ServiceRequest.id).desc()).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def count_ahead(desk: Desk, *, request: ServiceRequest) -> int:
    """How many wait before this one in the same state of the line (urgent first, then by time): for beds the answer to
    「排到我了吗」."""
    line = get_line(desk, request.line)
    waiting: Collection[ServiceRequest] = [
        one
        for one in list_line_requests(desk, line=line.id, under_way=True, limit=1000)
        if one.stage == request.stage
    ]
    rank = beds.rank_request(request)
    department = request.slots.get("department")
    return sum(beds.rank_request(one) < rank and one.slots.get("department") == department for one in waiting)


def list_steps(desk: Desk, *, request: ServiceRequest) -> list[tuple[dt.datetime, LineState]]:
    """When which state was reached, oldest first."""
    line = get_line(desk, request.line)
    states = {one.id: one for one in line.states}
    changes = list_changes(desk, record=request)
    return [(one.created_at, states[one.new]) for one in changes if one.old != one.new and one.new in states]


def _asked(line: Line, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if line.find_question(name) is not None}


def describe_request(desk: Desk, request: ServiceRequest) -> dict[str, Any]:
    """The request in the slots of the contract, with where it stands."""
    told = request.slots | {
        "type": request.kind,
        "order_number": request.order_number,
        "urgent": request.urgent,
    }
    line = desk.hospital.find_line(request.line)
    if line is not None:
        told |= {
            "line": line.id,
            "stage": request.stage,
            "stage_name": line.get_state(request.stage).name["zh"],
            "team": line.team.name,
            "due_at": request.due_at.isoformat(timespec="minutes") if request.due_at else None,
        }
    return told
