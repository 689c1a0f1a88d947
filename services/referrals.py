"""Referrals 转诊: a primary-care institution or a family doctor sends a patient, who may take a reserved place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Encrypted, Record, blind
from services.desk import Desk
from services.documents import parse_document
from services.errors import Invalid, describe_known
from services.finding import get_record
from services.history import change_state, record_change
from services.identity import mask_name, parse_name
from services.numbers import order_number
from services.patients import Patient

ACTIVE, COMPLETED, CANCELLED = "active", "completed", "cancelled"
"""FHIR R4 request-status of a ServiceRequest."""


class Referral(Record, table=True):
    __table_args__ = (
        UniqueConstraint("hospital_id", "external_id"),
        Index("ix_referral_person", "person", "department"),
    )

    external_id: str = Field(max_length=100)
    institution: str = Field(max_length=40)
    """Id of ``quotas.institutions``."""
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=ACTIVE, max_length=12)
    name: str = Field(sa_type=Encrypted("referral.name"))
    person: str = Field(max_length=40)
    department: str = Field(max_length=40)
    reason: str = Field(default="", sa_type=Encrypted("referral.reason"))
    valid_until: dt.date
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)


def refer_patient(
    desk: Desk,
    *,
    external_id: str,
    institution: str,
    name: str,
    id_number: str,
    department: str,
    reason: str = "",
) -> Referral:
    """Registers a referral; the same ``external_id`` again gives the first. Raises ``Invalid`` with field ``institution``
    (not one of the rule's), ``department``, ``patient_name`` or ``id_number``."""
    known = desk.session.exec(
        select(Referral).where(Referral.hospital_id == desk.hospital_id, Referral.external_id == external_id)
    ).one_or_none()
    if known is not None:
        return known
    rules = desk.hospital.registration.quotas
    if rules is None or institution not in {one.id for one in rules.institutions}:
        ids = [one.id for one in rules.institutions] if rules else []
        raise Invalid(
            "unknown_institution",
            field="institution",
            value=institution,
            **describe_known(institution, ids),
        )
    entry = desk.hospital.find_department(department)
    if entry is None or not entry.bookable:
        names = [one.name for one in desk.hospital.departments if one.bookable]
        raise Invalid(
            "unknown_department", field="department", value=department, **describe_known(department, names)
        )
    document = parse_document(id_number, today=desk.now.date())
    whose = document.text if document.kind == "citizen" else f"{document.kind}:{document.text}"
    referral = Referral(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        external_id=external_id,
        institution=institution,
        name=parse_name(name),
        person=blind(whose, "person"),
        department=entry.name,
        reason=reason.strip()[:500],
        valid_until=desk.now.date() + dt.timedelta(days=rules.valid_days),
    )
    desk.session.add(referral)
    desk.session.flush()
    referral.order_number = order_number("ZZ", desk.now.date(), referral.id)
    desk.session.add(referral)
    record_change(desk, record=referral, old="", new=ACTIVE)
    desk.session.flush()
    return referral


def find_referral(
    desk: Desk, *, person: str | None = None, contact_id: int | None = None, department: str
) -> Referral | None:
    """An unused, valid one into the department, of a person or of any patient of a contact."""
    if desk.hospital.registration.quotas is None:
        return None
    query = select(Referral).where(
        Referral.hospital_id == desk.hospital_id,
        Referral.department == department,
        Referral.status == ACTIVE,
        Referral.valid_until >= desk.now.date(),
    )
    if person is not None:
        query = query.where(Referral.person == person)
    if contact_id is not None:
        mine = select(Patient.person).where(Patient.contact_id == contact_id, col(Patient.active).is_(True))
        query = query.where(col(Referral.person).in_(mine))
    return desk.session.exec(query.order_by(col(Referral.id)).limit(1)).first()


def list_referred(desk: Desk, *, persons: Collection[str]) -> set[str]:
    """Those of them for whom an institution has spoken lately, whether the referral is used already or not."""
    query = select(Referral.person).where(
        Referral.hospital_id == desk.hospital_id,
        col(Referral.person).in_(list(persons)),
        Referral.status != CANCELLED,
        Referral.valid_until >= desk.now.date(),
    )
    return set(desk.session.exec(query))


def use_referral(desk: Desk, *, referral: Referral, appointment_id: int) -> None:
    referral.appointment_id = appointment_id
    change_state(desk, record=referral, new=COMPLETED, reason=f"appointment:{appointment_id}")


def restore_referral(desk: Desk, *, appointment_id: int) -> None:
    """The appointment was given up: the referral may be used once more while it is valid."""
    query = select(Referral).where(
        Referral.hospital_id == desk.hospital_id,
        Referral.appointment_id == appointment_id,
        Referral.status == COMPLETED,
    )
    for one in list(desk.session.exec(query)):
        one.appointment_id = None
        change_state(desk, record=one, new=ACTIVE, reason="appointment_cancelled")


def cancel_referral(desk: Desk, *, referral_id: int, reason: str) -> Referral:
    referral = get_record(desk, Referral, referral_id, lock=True)
    if referral.status == ACTIVE:
        change_state(desk, record=referral, new=CANCELLED, reason=reason)
    return referral


def list_referrals(desk: Desk, *, limit: int = 100) -> list[Referral]:
    """Newest first."""
    query = select(Referral).where(Referral.hospital_id == desk.hospital_id)
    return list(desk.session.exec(query.order_by(col(Referral.id).desc()).limit(limit)))
