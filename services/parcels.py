"""Parcel tickets 包裹工单: a parcel of herbs that is broken, wrong, short, lost or sent back; the pharmacy answers by a
deadline, the patient says whether that settles it. What may be wrong, and until when, are rules of ``herbs.yml``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from knowledge.schema import ParcelProblem
from services.alarms import raise_alarm
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, Taken
from services.finding import get_record, list_records
from services.herbs import HerbDelivery, find_delivery, get_delivery, send_again
from services.history import change_state, record_change
from services.numbers import count_up
from services.pictures import attach_pictures
from services.promises import cancel_promises, tell
from services.stages import check_next, get_stage

SETTLED = ("answered", "closed")
CLOSED = "closed"
LATE = "parcel_late"
"""The kind of promise, and the flow, by which the patient hears that the answer is late."""
MISSED = ("lost", "stuck", "untraceable")
CONTACT, COURIER = "contact", "courier"
TEXT_LIMIT = 2000


class ParcelTicket(Record, table=True):
    __tablename__ = "parcel_ticket"
    __table_args__ = (
        Index("ix_parcel_contact", "contact_id", "id"),
        Index("ix_parcel_delivery", "delivery_id"),
        Index("ix_parcel_status", "hospital_id", "status", "due_at"),
        Index("ix_parcel_number", "hospital_id", "order_number", unique=True),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    delivery_id: int = Field(foreign_key="herb_delivery.id")
    order_number: str = Field(max_length=40)
    """``BG-20260311-0001``."""
    kind: str = Field(max_length=12)
    """A problem of the rules: ``damaged``, ``wrong``, ``missing``, ``lost``, ``returned`` …"""
    status: str = Field(default="received", max_length=16)
    text: str = Field(sa_type=Encrypted("parcel_ticket.text"))
    told_by: str = Field(default=CONTACT, max_length=8)
    """``contact``, or ``courier`` where its news show that something is wrong."""
    drunk: bool = False
    """Of a wrong or broken one something was drunk already: somebody calls at once."""
    due_at: NaiveDatetime
    """Answered until then."""
    escalated_at: NaiveDatetime | None = None
    answer: str | None = Field(default=None, sa_type=Encrypted("parcel_ticket.answer"))
    answered_at: NaiveDatetime | None = None
    remedy: str | None = Field(default=None, max_length=8)
    replacement_id: int | None = Field(default=None, foreign_key="herb_delivery.id")
    """The delivery that was registered in its place."""
    staff_id: int | None = Field(default=None, foreign_key="staff.id")


def find_problems(desk: Desk, text: str) -> list[ParcelProblem]:
    """All that a patient's words say is wrong with a parcel, the gravest first; marks of Vietnamese are to be taken off
    before."""
    problems = desk.hospital.herbs.problems
    return [one for one in problems if any(re.search(words, text) for words in one.words)]


def get_problem(desk: Desk, kind: str) -> ParcelProblem:
    problems = desk.hospital.herbs.problems
    for one in problems:
        if one.id == kind:
            return one
    raise Invalid("parcel_problem", field="kind", value=kind, allowed=[one.id for one in problems])


def open_ticket(
    desk: Desk,
    *,
    delivery_id: int,
    kind: str,
    text: str = "",
    contact_id: int | None = None,
    told_by: str = CONTACT,
    drunk: bool = False,
) -> ParcelTicket:
    """Takes what is wrong with a parcel; told again while it is open, it is the same ticket, with the new words.

    What was drunk of a wrong or broken one raises an alarm at once (kind ``parcel_drunk``). Raises ``NotFound`` and
    ``Invalid("parcel_problem")``.
    """
    delivery = get_delivery(desk, delivery_id=delivery_id, contact_id=contact_id)
    problem = get_problem(desk, kind)
    text = text.strip()[:TEXT_LIMIT]
    ticket = find_open_ticket(desk, delivery_id=delivery.id, kind=kind)
    alarming = drunk and not (ticket and ticket.drunk)
    if ticket is None:
        day = desk.now.date()
        ticket = ParcelTicket(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            contact_id=delivery.contact_id,
            patient_id=delivery.patient_id,
            delivery_id=delivery.id,
            order_number=f"BG-{day:%Y%m%d}-{count_up(desk, name=f'parcel:{day}'):04d}",
            kind=kind,
            text=text,
            told_by=told_by,
            drunk=drunk,
            due_at=desk.now + dt.timedelta(hours=problem.hours),
        )
        desk.session.add(ticket)
        desk.session.flush()
        record_change(desk, record=ticket, old="", new=ticket.status)
        if told_by == CONTACT:
            attach_pictures(desk, contact_id=ticket.contact_id, ticket_id=ticket.id)
    elif text and text not in ticket.text:
        ticket.text = f"{ticket.text}\n{text}".strip()[:TEXT_LIMIT]
    if alarming:
        ticket.drunk = True
        raise_alarm(desk, kind="parcel_drunk", contact_id=ticket.contact_id, subject=ticket.subject)
    desk.session.add(ticket)
    desk.session.flush()
    return ticket


def take_ticket(desk: Desk, *, ticket_id: int, staff_id: int, instead: bool = False) -> ParcelTicket:
    """The first of the pharmacy who takes it keeps it; raises ``Taken`` with ``staff_id`` where a colleague has it."""
    ticket = get_ticket(desk, ticket_id=ticket_id)
    if ticket.staff_id == staff_id:
        return ticket
    free = sa.true() if instead else col(ParcelTicket.staff_id).is_(None)
    taking = sa.update(ParcelTicket).where(col(ParcelTicket.id) == ticket_id, free).values(staff_id=staff_id)
    taken = desk.session.execute(taking.execution_options(synchronize_session=False))
    desk.session.refresh(ticket)
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Taken("taken_over", field="ticket", value=ticket.id, staff_id=ticket.staff_id)
    record_change(desk, record=ticket, old=ticket.status, new=ticket.status, reason="taken")
    desk.session.flush()
    return ticket


def advance_ticket(
    desk: Desk,
    *,
    ticket_id: int,
    status: str,
    answer: str | None = None,
    remedy: str | None = None,
    doses: int | None = None,
    reason: str | None = None,
) -> ParcelTicket:
    """The next stage; the patient is told where the rule says so (kind ``parcel_changed``).

    ``answered`` wants an ``answer`` and a ``remedy``; with ``resend`` the same herbs (``doses`` of them, else all) are
    registered again, free, their prescription checked already. Raises ``WrongState``, ``Invalid("missing")`` and ``Invalid("remedy")``.
    """
    ticket = get_record(desk, ParcelTicket, ticket_id, lock=True)
    rules = desk.hospital.herbs
    if status == ticket.status:
        return ticket
    stage = check_next(rules.ticket_stages, ticket.status, status)
    if status == "answered":
        if not (answer or "").strip():
            raise Invalid("missing", field="answer")
        if remedy not in {one.id for one in rules.remedies}:
            raise Invalid("remedy", field="remedy", value=remedy, allowed=[one.id for one in rules.remedies])
        ticket.answer, ticket.answered_at = (answer or "").strip()[:TEXT_LIMIT], desk.now
        ticket.remedy = remedy
        if remedy == "resend" and ticket.replacement_id is None:
            ticket.replacement_id = send_again(desk, delivery_id=ticket.delivery_id, doses=doses).id
    change_state(desk, record=ticket, new=status, reason=reason)
    if stage.tell:
        cancel_promises(desk, subject=ticket.subject, kind="parcel_changed")  # the latest news only
        tell(
            desk,
            contact_id=ticket.contact_id,
            kind="parcel_changed",
            subject=ticket.subject,
            slots=describe_ticket(desk, ticket),
            within=dt.timedelta(days=7),
        )
    return ticket


def settle_ticket(
    desk: Desk, *, ticket_id: int, contact_id: int, content: bool, text: str = ""
) -> ParcelTicket:
    """The patient says whether the answer settles it; where not, the pharmacy has the same hours again."""
    ticket = get_ticket(desk, ticket_id=ticket_id, contact_id=contact_id)
    mine = desk.acting_as(f"contact:{contact_id}")
    if content:
        return advance_ticket(mine, ticket_id=ticket_id, status=CLOSED)
    hours = get_problem(desk, ticket.kind).hours
    ticket = advance_ticket(mine, ticket_id=ticket_id, status="reopened", reason=text.strip() or None)
    ticket.due_at, ticket.escalated_at = desk.now + dt.timedelta(hours=hours), None
    if text.strip():
        ticket.text = f"{ticket.text}\n{text.strip()}".strip()[:TEXT_LIMIT]
    desk.session.add(ticket)
    desk.session.flush()
    return ticket


def find_missed(desk: Desk, *, contact_id: int) -> ParcelTicket | None:
    """The newest ticket of a parcel that did not come, not answered yet."""
    query = select(ParcelTicket).where(
        ParcelTicket.hospital_id == desk.hospital_id,
        ParcelTicket.contact_id == contact_id,
        col(ParcelTicket.kind).in_(MISSED),
        col(ParcelTicket.status).not_in(SETTLED),
    )
    return desk.session.exec(query.order_by(col(ParcelTicket.id).desc()).limit(1)).first()


def close_found(desk: Desk, *, ticket_id: int, contact_id: int) -> ParcelTicket:
    """It has come after all: closed by the patient himself, nobody need look for it."""
    ticket = get_record(desk, ParcelTicket, ticket_id, contact_id=contact_id, lock=True)
    change_state(desk.acting_as(f"contact:{contact_id}"), record=ticket, new=CLOSED, reason="found")
    for kind in ("parcel_changed", LATE):
        cancel_promises(desk, subject=ticket.subject, kind=kind)
    return ticket


def escalate_tickets(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: not answered by its deadline, the head of the pharmacy sees it as an alarm, once, and the patient is
    told so (kind ``parcel_late``)."""
    query = select(ParcelTicket).where(
        ParcelTicket.hospital_id == desk.hospital_id,
        col(ParcelTicket.status).not_in(SETTLED),
        ParcelTicket.due_at <= desk.now,
        col(ParcelTicket.escalated_at).is_(None),
    )
    query = query.order_by(col(ParcelTicket.id)).limit(limit).with_for_update(skip_locked=True)
    late = list(desk.session.exec(query))
    for one in late:
        one.escalated_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="parcel_late", contact_id=one.contact_id, subject=one.subject)
        if one.told_by == CONTACT:  # who told it was promised an answer
            tell(desk, contact_id=one.contact_id, kind=LATE, subject=one.subject, slots={"record": one.id})
        record_change(desk, record=one, old=one.status, new=one.status, reason="late")
    desk.session.flush()
    return len(late)


