"""Loans 借用: a wheelchair or another thing kept ready, handed out and given back; what there is, `services.stocks` knows.

A piece asked for in the chat stands ready for ``keep_minutes``; handing out, taking back and losing it are staff's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from knowledge.schema import LoanKind
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.identity import parse_name, parse_phone
from services.numbers import order_number
from services.promises import cancel_promises, tell
from services.stocks import get_kind, list_points, move_stock

REQUESTED, IN_PROGRESS, COMPLETED, CANCELLED, EXPIRED, LOST = (
    "requested",
    "in-progress",
    "completed",
    "cancelled",
    "expired",
    "lost",
)
OPEN = (REQUESTED, IN_PROGRESS)
NEXT = {REQUESTED: (IN_PROGRESS, CANCELLED), IN_PROGRESS: (COMPLETED, LOST)}
DUE = sa.text("status IN ('requested', 'in-progress')")


class EquipmentLoan(Record, table=True):
    __tablename__ = "equipment_loan"
    __table_args__ = (
        Index("ix_equipment_loan_contact", "contact_id", "id"),
        Index("ix_equipment_loan_due", "hospital_id", "due_at", sqlite_where=DUE, postgresql_where=DUE),
    )

    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    """Empty where it was lent at the desk to somebody who did not write."""
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    equipment: str = Field(max_length=40)
    """An id of ``kinds``."""
    place: str = Field(max_length=80)
    """Where it is fetched."""
    phone: str | None = Field(default=None, sa_type=Encrypted("equipment_loan.phone"))
    borrower: str | None = Field(default=None, sa_type=Encrypted("equipment_loan.borrower"))
    """Whom the desk lent it to; it and the phone are forgotten when the piece is back."""
    deposit: int = 0
    """Yuan taken, given back with the piece."""
    due_at: NaiveDatetime
    """Fetched until then; once handed out, given back until then."""
    reminded_at: NaiveDatetime | None = None
    returned_place: str | None = Field(default=None, max_length=80)


def count_due(desk: Desk, kind: LoanKind) -> dt.datetime:
    """Until when a piece handed out now is given back."""
    rules = desk.hospital.loans
    day = desk.now.date() + dt.timedelta(days=0 if kind.same_day else kind.days)
    due = dt.datetime.combine(day, rules.closes)
    return due if due > desk.now else due + dt.timedelta(days=1)


def request_loan(
    desk: Desk, *, contact_id: int, kind: str, place: str | None = None, phone: str | None = None
) -> EquipmentLoan:
    """Keeps a piece ready at the point named, else at the nearest that has one.

    Asked again while one is open: the same. Raises ``NotAllowed("closed_hour")``, ``Taken("none_left")``.
    """
    wanted, rules = get_kind(desk, kind), desk.hospital.loans
    mine = [one for one in list_loans(desk, contact_id=contact_id, statuses=OPEN) if one.equipment == kind]
    if len(mine) >= rules.most:
        return mine[0]
    if not rules.opens <= desk.now.time() < rules.closes:
        raise NotAllowed("closed_hour", field="time", start=rules.opens, end=rules.closes)
    points = [one for one in list_points(desk, kind=kind) if place in (None, one.place)]
    taken = next((one for one in points if move_stock(desk, kind=kind, place=one.place, by=-1)), None)
    if taken is None:
        raise Taken("none_left", field="place", value=place)
    loan = EquipmentLoan(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        equipment=kind,
        place=taken.place,
        phone=parse_phone(phone) if phone else None,
        deposit=wanted.deposit,
        due_at=desk.now + dt.timedelta(minutes=rules.keep_minutes),
    )
    desk.session.add(loan)
    desk.session.flush()
    loan.order_number = order_number("QX", desk.now.date(), loan.id)
    desk.session.add(loan)
    record_change(desk, record=loan, old="", new=REQUESTED)
    desk.session.flush()
    return loan


def lend_at_desk(
    desk: Desk, *, kind: str, place: str, phone: str, borrower: str, reason: str | None = None
) -> EquipmentLoan:
    """Hands a piece to somebody who stands at the desk: no chat, no waiting. Staff take it back as any other.

    Raises ``Invalid`` with field ``borrower``, ``phone`` or ``kind``, and ``Taken("none_left")``.
    """
    wanted, name, number = get_kind(desk, kind), parse_name(borrower), parse_phone(phone)
    if not move_stock(desk, kind=kind, place=place, by=-1):
        raise Taken("none_left", field="place", value=place)
    loan = EquipmentLoan(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        status=IN_PROGRESS,
        equipment=kind,
        place=place,
        phone=number,
        borrower=name,
        deposit=wanted.deposit,
        due_at=count_due(desk, wanted),
    )
    desk.session.add(loan)
    desk.session.flush()
    loan.order_number = order_number("QX", desk.now.date(), loan.id)
    desk.session.add(loan)
    record_change(desk, record=loan, old="", new=IN_PROGRESS, reason=reason or "at the desk")
    desk.session.flush()
    return loan


def hand_out(desk: Desk, *, loan_id: int, reason: str | None = None) -> EquipmentLoan:
    """The piece is fetched; from now on it is due by the kind's rule, and the deposit is held."""
    loan = _lock(desk, loan_id, IN_PROGRESS)
    loan.due_at = count_due(desk, get_kind(desk, loan.equipment))
    change_state(desk, record=loan, new=IN_PROGRESS, reason=reason)
    _tell(desk, loan)
    return loan


