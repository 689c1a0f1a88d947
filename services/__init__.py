"""What the hospital does: the rules and the records.

Every function is ``verb(desk, *, …)`` and stands beside its records, one module a subject: ``from services import
Desk, appointments`` and then ``appointments.book(desk, hold_id=…)``. Importing the room registers every table.
"""

from services import (
    appointments,
    contacts,
    history,
    messages,
    numbers,
    patients,
    promises,
    schedules,
)
from services.appointments import Appointment, Hold
from services.contacts import Contact
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, ServiceError, Taken, WrongState
from services.history import Reveal, StateChange
from services.messages import ConversationState, InboxMessage, OutboxMessage
from services.patients import Consent, Patient
from services.promises import Promise
from services.schedules import Slot, Suspension

__all__ = [
    "Appointment",
    "Consent",
    "Contact",
    "ConversationState",
    "Desk",
    "Hold",
    "InboxMessage",
    "Invalid",
    "NotAllowed",
    "NotFound",
    "OutboxMessage",
    "Patient",
    "Promise",
    "Reveal",
    "ServiceError",
    "Slot",
    "StateChange",
    "Suspension",
    "Taken",
    "WrongState",
    "appointments",
    "contacts",
    "history",
    "messages",
    "numbers",
    "patients",
    "promises",
    "schedules",
]
