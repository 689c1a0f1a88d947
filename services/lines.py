"""Service lines 服务线: whatever a front desk does that one file of ``knowledge/…/lines/*.yml`` rules.

A request is a `ServiceRequest` whose ``line`` names its file: what was collected lies in ``values``, where it stands in
``stage`` (the line's own state) and ``status`` (that of a FHIR R4 Task), until when the next step is promised in
``due_at``. Every move is in the history with who, when and why, and reaches the patient where the file says so.
How it goes on stands in line_states.py, how it is found in line_records.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from knowledge.schema import Line
from knowledge.schema.lines import LineRule
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken
from services.finding import get_record
from services.history import record_change
from services.line_answers import check_answers, find_chosen, name_seat
from services.line_records import find_request, get_line, list_line_requests
from services.line_states import (
    NEWS,
    count_due,
    enter,
    give_seat_back,
    may_patient_act,
    plan_reminders,
    tell_news,
)
from services.numbers import order_number, take_one
from services.patients import Patient, get_patient
from services.pictures import attach_pictures
from services.promises import cancel_promises
from services.requests import ServiceRequest


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
    request.due_at = count_due(desk, first, request.urgent)
    desk.session.add(request)
    desk.session.flush()
    request.order_number = order_number(rules.prefix, desk.now.date(), request.id)
    desk.session.add(request)
    record_change(desk, record=request, old="", new=first.id, reason="requested")
    desk.session.flush()
    plan_reminders(desk, rules, request)
    if rules.takes_photo:
        attach_pictures(desk, contact_id=contact_id, request_id=request.id)
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
        give_seat_back(desk, request)
        request.seat = taken
    if request.urgent != _is_urgent(line, kept):
        request.urgent = _is_urgent(line, kept)
        request.due_at = count_due(desk, line.get_state(request.stage), request.urgent)
    request.values = orjson.dumps(given | kept).decode()
    desk.session.add(request)
    reason = f"changed {','.join(changed)}"
    record_change(desk, record=request, old=request.stage, new=request.stage, reason=reason)
    desk.session.flush()
    back = line.get_state(request.stage).changed if contact_id is not None else None
    if back is not None:
        void = {field.slot: None for field in line.get_state(request.stage).needs}
        enter(desk, line, request, line.get_state(back), reason="changed", given=void)
        return request
    plan_reminders(desk, line, request)
    if contact_id is None:
        cancel_promises(desk, subject=request.subject, kind=NEWS)
        tell_news(desk, request)
    return request


def _asked(line: Line, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if line.find_question(name) is not None}
