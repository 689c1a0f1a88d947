"""Service lines for the hospital's own systems: which there are, a request, its way on.

Each ``POST`` is idempotent by the caller's ``external_id``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Event, Word, is_text, read_id
from bot.api.errors import ApiError, Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from bot.house import House
from services import Desk, line_records, line_states, lines
from services.contacts import find_contact
from services.errors import Invalid, NotFound, describe_known
from services.line_records import describe_request
from services.patients import find_patient
from services.requests import ServiceRequest, get_request

router = APIRouter(
    prefix="/api/v1",
    tags=["service lines"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(401, 403, 413, 422),
)
TOLD = refusing(400, 404, 409)


@router.get("/lines")
async def list_lines(request: Request) -> Response:
    """Every service line as its file says: what it collects, its states and which may follow, its team."""
    house: House = request.app.state.house
    return Json(
        [
            {
                "id": line.id,
                "type": line.kind,
                "name": line.name,
                "team": line.team.model_dump(),
                "collect": [
                    {
                        "slot": one.slot,
                        "kind": one.answered_as,
                        "optional": one.optional,
                        "several": one.several,
                        "when": {slot: list(values) for slot, values in one.when.items()},
                        "choices": [{"id": choice.id, "name": choice.name} for choice in one.choices],
                    }
                    for one in line.collect
                ],
                "states": [
                    {"id": one.id, "status": one.status, "name": one.name, "next": list(one.next)}
                    for one in line.states
                ],
            }
            for line in house.hospital.lines
        ]
    )


class RequestBody(Event):
    """What a patient asks for at a counter or in another system."""

    strict = True
    contact: Word = Field(description="channel:sender, e.g. rest:a")
    patient_name: str | None = Field(
        None,
        max_length=40,
        description="whom it is for, where the line is for a 就诊人 and the contact has several",
    )
    slots: dict[str, Any] = Field(
        {}, description="answers by the names under `collect` of GET /api/v1/lines; a list where `several`"
    )


@router.post("/lines/{line}/requests", responses=TOLD)
async def request_line(request: Request, line: str, body: RequestBody) -> Response:
    """Registers a request of a line for a contact's 就诊人, with the same checks as in the chat."""
    channel, colon, sender = body.contact.partition(":")
    if not colon or not sender:
        raise ApiError("invalid", "要写 渠道:账号，如 rest:a", status=422, field="contact")

    def work(desk: Desk) -> dict[str, Any]:
        contact = find_contact(desk, channel=channel, sender=sender)
        if contact is None:
            raise NotFound(field="contact", value=body.contact)
        rules = line_records.get_line(desk, line)
        check_slots(body.slots, [one.slot for one in rules.collect])
        patient = find_patient(desk, contact_id=contact.id, name=body.patient_name) if rules.patient else None
        if rules.patient and patient is None:
            lacking = "unknown_patient" if body.patient_name else "missing"
            raise Invalid(lacking, field="patient_name", value=body.patient_name)
        one = lines.request_line(
            desk,
            contact_id=contact.id,
            line=line,
            values=body.slots,
            patient_id=patient.id if patient else None,
            external_id=body.external_id,
        )
        return _show(desk, one)

    return Json(await tell(request, work))


class EventBody(Event):
    """A state that a request has reached, as the system that works on it reports."""

    stage: Word = Field(description="a state of the line's file")
    slots: dict[str, Any] = Field({}, description="what the state wants: courier, tracking_number …")
    reason: str | None = Field(None, max_length=200)


@router.post("/requests/{number}/events", responses=TOLD)
async def report_request_event(request: Request, number: str, body: EventBody) -> Response:
    """Moves a request on (by our id, its order number or the caller's own), and tells the patient where the file says so."""

    def work(desk: Desk) -> dict[str, Any]:
        found: ServiceRequest | None = None
        if (request_id := read_id(number)) is not None:
            found = get_request(desk, request_id=request_id)
        elif is_text(number):
            found = line_records.find_request(desk, number=number)
        if found is None or found.line is None:
            raise NotFound(field="id", value=number)
        states = line_records.get_line(desk, found.line).states
        wanted = [need.slot for state in states if state.id == body.stage for need in state.needs]
        check_slots(body.slots, wanted or [need.slot for state in states for need in state.needs])
        one = line_states.advance_line(
            desk,
            request_id=found.id,
            stage=body.stage,
            given=body.slots,
            reason=body.reason,
            external_id=body.external_id,
        )
        return _show(desk, one)

    return Json(await tell(request, work))


def check_slots(given: Iterable[str], known: Sequence[str]) -> None:
    """Raises ``Invalid("unknown_slot")`` for one that would be lost unseen."""
    for name in given:
        if name not in known:
            raise Invalid("unknown_slot", field=f"slots.{name}", value=name, **describe_known(name, known))


def _show(desk: Desk, one: ServiceRequest) -> dict[str, Any]:
    told = describe_request(desk, one)
    kept = ("type", "order_number", "urgent", "line", "stage", "stage_name", "team", "due_at")
    return {"id": one.id, "status": one.status, "external_id": one.external_id} | {
        name: told.get(name) for name in kept
    }
