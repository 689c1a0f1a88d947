"""What we hold of a contact: handed out whole, or erased (PIPL articles 45 and 47).

Both go over every table there is, so that a table added later is not forgotten: whatever names the contact belongs to
them. Erasing ends what is still open (its places go back), deletes every row of the contact, unlinks the hospital's own
discharge list from it, and empties the reasons in the history, which keeps only states and times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import SQLModel

from services.appointments import cancel, list_appointments, release_hold
from services.cipher import unseal
from services.contacts import get_contact
from services.desk import Desk
from services.errors import ServiceError
from services.escorts import OPEN, cancel_escort, list_escorts
from services.followups import stop_followups
from services.messages import ConversationState, InboxMessage, OutboxMessage
from services.registration import HELD, Hold
from services.waitlist import leave_waitlist, list_waitlist

SEALED = {
    InboxMessage.__tablename__: "inbox",
    OutboxMessage.__tablename__: "outbox",
    ConversationState.__tablename__: "conversation",
}
"""Tables whose ``body`` is sealed JSON, and the purpose it is sealed with."""
KEPT = {"follow_up"}
"""Comes from the hospital's own systems, not from the contact: unlinked, not deleted."""
HIDDEN = {"person", "phone_index", "text_index"}
"""Blind indexes: they mean nothing to anybody without the key."""


def export_contact(desk: Desk, *, contact_id: int) -> dict[str, Any]:
    """Every row that names the contact, by table, in full and in the open; for the person themselves."""
    get_contact(desk, contact_id=contact_id)
    found: dict[str, Any] = {}
    for table, condition in _tables(contact_id):
        rows = desk.session.execute(sa.select(table).where(condition)).mappings().all()
        if rows:
            found[table.name] = [_open(table.name, dict(row)) for row in rows]
    return found


def erase_contact(desk: Desk, *, contact_id: int) -> dict[str, int]:
    """Erases the contact and everything of theirs; returns how many rows of which table. Not to be undone."""
    get_contact(desk, contact_id=contact_id)
    _end_open(desk, contact_id)
    subjects = _subjects(desk, contact_id)
    _empty_reasons(desk, subjects)
    erased: dict[str, int] = {}
    run = desk.session.connection().execute
    for table, condition in reversed(list(_tables(contact_id))):
        if table.name in KEPT:
            run(sa.update(table).where(condition).values(contact_id=None, patient_id=None))
            continue
        for column in table.columns:
            if any(
                key.column.table is table for key in column.foreign_keys
            ):  # an appointment that replaced another
                run(sa.update(table).where(condition).values({column.name: None}))
        count = run(sa.delete(table).where(condition)).rowcount
        if count:
            erased[table.name] = count
    desk.session.expire_all()
    return erased


def _tables(contact_id: int) -> Iterator[tuple[sa.Table, Any]]:
    """Each table with rows of contacts and what makes a row the contact's, those referred to first."""
    for table in SQLModel.metadata.sorted_tables:
        if table.name == "contact":
            yield table, table.c.id == contact_id
        elif "contact_id" in table.c:
            yield table, table.c.contact_id == contact_id


def _open(name: str, row: dict[str, Any]) -> dict[str, Any]:
    if name in SEALED:
        row["body"] = orjson.loads(unseal(row["body"], SEALED[name]))
    return {
        column: value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
        for column, value in row.items()
        if column not in HIDDEN
    }


def _end_open(desk: Desk, contact_id: int) -> None:
    """Gives back what others can use: places, waitlist turns, escorts; stops the follow-ups."""
    for entry in list_waitlist(desk, contact_id=contact_id):
        leave_waitlist(desk, entry_id=entry.id, contact_id=contact_id, reason="erased")
    holds = sa.select(Hold.id).where(Hold.contact_id == contact_id, Hold.status == HELD)  # type: ignore[call-overload]
    for hold_id in desk.session.scalars(holds).all():
        release_hold(desk, hold_id=hold_id)
    staff = desk.acting_as("staff:0")  # the limits of the hour are for patients
    for appointment in list_appointments(desk, contact_id=contact_id, upcoming=True):
        _try_to(cancel, staff, appointment_id=appointment.id, reason="erased")
    for escort in list_escorts(desk, contact_id=contact_id, statuses=OPEN):
        _try_to(cancel_escort, staff, escort_id=escort.id, reason="erased")
    stop_followups(desk, contact_id=contact_id)
    desk.session.flush()


def _try_to(work: Any, desk: Desk, **arguments: Any) -> None:
    """What has begun or ended meanwhile needs no ending."""
    try:
        work(desk, **arguments)
    except ServiceError:
        return


def _subjects(desk: Desk, contact_id: int) -> list[str]:
    return [
        f"{table.name}:{row_id}"
        for table, condition in _tables(contact_id)
        for row_id in desk.session.execute(sa.select(table.c.id).where(condition)).scalars()
    ]


def _empty_reasons(desk: Desk, subjects: list[str]) -> None:
    table = SQLModel.metadata.tables["state_change"]
    for start in range(0, len(subjects), 500):
        some = subjects[start : start + 500]
        desk.session.execute(sa.update(table).where(table.c.record.in_(some)).values(reason=None))
