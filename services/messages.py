"""Messages in and out and the state of the conversation: the hot path, in Core statements.

One turn costs four statements: ``receive`` (contact with conversation, message in), ``keep_conversation``,
``post``. Texts and state lie encrypted. A message id seen before for the contact gives back the replies recorded
for it; nothing is handled twice. On PostgreSQL ``receive`` locks the contact's row, so two messages at once from
one contact are handled one after the other; on SQLite the one writer does that.

Longer than the house likes: tables, prepared statements and the functions that run them are judged together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field

from services.cipher import seal, unseal
from services.contacts import Contact, get_or_create_contact
from services.database import Record
from services.desk import Desk

QUEUED, SENT, FAILED, DROPPED = "queued", "sent", "failed", "dropped"
LEASE = dt.timedelta(seconds=60)
"""A delivery that did not report back within this time is taken for dead and its message is sent again."""


class InboxMessage(Record, table=True):
    __tablename__ = "inbox_message"
    __table_args__ = (UniqueConstraint("contact_id", "message_id"),)

    contact_id: int = Field(foreign_key="contact.id")
    message_id: str = Field(max_length=200)
    body: bytes
    """``{"text", …}`` as the channel gave it, sealed JSON."""
    status: str = Field(default="handled", max_length=10)
    """``handled``, or ``failed`` where the turn broke and only an honest sentence was given."""


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


class ConversationState(Record, table=True):
    __tablename__ = "conversation_state"
    __table_args__ = (Index("ix_conversation_updated", "hospital_id", "updated_at"),)

    contact_id: int = Field(foreign_key="contact.id", unique=True)
    body: bytes
    """``Conversation.to_json()``, sealed."""
    paused: bool = False
    """A person has taken over."""
    updated_at: NaiveDatetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on its way through the house."""

    contact_id: int
    inbox_id: int
    new: bool
    """False: seen before; ``replies`` are what was answered then."""
    conversation: dict[str, Any] | None = None
    """The state as last kept; ``None`` for a contact's first message."""
    language: str = "zh"
    large_type: bool = False
    replies: tuple[dict[str, Any], ...] = ()


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


_contact = Contact.__table__  # type: ignore[attr-defined]
_inbox = InboxMessage.__table__  # type: ignore[attr-defined]
_outbox = OutboxMessage.__table__  # type: ignore[attr-defined]
_state = ConversationState.__table__  # type: ignore[attr-defined]

_LOCK = (
    sa.select(_contact.c.id)
    .where(
        _contact.c.hospital_id == sa.bindparam("hospital_id"),
        _contact.c.channel == sa.bindparam("channel"),
        _contact.c.sender == sa.bindparam("sender"),
    )
    .with_for_update()
)
"""PostgreSQL only, and a statement of its own: joined to the state, the state would be that of before the wait."""
_FIND = (
    sa.select(_contact.c.id, _contact.c.language, _contact.c.large_type, _state.c.body)
    .select_from(_contact.outerjoin(_state, _state.c.contact_id == _contact.c.id))
    .where(
        _contact.c.hospital_id == sa.bindparam("hospital_id"),
        _contact.c.channel == sa.bindparam("channel"),
        _contact.c.sender == sa.bindparam("sender"),
    )
)
_SEEN = sa.select(_inbox.c.id).where(
    _inbox.c.contact_id == sa.bindparam("contact"), _inbox.c.message_id == sa.bindparam("message")
)
_REPLIES = sa.select(_outbox.c.body).where(_outbox.c.inbox_id == sa.bindparam("inbox")).order_by(_outbox.c.id)
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
_IS_QUEUED = _outbox.c.status == sa.literal_column("'queued'")
"""Written out, not bound: only so does SQLite use the index of what is queued."""
_END = sa.update(_outbox).where(_outbox.c.id == sa.bindparam("outbox"), _outbox.c.status == QUEUED)


def _receive_statement(dialect: Any) -> Any:
    return dialect.insert(_inbox).on_conflict_do_nothing().returning(_inbox.c.id)


def _keep_statement(dialect: Any) -> Any:
    insert = dialect.insert(_state)
    new = {name: insert.excluded[name] for name in ("body", "paused", "updated_at")}
    return insert.on_conflict_do_update(index_elements=["contact_id"], set_=new)


_RECEIVE = {"sqlite": _receive_statement(sqlite), "postgresql": _receive_statement(postgresql)}
_KEEP = {"sqlite": _keep_statement(sqlite), "postgresql": _keep_statement(postgresql)}


