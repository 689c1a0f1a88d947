"""Help on the spot 现场求助: somebody in the house cannot go on, and the nearest person on duty is sent at once.

Who is asked has ``accept_minutes``; then the next nearest is asked, after ``tries`` of them the head of the desk.
Every call, refusal and escalation stands in the history with who, when and why. Longer than 300 lines, because calling,
redirecting, accepting and escalating move this one record, and must agree; who is nearest stands in nearest.py.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.alarms import acknowledge_open_alarm, raise_alarm
from services.companions import Companion
from services.database import Encrypted, Record
from services.desk import Desk
from services.duty import call_duty, end_duty_calls
from services.errors import WrongState
from services.finding import get_record, list_records
from services.handovers import settle_call
from services.history import change_state, record_change
from services.nearest import Near, list_near
from services.numbers import order_number
from services.promises import tell

REQUESTED, ACCEPTED, IN_PROGRESS, COMPLETED, CANCELLED = (
    "requested",
    "accepted",
    "in-progress",
    "completed",
    "cancelled",
)
OPEN = (REQUESTED, ACCEPTED, IN_PROGRESS)
NEXT = {
    REQUESTED: (ACCEPTED, IN_PROGRESS, COMPLETED, CANCELLED),
    ACCEPTED: (IN_PROGRESS, COMPLETED, CANCELLED, REQUESTED),
    IN_PROGRESS: (COMPLETED,),
}
WORDS = 300
"""Letters kept of what the patient wrote."""
WAITING = sa.text("status = 'requested'")
"""Written out as in the index: SQLite does not use a partial index for bound values."""


class OnsiteHelp(Record, table=True):
    __tablename__ = "onsite_help"
    __table_args__ = (
        Index("ix_onsite_help_due", "hospital_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_onsite_help_contact", "contact_id", "id"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    place: str | None = Field(default=None, max_length=80)
    """Where the person is: a place of the hospital, or his words."""
    special_need: str = Field(default="", max_length=60)
    words: str | None = Field(default=None, sa_type=Encrypted("onsite_help.words"))
    """What was said."""
    companion_id: int | None = Field(default=None, foreign_key="companion.id")
    """Who was asked last, or has accepted."""
    asked: str = Field(default="", max_length=120)
    """Ids of all who were asked, in order, joined by commas."""
    minutes: int | None = None
    """On foot from the post of whoever was asked."""
    to_head: bool = False
    """Nobody accepted in time: the head of the desk was told."""
    due_at: NaiveDatetime
    """Accepted until then, or the next is asked."""
    accepted_at: NaiveDatetime | None = None


def list_nearest(desk: Desk, *, place: str | None, besides: tuple[int, ...] = ()) -> list[Near]:
    """As `services.nearest.list_near`, of those whom no other call keeps."""
    query = select(OnsiteHelp.companion_id).where(
        OnsiteHelp.hospital_id == desk.hospital_id,
        col(OnsiteHelp.status).in_(OPEN),
        col(OnsiteHelp.companion_id).is_not(None),
    )
    busy = {one for one in desk.session.exec(query) if one is not None}
    return list_near(desk, place=place, besides={*besides, *busy})


def call_help(
    desk: Desk,
    *,
    contact_id: int,
    place: str | None = None,
    special_need: str | None = None,
    words: str | None = None,
) -> OnsiteHelp:
    """Calls the nearest person on duty. While a call of the contact is open it is that call, with what is said now."""
    known = find_open_help(desk, contact_id=contact_id)
    if known is not None:
        return tell_help(desk, help_id=known.id, contact_id=contact_id, place=place, words=words)
    call = OnsiteHelp(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        place=place[:80] if place else None,
        special_need=special_need or "",
        words=(words or "")[:WORDS] or None,
        due_at=desk.now,
    )
    desk.session.add(call)
    desk.session.flush()
    call.order_number = order_number("BZ", desk.now.date(), call.id)
    record_change(desk, record=call, old="", new=REQUESTED)
    _ask_next(desk, call, reason="nearest on duty")
    return call


def tell_help(
    desk: Desk, *, help_id: int, contact_id: int, place: str | None = None, words: str | None = None
) -> OnsiteHelp:
    """What the patient says while he waits: kept, and staff see it at once. Said where he is, another place than before:
    the nearest to it goes; who is on the way already is sent on there. The clock that asks the next runs on.
    """
    call = get_record(desk, OnsiteHelp, help_id, contact_id=contact_id, lock=True)
    if call.status not in OPEN:
        raise WrongState(call.status, field="status", value=REQUESTED)
    if words and words not in (call.words or ""):
        call.words = "\n".join(one for one in (call.words, words) if one)[-WORDS:]
    if place and place[:80] != call.place:
        _redirect(desk, call, place[:80])
    elif words:
        desk.session.add(call)
        record_change(desk, record=call, old=call.status, new=call.status, reason="the patient wrote")
        _alarm(desk, call, said=words)
    desk.session.flush()
    return call


def _redirect(desk: Desk, call: OnsiteHelp, place: str) -> None:
    before, call.place = call.place, place
    record_change(
        desk, record=call, old=call.status, new=call.status, reason=f"place: {place}; before: {before or '?'}"
    )
    if call.status == REQUESTED and not call.to_head:
        asked = [int(one) for one in call.asked.split(",") if one]
        others = tuple(one for one in asked if one != call.companion_id)
        mine, call.companion_id = call.companion_id, None
        desk.session.add(call)
        desk.session.flush()  # whoever was asked is free to be asked again
        near = list_nearest(desk, place=place, besides=others)
        if near and near[0].companion.id != mine:
            call.asked = ",".join(map(str, others))
            _ask_next(desk, call, reason=f"nearest to {place}")
            return
        call.companion_id, call.minutes = mine, near[0].minutes if near else None
    elif call.status == ACCEPTED:
        call.minutes = None  # from where he is now, nobody knows
    desk.session.add(call)
    desk.session.flush()
    _alarm(desk, call)
    _call_duty(desk, call)


def _ask_next(desk: Desk, call: OnsiteHelp, *, reason: str) -> None:
    """Tells the nearest who was not asked yet; the head of the desk where nobody is left or enough were asked."""
    rules = desk.hospital.escort.help
    asked = tuple(int(one) for one in call.asked.split(",") if one)
    near = list_nearest(desk, place=call.place, besides=asked) if len(asked) < rules.tries else []
    call.due_at = desk.now + dt.timedelta(minutes=rules.accept_minutes)
    if near:
        one = near[0]
        call.companion_id, call.minutes = one.companion.id, one.minutes
        call.asked = ",".join(map(str, (*asked, one.companion.id)))
        told = f"asked companion:{one.companion.id}, {one.minutes} min; {reason}"
    else:
        call.companion_id, call.minutes, call.to_head = None, None, True
        told = f"asked the head of the desk; {reason}"
    desk.session.add(call)
    record_change(desk, record=call, old=call.status, new=call.status, reason=told)
    desk.session.flush()
    _alarm(desk, call)
    _call_duty(desk, call)


def _call_duty(desk: Desk, call: OnsiteHelp) -> None:
    """Whoever is asked hears of it also away from the console."""
    head = desk.hospital.escort.help.head
    one = desk.session.get(Companion, call.companion_id) if call.companion_id else None
    call_duty(
        desk,
        about=call.subject,
        kind="onsite_help_late" if call.to_head else "onsite_help",
        name=one.name if one else head.name,
        phone=one.phone if one else head.phone,
        place=call.place or "",
        companion_id=one.id if one else None,
    )


def _alarm(desk: Desk, call: OnsiteHelp, *, said: str | None = None) -> None:
    """On every open page of the console within a second, until somebody accepts; with what the patient wrote since."""
    rules = desk.hospital.escort.help
    who = rules.head.name if call.to_head else name_companion(desk, call) or rules.head.name
    phone = rules.head.phone if call.to_head else ""
    words = [f"{call.place or '地点不明，请先打电话'}：请{who}去"]
    if call.to_head:
        words.append(f"{rules.accept_minutes} 分钟没人接，电话 {phone}")
    if said:
        words.append(f"患者说：{said[:40]}")
    raise_alarm(
        desk,
        kind="onsite_help_late" if call.to_head else "onsite_help",
        contact_id=call.contact_id,
        words=words,
        subject=call.subject,
    )


def name_companion(desk: Desk, call: OnsiteHelp) -> str | None:
    one = desk.session.get(Companion, call.companion_id) if call.companion_id else None
    return one.name if one else None


def accept_help(
    desk: Desk, *, help_id: int, companion_id: int | None = None, reason: str | None = None
) -> OnsiteHelp:
    """Somebody goes: whoever was asked, or another who says so; the patient is told who comes. The first counts:
    ``WrongState`` for the second.
    """
    call = get_record(desk, OnsiteHelp, help_id, lock=True)
    if call.status != REQUESTED:
        raise WrongState(call.status, field="status", value=ACCEPTED)
    if companion_id is not None and companion_id != call.companion_id:
        call.companion_id, call.minutes = companion_id, None
        near = [one for one in list_nearest(desk, place=call.place) if one.companion.id == companion_id]
        call.minutes = near[0].minutes if near else None
    call.accepted_at = desk.now
    change_state(desk, record=call, new=ACCEPTED, reason=reason)
    _settle_alarms(desk, call)
    _tell(desk, call)
    return call


def decline_help(desk: Desk, *, help_id: int, reason: str) -> OnsiteHelp:
    """Whoever was asked cannot go: the next is asked at once, not after three minutes."""
    call = get_record(desk, OnsiteHelp, help_id, lock=True)
    if call.status == ACCEPTED:
        change_state(desk, record=call, new=REQUESTED, reason=reason)
    if call.status != REQUESTED:
        raise WrongState(call.status, field="status", value=REQUESTED)
    _ask_next(desk, call, reason=f"declined: {reason}")
    _tell(desk, call)
    return call


def advance_help(desk: Desk, *, help_id: int, status: str, reason: str | None = None) -> OnsiteHelp:
    """Arrived, done, or not needed any more. Raises ``WrongState``."""
    call = get_record(desk, OnsiteHelp, help_id, lock=True)
    if status == ACCEPTED:
        return accept_help(desk, help_id=help_id, reason=reason)
    if status == call.status:
        return call
    if status not in NEXT.get(call.status, ()):
        raise WrongState(call.status, field="status", value=status)
    change_state(desk, record=call, new=status, reason=reason)
    _settle_alarms(desk, call)
    return call


def urge_help(desk: Desk, *, help_id: int, contact_id: int) -> OnsiteHelp:
    """The patient still waits: not accepted yet, the next is asked at once; on the way, staff hear it again."""
    call = get_help(desk, help_id=help_id, contact_id=contact_id)
    if call.status == REQUESTED and not call.to_head:
        _ask_next(desk, call, reason="the patient still waits")
    elif call.status in OPEN:
        record_change(desk, record=call, old=call.status, new=call.status, reason="the patient still waits")
        _alarm(desk, call)
    return call


def end_help(desk: Desk, *, help_id: int, contact_id: int) -> OnsiteHelp:
    """The patient says that somebody is there, or that he needs nobody any more."""
    call = get_help(desk, help_id=help_id, contact_id=contact_id)
    if call.status not in OPEN:
        return call
    there = call.status == IN_PROGRESS or call.status == ACCEPTED
    return advance_help(
        desk, help_id=help_id, status=COMPLETED if there else CANCELLED, reason="the patient says so"
    )


def escalate_help(desk: Desk, *, limit: int = 20) -> int:
    """For the clock: calls not accepted in time go to the next, then to the head of the desk; the patient is told.

    The head once told, the alarm stays until somebody accepts; it rings again every ``accept_minutes``.
    """
    minutes = desk.hospital.escort.help.accept_minutes
    query = (
        select(OnsiteHelp)
        .where(OnsiteHelp.hospital_id == desk.hospital_id, WAITING, OnsiteHelp.due_at <= desk.now)
        .order_by(col(OnsiteHelp.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    late = list(desk.session.exec(query.execution_options(populate_existing=True)))
    for call in late:
        if call.to_head:
            call.due_at = desk.now + dt.timedelta(minutes=minutes)
            desk.session.add(call)
            _alarm(desk, call)
            _call_duty(desk, call)
            continue
        _ask_next(desk, call, reason=f"not accepted within {minutes} minutes")
        _tell(desk, call)
    desk.session.flush()
    return len(late)


def _settle_alarms(desk: Desk, call: OnsiteHelp) -> None:
    settle_call(desk, contact_id=call.contact_id, reason="onsite_help")
    end_duty_calls(desk, about=call.subject)
    for kind in ("onsite_help", "onsite_help_late"):
        acknowledge_open_alarm(desk, kind=kind, subject=call.subject, reason=call.status)


def _tell(desk: Desk, call: OnsiteHelp) -> None:
    tell(
        desk,
        contact_id=call.contact_id,
        kind="help_changed",
        subject=call.subject,
        slots={"record": call.id},
        urgent=True,
        within=dt.timedelta(minutes=30),
    )


def find_open_help(desk: Desk, *, contact_id: int) -> OnsiteHelp | None:
    query = select(OnsiteHelp).where(
        OnsiteHelp.hospital_id == desk.hospital_id,
        OnsiteHelp.contact_id == contact_id,
        col(OnsiteHelp.status).in_(OPEN),
        OnsiteHelp.created_at > desk.now - dt.timedelta(hours=4),
    )
    return desk.session.exec(query.order_by(col(OnsiteHelp.id).desc()).limit(1)).first()


def get_help(desk: Desk, *, help_id: int, contact_id: int | None = None) -> OnsiteHelp:
    return get_record(desk, OnsiteHelp, help_id, contact_id=contact_id)


def list_help(desk: Desk, *, contact_id: int | None = None, limit: int = 100) -> list[OnsiteHelp]:
    """Newest first."""
    return list_records(desk, OnsiteHelp, contact_id=contact_id, limit=limit)


def describe_help(desk: Desk, call: OnsiteHelp) -> dict[str, object]:
    """The call in the slots of the contract."""
    return {
        "record": call.id,
        "place": call.place,
        "special_need": call.special_need or None,
        "order_number": call.order_number,
        "companion": name_companion(desk, call),
        "urgent": True,
    }
