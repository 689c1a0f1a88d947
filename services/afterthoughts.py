"""What a patient says of his complaint after it was filed: more words, pictures to come, or that it is settled and may
rest. His own deeds, with the hour, in its history.
"""

from __future__ import annotations

from sqlmodel import col, select

from services.alarms import raise_alarm
from services.complaints import TEXT_LIMIT, get_complaint, is_serious
from services.desk import Desk
from services.errors import Invalid, NotAllowed, WrongState
from services.escalation import WORKING
from services.finding import get_record
from services.grievances import Complaint
from services.handling import CLOSED, NEWS, RATING, reopen_complaint, tell_news
from services.history import change_state, list_changes, record_change
from services.promises import cancel_promises

WITHDRAWN = "withdrawn"
ADDED, ANNOUNCED, UNNAMED = "added words", "announced pictures", "made anonymous"
OPEN = (*WORKING, "answered")
"""Something may still be added, and it may still be taken back."""
MARK = "\n＋ "
"""Stands before what was added: the first words stay as they were said."""


def list_pending(desk: Desk, *, contact_id: int, limit: int = 5) -> list[Complaint]:
    """The contact's complaints, questions and suggestions that are under way, newest first."""
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        Complaint.contact_id == contact_id,
        col(Complaint.kind) != "praise",
        col(Complaint.status).in_(OPEN),
    )
    return list(desk.session.exec(query.order_by(col(Complaint.id).desc()).limit(limit)))


def add_words(desk: Desk, *, complaint_id: int, contact_id: int, text: str) -> Complaint:
    """Puts more words under the first ones. What was answered already is taken up again with them.

    Words that make it a serious one raise the alarm. Raises ``Invalid("missing")`` with field ``complaint_text`` and
    ``NotAllowed("too_late")`` where it is closed.
    """
    complaint = get_record(desk, Complaint, complaint_id, contact_id=contact_id, lock=True)
    text = text.strip()
    if not text:
        raise Invalid("missing", field="complaint_text")
    if complaint.status not in OPEN:
        raise NotAllowed("too_late", field="complaint", value=complaint.id)
    complaint.text = f"{complaint.text}{MARK}{text}"[:TEXT_LIMIT]
    desk.session.add(complaint)
    _note(desk.acting_as(f"contact:{contact_id}"), complaint, ADDED)
    if complaint.kind == "complaint" and not complaint.serious and is_serious(desk, text=text):
        complaint.serious = True
        raise_alarm(desk, kind="serious_complaint", contact_id=contact_id, subject=complaint.subject)
    desk.session.flush()
    if complaint.status == "answered":
        return reopen_complaint(desk, complaint_id=complaint.id, contact_id=contact_id, reason=text)
    return complaint


def make_anonymous(desk: Desk, *, complaint_id: int, contact_id: int) -> Complaint:
    """From now on staff see neither name nor phone; the answer still reaches the contact here. Raises ``NotAllowed("too_late")``
    where it is closed."""
    complaint = get_record(desk, Complaint, complaint_id, contact_id=contact_id, lock=True)
    if complaint.status not in OPEN:
        raise NotAllowed("too_late", field="complaint", value=complaint.id)
    if not complaint.anonymous:
        complaint.anonymous, complaint.patient_name, complaint.phone = True, None, None
        desk.session.add(complaint)
        _note(desk.acting_as(f"contact:{contact_id}"), complaint, UNNAMED)
        desk.session.flush()
    return complaint


def announce_pictures(desk: Desk, *, complaint_id: int, contact_id: int) -> Complaint:
    """The patient is about to send pictures of it: they are taken for its own, however old it is."""
    complaint = get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    _note(desk.acting_as(f"contact:{contact_id}"), complaint, ANNOUNCED)
    desk.session.flush()
    return complaint


def withdraw_complaint(
    desk: Desk, *, complaint_id: int, contact_id: int | None = None, reason: str | None = None
) -> Complaint:
    """The patient takes it back: closed, nobody owes him an answer, nothing more is asked of it.

    Where another takes the call and writes it down (no ``contact_id``), the patient is told that it is done. Withdrawn
    already, it stays. Raises ``WrongState`` where it was closed otherwise or the patient has confirmed its answer.
    """
    complaint = get_record(desk, Complaint, complaint_id, contact_id=contact_id, lock=True)
    if complaint.status not in OPEN:
        if is_withdrawn(desk, complaint):
            return complaint
        raise WrongState(complaint.status, field="status", value=CLOSED, allowed=[])
    if contact_id is not None:
        desk = desk.acting_as(f"contact:{contact_id}")
    said = f"{WITHDRAWN}: {reason.strip()[:150]}" if reason and reason.strip() else WITHDRAWN
    complaint.rating_asked_at = None
    change_state(desk, record=complaint, new=CLOSED, reason=said)
    for kind in (NEWS, RATING):
        cancel_promises(desk, subject=complaint.subject, kind=kind)
    tell_news(desk, complaint)
    return complaint


def is_withdrawn(desk: Desk, complaint: Complaint) -> bool:
    """Whether it ended because the patient took it back."""
    if complaint.status != CLOSED:
        return False
    moves = [change for change in list_changes(desk, record=complaint) if change.old != change.new]
    ends = [change for change in moves if change.new == CLOSED]
    return bool(ends) and (ends[-1].reason or "").startswith(WITHDRAWN)


def _note(desk: Desk, complaint: Complaint, reason: str) -> None:
    record_change(desk, record=complaint, old=complaint.status, new=complaint.status, reason=reason)
