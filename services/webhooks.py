"""Webhooks: what changes here is told to the systems that asked for it, at least once and for each record in order.

``history.record_change`` queues a delivery in the very transaction of the change, so that none is told that did not
happen and none is forgotten. A delivery names the change and nothing else; what is sent is put together when it is
sent, and an erasure has nothing to look for here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import WrongState
from services.finding import get_record
from services.resources import INTERNAL, all_kinds, type_of

ACTIVE, OFF = "active", "off"
QUEUED, SENT, FAILED, CANCELLED = "queued", "sent", "failed", "cancelled"
WAITING = sa.text("status = 'queued'")
"""Written out as in the index of what is due: SQLite does not use it for bound values."""
LEASE = dt.timedelta(minutes=1)
"""A delivery claimed longer ago belongs to a worker that died; it is given out again."""
MOST_ATTEMPTS = 14
"""With the waiting times of ``next_wait`` about three days; then it is shown to staff."""
KEPT_DAYS = 30
"""So long what was delivered can be looked up."""


class WebhookEndpoint(Record, table=True):
    """An address of another system. States as of FHIR's Subscription: active, off."""

    __tablename__ = "webhook_endpoint"

    url: str = Field(max_length=500)
    types: str = Field(max_length=1000)
    """Types of records, separated by spaces; ``*`` is every one."""
    secret: str = Field(sa_type=Encrypted("webhook_endpoint.secret"))
    detail: bool = False
    """Allowed to be told more than ids and states: the record as the API shows it, identity masked."""
    status: str = Field(default=ACTIVE, max_length=10)


class WebhookDelivery(Record, table=True):
    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(
            "ix_webhook_delivery_due",
            "hospital_id",
            "next_attempt_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_webhook_delivery_order",
            "endpoint_id",
            "record",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_webhook_delivery_ended", "hospital_id", "status", "ended_at"),
    )

    endpoint_id: int = Field(foreign_key="webhook_endpoint.id")
    change_id: int
    """The row of ``state_change``."""
    record: str = Field(max_length=60)
    type: str = Field(max_length=40)
    status: str = Field(default=QUEUED, max_length=10)
    attempts: int = 0
    next_attempt_at: NaiveDatetime
    ended_at: NaiveDatetime | None = None
    error: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as its worker needs it."""

    id: int
    endpoint_id: int
    change_id: int
    url: str
    secret: str
    detail: bool
    type: str
    attempts: int


def queue_deliveries(desk: Desk, *, record: Record, change: Any) -> None:
    """One delivery for each endpoint that wants this type; ``change`` is the new row of ``state_change``."""
    if record.__tablename__ in INTERNAL or change.old == change.new:
        return  # the house's own affairs; what is noted without a new state
    kind = type_of(record)
    wanted = {"*", kind, *all_kinds(record)}
    for endpoint_id, types in _read_wishes(desk):
        if not wanted & types:
            continue
        if change.id is None:
            desk.session.flush()
        desk.session.add(
            WebhookDelivery(
                hospital_id=desk.hospital_id,
                created_at=desk.now,
                endpoint_id=endpoint_id,
                change_id=change.id,
                record=change.record,
                type=kind,
                next_attempt_at=desk.now,
            )
        )


_ENDPOINT: sa.Table = WebhookEndpoint.__table__  # type: ignore[attr-defined]
_WISHES = sa.select(_ENDPOINT.c.id, _ENDPOINT.c.types).where(
    _ENDPOINT.c.hospital_id == sa.bindparam("hospital_id"), _ENDPOINT.c.status == ACTIVE
)
"""Put together once: asked in every transaction that changes a record."""


def _read_wishes(desk: Desk) -> list[tuple[int, frozenset[str]]]:
    """Who wants what, read once a transaction: a suspension changes a thousand records in one."""
    transaction = desk.session.get_transaction()
    known = desk.session.info.get("webhook_wishes")
    if known is None or known[0] is not transaction:
        rows = desk.session.connection().execute(_WISHES, {"hospital_id": desk.hospital_id})
        wishes = [(number, frozenset(types.split())) for number, types in rows]
        known = desk.session.info["webhook_wishes"] = (desk.session.get_transaction(), wishes)
    return known[1]


def any_due(desk: Desk) -> bool:
    """Whether something waits: asked in a reading transaction, so that an idle worker takes no writer's turn."""
    query = select(WebhookDelivery.id).where(
        WebhookDelivery.hospital_id == desk.hospital_id,
        sa.text("webhook_delivery.status = 'queued'"),
        col(WebhookDelivery.next_attempt_at) <= desk.now,
    )
    return desk.session.exec(query.limit(1)).first() is not None


