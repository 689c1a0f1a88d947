"""Staff called outside the console: who is asked to help on the spot, and who answers for a danger told.

One row is one person called about one matter. A sender of the house's choice carries it (``bot/duty.py``); the person
answers by a link. What leaves the house is a kind, a place and a name of staff: nothing of the patient.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.cipher import blind
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import NotFound
from services.finding import get_record, list_records
from services.history import change_state, record_change

QUEUED, SENT, FAILED, ANSWERED, OVER = "queued", "sent", "failed", "answered", "over"
FRESH = dt.timedelta(minutes=30)
"""Older, nobody is called any more: the house stood still, or nothing sends here."""
TRIES = 3
WAITING = sa.text("status = 'queued'")


class DutyCall(Record, table=True):
    __tablename__ = "duty_call"
    __table_args__ = (
        Index("ix_duty_call_queued", "hospital_id", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_duty_call_about", "hospital_id", "about"),
    )

    about: str = Field(max_length=60)
    """Subject of the call for help or of the alarm."""
    kind: str = Field(max_length=40)
    name: str = Field(sa_type=Encrypted("duty_call.name"))
    phone: str = Field(sa_type=Encrypted("duty_call.phone"))
    place: str = Field(default="", max_length=80)
    companion_id: int | None = Field(default=None, foreign_key="companion.id")
    """Who is asked to go; empty where it is the head of the desk."""
    status: str = Field(default=QUEUED, max_length=10)
    tries: int = 1
    due_at: NaiveDatetime
    """Answered until then, or the next is called."""

    @property
    def key(self) -> str:
        """What proves the link: nobody makes one for another row."""
        return f"{self.id}-{blind(str(self.id), 'duty')[:24]}"


def call_duty(
    desk: Desk,
    *,
    about: str,
    kind: str,
    name: str,
    phone: str,
    place: str = "",
    companion_id: int | None = None,
) -> DutyCall:
    """Queues a call; the same person about the same matter is called again, not twice. Earlier ones about it are over."""
    known = None
    for one in _list_open(desk, about):
        if one.companion_id == companion_id:
            known = one
        else:
            change_state(desk, record=one, new=OVER, reason="the next is called")
    due = desk.now + dt.timedelta(minutes=desk.hospital.escort.help.accept_minutes)
    if known is not None:
        known.due_at, known.place = due, place[:80]
        change_state(desk, record=known, new=QUEUED, reason="called again")
        return known
    call = DutyCall(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        about=about,
        kind=kind,
        name=name,
        phone=phone,
        place=place[:80],
        companion_id=companion_id,
        due_at=due,
    )
    desk.session.add(call)
    desk.session.flush()
    record_change(desk, record=call, old="", new=QUEUED)
    desk.session.flush()
    return call


def end_duty_calls(desk: Desk, *, about: str) -> None:
    """Somebody has taken it in hand: nobody else is called."""
    for one in _list_open(desk, about):
        change_state(desk, record=one, new=OVER, reason="taken in hand")


def _list_open(desk: Desk, about: str) -> list[DutyCall]:
    return list_records(
        desk, DutyCall, order=(col(DutyCall.id),), about=about, status=(QUEUED, SENT, FAILED), limit=None
    )


def claim_calls(desk: Desk, *, limit: int = 20) -> list[DutyCall]:
    """Takes what is queued for the caller alone."""
    query = select(DutyCall).where(DutyCall.hospital_id == desk.hospital_id, WAITING)
    query = query.order_by(col(DutyCall.id)).limit(limit).with_for_update(skip_locked=True)
    found = list(desk.session.exec(query.execution_options(populate_existing=True)))
    for one in found:
        fresh = desk.now - one.created_at < FRESH * one.tries
        change_state(desk, record=one, new=SENT if fresh else OVER, reason=None if fresh else "too late")
    return [one for one in found if one.status == SENT]


def mark_unsent(desk: Desk, *, call_id: int, reason: str) -> None:
    one = get_record(desk, DutyCall, call_id)
    if one.status == SENT:
        change_state(desk, record=one, new=FAILED, reason=reason[:100])


def repeat_calls(desk: Desk, *, limit: int = 20) -> int:
    """For the clock: who has not answered for a danger within the minutes is called again, ``TRIES`` times in all. Help on
    the spot has its own clock (``onsite_help.escalate_help``): there the next is called."""
    query = select(DutyCall).where(
        DutyCall.hospital_id == desk.hospital_id,
        col(DutyCall.status).in_((SENT, FAILED)),
        col(DutyCall.about).startswith("alarm:"),
        DutyCall.tries < TRIES,
        DutyCall.due_at <= desk.now,
    )
    late = list(desk.session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    for one in late:
        one.tries += 1
        one.due_at = desk.now + dt.timedelta(minutes=desk.hospital.escort.help.accept_minutes)
        change_state(desk, record=one, new=QUEUED, reason="not answered")
    return len(late)


def find_call(desk: Desk, *, key: str) -> DutyCall:
    """The row of a link; raises ``NotFound`` where the link is not one of ours."""
    number = key.partition("-")[0]
    if not number.isascii() or not number.isdecimal() or len(number) > 15:
        raise NotFound(field="duty_call", value="")
    one = get_record(desk, DutyCall, int(number))
    if one.key != key:
        raise NotFound(field="duty_call", value="")
    return one


def answer_call(desk: Desk, *, call_id: int, reason: str) -> None:
    """The person has answered by the link."""
    change_state(desk, record=get_record(desk, DutyCall, call_id, lock=True), new=ANSWERED, reason=reason)
