"""A line's promised times, kept by the clock: what is over is said to the patient and to staff, and once more to the head."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from services.alarms import raise_alarm
from services.deadlines import count_deadline
from services.desk import Desk
from services.promises import tell
from services.requests import ServiceRequest

LATE = "request_late"
"""The kind of promise, and the flow that keeps it."""


def alarm_late_requests(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: the promised time is over and nobody has moved it: staff are alarmed, the patient is told (kind
    ``request_late``). Late for ``escalate_after`` more, the duty head is alarmed. Each once a state."""
    done = 0
    for one in _find_due(desk, col(ServiceRequest.late_at).is_(None), limit):
        one.late_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="request_late", contact_id=one.contact_id, subject=one.subject)
        tell(desk, contact_id=one.contact_id, kind=LATE, subject=one.subject, slots={"record": one.id})
        done += 1
    waiting = col(ServiceRequest.late_at).is_not(None), col(ServiceRequest.escalated_at).is_(None)
    for one in _find_due(desk, waiting[0] & waiting[1], limit):
        line = desk.hospital.find_line(one.line)
        assert one.late_at is not None
        if line and count_deadline(desk, line.escalate_after, start=one.late_at) <= desk.now:
            one.escalated_at = desk.now
            desk.session.add(one)
            raise_alarm(desk, kind="request_escalated", contact_id=one.contact_id, subject=one.subject)
            done += 1
    desk.session.flush()
    return done


def _find_due(desk: Desk, condition: Any, limit: int) -> list[ServiceRequest]:
    query = select(ServiceRequest).where(
        ServiceRequest.hospital_id == desk.hospital_id,
        col(ServiceRequest.due_at).is_not(None),
        col(ServiceRequest.due_at) <= desk.now,
        condition,
    )
    query = query.order_by(col(ServiceRequest.due_at)).limit(limit).with_for_update(skip_locked=True)
    return list(desk.session.exec(query))
