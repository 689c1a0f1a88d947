"""A complaint's way to an answer: who takes it keeps it (首接负责), each step is in the history and, where the rule says so,
reaches the patient; the patient has the last word, and says how content he is.

The stages are the hospital's (``complaints.yml``).
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlmodel import col, select

from services.complaints import (
    OWED,
    TEXT_LIMIT,
    Complaint,
    add_workdays,
    describe_complaint,
    get_complaint,
)
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken
from services.finding import get_record
from services.history import change_state, record_change
from services.promises import cancel_promises, tell
from services.stages import check_next

CLOSED = "closed"
RATINGS = range(1, 6)
NEWS = "complaint_changed"
RATING = "complaint_rating"
USEFUL = dt.timedelta(days=7)
"""So long after a step its news is worth sending."""


def take_complaint(desk: Desk, *, complaint_id: int, staff_id: int, instead: bool = False) -> Complaint:
    """Gives the complaint to the first of the staff who takes it; raises ``Taken`` with ``staff_id`` where a colleague
    has it. With ``instead`` it is taken from the colleague.
    """
    complaint = get_complaint(desk, complaint_id=complaint_id)
    if complaint.staff_id == staff_id:
        return complaint
    free = sa.true() if instead else col(Complaint.staff_id).is_(None)
    taken = (
        sa.update(Complaint)
        .where(col(Complaint.id) == complaint_id, free)
        .values(staff_id=staff_id)
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(taken).rowcount == 1  # type: ignore[attr-defined]
    desk.session.refresh(complaint)
    if not won and complaint.staff_id != staff_id:
        raise Taken("taken_over", field="complaint", value=complaint.id, staff_id=complaint.staff_id)
    record_change(desk, record=complaint, old=complaint.status, new=complaint.status, reason="taken")
    desk.session.flush()
    return complaint


def transfer_complaint(desk: Desk, *, complaint_id: int, team: str, reason: str) -> Complaint:
    """Another department is to deal with it. Who took it first stays responsible for the answer, and its day stays.

    Raises ``Invalid`` with field ``team`` (unknown) or ``reason`` (none given), ``WrongState`` where it is closed.
    """
    complaint = get_record(desk, Complaint, complaint_id, lock=True)
    known = {one.id for one in desk.hospital.complaints.teams}
    if team not in known:
        raise Invalid("team", field="team", value=team, allowed=sorted(known))
    if not reason.strip():
        raise Invalid("missing", field="reason")
    if complaint.status == CLOSED:
        raise NotAllowed("wrong_state", field="status", value=complaint.status)
    if team != complaint.team:
        said = f"changed team: {complaint.team} → {team}；{reason.strip()[:150]}"
        complaint.team = team
        record_change(desk, record=complaint, old=complaint.status, new=complaint.status, reason=said)
        desk.session.add(complaint)
        desk.session.flush()
    return complaint


def turn_into_question(desk: Desk, *, complaint_id: int, reason: str | None = None) -> Complaint:
    """After a talk it is no complaint but a question: recorded as such, still to be answered by its day.

    In the figures it counts as a question that came in as a complaint (``filed_as``); its number stays.
    """
    complaint = get_record(desk, Complaint, complaint_id, lock=True)
    if complaint.kind == "question":
        return complaint
    if complaint.kind != "complaint" or complaint.status == CLOSED:
        raise NotAllowed("wrong_state", field="status", value=complaint.status)
    complaint.kind = "question"
    said = "changed kind" + (f"；{reason.strip()[:150]}" if reason and reason.strip() else "")
    record_change(desk, record=complaint, old=complaint.status, new=complaint.status, reason=said)
    desk.session.add(complaint)
    desk.session.flush()
    return complaint


def advance_complaint(
    desk: Desk, *, complaint_id: int, status: str, answer: str | None = None, reason: str | None = None
) -> Complaint:
    """The next stage; the patient is told where the rule says so (kind ``complaint_changed``), and asked after the end how
    content he is (kind ``complaint_rating``).

    ``answered`` wants an ``answer``, and so does closing what nobody answered (a suggestion or a word of praise
    is closed without). Raises ``WrongState`` where the stage may not follow, ``Invalid("missing")``
    with field ``answer``, ``NotAllowed("too_late")`` for reopening after ``reopen_days``.
    """
    complaint = get_record(desk, Complaint, complaint_id, lock=True)
    if status == complaint.status:
        return complaint
    rules = desk.hospital.complaints
    stage = check_next(rules.stages, complaint.status, status)
    owed = status == CLOSED and complaint.kind in OWED and not complaint.answer
    if status == "answered" or owed:
        if not (answer or "").strip():
            raise Invalid("missing", field="answer")
        complaint.answer, complaint.answered_at = (answer or "").strip()[:TEXT_LIMIT], desk.now
    if status == "reopened" and not may_reopen(desk, complaint):
        raise NotAllowed("too_late", field="complaint", value=complaint.id)
    _note(desk, complaint, status)
    change_state(desk, record=complaint, new=status, reason=reason or "step")
    cancel_promises(desk, subject=complaint.subject, kind=NEWS)  # the latest news only
    if status != CLOSED:
        cancel_promises(desk, subject=complaint.subject, kind=RATING)
    if status == CLOSED and _ask_rating(desk, complaint):
        return complaint  # that it is closed is said where the points are asked for
    if stage.tell:
        tell_news(desk, complaint)
    return complaint


def tell_news(desk: Desk, complaint: Complaint) -> None:
    """Where the complaint stands now, to whoever complained."""
    tell(
        desk,
        contact_id=complaint.contact_id,
        kind=NEWS,
        subject=complaint.subject,
        slots=describe_complaint(desk, complaint),
        within=USEFUL,
    )


def may_reopen(desk: Desk, complaint: Complaint) -> bool:
    """Whether the answer is not too long ago (``reopen_days``)."""
    days = dt.timedelta(days=desk.hospital.complaints.reopen_days)
    return complaint.answered_at is None or desk.now <= complaint.answered_at + days


def _note(desk: Desk, complaint: Complaint, status: str) -> None:
    """What the figures want to know of a step; the first contact is the first step beyond receiving, or the answer."""
    if complaint.contacted_at is None and (status != CLOSED or complaint.answer):
        complaint.contacted_at = desk.now
    if complaint.first_answered_at is None and complaint.answer:
        complaint.first_answered_at = complaint.answered_at
        complaint.in_time = desk.now.date() <= complaint.answer_due_on
    if status == "confirmed":
        complaint.confirmed = True
    if status == "reopened":
        complaint.reopened += 1
        complaint.confirmed = False
        category = next(one for one in desk.hospital.complaints.categories if one.id == complaint.category)
        complaint.answer_due_on = add_workdays(desk, desk.now.date(), category.answer_days)


def confirm_complaint(desk: Desk, *, complaint_id: int, contact_id: int) -> Complaint:
    """The patient is content with the answer."""
    get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    return advance_complaint(
        desk.acting_as(f"contact:{contact_id}"),
        complaint_id=complaint_id,
        status="confirmed",
        reason="content",
    )


def reopen_complaint(
    desk: Desk, *, complaint_id: int, contact_id: int, reason: str | None = None
) -> Complaint:
    """The patient is not content with the answer."""
    get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    desk = desk.acting_as(f"contact:{contact_id}")
    return advance_complaint(
        desk, complaint_id=complaint_id, status="reopened", reason=reason or "not content"
    )


def _ask_rating(desk: Desk, complaint: Complaint) -> bool:
    """Once a complaint, and only where there was an answer to be content with."""
    if complaint.kind not in OWED or complaint.rating_asked_at or not complaint.answer:
        return False
    note_rating_asked(desk, complaint_id=complaint.id)
    tell(
        desk,
        contact_id=complaint.contact_id,
        kind=RATING,
        subject=complaint.subject,
        slots={"record": complaint.id},
        within=USEFUL,
    )
    return True


def note_rating_asked(desk: Desk, *, complaint_id: int) -> None:
    """He is being asked: not again after the end."""
    complaint = get_complaint(desk, complaint_id=complaint_id)
    complaint.rating_asked_at = complaint.rating_asked_at or desk.now
    desk.session.add(complaint)
    desk.session.flush()


def rate_complaint(desk: Desk, *, complaint_id: int, contact_id: int, satisfaction: int) -> Complaint:
    """How content the patient is, 1 to 5; said again, the last counts. ``Invalid`` with field ``satisfaction``."""
    complaint = get_complaint(desk, complaint_id=complaint_id, contact_id=contact_id)
    if satisfaction not in RATINGS:
        raise Invalid("satisfaction", field="satisfaction", value=satisfaction, allowed=list(RATINGS))
    if complaint.satisfaction != satisfaction:
        complaint.satisfaction = satisfaction
        status = complaint.status
        desk = desk.acting_as(f"contact:{contact_id}")
        record_change(desk, record=complaint, old=status, new=status, reason="rated")
        desk.session.add(complaint)
        desk.session.flush()
    return complaint


def close_answered(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: what the patient confirmed is closed, and what he did not speak of for ``confirm_days`` after the answer."""
    since = desk.now - dt.timedelta(days=desk.hospital.complaints.confirm_days)
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        sa.or_(
            col(Complaint.status) == "confirmed",
            sa.and_(col(Complaint.status) == "answered", col(Complaint.answered_at) <= since),
        ),
    )
    due = list(
        desk.session.exec(query.order_by(col(Complaint.id)).limit(limit).with_for_update(skip_locked=True))
    )
    for one in due:
        reason = "confirmed" if one.status == "confirmed" else "confirm_days"
        change_state(desk, record=one, new=CLOSED, reason=reason)
        cancel_promises(desk, subject=one.subject, kind=NEWS)
        _ask_rating(desk, one)
    return len(due)
