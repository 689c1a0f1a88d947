"""Other things asked of the hospital that a person then does: help on the spot, a copy, a certificate …

One table. What has rules is a service line (``services/lines.py``), whose file says its states; a kind without a line has
the states below. ``status`` is always that of a FHIR R4 Task.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.numbers import order_number
from services.promises import tell

KINDS = {
    "onsite_help": "BZ",
    "transfer": "JS",
    "equipment_loan": "QX",
    "record_copy": "BA",
    "certificate": "ZM",
    "examination": "JC",
    "pre_admission": "RY",
    "nursing_service": "HL",
    "refill": "XF",
}
"""Record type of the API → prefix of its order number."""
REQUESTED, ACCEPTED, IN_PROGRESS, COMPLETED = "requested", "accepted", "in-progress", "completed"
CANCELLED, REJECTED = "cancelled", "rejected"
OPEN = (REQUESTED, ACCEPTED, IN_PROGRESS)
NEXT = {
    REQUESTED: (ACCEPTED, IN_PROGRESS, COMPLETED, REJECTED, CANCELLED),
    ACCEPTED: (IN_PROGRESS, COMPLETED, REJECTED, CANCELLED),
    IN_PROGRESS: (COMPLETED, CANCELLED),
}


DUE = sa.text("due_at IS NOT NULL")


class ServiceRequest(Record, table=True):
    __tablename__ = "service_request"
    __table_args__ = (
        Index("ix_service_request_contact", "contact_id", "id"),
        Index("ix_service_request_status", "hospital_id", "kind", "status"),
        Index("ix_service_request_due", "hospital_id", "due_at", sqlite_where=DUE, postgresql_where=DUE),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    kind: str = Field(max_length=20)
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    urgent: bool = False
    values: str = Field(default="{}", sa_type=Encrypted("service_request.values"))
    # of a service line (services/lines.py)
    line: str | None = Field(default=None, max_length=30)
    """The line of ``lines/*.yml`` that rules it; without one the states above do."""
    stage: str = Field(default="", max_length=30)
    """The line's own state, finer than ``status``."""
    team: str = Field(default="", max_length=40)
    stage_at: NaiveDatetime | None = None
    due_at: NaiveDatetime | None = None
    """The next step is promised until then."""
    late_at: NaiveDatetime | None = None
    """When it was found late: staff alarmed, the patient told."""
    escalated_at: NaiveDatetime | None = None
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    external_id: str | None = Field(default=None, max_length=100, index=True)
    seat: str | None = Field(default=None, max_length=40)
    """The counter in which it holds a place, where the line has a capacity."""

    @property
    def address(self) -> str | None:
        """Revealed to staff one by one, with a reason."""
        return self.slots.get("address")

    @property
    def phone(self) -> str | None:
        return self.slots.get("phone")

    @property
    def slots(self) -> dict[str, Any]:
        """What was asked for, by the slot names of the contract."""
        return orjson.loads(self.values)


def request_service(
    desk: Desk,
    *,
    contact_id: int,
    kind: str,
    slots: Mapping[str, Any],
    patient_id: int | None = None,
    urgent: bool = False,
) -> ServiceRequest:
    """Requests something; while the very same is open for the contact, it is the same request."""
    if kind not in KINDS:
        raise Invalid("kind", field="kind", value=kind)
    wanted = {name: value for name, value in slots.items() if value is not None}
    for one in list_requests(desk, contact_id=contact_id, kind=kind, statuses=OPEN):
        if one.slots == wanted and one.patient_id == patient_id:
            return one
    request = ServiceRequest(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        kind=kind,
        urgent=urgent,
        values=orjson.dumps(wanted).decode(),
    )
    desk.session.add(request)
    desk.session.flush()
    request.order_number = order_number(KINDS[kind], desk.now.date(), request.id)
    desk.session.add(request)
    record_change(desk, record=request, old="", new=REQUESTED)
    desk.session.flush()
    return request


def advance_request(
    desk: Desk, *, request_id: int, status: str, contact_id: int | None = None, reason: str | None = None
) -> ServiceRequest:
    """The next state; the patient is told (kind ``request_changed``) unless he acts himself."""
    request = get_record(desk, ServiceRequest, request_id, contact_id=contact_id, lock=True)
    if status == request.status:
        return request
    if status not in NEXT.get(request.status, ()):
        raise WrongState(request.status, field="status", value=status)
    change_state(desk, record=request, new=status, reason=reason)
    news = request.slots | {
        "record": request.id,
        "kind": request.kind,
        "status": status,
        "order_number": request.order_number,
        "reason": reason,
    }
    tell(desk, contact_id=request.contact_id, kind="request_changed", subject=request.subject, slots=news)
    return request


def get_request(desk: Desk, *, request_id: int, contact_id: int | None = None) -> ServiceRequest:
    return get_record(desk, ServiceRequest, request_id, contact_id=contact_id)


def list_requests(
    desk: Desk,
    *,
    contact_id: int | None = None,
    kind: str | None = None,
    statuses: Collection[str] | None = None,
    limit: int = 50,
) -> list[ServiceRequest]:
    """Newest first."""
    return list_records(desk, ServiceRequest, contact_id=contact_id, kind=kind, status=statuses, limit=limit)
