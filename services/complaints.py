"""Complaints 诉求 from the 吐槽码: what a patient says, the team it goes to, its way to an answer; also suggestions
and praise. The stages are the hospital's (``complaints.yml``); each step is in the history and, where the rule says
so, reaches the patient. As FHIR has it this is a Communication: ``in-progress`` until closed, then ``completed``.
Longer than 300 lines with its records, its stages and its views; the rules of all three are the same file.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.alarms import raise_alarm
from services.database import Encrypted, Record, blind
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken
from services.finding import get_record
from services.history import change_state, list_changes, record_change
from services.identity import parse_phone
from services.numbers import count_up
from services.promises import cancel_promises, tell
from services.stages import check_next, get_stage

PREFIXES = {"complaint": "TC", "suggestion": "JY", "praise": "BY"}
TEXT_LIMIT = 4000
AGAIN = dt.timedelta(minutes=10)
"""The same words of the same contact within this time are the same complaint (a double press)."""


class Complaint(Record, table=True):
    __table_args__ = (
        Index("ix_complaint_contact", "contact_id", "id"),
        Index("ix_complaint_status", "hospital_id", "status"),
        Index("ix_complaint_number", "hospital_id", "order_number", unique=True),
    )

    contact_id: int = Field(foreign_key="contact.id")
    kind: str = Field(default="complaint", max_length=12)
    """``complaint``, ``suggestion`` or ``praise``."""
    order_number: str = Field(max_length=40)
    """``TC-20260311-0007``: in a row, so that staff and patient can speak of it."""
    status: str = Field(default="received", max_length=20)
    category: str = Field(max_length=20)
    team: str = Field(max_length=40)
    text: str = Field(sa_type=Encrypted("complaint.text"))
    text_index: str = Field(max_length=40)
    place: str | None = Field(default=None, max_length=80)
    place_code: str | None = Field(default=None, max_length=40)
    department: str | None = Field(default=None, max_length=40)
    anonymous: bool = False
    """Staff see neither name nor phone nor channel; the answer still reaches the contact here."""
    patient_name: str | None = Field(default=None, sa_type=Encrypted("complaint.patient_name"))
    phone: str | None = Field(default=None, sa_type=Encrypted("complaint.phone"))
    serious: bool = False
    contact_due_at: NaiveDatetime
    """First contact until then."""
    answer_due_on: dt.date
    answer: str | None = Field(default=None, sa_type=Encrypted("complaint.answer"))
    answered_at: NaiveDatetime | None = None
    escalated_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    """Who took it: the first keeps it."""

    @property
    def fhir_status(self) -> str:
        return "completed" if self.status == "closed" else "in-progress"


def file_complaint(
    desk: Desk,
    *,
    contact_id: int,
    text: str,
    category: str | None = None,
    place: str | None = None,
    place_code: str | None = None,
    department: str | None = None,
    anonymous: bool = False,
    patient_name: str | None = None,
    phone: str | None = None,
    kind: str = "complaint",
) -> Complaint:
    """Takes a complaint, suggestion or praise. Without a category the words of the rules decide.

    Of an anonymous one neither name nor phone is kept. A serious one raises an alarm at once. Raises ``Invalid``
    with field ``complaint_text``, ``complaint_category``, ``place`` (an unknown code) or ``phone``.
    """
    rules, text = desk.hospital.complaints, text.strip()
    if not text:
        raise Invalid("missing", field="complaint_text")
    text = text[:TEXT_LIMIT]
    known = _find_again(desk, contact_id=contact_id, text=text, kind=kind)
    if known is not None:
        return known
    if place_code is not None:
        code = desk.hospital.find_place_code(place_code)
        if code is None:
            raise Invalid("place_code", field="place", value=place_code)
        place_code, place = code.code, place or code.place
        department = department or code.department
    if category is None:
        category = guess_category(desk, text=text)
    chosen = next((one for one in rules.categories if one.id == category), None)
    if chosen is None:
        raise Invalid("category", field="complaint_category", value=category)
    today = desk.now.date()
    complaint = Complaint(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        kind=kind,
        order_number=f"{PREFIXES[kind]}-{today:%Y%m%d}-{count_up(desk, name=f'{kind}:{today}'):04d}",
        category=category,
        team=chosen.team,
        text=text,
        text_index=blind(text, "complaint"),
        place=place,
        place_code=place_code,
        department=department,
        anonymous=anonymous,
        patient_name=None if anonymous else patient_name,
        phone=parse_phone(phone) if phone and not anonymous else None,
        serious=kind == "complaint" and is_serious(desk, text=text),
        contact_due_at=desk.now + dt.timedelta(hours=rules.first_contact_hours),
        answer_due_on=add_workdays(desk, today, chosen.answer_days),
    )
    desk.session.add(complaint)
    desk.session.flush()
    record_change(desk, record=complaint, old="", new=complaint.status)
    if complaint.serious:
        words = [word for word in rules.serious_words if word in text]
        raise_alarm(
            desk, kind="serious_complaint", contact_id=contact_id, words=words, subject=complaint.subject
        )
    desk.session.flush()
    return complaint


def _find_again(desk: Desk, *, contact_id: int, text: str, kind: str) -> Complaint | None:
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        Complaint.contact_id == contact_id,
        Complaint.kind == kind,
        Complaint.text_index == blind(text, "complaint"),
        Complaint.created_at > desk.now - AGAIN,
    )
    return desk.session.exec(query.limit(1)).first()


def guess_category(desk: Desk, *, text: str) -> str:
    """The category most of whose words stand in the text; ``other`` where none does."""
    scores = {one.id: sum(word in text for word in one.words) for one in desk.hospital.complaints.categories}
    best = max(scores, key=lambda one: scores[one])
    return best if scores[best] else "other"


def is_serious(desk: Desk, *, text: str) -> bool:
    """Told to the head on duty at once (a blow, a theft, a death, the police …)."""
    return any(word in text for word in desk.hospital.complaints.serious_words)


def add_workdays(desk: Desk, day: dt.date, count: int) -> dt.date:
    """The last of so many workdays after a day, by the hospital's calendar."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= desk.hospital.calendar.is_workday(day)
    return day


