"""Addresses that are told of changes: registered, listed, switched off; and what a system is told of one change."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from services.desk import Desk
from services.errors import Invalid, NotFound
from services.finding import get_record
from services.history import StateChange, change_state, record_change
from services.resources import describe_records, find_record, get_resource, resource_of, type_of
from services.webhooks import ACTIVE, CANCELLED, OFF, QUEUED, Outgoing, WebhookDelivery, WebhookEndpoint

EVERY = "*"


def add_endpoint(
    desk: Desk, *, url: str, types: tuple[str, ...] = (EVERY,), detail: bool = False
) -> WebhookEndpoint:
    """The endpoint with a new secret, ``whsec_…``, which the receiver needs to check signatures.

    Raises ``Invalid`` with field ``url``, ``NotFound("unknown_type")`` for a type nobody knows.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(url) > 500:
        raise Invalid("url", field="url")
    known = [name if name == EVERY else get_resource(desk, name).type for name in types] or [EVERY]
    endpoint = WebhookEndpoint(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        url=url.strip(),
        types=" ".join(dict.fromkeys(known)),
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        detail=detail,
    )
    desk.session.add(endpoint)
    desk.session.flush()
    desk.session.info.pop("webhook_wishes", None)
    record_change(desk, record=endpoint, old="", new=ACTIVE)
    return endpoint


def list_endpoints(desk: Desk) -> list[WebhookEndpoint]:
    """Those that are told now, the oldest first."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.hospital_id == desk.hospital_id, WebhookEndpoint.status == ACTIVE
    )
    return list(desk.session.exec(query.order_by(col(WebhookEndpoint.id))))


def get_endpoint(desk: Desk, *, endpoint_id: int) -> WebhookEndpoint:
    return get_record(desk, WebhookEndpoint, endpoint_id)


def remove_endpoint(desk: Desk, *, endpoint_id: int, reason: str = "removed") -> WebhookEndpoint:
    """It is told nothing more, also of what waits. Its row stays: deliveries and the history name it."""
    endpoint = get_record(desk, WebhookEndpoint, endpoint_id, lock=True)
    if endpoint.status == OFF:
        raise NotFound(field="webhook_endpoint", value=endpoint_id)
    change_state(desk, record=endpoint, new=OFF, reason=reason)
    desk.session.info.pop("webhook_wishes", None)
    waiting = sa.update(WebhookDelivery).where(
        col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.status) == QUEUED
    )
    desk.session.execute(
        waiting.values(status=CANCELLED, ended_at=desk.now).execution_options(synchronize_session=False)
    )
    return endpoint


def describe_event(desk: Desk, one: Outgoing) -> dict[str, Any]:
    """What a system is told: ids and states; the record itself, as it stands now, only where that is allowed.

    ``id`` is the same for every attempt and every endpoint; who was told already knows by it.
    """
    change = get_record(desk, StateChange, one.change_id)
    zone = ZoneInfo(desk.hospital.timezone)
    data: dict[str, Any] = {
        "type": one.type,
        "id": int(change.record.rpartition(":")[2]),
        "status": change.new,
        "previous": change.old or None,
        "actor": change.actor.partition(":")[0],
    }
    record = find_record(desk, subject=change.record)
    if record is not None:
        data["type"] = type_of(record)
        if getattr(record, "order_number", None):
            data["order_number"] = record.order_number  # type: ignore[attr-defined]
        if one.detail:
            (data["record"],) = describe_records(desk, resource=resource_of(record), records=[record])
    return {
        "id": f"{desk.hospital_id}-{change.id}",
        "type": f"{data['type']}.{change.new}",
        "timestamp": change.created_at.replace(tzinfo=zone).isoformat(timespec="seconds"),
        "data": data,
    }