def claim_deliveries(desk: Desk, *, busy: Collection[int] = (), limit: int = 16) -> list[Outgoing]:
    """Claims what is due for the caller alone; of each record and endpoint only the earliest that waits.

    ``busy``: endpoints that have enough under way. Commit after it; what a dead worker had claimed is due again
    after ``LEASE``.
    """
    earlier = aliased(WebhookDelivery)
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(
            WebhookDelivery.hospital_id == desk.hospital_id,
            sa.text("webhook_delivery.status = 'queued'"),
            col(WebhookDelivery.next_attempt_at) <= desk.now,
            col(WebhookDelivery.endpoint_id).not_in(list(busy)),
            ~sa.exists().where(
                earlier.endpoint_id == WebhookDelivery.endpoint_id,  # type: ignore[arg-type]
                earlier.record == WebhookDelivery.record,  # type: ignore[arg-type]
                earlier.status == QUEUED,  # type: ignore[arg-type]
                col(earlier.id) < col(WebhookDelivery.id),
            ),
        )
        .order_by(col(WebhookDelivery.next_attempt_at), col(WebhookDelivery.id))
        .limit(limit)
    )
    claimed = []
    for one, endpoint in desk.session.exec(query):
        if _move(desk, one.id, seen=one.next_attempt_at, next_attempt_at=desk.now + LEASE):
            claimed.append(
                Outgoing(
                    one.id,
                    endpoint.id,
                    one.change_id,
                    endpoint.url,
                    endpoint.secret,
                    endpoint.detail,
                    one.type,
                    one.attempts + 1,
                )
            )
    return claimed


def mark_delivered(desk: Desk, *, delivery_id: int) -> None:
    _move(
        desk, delivery_id, status=SENT, ended_at=desk.now, error=None, attempts=WebhookDelivery.attempts + 1
    )


def put_off(desk: Desk, *, delivery_id: int, at: dt.datetime, error: str) -> None:
    """Tried again at the hour; later changes of the same record wait behind it."""
    _move(
        desk,
        delivery_id,
        next_attempt_at=at,
        error=error[:200],
        attempts=WebhookDelivery.attempts + 1,
    )


def give_up(desk: Desk, *, delivery_id: int, error: str) -> None:
    """Staff see it and may send it again; what comes after it goes on."""
    _move(
        desk,
        delivery_id,
        status=FAILED,
        ended_at=desk.now,
        error=error[:200],
        attempts=WebhookDelivery.attempts + 1,
    )


def send_again(desk: Desk, *, delivery_id: int) -> WebhookDelivery:
    """Staff let a delivery that was given up begin anew. Raises ``WrongState`` where it waits or was delivered."""
    one = get_record(desk, WebhookDelivery, delivery_id, lock=True)
    endpoint = get_record(desk, WebhookEndpoint, one.endpoint_id)
    if one.status != FAILED or endpoint.status != ACTIVE:
        raise WrongState(field="status", value=one.status)
    one.status, one.attempts, one.next_attempt_at, one.ended_at = QUEUED, 0, desk.now, None
    desk.session.add(one)
    desk.session.flush()
    return one


def list_failed(desk: Desk, *, limit: int = 100) -> list[tuple[WebhookDelivery, WebhookEndpoint]]:
    """The dead letters, the latest first."""
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(WebhookDelivery.hospital_id == desk.hospital_id, WebhookDelivery.status == FAILED)
        .order_by(col(WebhookDelivery.ended_at).desc())
        .limit(limit)
    )
    return list(desk.session.exec(query))


def forget_delivered(desk: Desk) -> int:
    """Takes away what was delivered long ago; returns how many."""
    done = sa.delete(WebhookDelivery).where(
        col(WebhookDelivery.hospital_id) == desk.hospital_id,
        col(WebhookDelivery.status).in_((SENT, CANCELLED)),
        col(WebhookDelivery.ended_at) < desk.now - dt.timedelta(days=KEPT_DAYS),
    )
    result: Any = desk.session.execute(done.execution_options(synchronize_session=False))
    return int(result.rowcount)


def _move(desk: Desk, delivery_id: int, *, seen: dt.datetime | None = None, **values: Any) -> bool:
    """Changes a delivery that waits (and, where said, was not claimed by another since)."""
    statement = sa.update(WebhookDelivery).where(
        col(WebhookDelivery.id) == delivery_id, col(WebhookDelivery.status) == QUEUED
    )
    if seen is not None:
        statement = statement.where(col(WebhookDelivery.next_attempt_at) == seen)
    result: Any = desk.session.execute(
        statement.values(**values).execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)
