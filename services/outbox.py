"""What the house says, on its way out: queued, claimed by one delivery, sent, tried again or given up.

Texts lie encrypted. A contact's replies keep their order; a claim that did not report back runs out (``LEASE``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field

from services.cipher import seal, unseal
from services.contacts import Contact
from services.database import Record
from services.desk import Desk

QUEUED, SENT, FAILED, DROPPED = "queued", "sent", "failed", "dropped"
LEASE = dt.timedelta(seconds=60)
"""A delivery that did not report back within this time is taken for dead and its message is sent again."""


class OutboxMessage(Record, table=True):
    """One reply to one contact. ``id`` rises with time and is the number a web page asks on from."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_contact", "contact_id", "id"),
        Index("ix_outbox_inbox", "inbox_id"),
        Index(
            "ix_outbox_waiting",
            "contact_id",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        ),
        Index(
            "ix_outbox_queued",
            "hospital_id",
            "next_attempt_at",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        ),
    )

    contact_id: int = Field(foreign_key="contact.id")
    inbox_id: int | None = Field(default=None, foreign_key="inbox_message.id")
    """The message it answers; empty where the clock or staff began."""
    author: str = Field(default="assistant", max_length=60)
    body: bytes
    """A reply as JSON (text, buttons, image, custom), sealed."""
    status: str = Field(default=QUEUED, max_length=10)
    urgent: bool = False
    attempts: int = 0
    next_attempt_at: NaiveDatetime
    """Not before this hour: the time of sending, of the next attempt, or the end of a delivery's lease."""
    ended_at: NaiveDatetime | None = None
    error: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A queued reply given to one delivery."""

    id: int
    contact_id: int
    channel: str
    sender: str
    attempts: int
    reply: dict[str, Any]
    author: str


_contact = Contact.__table__  # type: ignore[attr-defined]
_outbox = OutboxMessage.__table__  # type: ignore[attr-defined]
_WAITING = (
    sa.select(_outbox.c.id, _outbox.c.body)
    .where(
        _outbox.c.contact_id == sa.bindparam("contact"),
        _outbox.c.status == sa.literal_column("'queued'"),  # written out, so that the partial index is used
        _outbox.c.next_attempt_at <= sa.bindparam("now"),
    )
    .order_by(_outbox.c.id)
)
_POST = sa.insert(_outbox)
_IS_QUEUED = _outbox.c.status == sa.literal_column("'queued'")
"""Written out, not bound: only so does SQLite use the index of what is queued."""
_END = sa.update(_outbox).where(_outbox.c.id == sa.bindparam("outbox"), _outbox.c.status == QUEUED)


def post(
    desk: Desk,
    *,
    contact_id: int,
    replies: Sequence[Mapping[str, Any]],
    inbox_id: int | None = None,
    urgent: bool = False,
    not_before: dt.datetime | None = None,
    status: str = QUEUED,
    author: str | None = None,
) -> None:
    """Puts replies (``Reply.to_json()``) into the outbox in order.

    ``status="sent"`` for a channel whose answer is the HTTP response itself.
    """
    if not replies:
        return
    ended = desk.now if status == SENT else None
    rows = [
        {
            "hospital_id": desk.hospital_id,
            "created_at": desk.now,
            "contact_id": contact_id,
            "inbox_id": inbox_id,
            "author": author or desk.actor,
            "body": seal(orjson.dumps(dict(one)), "outbox"),
            "status": status,
            "urgent": urgent,
            "attempts": 0,
            "next_attempt_at": not_before or desk.now,
            "ended_at": ended,
            "error": None,
        }
        for one in replies
    ]
    desk.session.connection().execute(_POST, rows if len(rows) > 1 else rows[0])


def claim_outbox(
    desk: Desk, *, channels: Sequence[str] | None = None, limit: int = 50, lease: dt.timedelta = LEASE
) -> list[Outgoing]:
    """Gives queued replies to the caller alone for ``lease``; urgent first, and in order within each contact.

    A contact's later reply waits while an earlier one is on its way or waits for another attempt. Commit, send,
    then ``mark_sent``, ``retry_later`` or ``mark_failed``.
    """
    connection = desk.session.connection()
    earlier = _outbox.alias("earlier")
    waiting = sa.exists().where(
        earlier.c.contact_id == _outbox.c.contact_id,
        earlier.c.status == sa.literal_column("'queued'"),
        earlier.c.id < _outbox.c.id,
        earlier.c.next_attempt_at <= sa.case((earlier.c.attempts > 0, dt.datetime.max), else_=desk.now),
    )
    query = (
        sa.select(
            _outbox.c.id,
            _outbox.c.contact_id,
            _contact.c.channel,
            _contact.c.sender,
            _outbox.c.attempts,
            _outbox.c.next_attempt_at,
            _outbox.c.body,
            _outbox.c.author,
        )
        .join(_contact, _contact.c.id == _outbox.c.contact_id)
        .where(
            _outbox.c.hospital_id == desk.hospital_id,
            _IS_QUEUED,
            _outbox.c.next_attempt_at <= desk.now,
            ~waiting,
        )
        .order_by(_outbox.c.urgent.desc(), _outbox.c.id)
        .limit(limit)
    )
    if channels is not None:
        query = query.where(_contact.c.channel.in_(channels))
    claimed = []
    for one in connection.execute(query).all():
        claim = (
            sa.update(_outbox)
            .where(
                _outbox.c.id == one.id,
                _outbox.c.status == QUEUED,
                _outbox.c.attempts == one.attempts,
                _outbox.c.next_attempt_at == one.next_attempt_at,
            )
            .values(attempts=one.attempts + 1, next_attempt_at=desk.now + lease)
        )
        if connection.execute(claim).rowcount == 1:
            reply = orjson.loads(unseal(one.body, "outbox"))
            claimed.append(
                Outgoing(one.id, one.contact_id, one.channel, one.sender, one.attempts + 1, reply, one.author)
            )
    return claimed


def take_queued(desk: Desk, *, contact_id: int, inbox_id: int | None = None) -> list[dict[str, Any]]:
    """Takes what waits for a contact of a channel that nothing can be sent to (rest): it goes along with the answer
    to ``inbox_id`` and is part of that answer when the same message id comes again.
    """
    connection = desk.session.connection()
    waiting = connection.execute(_WAITING, {"contact": contact_id, "now": desk.now}).all()
    if not waiting:
        return []
    taken = sa.update(_outbox).where(
        _outbox.c.id.in_([one.id for one in waiting]), _outbox.c.status == QUEUED
    )
    connection.execute(taken.values(status=SENT, ended_at=desk.now, error=None, inbox_id=inbox_id))
    return [orjson.loads(unseal(one.body, "outbox")) for one in waiting]


def mark_sent(desk: Desk, *, outbox_id: int) -> None:
    _end(desk, outbox_id, status=SENT, ended_at=desk.now, error=None)


def retry_later(desk: Desk, *, outbox_id: int, at: dt.datetime, error: str) -> None:
    """A fault that may pass: the reply stays queued until ``at``."""
    _end(desk, outbox_id, next_attempt_at=at, error=error[:200])


def mark_failed(desk: Desk, *, outbox_id: int, error: str) -> None:
    """A fault for good (blocked, gone, too many attempts): staff see it in ``list_unsent``."""
    _end(desk, outbox_id, status=FAILED, ended_at=desk.now, error=error[:200])


def mark_dropped(desk: Desk, *, outbox_id: int, error: str) -> None:
    _end(desk, outbox_id, status=DROPPED, ended_at=desk.now, error=error[:200])


def _end(desk: Desk, outbox_id: int, **values: Any) -> None:
    desk.session.connection().execute(_END.values(**values), {"outbox": outbox_id})


def release_queued(desk: Desk, *, contact_id: int) -> int:
    """The contact is back: what was tried while they were away is due at once. Returns how many replies that are."""
    waiting = sa.update(_outbox).where(
        _outbox.c.contact_id == contact_id,
        _outbox.c.status == QUEUED,
        _outbox.c.attempts > 0,
        _outbox.c.next_attempt_at > desk.now,
    )
    return desk.session.connection().execute(waiting.values(next_attempt_at=desk.now)).rowcount


def count_queued(desk: Desk) -> int:
    """How much waits to be sent, for the metrics."""
    query = sa.select(sa.func.count()).where(_outbox.c.hospital_id == desk.hospital_id, _IS_QUEUED)
    return int(desk.session.connection().execute(query).scalar_one())
