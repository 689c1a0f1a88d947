"""Reports of examinations 检验检查报告: expected, ready. Never what they say: that is between patient and doctor.

States by FHIR R4 (DiagnosticReport): ``registered`` (taken, not out yet), ``final`` (ready), ``cancelled``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Encrypted, Record, insert_new
from services.desk import Desk
from services.errors import Invalid
from services.finding import get_record
from services.history import change_state, record_change
from services.identity import parse_name
from services.patients import Patient, find_persons, list_patients
from services.promises import tell
from services.registration import find_appointment

REGISTERED, FINAL, CANCELLED = "registered", "final", "cancelled"
SHOWN_DAYS = 90


class DiagnosticReport(Record, table=True):
    __tablename__ = "diagnostic_report"
    __table_args__ = (
        UniqueConstraint("hospital_id", "external_id"),
        Index("ix_diagnostic_report_contact", "contact_id"),
        Index("ix_diagnostic_report_person", "person"),
    )

    external_id: str = Field(max_length=200)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    """Who was or will be told; empty where nobody here has registered this person."""
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    person: str | None = Field(default=None, max_length=64)
    """Blind index of the ID number."""
    status: str = Field(default=REGISTERED, max_length=12)
    examination: str = Field(sa_type=Encrypted("diagnostic_report.examination"))
    department: str = Field(default="", max_length=40)
    place: str | None = Field(default=None, max_length=80)
    """Where the paper is printed."""
    due_at: NaiveDatetime | None = None
    """When it should be out."""
    ready_at: NaiveDatetime | None = None


def find_owner(
    desk: Desk,
    *,
    order_number: str | None = None,
    id_number: str | None = None,
    phone: str | None = None,
    name: str | None = None,
) -> Patient | None:
    """The patient another system speaks of: by an appointment's number, by ID number, or by phone and name. Registered
    by several contacts, the one who is the person himself comes first: each thing is told once.

    Raises ``Invalid`` for an ID number, phone or name that cannot be one.
    """
    if order_number:
        appointment = find_appointment(desk, order_number=order_number)
        if appointment is not None:
            return desk.session.get_one(Patient, appointment.patient_id)
    if id_number:
        found = find_persons(desk, id_number=id_number)
    elif phone and name:
        wanted = parse_name(name)
        found = [one for one in find_persons(desk, phone=phone) if one.name == wanted]
    else:
        return None
    return min(found, key=lambda one: (one.relation != "本人", one.id), default=None)


def announce_report(
    desk: Desk,
    *,
    external_id: str,
    examination: str,
    patient: Patient | None,
    ready: bool,
    department: str = "",
    place: str | None = None,
    due_at: dt.datetime | None = None,
) -> tuple[DiagnosticReport, bool]:
    """A report expected, or ready; and whether that is news. Idempotent by ``external_id`` (the report's own): the
    patient is told once that it is ready (kind ``report_ready``), outside quiet hours.
    """
    if not external_id.strip() or not examination.strip():
        raise Invalid("missing", field="examination" if external_id.strip() else "external_id")
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "external_id": external_id.strip(),
        "contact_id": patient.contact_id if patient else None,
        "patient_id": patient.id if patient else None,
        "person": patient.person if patient else None,
        "status": REGISTERED,
        "examination": examination.strip()[:100],
        "department": department,
        "place": place,
        "due_at": due_at,
    }
    new = insert_new(desk.session, DiagnosticReport, row).rowcount == 1
    report = _get_by_number(desk, external_id.strip())
    if new:
        record_change(desk, record=report, old="", new=REGISTERED)
    elif report.contact_id is None and patient is not None:
        report.contact_id, report.patient_id, report.person = patient.contact_id, patient.id, patient.person
        desk.session.add(report)
    if not ready or report.status != REGISTERED:
        desk.session.flush()
        return report, new
    report.ready_at = desk.now
    change_state(desk, record=report, new=FINAL)
    if report.contact_id is not None:
        tell(
            desk,
            contact_id=report.contact_id,
            kind="report_ready",
            subject=report.subject,
            slots={"record": report.id},
        )
    return report, True


def _get_by_number(desk: Desk, external_id: str) -> DiagnosticReport:
    query = select(DiagnosticReport).where(
        DiagnosticReport.hospital_id == desk.hospital_id, DiagnosticReport.external_id == external_id
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return desk.session.exec(query).one()


def get_report(desk: Desk, *, report_id: int, contact_id: int | None = None) -> DiagnosticReport:
    return get_record(desk, DiagnosticReport, report_id, contact_id=contact_id)


def list_reports(desk: Desk, *, contact_id: int, limit: int = 20) -> list[DiagnosticReport]:
    """Those of the contact's patients of the last ``SHOWN_DAYS``, newest first; also of a person registered here only
    after the report was announced."""
    persons = {one.person for one in list_patients(desk, contact_id=contact_id)}
    query = select(DiagnosticReport).where(
        DiagnosticReport.hospital_id == desk.hospital_id,
        sa.or_(
            col(DiagnosticReport.contact_id) == contact_id, col(DiagnosticReport.person).in_(sorted(persons))
        ),
        DiagnosticReport.created_at >= desk.now - dt.timedelta(days=SHOWN_DAYS),
        DiagnosticReport.status != CANCELLED,
    )
    query = query.order_by(col(DiagnosticReport.id).desc()).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def describe_report(report: DiagnosticReport, patient: Patient | None) -> dict[str, Any]:
    """In the slots of the contract."""
    return {
        "type": "report",
        "record": report.id,
        "patient_name": patient.name if patient else None,
        "examination": report.examination,
        "department": report.department,
        "place": report.place,
        "due_at": report.due_at.isoformat(timespec="minutes") if report.due_at else None,
        "ready_at": report.ready_at.isoformat(timespec="minutes") if report.ready_at else None,
    }