def get_ticket(desk: Desk, *, ticket_id: int, contact_id: int | None = None) -> ParcelTicket:
    return get_record(desk, ParcelTicket, ticket_id, contact_id=contact_id)


def find_open_ticket(desk: Desk, *, delivery_id: int, kind: str | None = None) -> ParcelTicket | None:
    """The newest that is not closed, of one delivery."""
    query = select(ParcelTicket).where(
        ParcelTicket.hospital_id == desk.hospital_id,
        ParcelTicket.delivery_id == delivery_id,
        ParcelTicket.status != CLOSED,
    )
    if kind is not None:
        query = query.where(ParcelTicket.kind == kind)
    return desk.session.exec(query.order_by(col(ParcelTicket.id).desc()).limit(1)).first()


def list_tickets(
    desk: Desk, *, contact_id: int | None = None, open_only: bool = False, limit: int = 50
) -> list[ParcelTicket]:
    """Newest first."""
    still = (ParcelTicket.status != CLOSED,) if open_only else ()
    return list_records(desk, ParcelTicket, *still, contact_id=contact_id, limit=limit)


def list_reportable(desk: Desk, *, contact_id: int, number: str | None = None) -> list[HerbDelivery]:
    """The deliveries of which something may be wrong: handed over or ready within ``ticket_days``, newest first."""
    if number:
        found = find_delivery(desk, number=number, contact_id=contact_id)
        return [found] if found else []
    rules = desk.hospital.herbs
    query = select(HerbDelivery).where(
        HerbDelivery.hospital_id == desk.hospital_id,
        HerbDelivery.contact_id == contact_id,
        col(HerbDelivery.status).in_(
            ("handed_over", "in_transit", "delivered", "ready", "signed", "returning", "returned")
        ),
        HerbDelivery.stage_at >= desk.now - dt.timedelta(days=rules.ticket_days),
    )
    return list(desk.session.exec(query.order_by(col(HerbDelivery.id).desc())))


def describe_ticket(desk: Desk, ticket: ParcelTicket) -> dict[str, Any]:
    """The ticket in the slots of the contract."""
    delivery = desk.session.get_one(HerbDelivery, ticket.delivery_id)
    return {
        "record": ticket.id,
        "patient": ticket.patient_id,
        "kind": ticket.kind,
        "kind_name": get_problem(desk, ticket.kind).name,
        "text": ticket.text,
        "status": ticket.status,
        "status_name": get_stage(desk.hospital.herbs.ticket_stages, ticket.status).name,
        "order_number": ticket.order_number,
        "delivery": delivery.order_number,
        "due_at": ticket.due_at.isoformat(timespec="minutes"),
        "answer": ticket.answer,
        "remedy": ticket.remedy,
    }
