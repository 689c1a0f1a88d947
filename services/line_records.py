"""Requests of service lines as they are found and read: by number, by contact, by team; who waits before whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import col, or_, select

from knowledge.schema import Line
from knowledge.schema.lines import OF_CONTRACT
from services.desk import Desk
from services.errors import NotFound, describe_known
from services.requests import OPEN, ServiceRequest


def get_line(desk: Desk, line: str | None) -> Line:
    """Raises ``NotFound("unknown_line")`` with field ``line``."""
    found = desk.hospital.find_line(line)
    if found is None:
        known = [one.id for one in desk.hospital.lines]
        raise NotFound("unknown_line", field="line", value=line, **describe_known(line, known))
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


def _join(name: str, value: Any) -> Any:
    """A slot of the contract stays a text, whatever a line lets it hold."""
    return "、".join(map(str, value)) if isinstance(value, list) and name in OF_CONTRACT else value


def describe_request(desk: Desk, request: ServiceRequest) -> dict[str, Any]:
    """The request in the slots of the contract, with where it stands."""
    told = {name: _join(name, value) for name, value in request.slots.items()} | {
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
