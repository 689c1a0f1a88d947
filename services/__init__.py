"""What the hospital does: the rules and the records.

Every function is ``verb(desk, *, …)`` and stands beside its records, one module a subject: ``from services import
Desk, appointments`` and then ``appointments.book(desk, hold_id=…)``. Importing the room registers every table.
"""

from services import (
    alarms,
    appointments,
    complaints,
    contacts,
    escorts,
    events,
    handovers,
    herbs,
    history,
    messages,
    numbers,
    patients,
    promises,
    records,
    registration,
    requests,
    schedules,
    staff,
    waitlist,
)
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, ServiceError, Taken, WrongState

__all__ = [
    "Desk",
    "Invalid",
    "NotAllowed",
    "NotFound",
    "ServiceError",
    "Taken",
    "WrongState",
    "alarms",
    "appointments",
    "complaints",
    "contacts",
    "escorts",
    "events",
    "handovers",
    "herbs",
    "history",
    "messages",
    "numbers",
    "patients",
    "promises",
    "records",
    "registration",
    "requests",
    "schedules",
    "staff",
    "waitlist",
]