def give_back(
    desk: Desk, *, loan_id: int, place: str | None = None, reason: str | None = None
) -> EquipmentLoan:
    """The piece is back, at its own point or, where the rules allow, at another of its kind; the deposit goes back."""
    loan = _lock(desk, loan_id, COMPLETED)
    where = place or loan.place
    allowed = [one.place for one in get_kind(desk, loan.equipment).points]
    if where not in allowed or (where != loan.place and not desk.hospital.loans.any_point):
        raise Invalid("unknown_place", field="place", value=where, allowed=allowed)
    loan.returned_place = where
    if loan.contact_id is None:
        loan.borrower, loan.phone = None, None
    move_stock(desk, kind=loan.equipment, place=where, by=1)
    change_state(desk, record=loan, new=COMPLETED, reason=reason or f"at {where}")
    cancel_promises(desk, subject=loan.subject)
    _tell(desk, loan)
    return loan


def report_lost(desk: Desk, *, loan_id: int, reason: str) -> EquipmentLoan:
    """It does not come back: it leaves the stock for good."""
    loan = _lock(desk, loan_id, LOST)
    change_state(desk, record=loan, new=LOST, reason=reason)
    cancel_promises(desk, subject=loan.subject)
    return loan


def cancel_loan(
    desk: Desk, *, loan_id: int, contact_id: int | None = None, reason: str = "patient"
) -> EquipmentLoan:
    """Not fetched after all: the piece is free again; cancelled already, it stays."""
    loan = get_record(desk, EquipmentLoan, loan_id, contact_id=contact_id, lock=True)
    if loan.status == CANCELLED:
        return loan
    _lock(desk, loan_id, CANCELLED)
    move_stock(desk, kind=loan.equipment, place=loan.place, by=1)
    change_state(desk, record=loan, new=CANCELLED, reason=reason)
    return loan


def _lock(desk: Desk, loan_id: int, status: str) -> EquipmentLoan:
    loan = get_record(desk, EquipmentLoan, loan_id, lock=True)
    if status not in NEXT.get(loan.status, ()):
        raise WrongState(loan.status, field="status", value=status)
    return loan


def follow_loans(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: what was not fetched goes back to the stock; who has not given back is reminded, once.

    Staff see the overdue on their board for as long as they are.
    """
    query = (
        select(EquipmentLoan)
        .where(
            EquipmentLoan.hospital_id == desk.hospital_id,
            DUE,
            EquipmentLoan.due_at <= desk.now,
            col(EquipmentLoan.contact_id).is_not(None),  # who never wrote cannot be reminded: staff telephone
            col(EquipmentLoan.reminded_at).is_(None),
        )
        .order_by(col(EquipmentLoan.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(desk.session.exec(query.execution_options(populate_existing=True)))
    for loan in found:
        if loan.status == REQUESTED:
            move_stock(desk, kind=loan.equipment, place=loan.place, by=1)
            change_state(desk, record=loan, new=EXPIRED, reason="not fetched in time")
        else:
            loan.reminded_at = desk.now
            desk.session.add(loan)
            record_change(desk, record=loan, old=loan.status, new=loan.status, reason="reminded: overdue")
        _tell(desk, loan)
    desk.session.flush()
    return len(found)


def _tell(desk: Desk, loan: EquipmentLoan) -> None:
    if loan.contact_id is None:
        return
    tell(
        desk,
        contact_id=loan.contact_id,
        kind="loan_changed",
        subject=loan.subject,
        slots={"record": loan.id},
        within=dt.timedelta(hours=24),
    )


def is_overdue(desk: Desk, loan: EquipmentLoan) -> bool:
    return loan.status == IN_PROGRESS and loan.due_at <= desk.now


def is_late(desk: Desk) -> tuple[sa.ColumnElement[bool], ...]:
    """``is_overdue`` as conditions of a query."""
    return col(EquipmentLoan.status) == IN_PROGRESS, col(EquipmentLoan.due_at) <= desk.now


def get_loan(desk: Desk, *, loan_id: int, contact_id: int | None = None) -> EquipmentLoan:
    return get_record(desk, EquipmentLoan, loan_id, contact_id=contact_id)


def list_loans(
    desk: Desk,
    *,
    contact_id: int | None = None,
    statuses: Collection[str] | None = None,
    limit: int = 100,
) -> list[EquipmentLoan]:
    """Newest first."""
    return list_records(desk, EquipmentLoan, contact_id=contact_id, status=statuses, limit=limit)


def describe_loan(desk: Desk, loan: EquipmentLoan) -> dict[str, Any]:
    """The loan in the slots of the contract."""
    kinds = {one.id: one for one in desk.hospital.loans.kinds}
    kind = kinds.get(loan.equipment)
    return {
        "record": loan.id,
        "equipment": kind.name if kind else loan.equipment,
        "special_need": kind.need if kind else None,
        "place": loan.place,
        "deposit": loan.deposit or None,
        "due_at": loan.due_at.isoformat(timespec="minutes"),
        "order_number": loan.order_number,
    }