def receive(
    desk: Desk,
    *,
    channel: str,
    sender: str,
    message_id: str,
    body: Mapping[str, Any],
    status: str = "handled",
) -> Arrival:
    """Takes a message in and gives what its turn needs. ``body`` is plain JSON, ``{"text": …, "place_code"?: …}``.

    Where the turn fails, roll back, call it again in a new transaction with ``status="failed"`` and post an honest
    sentence.
    """
    connection = desk.session.connection()
    key = {"hospital_id": desk.hospital_id, "channel": channel, "sender": sender}
    found = _find(connection, key)
    if found is None:
        get_or_create_contact(desk, channel=channel, sender=sender)
        found = _find(connection, key)
        assert found is not None
    contact_id, language, large_type, state = found
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "contact_id": contact_id,
        "message_id": message_id,
        "body": seal(orjson.dumps(dict(body)), "inbox"),
        "status": status,
    }
    inbox_id = connection.execute(_RECEIVE[connection.dialect.name], row).scalar_one_or_none()
    conversation = None if state is None else orjson.loads(unseal(state, "conversation"))
    if inbox_id is not None:
        return Arrival(contact_id, inbox_id, True, conversation, language, large_type)
    inbox_id = connection.execute(_SEEN, {"contact": contact_id, "message": message_id}).scalar_one()
    replies = [
        orjson.loads(unseal(one, "outbox"))
        for one in connection.execute(_REPLIES, {"inbox": inbox_id}).scalars()
    ]
    return Arrival(contact_id, inbox_id, False, conversation, language, large_type, tuple(replies))


def _find(connection: sa.Connection, key: Mapping[str, Any]) -> sa.Row[Any, Any, Any, Any] | None:
    """The contact and its state. One that appears between lock and look is not locked, and so not found yet."""
    if connection.dialect.name == "postgresql" and connection.execute(_LOCK, key).first() is None:
        return None
    return connection.execute(_FIND, key).one_or_none()


def keep_conversation(desk: Desk, *, contact_id: int, state: Mapping[str, Any]) -> None:
    """Stores ``Conversation.to_json()``; of the state only ``paused`` is readable in the database."""
    connection = desk.session.connection()
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "contact_id": contact_id,
        "body": seal(orjson.dumps(state), "conversation"),
        "paused": bool(state.get("paused")),
        "updated_at": desk.now,
    }
    connection.execute(_KEEP[connection.dialect.name], row)


def load_conversation(desk: Desk, *, contact_id: int, lock: bool = False) -> dict[str, Any] | None:
    """The state as last kept; with ``lock`` (PostgreSQL) nobody else goes on with it before this transaction ends."""
    connection = desk.session.connection()
    if lock:
        connection.execute(sa.select(_contact.c.id).where(_contact.c.id == contact_id).with_for_update())
    state = connection.execute(
        sa.select(_state.c.body).where(_state.c.contact_id == contact_id)
    ).scalar_one_or_none()
    return None if state is None else orjson.loads(unseal(state, "conversation"))


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


def list_unsent(desk: Desk, *, limit: int = 100) -> list[Line]:
    """What could not be sent, newest first."""
    query = sa.select(_outbox).where(
        _outbox.c.hospital_id == desk.hospital_id, _outbox.c.status.in_((FAILED, DROPPED))
    )
    rows = desk.session.connection().execute(query.order_by(_outbox.c.id.desc()).limit(limit))
    return [_line_out(one) for one in rows]


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


def _answers(said: Any, heard: Any) -> bool:
    return said is not None and (said.inbox_id == heard.id or said.created_at > heard.created_at)


def find_line(desk: Desk, *, outbox_id: int, contact_id: int) -> Line | None:
    """One line said to this contact; ``None`` also where it was said to another."""
    query = sa.select(_outbox).where(_outbox.c.id == outbox_id, _outbox.c.contact_id == contact_id)
    row = desk.session.connection().execute(query).one_or_none()
    return None if row is None else _line_out(row)


def release_queued(desk: Desk, *, contact_id: int) -> int:
    """The contact is back: what was tried while they were away is due at once. Returns how many replies that are."""
    waiting = sa.update(_outbox).where(
        _outbox.c.contact_id == contact_id,
        _outbox.c.status == QUEUED,
        _outbox.c.attempts > 0,
        _outbox.c.next_attempt_at > desk.now,
    )
    return desk.session.connection().execute(waiting.values(next_attempt_at=desk.now)).rowcount


@dataclass(frozen=True, slots=True)
class LiveConversation:
    contact_id: int
    channel: str
    paused: bool
    updated_at: dt.datetime


def list_conversations(desk: Desk, *, paused: bool | None = None, limit: int = 50) -> list[LiveConversation]:
    """The console's live list, most recent first."""
    query = (
        sa.select(_contact.c.id, _contact.c.channel, _state.c.paused, _state.c.updated_at)
        .join(_state, _state.c.contact_id == _contact.c.id)
        .where(_state.c.hospital_id == desk.hospital_id)
    )
    if paused is not None:
        query = query.where(_state.c.paused.is_(paused))
    rows = desk.session.connection().execute(
        query.order_by(_state.c.updated_at.desc(), _contact.c.id).limit(limit)
    )
    return [LiveConversation(*one) for one in rows]


def count_queued(desk: Desk) -> int:
    """How much waits to be sent, for the metrics."""
    query = sa.select(sa.func.count()).where(_outbox.c.hospital_id == desk.hospital_id, _IS_QUEUED)
    return int(desk.session.connection().execute(query).scalar_one())
