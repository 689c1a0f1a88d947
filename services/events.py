"""Events from the hospital's own systems, each known by the caller's ``external_id`` and taken once."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, select

from services.database import Record, insert_new
from services.desk import Desk


class ExternalEvent(Record, table=True):
    __tablename__ = "external_event"
    __table_args__ = (UniqueConstraint("hospital_id", "kind", "external_id"),)

    kind: str = Field(max_length=40)
    external_id: str = Field(max_length=200)
    about: str = Field(default="", max_length=60)
    """Subject of the record that came of it."""


def take_event(desk: Desk, *, kind: str, external_id: str, subject: str = "") -> bool:
    """True for the first taker of this event; False where it was taken before (or is being taken now)."""
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "kind": kind,
        "external_id": external_id,
        "about": subject,
    }
    return insert_new(desk.session, ExternalEvent, row).rowcount == 1


def find_event(desk: Desk, *, kind: str, external_id: str) -> ExternalEvent | None:
    query = select(ExternalEvent).where(
        ExternalEvent.hospital_id == desk.hospital_id,
        ExternalEvent.kind == kind,
        ExternalEvent.external_id == external_id,
    )
    return desk.session.exec(query).one_or_none()
