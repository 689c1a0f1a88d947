"""What the hospital does: the rules and the records.

Every function is ``verb(desk, *, …)`` and stands beside its records, one module a subject: ``from services import
Desk, appointments`` and then ``appointments.book(desk, hold_id=…)``. Importing the room registers every table.
"""

from services import (
    alarms,
    answers,
    appointments,
    complaints,
    contacts,
    discharges,
    escorts,
    events,
    followups,
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
    rounds,
    schedules,
    staff,
    triage,
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
    "answers",
    "appointments",
    "complaints",
    "contacts",
    "discharges",
    "escorts",
    "events",
    "followups",
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
    "rounds",
    "schedules",
    "staff",
    "triage",
    "waitlist",
]
