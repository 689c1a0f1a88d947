"""What is held about a person: every table with somebody's data, what is shown of it and what an erasure leaves.

One list for both rights, so that no table can be forgotten for one of them; a test compares it with the schema. A
column that is neither emptied nor encrypted stays: the appointment, its day and department, its states.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.absences import AbsenceAppeal
from services.alarms import Alarm
from services.arrivals import PRESENT, Arrival
from services.complaints import Complaint
from services.contacts import Contact
from services.database import Record
from services.desk import Desk
from services.escorts import OPEN as ESCORT_OPEN
from services.escorts import Escort
from services.extras import ExtraRequest
from services.followups import ACTIVE, SENT, STOPPED, WAITING, FollowUp, FollowUpTask, erased_id
from services.handovers import IN_PROGRESS, REQUESTED, Handover, Note
from services.herbs import HerbDelivery
from services.loans import EquipmentLoan
from services.messages import ConversationState, InboxMessage
from services.onsite_help import OPEN as HELP_OPEN
from services.onsite_help import OnsiteHelp
from services.outbox import OutboxMessage
from services.parcels import ParcelTicket
from services.patients import Consent, Patient
from services.phones import PhoneCode
from services.pictures import PURPOSE as PICTURE
from services.pictures import ComplaintPicture
from services.promises import Promise
from services.referrals import Referral
from services.registration import Appointment, Hold
from services.requests import OPEN as REQUEST_OPEN
from services.requests import ServiceRequest
from services.results import REGISTERED, DiagnosticReport
from services.sampling import LOST, TO_SEE, SamplingResult
from services.suspensions import UNSETTLED, SuspensionNotice
from services.suspicion import BookingReview
from services.transfers import OPEN as TRANSFER_OPEN
from services.transfers import Transfer
from services.waitlist import WaitlistEntry

ERASED = "erased"
GONE = "已删除"
"""Stands where a name or a text stood, so that views show a row without knowing of erasures."""

COMPLAINT_OPEN = (
    "received",
    "first_contact",
    "investigating",
    "rectifying",
    "answered",
    "confirmed",
    "reopened",
)

Value = Any | Callable[[Desk, Any], Any]


@dataclass(frozen=True, slots=True)
class Holding:
    model: type[Record]
    emptied: Mapping[str, Value] = field(default_factory=dict)
    """Column → what stands there afterwards, or how to make it from the record."""
    kept: Collection[str] = ()
    """Encrypted columns that stay: names of staff, not of patients."""
    removed: bool = False
    """The rows themselves go."""
    ends: tuple[Collection[str], str] | None = None
    """States that are still open, and the one they end in."""
    hidden: Collection[str] = ()
    """Columns not shown to the person: blind indexes."""
    sealed: str = ""
    """Purpose under which ``body`` is sealed."""


def _of_patient(desk: Desk, one: Any) -> str:
    return f"{ERASED}:{one.id if isinstance(one, Patient) else one.patient_id}"


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        Contact,
        emptied={
            "sender": lambda desk, one: f"{ERASED}:{one.id}:{secrets.token_hex(8)}",
            "display_name": None,
            "reachable": False,
        },
    ),
    Holding(  # found by the phone, as referrals by the person: before the patient's own row forgets them
        PhoneCode,
        emptied={"phone": "", "phone_index": "", "code": None, "code_index": ""},
        ends=(("queued", "sent", "failed"), "expired"),
        hidden=("phone_index", "code_index", "code"),
    ),
    Holding(
        Referral,
        emptied={
            "name": GONE,
            "reason": "",
            "person": lambda desk, one: f"{ERASED}:{one.id}",
            "external_id": lambda desk, one: f"{ERASED}:{one.id}",
        },
        ends=(("active",), "cancelled"),
        hidden=("person",),
    ),
    Holding(
        Patient,
        emptied={
            "name": GONE,
            "id_number": None,
            "phone": None,
            "phone_index": None,
            "person": _of_patient,
            "guardian_name": None,
            "guardian_id_number": None,
            "birth": lambda desk, one: f"{one.birth[:4]}-01-01",  # the year stays, for figures by age
            "active": False,
        },
        hidden=("person", "phone_index"),
    ),
    Holding(Consent, emptied={"withdrawn_at": lambda desk, one: one.withdrawn_at or desk.now}),
    Holding(
        Appointment,
        emptied={"complaint": None, "person": _of_patient},
        hidden=("person",),
    ),
    Holding(Hold),
    Holding(BookingReview, ends=(("requested",), "cancelled")),
    Holding(
        ExtraRequest,
        emptied={"reason": GONE, "person": _of_patient},
        ends=(("requested",), "cancelled"),
        hidden=("person",),
    ),
    Holding(
        AbsenceAppeal,
        emptied={"text": GONE, "answer": None, "person": _of_patient},
        ends=(("requested",), "rejected"),
        hidden=("person",),
    ),
    Holding(WaitlistEntry),
    Holding(SuspensionNotice, emptied={"note": None}, ends=(UNSETTLED, "declined")),
    Holding(Arrival, ends=(PRESENT, "left")),
    Holding(
        DiagnosticReport,
        emptied={"examination": GONE, "person": None, "external_id": lambda desk, one: f"{ERASED}:{one.id}"},
        ends=((REGISTERED,), "cancelled"),
        hidden=("person",),
    ),
    Holding(
        Escort,
        emptied={"phone": None, "note": None, "answers": None, "rating_text": None},
        kept=("companion", "companion_phone"),
        ends=(ESCORT_OPEN, "cancelled"),
    ),
    Holding(OnsiteHelp, emptied={"words": None}, ends=(HELP_OPEN, "cancelled")),
    Holding(EquipmentLoan, emptied={"phone": None, "borrower": None}, ends=(("requested",), "cancelled")),
    Holding(
        Transfer,
        emptied={"address": None, "phone": None},
        kept=("driver", "driver_phone"),
        ends=(TRANSFER_OPEN, "cancelled"),
    ),
    Holding(
        HerbDelivery,
        emptied={
            "address": None,
            "phone": None,
            "external_id": None,
            "tracking_number": None,
            "track_note": None,
        },
    ),
    Holding(
        ParcelTicket,
        emptied={"text": GONE, "answer": None},
        ends=(("received", "investigating", "answered", "reopened"), "closed"),
    ),
    Holding(
        ServiceRequest,
        emptied={"values": "{}", "external_id": None, "due_at": None},
        ends=(REQUEST_OPEN, "cancelled"),
    ),
    Holding(
        SamplingResult,
        emptied={
            "name": GONE,
            "phone": None,
            "items": "[]",
            "external_id": lambda desk, one: f"{ERASED}:{one.id}",
        },
        ends=((TO_SEE,), LOST),
    ),
    Holding(
        Complaint,
        emptied={"text": GONE, "text_index": "", "patient_name": None, "phone": None, "answer": None},
        ends=(COMPLAINT_OPEN, "closed"),
        hidden=("text_index",),
    ),
    Holding(ComplaintPicture, removed=True, sealed=PICTURE),
    Holding(
        FollowUp,
        emptied={
            "name": GONE,
            "phone": "",
            "phone_index": "",
            "person": None,
            "diagnosis": "",
            "external_id": lambda desk, one: (
                one.external_id if one.external_id.startswith(ERASED) else erased_id(one.external_id)
            ),
        },
        ends=((ACTIVE,), STOPPED),
        hidden=("person", "phone_index"),
    ),
    Holding(FollowUpTask, emptied={"answers": "{}", "calls": None}, ends=((WAITING, SENT), "cancelled")),
    Holding(Handover, ends=((REQUESTED, IN_PROGRESS), "completed")),
    Holding(Alarm, emptied={"evidence": "[]"}),
    Holding(Promise, emptied={"values": "{}"}, ends=(("waiting", "claimed"), "cancelled")),
    Holding(Note, removed=True),
    Holding(OutboxMessage, removed=True, sealed="outbox"),
    Holding(InboxMessage, removed=True, sealed="inbox"),
    Holding(ConversationState, removed=True, sealed="conversation"),
)
"""In the order in which rows may go: a reply before the message it answers."""

IMPERSONAL = frozenset(
    {
        "api_client",
        "webhook_delivery",
        "webhook_endpoint",
        "bed",
        "duty_call",
        "counter",
        "escalation",
        "improvement",
        "external_event",
        "slot",
        "suspension",
        "staff",
        "setup_link",
        "state_change",
        "reveal",
        "companion",
        "escort_assignment",
        "escort_step",
        "loan_stock",
    }
)
"""Tables that hold nothing about a contact or patient of their own; of the two histories see ``services/privacy.py``."""
