"""Promises: everything the hospital said it would do later (reminders, answers, offers), one row each.

What is due lies in this table and nowhere else. The clock claims row by row with a conditional ``UPDATE`` and keeps
each promise in the transaction that writes its message: ``keep`` changes one row or raises, and then the message is
rolled back with it. So two clocks, a crash between any two steps or a day of downtime neither lose nor repeat one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import WrongState
from services.finding import get_record, list_records

WAITING, CLAIMED, KEPT, DROPPED, CANCELLED = "waiting", "claimed", "kept", "dropped", "cancelled"
OPEN = sa.text("status IN ('waiting', 'claimed')")
"""Written out as in the index of what is due: SQLite does not use it for bound values."""
LEASE = dt.timedelta(minutes=2)
"""A claim older than this belongs to a clock that died; the row is given out again."""


class Promise(Record, table=True):
    __table_args__ = (
        Index(
            "ix_promise_due",
            "hospital_id",
            "due_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    contact_id: int = Field(foreign_key="contact.id", index=True)
    kind: str = Field(max_length=40)
    """Names the flow or reply that keeps it: ``appointment_reminder``, ``hold_expired``, ``escort_meeting`` …"""
    about: str = Field(max_length=60, index=True)
    """Subject of the record it speaks of, ``"appointment:12"``."""
    due_at: NaiveDatetime
    drop_after: NaiveDatetime
    """Later than this it helps nobody: it is dropped and staff see it."""
    urgent: bool = False
    """Sent in quiet hours too."""
    status: str = Field(default=WAITING, max_length=10)
    claimed_at: NaiveDatetime | None = None
    ended_at: NaiveDatetime | None = None
    reason: str | None = Field(default=None, max_length=200)
    """Why it was dropped."""
    values: str = Field(default="{}", sa_type=Encrypted("promise.values"))
    """Slots for the flow, JSON."""

    @property
    def slots(self) -> dict[str, Any]:
        return orjson.loads(self.values)


_TABLE: sa.Table = Promise.__table__  # type: ignore[attr-defined]
_CANCEL = (
    sa.update(_TABLE)
    .where(
        _TABLE.c.hospital_id == sa.bindparam("hospital"),
        _TABLE.c.about == sa.bindparam("subject"),
        _TABLE.c.status.in_((WAITING, CLAIMED)),
    )
    .values(status=CANCELLED, ended_at=sa.bindparam("ended_at"))
)
"""Put together once: every booking takes one back."""
_CANCEL_KIND = _CANCEL.where(_TABLE.c.kind == sa.bindparam("which"))


def promise(
    desk: Desk,
    *,
    contact_id: int,
    kind: str,
    due_at: dt.datetime,
    drop_after: dt.datetime,
    urgent: bool = False,
    subject: str,
    slots: Mapping[str, Any] | None = None,
) -> Promise:
    """Gives a promise, written down with what is flushed next. ``slots`` are plain JSON values for the flow that keeps it."""
    one = Promise(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        kind=kind,
        about=subject,
        due_at=due_at,
        drop_after=drop_after,
        urgent=urgent,
        values=orjson.dumps(dict(slots or {})).decode(),
    )
    desk.session.add(one)
    return one


def tell(
    desk: Desk,
    *,
    contact_id: int,
    kind: str,
    subject: str,
    slots: Mapping[str, Any],
    urgent: bool = False,
    within: dt.timedelta = dt.timedelta(days=2),
) -> Promise | None:
    """Promises news at once (or after quiet hours), useful for so long. Who acts himself is not told: ``None``."""
    if desk.actor == f"contact:{contact_id}":
        return None
    return promise(
        desk,
        contact_id=contact_id,
        kind=kind,
        due_at=desk.now,
        drop_after=desk.now + within,
        urgent=urgent,
        subject=subject,
        slots=slots,
    )


def cancel_promises(desk: Desk, *, subject: str, kind: str | None = None) -> int:
    """Takes back what was not kept yet, also what a clock has just claimed; returns how many."""
    desk.session.flush()
    values = {"hospital": desk.hospital_id, "subject": subject, "which": kind, "ended_at": desk.now}
    change = _CANCEL if kind is None else _CANCEL_KIND
    return desk.session.connection().execute(change, values).rowcount


def is_quiet(desk: Desk, at: dt.datetime | None = None) -> bool:
    """Whether the hour lies in quiet hours (from the evening through midnight to the morning)."""
    hours, hour = desk.hospital.registration.quiet_hours, (at or desk.now).time()
    return hour >= hours.start or hour < hours.end


def next_telling(desk: Desk) -> dt.datetime:
    """When what is said now, and is not urgent, is told: now, or when the quiet hours end."""
    if not is_quiet(desk):
        return desk.now
    end = dt.datetime.combine(desk.now.date(), desk.hospital.registration.quiet_hours.end)
    return end if end > desk.now else end + dt.timedelta(days=1)


def drop_late(desk: Desk) -> int:
    """Drops by rule what came too late to help; ``list_promises(status="dropped")`` shows it to staff."""
    conditions = [
        col(Promise.hospital_id) == desk.hospital_id,
        OPEN,
        col(Promise.due_at) < desk.now,
        col(Promise.status) == WAITING,
        col(Promise.drop_after) < desk.now,
    ]
    return _set(desk, conditions, status=DROPPED, reason="too_late", ended_at=desk.now)


def claim_due(desk: Desk, *, limit: int = 50) -> list[Promise]:
    """Claims what is due now for the caller alone, oldest first; in quiet hours only what is urgent.

    Commit after it, then keep each in its own transaction. What a dead clock had claimed is given out again after
    ``LEASE``.
    """
    drop_late(desk)
    due = sa.or_(
        col(Promise.status) == WAITING,
        sa.and_(col(Promise.status) == CLAIMED, col(Promise.claimed_at) < desk.now - LEASE),
    )
    query = select(Promise.id, Promise.claimed_at).where(
        Promise.hospital_id == desk.hospital_id, Promise.due_at <= desk.now, OPEN, due
    )
    if is_quiet(desk):
        query = query.where(col(Promise.urgent).is_(True))
    claimed = []
    for promise_id, seen in desk.session.exec(
        query.order_by(col(Promise.due_at), col(Promise.id)).limit(limit)
    ):
        unchanged = [col(Promise.id) == promise_id, due, col(Promise.claimed_at).is_not_distinct_from(seen)]
        if _set(desk, unchanged, status=CLAIMED, claimed_at=desk.now):
            claimed.append(promise_id)
    return [get_promise(desk, promise_id=one) for one in claimed]


def keep(desk: Desk, *, promise_id: int) -> None:
    """Marks a claimed promise as kept, in the transaction that writes its message.

    Raises ``WrongState`` where it was kept, dropped or cancelled meanwhile: roll back, nothing must be sent.
    """
    _end(desk, promise_id, KEPT, None)


def drop(desk: Desk, *, promise_id: int, reason: str) -> None:
    """Gives a claimed promise up for good (no way to reach the contact …); staff see it with its reason."""
    _end(desk, promise_id, DROPPED, reason[:200])


def postpone(desk: Desk, *, promise_id: int, due_at: dt.datetime) -> None:
    """Gives a claimed promise back, to be tried again later; it is never dropped for having been postponed."""
    one = get_promise(desk, promise_id=promise_id)
    conditions = [col(Promise.id) == promise_id, col(Promise.status) == CLAIMED]
    later = max(one.drop_after, due_at + LEASE)
    if not _set(desk, conditions, status=WAITING, claimed_at=None, due_at=due_at, drop_after=later):
        raise WrongState("promise", field="promise", value=promise_id)


def get_promise(desk: Desk, *, promise_id: int) -> Promise:
    return get_record(desk, Promise, promise_id)


def list_promises(
    desk: Desk,
    *,
    contact_id: int | None = None,
    subject: str | None = None,
    status: str | None = None,
    limit: int = 100,
) -> list[Promise]:
    """Newest due first."""
    order = (col(Promise.due_at).desc(), col(Promise.id).desc())
    return list_records(
        desk, Promise, order=order, contact_id=contact_id, about=subject, status=status, limit=limit
    )


def _end(desk: Desk, promise_id: int, status: str, reason: str | None) -> None:
    conditions = [
        col(Promise.id) == promise_id,
        col(Promise.hospital_id) == desk.hospital_id,
        col(Promise.status) == CLAIMED,
    ]
    if not _set(desk, conditions, status=status, reason=reason, ended_at=desk.now):
        raise WrongState("promise", field="promise", value=promise_id)


def _set(desk: Desk, conditions: list[Any], **values: Any) -> int:
    query = sa.update(Promise).where(*conditions).values(**values)
    done = desk.session.execute(query.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]