def take_complaint(desk: Desk, *, complaint_id: int, staff_id: int, instead: bool = False) -> Complaint:
    """Gives the complaint to the first of the staff who takes it; raises ``Taken`` with ``staff_id`` where a colleague
    has it. With ``instead`` it is taken from the colleague.
    """
    complaint = get_complaint(desk, complaint_id=complaint_id)
    if complaint.staff_id == staff_id:
        return complaint
    free = sa.true() if instead else col(Complaint.staff_id).is_(None)
    taken = (
        sa.update(Complaint)
        .where(col(Complaint.id) == complaint_id, free)
        .values(staff_id=staff_id)
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(taken).rowcount == 1  # type: ignore[attr-defined]
    desk.session.refresh(complaint)
    if not won and complaint.staff_id != staff_id:
        raise Taken("taken_over", field="complaint", value=complaint.id, staff_id=complaint.staff_id)
    record_change(desk, record=complaint, old=complaint.status, new=complaint.status, reason="taken")
    desk.session.flush()
    return complaint


def advance_complaint(
    desk: Desk, *, complaint_id: int, status: str, answer: str | None = None, reason: str | None = None
) -> Complaint:
    """The next stage; the patient is told where the rule says so (kind ``complaint_changed``).

    ``answered`` wants an ``answer``, and so does closing a complaint nobody answered (a suggestion or a word of praise
    is closed without). Raises ``WrongState`` where the stage may not follow, ``Invalid("missing")``
    with field ``answer``, ``NotAllowed("too_late")`` for reopening after ``reopen_days``.
    """
    complaint = get_record(desk, Complaint, complaint_id, lock=True)
    if status == complaint.status:
        return complaint
    rules = desk.hospital.complaints
    stage = check_next(rules.stages, complaint.status, status)
    owed = status == "closed" and complaint.kind == "complaint" and not complaint.answer
    if status == "answered" or owed:
        if not (answer or "").strip():
            raise Invalid("missing", field="answer")
        complaint.answer, complaint.answered_at = (answer or "").strip()[:TEXT_LIMIT], desk.now
    if status == "reopened" and complaint.answered_at is not None:
        until = complaint.answered_at + dt.timedelta(days=rules.reopen_days)
        if desk.now > until:
            raise NotAllowed("too_late", field="complaint", value=complaint.id, until=until)
    change_state(desk, record=complaint, new=status, reason=reason)
    if stage.tell:
        cancel_promises(desk, subject=complaint.subject, kind="complaint_changed")  # the latest news only
        tell(
            desk,
            contact_id=complaint.contact_id,
            kind="complaint_changed",
            subject=complaint.subject,
            slots=describe_complaint(desk, complaint),
            within=dt.timedelta(days=7),
        )
    return complaint


def confirm_complaint(desk: Desk, *, complaint_id: int, contact_id: int) -> Complaint:
    """The patient is content with the answer."""
    get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    return advance_complaint(
        desk.acting_as(f"contact:{contact_id}"), complaint_id=complaint_id, status="confirmed"
    )


def reopen_complaint(
    desk: Desk, *, complaint_id: int, contact_id: int, reason: str | None = None
) -> Complaint:
    """The patient is not content with the answer."""
    get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    desk = desk.acting_as(f"contact:{contact_id}")
    return advance_complaint(desk, complaint_id=complaint_id, status="reopened", reason=reason)


def escalate_overdue(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: complaints nobody has contacted in time raise an alarm, once; returns how many."""
    since = desk.now - dt.timedelta(hours=desk.hospital.complaints.escalate_after_hours)
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        Complaint.kind == "complaint",
        Complaint.status == "received",
        Complaint.created_at <= since,
        col(Complaint.escalated_at).is_(None),
    )
    overdue = list(
        desk.session.exec(query.order_by(col(Complaint.id)).limit(limit).with_for_update(skip_locked=True))
    )
    for one in overdue:
        one.escalated_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="complaint_overdue", contact_id=one.contact_id, subject=one.subject)
    desk.session.flush()
    return len(overdue)


def close_answered(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: what the patient confirmed, or did not speak of for ``confirm_days`` after the answer, is closed."""
    since = desk.now - dt.timedelta(days=desk.hospital.complaints.confirm_days)
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        col(Complaint.status).in_(("answered", "confirmed")),
        col(Complaint.answered_at) <= since,
    )
    due = list(
        desk.session.exec(query.order_by(col(Complaint.id)).limit(limit).with_for_update(skip_locked=True))
    )
    for one in due:
        change_state(desk, record=one, new="closed", reason="confirm_days")
    return len(due)


def get_complaint(desk: Desk, *, complaint_id: int, contact_id: int | None = None) -> Complaint:
    return get_record(desk, Complaint, complaint_id, contact_id=contact_id)


def find_complaint(desk: Desk, *, order_number: str, contact_id: int | None = None) -> Complaint | None:
    """By its number as people write it: ``tc20260311-7`` finds TC-20260311-0007."""
    parts = re.fullmatch(r"([A-Z]{2})?\W*(\d{8})\W*(\d{1,6})", order_number.strip().upper())
    number = f"{parts[1] or 'TC'}-{parts[2]}-{int(parts[3]):04d}" if parts else order_number
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id, Complaint.order_number == number
    )
    if contact_id is not None:
        query = query.where(Complaint.contact_id == contact_id)
    return desk.session.exec(query).one_or_none()


