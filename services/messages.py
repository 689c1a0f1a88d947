"""Messages in and the state of the conversation: the hot path, in Core statements.

One turn costs four statements: ``receive`` (contact with conversation, message in), ``keep_conversation``,
``outbox.post``. Texts and state lie encrypted. A message id seen before for the contact gives back the replies
recorded for it; nothing is handled twice. On PostgreSQL ``receive`` locks the contact's row, so two messages at once
from one contact are handled one after the other; on SQLite the one writer does that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
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
from services.outbox import OutboxMessage


class InboxMessage(Record, table=True):
    __tablename__ = "inbox_message"
    __table_args__ = (UniqueConstraint("contact_id", "message_id"),)

    contact_id: int = Field(foreign_key="contact.id")
    message_id: str = Field(max_length=200)
    body: bytes
    """``{"text", …}`` as the channel gave it, sealed JSON."""
    status: str = Field(default="handled", max_length=10)
    """``handled``, or ``failed`` where the turn broke and only an honest sentence was given."""


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
class LiveConversation:
    contact_id: int
    channel: str
    paused: bool
    updated_at: dt.datetime


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
