"""What staff see at a glance: every conversation with its last words and who waits, and the day in figures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from services.absences import AbsenceAppeal
from services.alarms import Alarm, list_alarms
from services.complaints import Complaint
from services.contacts import Contact
from services.desk import Desk
from services.escorts import OPEN as ESCORT_OPEN
from services.escorts import Escort
from services.extras import ExtraRequest
from services.handovers import REQUESTED, Handover, list_handovers
from services.herbs import ENDED, HerbDelivery
from services.loans import EquipmentLoan, is_late
from services.messages import ConversationState
from services.onsite_help import OnsiteHelp
from services.outbox import DROPPED, FAILED, OutboxMessage
from services.parcels import ParcelTicket
from services.patients import Patient
from services.promises import DROPPED as PROMISE_DROPPED
from services.promises import Promise
from services.registration import ARRIVED, BOOKED, FULFILLED, Appointment
from services.requests import ServiceRequest
from services.suspensions import TO_CALL, SuspensionNotice
from services.suspicion import BookingReview
from services.talk import Line, list_last_lines
from services.transfers import Transfer

DANGER = frozenset({"emergency", "crisis", "red_flag"})
"""Kinds of alarm where somebody's life may be at stake."""


WAITS: tuple[tuple[str, Any, str], ...] = (
    ("escorts", Escort, "requested"),
    ("transfers", Transfer, "requested"),
    ("help", OnsiteHelp, "requested"),
    ("requests", ServiceRequest, "requested"),
    ("parcels", ParcelTicket, "received"),
    ("suspensions", SuspensionNotice, TO_CALL),
    ("extras", ExtraRequest, "requested"),
    ("reviews", BookingReview, "requested"),
    ("appeals", AbsenceAppeal, "requested"),
)
"""What stands in its first state until one of the staff takes it up."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One contact's conversation, as the live list shows it."""

    contact_id: int
    channel: str
    sender: str
    at: dt.datetime
    """When something last happened in it."""
    paused: bool = False
    last: Line | None = None
    handover: str | None = None
    """``requested`` or ``in-progress``, while one is open."""
    reason: str = ""
    urgent: bool = False
    waiting_since: dt.datetime | None = None
    """When the contact asked for a person, until one came; then since the last words nobody answered."""
    staff_id: int | None = None
    danger: bool = False
    """An alarm of the contact is open that nobody has acknowledged."""
    names: tuple[str, ...] = ()
    """Of the contact's patients, in full: to be masked."""
    private: bool = False
    """An address or something said anonymously is on record for the contact and may stand in the words."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The state of the house now."""

    waiting: int
    waiting_since: dt.datetime | None
    taken: int
    """Conversations a person has taken over."""
    alarms: int
    bookings: tuple[tuple[int, int], ...]
    """Today's appointments by the hour in which they begin."""
    complaints: tuple[tuple[str, int], ...]
    """Open complaints by stage, in the order of the rules."""
    overdue: int
    """Of these past the day on which an answer was promised, or without a first contact in time."""
    escorts: int
    """Open and today."""
    herbs: int
    """On their way."""
    unsent: int
    """Messages that could not be sent and promises that were dropped, of the last seven days."""
    waits: tuple[tuple[str, int], ...] = ()
    """How many of each kind wait for somebody of the staff to begin; of loans, to telephone for what is overdue."""


def list_talks(desk: Desk, *, limit: int = 60) -> list[Talk]:
    """Who waits for a person first (urgent ones, then the longest), then who is with one, then the newest."""
    handovers = {one.contact_id: one for one in list_handovers(desk, limit=limit)}
    in_danger = {one.contact_id for one in list_alarms(desk) if one.kind in DANGER}
    contact, state = col(Contact.id), ConversationState
    columns = (
        Contact.id,
        Contact.channel,
        Contact.sender,
        Contact.created_at,
        state.paused,
        state.updated_at,
    )
    query = select(*columns).join(state, col(state.contact_id) == contact, isouter=True)  # type: ignore[call-overload]
    query = query.where(Contact.hospital_id == desk.hospital_id)
    recent = query.order_by(col(state.updated_at).desc().nulls_last(), contact.desc()).limit(limit)
    rows = {row[0]: row for row in desk.session.exec(recent)}
    missing = (handovers.keys() | in_danger) - rows.keys() - {None}
    if missing:
        rows |= {row[0]: row for row in desk.session.exec(query.where(contact.in_(missing)))}
    lines = list_last_lines(desk, contact_ids=list(rows))
    names, private = list_names(desk, list(rows)), _find_private(desk, list(rows))
    talks = [
        replace(
            _talk(row, handovers.get(row[0]), lines.get(row[0])),
            danger=row[0] in in_danger,
            names=tuple(names.get(row[0], ())),
            private=row[0] in private,
        )
        for row in rows.values()
        if row[5] is not None or row[0] in lines or row[0] in handovers
    ]
    return sorted(talks, key=_order)


