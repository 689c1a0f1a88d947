"""What patients say about the hospital 诉求, through the 吐槽码 or in the chat: complaints, questions, suggestions and praise;
how they are filed and found. As FHIR has it this is a Communication: ``in-progress`` until closed, then ``completed``.

Its way to an answer is in ``handling``, what happens when it is late in ``escalation``, the same said again and again in
``improvements``, the pictures in ``pictures``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from sqlmodel import select

from services.alarms import raise_alarm
from services.database import blind
from services.desk import Desk
from services.errors import Invalid
from services.finding import get_record, list_records
from services.grievances import OWED, Complaint
from services.history import list_changes, record_change
from services.identity import parse_phone
from services.improvements import propose_improvement
from services.numbers import count_up
from services.pictures import attach_pictures
from services.red_flags import Danger, find_danger
from services.stages import get_stage

__all__ = ["OWED", "Complaint", "file_complaint", "find_complaint", "get_complaint", "list_complaints"]

PREFIXES = {"complaint": "TC", "question": "ZX", "suggestion": "JY", "praise": "BY"}
TEXT_LIMIT = 4000
AGAIN = dt.timedelta(minutes=10)
"""The same words of the same contact within this time are the same complaint (a double press)."""


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
    danger: bool = False,
) -> Complaint:
    """Takes a complaint, question, suggestion or praise. Without a category the words of the rules decide.

    Of an anonymous one neither name nor phone is kept. A serious one, or one that speaks of danger (``danger``), raises
    an alarm at once; one more of many proposes an improvement; pictures just sent belong to it. Raises ``Invalid``
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
        filed_as=kind,
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
        serious=danger or (kind == "complaint" and is_serious(desk, text=text)),
        contact_due_at=desk.now + dt.timedelta(hours=rules.first_contact_hours),
        answer_due_on=add_workdays(desk, today, chosen.answer_days),
    )
    desk.session.add(complaint)
    desk.session.flush()
    record_change(desk, record=complaint, old="", new=complaint.status, reason="filed")
    if complaint.serious:
        words = [word for word in rules.serious_words if word in text.lower()]
        raise_alarm(
            desk, kind="serious_complaint", contact_id=contact_id, words=words, subject=complaint.subject
        )
    attach_pictures(desk, complaint_id=complaint.id, contact_id=contact_id)
    if kind == "complaint":
        propose_improvement(desk, place=place, department=department, category=category)
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
    text = text.lower()
    scores = {one.id: sum(word in text for word in one.words) for one in desk.hospital.complaints.categories}
    best = max(scores, key=lambda one: scores[one])
    return best if scores[best] else "other"


def is_serious(desk: Desk, *, text: str) -> bool:
    """Told to the head on duty at once (a blow, a theft, a death, the police …)."""
    return any(word in text.lower() for word in desk.hospital.complaints.serious_words)


def find_dangers(desk: Desk, *, text: str) -> tuple[Danger, ...]:
    """Red flags in what is complained of, the gravest first; figures of speech (等到吐血) are none."""
    for word in desk.hospital.complaints.figures:
        text = text.replace(word, "…")
    return find_danger(desk.hospital, text)


def speaks_of_past(desk: Desk, *, text: str) -> bool:
    """Whether what is told is over: nobody need be sent to the emergency department for it."""
    return any(word in text.lower() for word in desk.hospital.complaints.past_words)


def add_workdays(desk: Desk, day: dt.date, count: int) -> dt.date:
    """The last of so many workdays after a day, by the hospital's calendar."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= desk.hospital.calendar.is_workday(day)
    return day


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
    return list_records(
        desk, Complaint, contact_id=contact_id, status=status, kind=kind, team=team, limit=limit
    )


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
        "satisfaction": complaint.satisfaction,
        "date": complaint.created_at.date().isoformat(),
    }
