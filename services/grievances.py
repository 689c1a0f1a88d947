"""The record of a complaint, question, suggestion or word of praise; what is done with it is in ``complaints`` (filing and
finding) and ``handling``.
"""

from __future__ import annotations

import datetime as dt

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field

from services.database import Encrypted, Record

OWED = ("complaint", "question")
"""Kinds to which somebody is owed an answer, in time."""


class Complaint(Record, table=True):
    __table_args__ = (
        Index("ix_complaint_contact", "contact_id", "id"),
        Index("ix_complaint_status", "hospital_id", "status"),
        Index("ix_complaint_number", "hospital_id", "order_number", unique=True),
        Index("ix_complaint_created", "hospital_id", "created_at"),
        Index("ix_complaint_cause", "hospital_id", "category", "created_at"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    kind: str = Field(default="complaint", max_length=12)
    """``complaint``, ``question``, ``suggestion`` or ``praise``."""
    filed_as: str = Field(default="complaint", max_length=12)
    """The kind it came in as: a talk may turn a complaint into a question."""
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
    """The last answer; the figures take the first."""
    contacted_at: NaiveDatetime | None = None
    first_answered_at: NaiveDatetime | None = None
    in_time: bool | None = None
    """Whether the first answer came by the day first promised; a reopened one gets a new day."""
    confirmed: bool = False
    """The patient said that the answer is good."""
    reopened: int = 0
    """How often he said that it is not."""
    satisfaction: int | None = None
    """1 (not at all) to 5, said after the end."""
    rating_asked_at: NaiveDatetime | None = None
    """Who was owed an answer is asked at the end at the latest; a closed one without it was taken back by the patient."""
    escalated_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    """Who took it: the first keeps it."""

    @property
    def fhir_status(self) -> str:
        return "completed" if self.status == "closed" else "in-progress"