def list_complaints(
    desk: Desk,
    *,
    contact_id: int | None = None,
    status: str | None = None,
    kind: str | None = None,
    team: str | None = None,
    limit: int = 50,
) -> list[Complaint]:
    """Newest first."""
    query = select(Complaint).where(Complaint.hospital_id == desk.hospital_id)
    if contact_id is not None:
        query = query.where(Complaint.contact_id == contact_id)
    if status is not None:
        query = query.where(Complaint.status == status)
    if kind is not None:
        query = query.where(Complaint.kind == kind)
    if team is not None:
        query = query.where(Complaint.team == team)
    query = query.order_by(col(Complaint.id).desc()).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def list_steps(desk: Desk, *, complaint: Complaint) -> list[tuple[dt.datetime, str]]:
    """When which stage was reached, by the stage's name, oldest first: for the patient who asks."""
    stages = desk.hospital.complaints.stages
    changes = list_changes(desk, record=complaint)
    return [(one.created_at, get_stage(stages, one.new).name) for one in changes if one.old != one.new]


def describe_complaint(desk: Desk, complaint: Complaint) -> dict[str, Any]:
    """The complaint in the slots of the contract."""
    return {
        "record": complaint.id,
        "order_number": complaint.order_number,
        "status": complaint.status,
        "status_name": get_stage(desk.hospital.complaints.stages, complaint.status).name,
        "complaint_category": complaint.category,
        "place": complaint.place,
        "department": complaint.department,
        "answer": complaint.answer,
        "date": complaint.created_at.date().isoformat(),
    }
