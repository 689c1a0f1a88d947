"""Handovers 转人工: a patient waits for a person, a person takes over and hands back; notes among staff."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, Taken, WrongState
from services.finding import list_records
from services.history import record_change

REQUESTED, IN_PROGRESS, COMPLETED = "requested", "in-progress", "completed"
"""FHIR R4 task-status."""
ASKED = "asked"
"""The reason of a call that the patient wished for."""


class Handover(Record, table=True):
    __table_args__ = (
        Index("ix_handover_status", "hospital_id", "status"),
        Index(
            "ix_handover_open",
            "contact_id",
            unique=True,
            sqlite_where=sa.text("status <> 'completed'"),
            postgresql_where=sa.text("status <> 'completed'"),
        ),
    )

    contact_id: int = Field(foreign_key="contact.id")
    status: str = Field(default=REQUESTED, max_length=12)
    reason: str = Field(max_length=200)
    """A code, never the patient's words: ``asked``, ``cannot_handle``, ``emergency`` …"""
    urgent: bool = False
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    taken_at: NaiveDatetime | None = None
    ended_at: NaiveDatetime | None = None


class Note(Record, table=True):
    """What staff tell each other about a contact; the patient never sees it."""

    contact_id: int = Field(foreign_key="contact.id", index=True)
    author: str = Field(max_length=60)
    text: str = Field(sa_type=Encrypted("note.text"))


def call_person(desk: Desk, *, contact_id: int, reason: str, urgent: bool = False) -> Handover:
    """Puts the contact into the queue of those who wait for a person; who waits already is not queued twice."""
    handover = find_open(desk, contact_id=contact_id)
    if handover is not None:
        if urgent and not handover.urgent:
            handover.urgent = True
            desk.session.add(handover)
            desk.session.flush()
        return handover
    handover = Handover(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        reason=reason[:200],
        urgent=urgent,
    )
    desk.session.add(handover)
    desk.session.flush()
    record_change(desk, record=handover, old="", new=REQUESTED, reason=reason)
    return handover


def find_open(desk: Desk, *, contact_id: int) -> Handover | None:
    query = select(Handover).where(
        Handover.hospital_id == desk.hospital_id,
        Handover.contact_id == contact_id,
        Handover.status != COMPLETED,
    )
    return desk.session.exec(query.execution_options(populate_existing=True)).one_or_none()


def take_over(desk: Desk, *, contact_id: int, staff_id: int) -> Handover:
    """Gives the conversation to one of the staff, asked for or not; raises ``Taken`` where a colleague has it."""
    handover = call_person(desk, contact_id=contact_id, reason="staff")
    won = _move(desk, handover, REQUESTED, status=IN_PROGRESS, staff_id=staff_id, taken_at=desk.now)
    if won:
        record_change(desk, record=handover, old=REQUESTED, new=IN_PROGRESS)
    elif handover.staff_id != staff_id:
        raise Taken("taken_over", field="handover", value=handover.id, staff_id=handover.staff_id)
    desk.session.flush()
    return handover


def hand_back(desk: Desk, *, contact_id: int) -> Handover:
    """The person is done (or nobody is needed any more); raises ``WrongState`` where nothing was open."""
    handover = find_open(desk, contact_id=contact_id)
    if handover is None:
        raise WrongState("no_handover", field="contact", value=contact_id)
    old = handover.status
    if _move(desk, handover, old, status=COMPLETED, ended_at=desk.now):
        record_change(desk, record=handover, old=old, new=COMPLETED)
    desk.session.flush()
    return handover


def settle_call(desk: Desk, *, contact_id: int, reason: str) -> None:
    """Somebody sees to what a person was called for: who waits for that, and no other reason, waits no more."""
    handover = find_open(desk, contact_id=contact_id)
    if handover is not None and (handover.status, handover.reason) == (REQUESTED, reason):
        hand_back(desk, contact_id=contact_id)


def call_off(desk: Desk, *, contact_id: int) -> bool:
    """The patient wants no person any more. Not where a colleague is there already, nor what was urgent or not his own
    wish: those stay on the list."""
    handover = find_open(desk, contact_id=contact_id)
    if handover is None or handover.reason != ASKED or handover.urgent:
        return False
    if not _move(desk, handover, REQUESTED, status=COMPLETED, ended_at=desk.now):
        return False
    mine = desk.acting_as(f"contact:{contact_id}")
    record_change(mine, record=handover, old=REQUESTED, new=COMPLETED, reason="patient")
    desk.session.flush()
    return True


def list_handovers(desk: Desk, *, status: str | None = None, limit: int = 100) -> list[Handover]:
    """Those open (or of one status): urgent first, then who waits longest."""
    asked = Handover.status != COMPLETED if status is None else Handover.status == status
    order = (col(Handover.urgent).desc(), col(Handover.id))
    return list_records(desk, Handover, asked, order=order, limit=limit)


def add_note(desk: Desk, *, contact_id: int, text: str) -> Note:
    if not text.strip():
        raise Invalid("missing", field="text")
    note = Note(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        author=desk.actor,
        text=text.strip()[:2000],
    )
    desk.session.add(note)
    desk.session.flush()
    return note


def list_notes(desk: Desk, *, contact_id: int, limit: int = 50) -> list[Note]:
    """Newest first."""
    query = select(Note).where(Note.hospital_id == desk.hospital_id, Note.contact_id == contact_id)
    return list(desk.session.exec(query.order_by(col(Note.id).desc()).limit(limit)))


def _move(desk: Desk, handover: Handover, old: str, **values: Any) -> bool:
    moved = (
        sa.update(Handover)
        .where(col(Handover.id) == handover.id, col(Handover.status) == old)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(moved).rowcount == 1  # type: ignore[attr-defined]
    desk.session.refresh(handover)
    return won
