"""Everything a contact has with the hospital, as ``GET /api/v1/contacts/{contact}/records`` answers it.

Names of the contact's own patients stand in full (the route is guarded by a token or loopback, and its callers are
the hospital's own systems), phones and ID numbers masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlmodel import col, select

from services.absences import AbsenceAppeal
from services.arrivals import Arrival, describe_arrival
from services.complaints import Complaint, describe_complaint
from services.database import Record
from services.desk import Desk
from services.escorts import Escort, describe_escort
from services.extras import ExtraRequest, describe_extra
from services.followups import FollowUp, describe_followup
from services.handovers import Handover
from services.herbs import HerbDelivery, describe_delivery
from services.identity import mask_phone
from services.line_records import describe_request
from services.loans import EquipmentLoan, describe_loan
from services.onsite_help import OnsiteHelp, describe_help
from services.parcels import ParcelTicket, describe_ticket
from services.patients import Patient
from services.registration import Appointment
from services.reminders import describe_appointment
from services.requests import ServiceRequest
from services.results import DiagnosticReport, describe_report
from services.sampling import SamplingResult, describe_result
from services.transfers import Transfer, describe_transfer
from services.waitlist import WaitlistEntry, describe_entry

Describe = Callable[[Desk, Any, dict[int, Patient]], dict[str, Any]]

SOURCES: list[tuple[type[Record], Describe]] = [
    (
        Appointment,
        lambda desk, one, patients: (
            describe_appointment(one, patients[one.patient_id]) | {"special_need": one.special_need}
        ),
    ),
    (WaitlistEntry, lambda desk, one, patients: describe_entry(one, patients[one.patient_id])),
    (Arrival, lambda desk, one, patients: describe_arrival(one, patients[one.patient_id])),
    (
        DiagnosticReport,
        lambda desk, one, patients: describe_report(one, patients.get(one.patient_id)),
    ),
    (
        Escort,
        lambda desk, one, patients: (
            describe_escort(one, patients[one.patient_id])
            | {"phone": _mask(one.phone), "companion_phone": None}
        ),
    ),
    (OnsiteHelp, lambda desk, one, patients: describe_help(desk, one)),
    (
        EquipmentLoan,
        lambda desk, one, patients: describe_loan(desk, one) | {"phone": _mask(one.phone)},
    ),
    (
        Transfer,
        lambda desk, one, patients: (
            describe_transfer(desk, one, patients[one.patient_id]) | {"phone": _mask(one.phone)}
        ),
    ),
    (
        HerbDelivery,
        lambda desk, one, patients: (
            describe_delivery(desk, one, patients[one.patient_id]) | {"phone": _mask(one.phone)}
        ),
    ),
    (ParcelTicket, lambda desk, one, patients: describe_ticket(desk, one)),
    (
        Complaint,
        lambda desk, one, patients: (
            describe_complaint(desk, one)
            | {
                "type": one.kind,
                "anonymous": one.anonymous,
                "phone": _mask(one.phone),
                "place_code": one.place_code,
            }
        ),
    ),
    (
        ServiceRequest,
        lambda desk, one, patients: (
            describe_request(desk, one)
            | ({"patient_name": patients[one.patient_id].name} if one.patient_id else {})
            | ({"phone": _mask(one.slots["phone"])} if one.slots.get("phone") else {})
        ),
    ),
    (
        SamplingResult,
        lambda desk, one, patients: describe_result(one),
    ),
    (ExtraRequest, lambda desk, one, patients: describe_extra(one, patients[one.patient_id])),
    (
        AbsenceAppeal,
        lambda desk, one, patients: {"patient_name": patients[one.patient_id].name, "answer": one.answer},
    ),
    (FollowUp, lambda desk, one, patients: describe_followup(desk, one)),
    (Handover, lambda desk, one, patients: {"reason": one.reason, "urgent": one.urgent}),
]
"""Each table with a ``contact_id``, and how one of its records reads; ``type`` is the table's name unless said."""

INTERNAL = frozenset({"record", "patient", "status_name"})


def list_records(desk: Desk, *, contact_id: int) -> list[dict[str, Any]]:
    """``{"type", "id", "status", "created_at", …slots}``, newest first; empty slots are left out."""
    mine = select(Patient).where(Patient.hospital_id == desk.hospital_id, Patient.contact_id == contact_id)
    patients = {one.id: one for one in desk.session.exec(mine)}
    found = [
        entry for model, describe in SOURCES for entry in _read(desk, model, describe, contact_id, patients)
    ]
    return sorted(found, key=lambda one: one["created_at"], reverse=True)


def _read(
    desk: Desk, model: Any, describe: Describe, contact_id: int, patients: dict[int, Patient]
) -> Iterable[dict[str, Any]]:
    query = select(model).where(model.hospital_id == desk.hospital_id, model.contact_id == contact_id)
    query = query.order_by(col(model.id).desc()).execution_options(populate_existing=True)
    for one in desk.session.exec(query):
        slots = describe(desk, one, patients)
        entry = {
            "type": slots.pop("type", one.__tablename__),
            "id": one.id,
            "status": one.status,
            "created_at": one.created_at.isoformat(timespec="seconds"),
        }
        yield entry | {
            name: value
            for name, value in slots.items()
            if value not in (None, "") and name not in INTERNAL and name not in entry
        }


def _mask(phone: str | None) -> str | None:
    return mask_phone(phone) if phone else None
