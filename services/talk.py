"""What was said in a conversation, both ways, line by line: for the console, the web page and the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from services.cipher import unseal
from services.desk import Desk
from services.messages import InboxMessage
from services.outbox import DROPPED, FAILED, OutboxMessage


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was said, for the console and the web page."""

    direction: str
    """``in`` or ``out``."""
    id: int
    at: dt.datetime
    author: str
    status: str
    body: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    """How often it was tried to send it."""
    message_id: str = ""
    """Of a message that came in: the channel's id of it."""
    contact_id: int = 0
    error: str | None = None
    """Why it was not sent."""


_inbox = InboxMessage.__table__  # type: ignore[attr-defined]
_outbox = OutboxMessage.__table__  # type: ignore[attr-defined]
_LAST_SAID = (
    sa.select(_outbox)
    .where(_outbox.c.contact_id == sa.bindparam("contact"), _outbox.c.status != DROPPED)
    .order_by(_outbox.c.id.desc())
    .limit(1)
)
_LAST_HEARD = (
    sa.select(_inbox)
    .where(_inbox.c.contact_id == sa.bindparam("contact"))
    .order_by(_inbox.c.id.desc())
    .limit(1)
)


def list_lines(desk: Desk, *, contact_id: int, after: int = 0, limit: int = 100) -> list[Line]:
    """What was said, oldest first: the newest ``limit`` lines. ``after`` keeps outgoing lines with a higher id, and no
    incoming ones (a web page that was away asks for what it missed).
    """
    connection = desk.session.connection()
    out = (
        sa.select(_outbox)
        .where(_outbox.c.contact_id == contact_id, _outbox.c.id > after)
        .order_by(_outbox.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(out).all()[::-1]
    if after:
        return [_line_out(one) for one in rows]
    came = (
        sa.select(_inbox).where(_inbox.c.contact_id == contact_id).order_by(_inbox.c.id.desc()).limit(limit)
    )
    # in one instant the message comes before its answer, and what we began stands after the last answer
    lines: list[tuple[tuple[dt.datetime, int, int, int], Line]] = []
    for one in connection.execute(came):
        lines.append(((one.created_at, one.id, 0, one.id), _line_in(one)))
    answered = 0
    for one in rows:
        answered = max(answered, one.inbox_id or 0)
        lines.append(((one.created_at, one.inbox_id or answered, 1, one.id), _line_out(one)))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])][-limit:]


def list_last_lines(desk: Desk, *, contact_ids: Sequence[int]) -> dict[int, Line]:
    """What was last said in each conversation, by the contact or to the contact."""
    connection = desk.session.connection()
    found: dict[int, Line] = {}
    for contact_id in contact_ids:
        said = connection.execute(_LAST_SAID, {"contact": contact_id}).one_or_none()
        heard = connection.execute(_LAST_HEARD, {"contact": contact_id}).one_or_none()
        if heard is not None and not _answers(said, heard):
            found[contact_id] = _line_in(heard)
        elif said is not None:
            found[contact_id] = _line_out(said)
    return found


def find_line(desk: Desk, *, outbox_id: int, contact_id: int) -> Line | None:
    """One line said to this contact; ``None`` also where it was said to another."""
    query = sa.select(_outbox).where(_outbox.c.id == outbox_id, _outbox.c.contact_id == contact_id)
    row = desk.session.connection().execute(query).one_or_none()
    return None if row is None else _line_out(row)


def list_unsent(desk: Desk, *, limit: int = 100) -> list[Line]:
    """What could not be sent, newest first."""
    query = sa.select(_outbox).where(
        _outbox.c.hospital_id == desk.hospital_id, _outbox.c.status.in_((FAILED, DROPPED))
    )
    rows = desk.session.connection().execute(query.order_by(_outbox.c.id.desc()).limit(limit))
    return [_line_out(one) for one in rows]


def _answers(said: Any, heard: Any) -> bool:
    return said is not None and (said.inbox_id == heard.id or said.created_at > heard.created_at)


def _line_in(row: Any) -> Line:
    body = orjson.loads(unseal(row.body, "inbox"))
    author = f"contact:{row.contact_id}"
    return Line(
        "in",
        row.id,
        row.created_at,
        author,
        row.status,
        body,
        message_id=row.message_id,
        contact_id=row.contact_id,
    )


def _line_out(row: Any) -> Line:
    body = orjson.loads(unseal(row.body, "outbox"))
    return Line(
        "out",
        row.id,
        row.created_at,
        row.author,
        row.status,
        body,
        row.attempts,
        contact_id=row.contact_id,
        error=row.error,
    )
