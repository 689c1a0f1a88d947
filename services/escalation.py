"""What is late is told upwards: to the head on duty, and when it stays late to the lead of the hospital; each line of the
rules (``complaints.yml``, ``escalations``) once for each complaint, and once more after it was reopened. The patient whose
answer is late hears so himself.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from knowledge.schema import Escalation as Rule
from services.alarms import raise_alarm
from services.complaints import OWED, Complaint
from services.database import Record, insert_new
from services.desk import Desk
from services.promises import tell

ALARMS = {"duty": "complaint_overdue", "lead": "complaint_escalated"}
WORKING = ("received", "first_contact", "investigating", "rectifying", "reopened")
"""An answer is still owed."""
LATE = "complaint_late"
"""The kind of promise, and the flow, by which the patient is told."""


class Escalation(Record, table=True):
    """Somebody was told that a complaint is late."""

    __table_args__ = (UniqueConstraint("complaint_id", "rule", "round"),)

    complaint_id: int = Field(foreign_key="complaint.id", index=True)
    rule: str = Field(max_length=40)
    round: int = 0
    """How often the complaint had been reopened."""
    told: str = Field(max_length=10)
    """``duty`` or ``lead``."""
    due_at: NaiveDatetime
    """When it should have happened."""


def find_due_hour(complaint: Complaint, late: str) -> dt.datetime:
    """The end of the day promised, or the hour until which somebody was to speak to the patient."""
    if late == "contact":
        return complaint.contact_due_at
    return dt.datetime.combine(complaint.answer_due_on + dt.timedelta(days=1), dt.time.min)


def escalate_overdue(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: raises the alarms that are due and writes down who was told; returns how many."""
    told = 0
    for rule in desk.hospital.complaints.escalations:
        for one in _find_late(desk, rule, limit - told):
            told += _tell(desk, one, rule)
    return told


def _find_late(desk: Desk, rule: Rule, limit: int) -> list[Complaint]:
    since = desk.now - dt.timedelta(hours=rule.hours)
    late: list[Any] = [
        Complaint.hospital_id == desk.hospital_id,
        col(Complaint.kind).in_(OWED),
        ~sa.exists().where(
            col(Escalation.complaint_id) == col(Complaint.id),
            col(Escalation.rule) == rule.id,
            col(Escalation.round) == col(Complaint.reopened),
        ),
    ]
    if rule.late == "contact":
        late += [col(Complaint.status) == "received", col(Complaint.contact_due_at) <= since]
    else:
        late += [col(Complaint.status).in_(WORKING), col(Complaint.answer_due_on) < since.date()]
    query = select(Complaint).where(*late).order_by(col(Complaint.id)).limit(max(limit, 0))
    return list(desk.session.exec(query.with_for_update(skip_locked=True)))


def _tell(desk: Desk, one: Complaint, rule: Rule) -> bool:
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "complaint_id": one.id,
        "rule": rule.id,
        "round": one.reopened,
        "told": rule.to,
        "due_at": find_due_hour(one, rule.late),
    }
    if insert_new(desk.session, Escalation, row).rowcount != 1:
        return False
    one.escalated_at = one.escalated_at or desk.now
    desk.session.add(one)
    raise_alarm(
        desk,
        kind=ALARMS[rule.to],
        contact_id=one.contact_id,
        words=[f"{one.order_number} {rule.name}"],
        subject=one.subject,
    )
    if rule.id == _find_first(desk):
        tell(desk, contact_id=one.contact_id, kind=LATE, subject=one.subject, slots={"record": one.id})
    desk.session.flush()
    return True


def _find_first(desk: Desk) -> str | None:
    """The first line that speaks of a late answer: then the patient hears it too, once a promise."""
    late = [rule for rule in desk.hospital.complaints.escalations if rule.late == "answer"]
    return min(late, key=lambda rule: rule.hours).id if late else None


def is_late(desk: Desk, complaint: Complaint) -> bool:
    """Whether the day promised for the answer is over."""
    return complaint.status in WORKING and find_due_hour(complaint, "answer") <= desk.now


def list_escalations(desk: Desk, *, complaint_ids: list[int] | None = None) -> list[Escalation]:
    """Oldest first; of these complaints, or of all that are still open."""
    query = select(Escalation).where(Escalation.hospital_id == desk.hospital_id)
    if complaint_ids is not None:
        query = query.where(col(Escalation.complaint_id).in_(complaint_ids))
    else:
        still = sa.select(col(Complaint.id)).where(col(Complaint.status).in_(WORKING))
        query = query.where(col(Escalation.complaint_id).in_(still))
    return list(desk.session.exec(query.order_by(col(Escalation.id))))