def list_names(desk: Desk, contact_ids: list[int]) -> dict[int, list[str]]:
    """Of each contact's patients, 本人 first."""
    query = select(Patient.contact_id, Patient.name, Patient.relation).where(
        col(Patient.contact_id).in_(contact_ids), col(Patient.active).is_(True)
    )
    found: dict[int, list[str]] = {}
    for contact_id, name, relation in desk.session.exec(query.order_by(col(Patient.id))):
        names = found.setdefault(contact_id, [])
        names.insert(0 if relation == "本人" else len(names), name)
    return found


def _find_private(desk: Desk, contact_ids: list[int]) -> set[int]:
    unnamed = select(Complaint.contact_id).where(
        col(Complaint.contact_id).in_(contact_ids), col(Complaint.anonymous).is_(True)
    )
    housed = select(HerbDelivery.contact_id).where(
        col(HerbDelivery.contact_id).in_(contact_ids), col(HerbDelivery.address).is_not(None)
    )
    return {*desk.session.exec(unnamed), *desk.session.exec(housed)}


def _talk(row: tuple[Any, ...], handover: Handover | None, last: Line | None) -> Talk:
    contact_id, channel, sender, created_at, paused, updated_at = row
    at = max(one for one in (updated_at, last.at if last else None, created_at) if one is not None)
    since = None
    if handover is not None:
        unheard = last.at if last is not None and last.direction == "in" else None
        since = handover.created_at if handover.status == REQUESTED else unheard
    return Talk(
        contact_id,
        channel,
        sender,
        at,
        bool(paused),
        last,
        handover.status if handover else None,
        handover.reason if handover else "",
        bool(handover and handover.urgent),
        since,
        handover.staff_id if handover else None,
    )


def _order(talk: Talk) -> tuple[int, float]:
    if talk.handover == REQUESTED and talk.waiting_since is not None:
        return (0 if talk.urgent else 1), talk.waiting_since.timestamp()
    return (2 if talk.handover else 3), -talk.at.timestamp()


def count_figures(desk: Desk) -> Figures:
    """A handful of counts; cheap enough to be asked every second."""
    today, here = desk.now.date(), desk.hospital_id
    handovers = list_handovers(desk, limit=1000)
    waiting = [one.created_at for one in handovers if one.status == REQUESTED]
    hours = Counter(
        start.hour
        for start in desk.session.exec(
            select(Appointment.start).where(
                Appointment.hospital_id == here,
                Appointment.date == today,
                col(Appointment.status).in_((BOOKED, ARRIVED, FULFILLED)),
            )
        )
    )
    stages = Counter(_open_complaints(desk))
    return Figures(
        waiting=len(waiting),
        waiting_since=min(waiting, default=None),
        taken=len(handovers) - len(waiting),
        alarms=_count(desk, Alarm, Alarm.status == "open"),
        bookings=tuple(sorted(hours.items())),
        complaints=tuple(
            (one.id, stages[one.id]) for one in desk.hospital.complaints.stages if one.id in stages
        ),
        overdue=_count(desk, Complaint, *_overdue(desk)),
        escorts=_count(
            desk,
            Escort,
            col(Escort.status).in_(ESCORT_OPEN),
            col(Escort.start) >= dt.datetime.combine(today, dt.time.min),
            col(Escort.start) < dt.datetime.combine(today + dt.timedelta(days=1), dt.time.min),
        ),
        herbs=_count(desk, HerbDelivery, col(HerbDelivery.status).not_in(ENDED)),
        unsent=_count_unsent(desk),
        waits=(
            ("complaints", stages["received"]),
            ("loans", _count(desk, EquipmentLoan, *is_late(desk))),
            *((name, _count(desk, table, col(table.status) == status)) for name, table, status in WAITS),
        ),
    )


def _open_complaints(desk: Desk) -> list[str]:
    query = select(Complaint.status).where(
        Complaint.hospital_id == desk.hospital_id, Complaint.kind == "complaint", Complaint.status != "closed"
    )
    return list(desk.session.exec(query))


def _overdue(desk: Desk) -> list[Any]:
    late = sa.and_(
        col(Complaint.status).not_in(("answered", "confirmed", "closed")),
        col(Complaint.answer_due_on) < desk.now.date(),
    )
    unheard = sa.and_(col(Complaint.status) == "received", col(Complaint.contact_due_at) < desk.now)
    return [Complaint.kind == "complaint", sa.or_(late, unheard)]


def _count_unsent(desk: Desk) -> int:
    since = desk.now - dt.timedelta(days=7)
    messages = _count(
        desk,
        OutboxMessage,
        col(OutboxMessage.status).in_((FAILED, DROPPED)),
        col(OutboxMessage.created_at) > since,
    )
    return messages + _count(desk, Promise, Promise.status == PROMISE_DROPPED, col(Promise.ended_at) > since)


def _count(desk: Desk, table: Any, *conditions: Any) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(table)
        .where(table.hospital_id == desk.hospital_id, *conditions)
    )
    return int(desk.session.execute(query).scalar_one())
