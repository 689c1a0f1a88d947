"""Who changed what, when and why; and who looked at identity data in full."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid
from services.webhooks import queue_deliveries

OWED = frozenset({"cancelled", "rejected", "failed", "refused", "dismissed", "lost"})
"""Ends that nobody wished for: whoever of the staff or of another system makes one says why."""


class StateChange(Record, table=True):
    """One step in the life of a record. ``old`` is empty for the first."""

    __tablename__ = "state_change"

    record: str = Field(index=True, max_length=60)
    """The subject of the record that changed, ``"appointment:12"``."""
    old: str = Field(max_length=40)
    new: str = Field(max_length=40)
    actor: str = Field(max_length=60)
    reason: str | None = Field(default=None, sa_type=Encrypted("state_change.reason"))


class Reveal(Record, table=True):
    """Somebody read a field of identity data in full: who, which, why, when (``created_at``)."""

    record: str = Field(index=True, max_length=60)
    field: str = Field(max_length=40)
    actor: str = Field(max_length=60, index=True)
    reason: str = Field(max_length=200)


def record_change(
    desk: Desk, *, record: Record, old: str, new: str, reason: str | None = None
) -> StateChange:
    """Writes a step down, and queues it for the systems that asked to be told (``services/webhooks.py``).

    Raises ``Invalid("missing")`` with field ``reason`` where staff or another system owe one (``OWED``).
    """
    check_reason(desk, old=old, new=new, reason=reason)
    change = StateChange(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        record=record.subject,
        old=old,
        new=new,
        actor=desk.actor,
        reason=reason,
    )
    desk.session.add(change)
    queue_deliveries(desk, record=record, change=change)
    return change


def change_state(desk: Desk, *, record: Any, new: str, reason: str | None = None) -> None:
    """Moves ``record.status`` to ``new`` and writes it down; nothing happens where it is there already.

    Raises what ``record_change`` raises, before anything is moved.
    """
    old = record.status
    if old == new:
        return
    check_reason(desk, old=old, new=new, reason=reason)
    record.status = new
    desk.session.add(record)
    record_change(desk, record=record, old=old, new=new, reason=reason)
    desk.session.flush()


def check_reason(desk: Desk, *, old: str, new: str, reason: str | None) -> None:
    owing = new in OWED and old != new and desk.actor.startswith(("staff", "api"))
    if owing and not (reason or "").strip():
        raise Invalid("missing", field="reason")


def list_changes(desk: Desk, *, record: Record) -> list[StateChange]:
    """The life of a record, oldest first."""
    query = select(StateChange).where(
        StateChange.hospital_id == desk.hospital_id, StateChange.record == record.subject
    )
    return list(desk.session.exec(query.order_by(col(StateChange.id))))


def reveal(desk: Desk, *, record: Record, field: str, reason: str) -> str | None:
    """The field in full, after writing down who asks and why; without a reason ``Invalid("reason")``."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    note_reveal(desk, record=record, field=field, reason=reason)
    value = getattr(record, field)
    return value.isoformat() if isinstance(value, dt.date) else value


def note_reveal(desk: Desk, *, record: Record, field: str, reason: str) -> None:
    """Writes down that somebody looks at a field of identity or health data."""
    desk.session.add(
        Reveal(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            record=record.subject,
            field=field,
            actor=desk.actor,
            reason=reason.strip()[:200],
        )
    )
    desk.session.flush()


def list_reveals(desk: Desk, *, record: Record | None = None, limit: int = 100) -> list[Reveal]:
    """The audit, newest first."""
    query = select(Reveal).where(Reveal.hospital_id == desk.hospital_id)
    if record is not None:
        query = query.where(Reveal.record == record.subject)
    return list(desk.session.exec(query.order_by(col(Reveal.id).desc()).limit(limit)))
