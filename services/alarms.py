"""Alarms: what staff must see at once (an emergency, a crisis, a red flag after discharge, a grave complaint)."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.duty import call_duty, end_duty_calls
from services.finding import get_record, list_records
from services.history import record_change

OPEN, ACKNOWLEDGED = "open", "acknowledged"
CALLED = frozenset({"emergency", "crisis", "red_flag", "parcel_drunk"})
"""Kinds for which the head of the desk is called outside the console too, until somebody acknowledges."""


class Alarm(Record, table=True):
    __table_args__ = (Index("ix_alarm_status", "hospital_id", "status"),)

    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    kind: str = Field(max_length=40)
    """``emergency``, ``crisis``, ``red_flag``, ``serious_complaint``, ``overdue`` …"""
    about: str = Field(default="", max_length=60)
    """Subject of the record concerned, if one is."""
    flow: str | None = Field(default=None, max_length=60)
    """The flow it interrupted."""
    evidence: str = Field(default="[]", sa_type=Encrypted("alarm.evidence"))
    status: str = Field(default=OPEN, max_length=12)
    times: int = 1
    """How often it was raised before somebody came."""
    last_at: NaiveDatetime
    acknowledged_by: str | None = Field(default=None, max_length=60)
    acknowledged_at: NaiveDatetime | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What the patient said that made it one."""
        return tuple(orjson.loads(self.evidence))


def raise_alarm(
    desk: Desk,
    *,
    kind: str,
    contact_id: int | None = None,
    words: Sequence[str] = (),
    flow: str | None = None,
    subject: str = "",
) -> Alarm:
    """Raises an alarm; while one of the kind is open for the contact and subject, it is raised again, not doubled."""
    query = select(Alarm).where(
        Alarm.hospital_id == desk.hospital_id,
        Alarm.contact_id == contact_id,
        Alarm.kind == kind,
        Alarm.about == subject,
        Alarm.status == OPEN,
    )
    alarm = desk.session.exec(query.limit(1)).first()
    if alarm is None:
        alarm = Alarm(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            last_at=desk.now,
            contact_id=contact_id,
            kind=kind,
            about=subject,
            flow=flow,
            evidence=orjson.dumps(list(words)).decode(),
        )
        desk.session.add(alarm)
        desk.session.flush()
        record_change(desk, record=alarm, old="", new=OPEN)
        if kind in CALLED:
            head = desk.hospital.escort.help.head
            call_duty(desk, about=alarm.subject, kind=kind, name=head.name, phone=head.phone)
    else:
        alarm.times += 1
        alarm.last_at = desk.now
        alarm.evidence = orjson.dumps(list(dict.fromkeys((*alarm.words, *words)))).decode()
        desk.session.add(alarm)
    desk.session.flush()
    return alarm


def acknowledge_alarm(desk: Desk, *, alarm_id: int, reason: str | None = None) -> bool:
    """True for the one who took it; False where somebody had before."""
    alarm = get_record(desk, Alarm, alarm_id)
    taken = (
        sa.update(Alarm)
        .where(col(Alarm.id) == alarm_id, col(Alarm.status) == OPEN)
        .values(status=ACKNOWLEDGED, acknowledged_by=desk.actor, acknowledged_at=desk.now)
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(taken).rowcount == 1  # type: ignore[attr-defined]
    if won:
        record_change(desk, record=alarm, old=OPEN, new=ACKNOWLEDGED, reason=reason)
        end_duty_calls(desk, about=alarm.subject)
        desk.session.flush()
    desk.session.refresh(alarm)
    return won


def acknowledge_open_alarm(desk: Desk, *, kind: str, subject: str, reason: str | None = None) -> int:
    """Ends the open alarms about a record whose matter somebody has taken in hand; returns how many."""
    query = select(Alarm.id).where(
        Alarm.hospital_id == desk.hospital_id,
        Alarm.kind == kind,
        Alarm.about == subject,
        Alarm.status == OPEN,
    )
    found = list(desk.session.exec(query))
    return sum(acknowledge_alarm(desk, alarm_id=one, reason=reason) for one in found)


def list_alarms(
    desk: Desk, *, status: str | None = OPEN, contact_id: int | None = None, limit: int = 100
) -> list[Alarm]:
    """Newest first."""
    order = (col(Alarm.last_at).desc(), col(Alarm.id).desc())
    return list_records(desk, Alarm, order=order, status=status, contact_id=contact_id, limit=limit)
