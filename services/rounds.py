"""The rounds of the follow-ups: what the clock asks for, which steps are due and which were left without an answer.

Each step is moved by one conditional ``UPDATE``, so two clocks ask a patient once.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from services.desk import Desk
from services.followups import (
    SENT,
    SKIPPED,
    UNANSWERED,
    UNREACHED,
    WAITING,
    FollowUp,
    FollowUpTask,
    complete_if_over,
    get_follow_up,
    get_plan,
    link_contact,
    move_task,
)
from services.promises import cancel_promises, is_quiet, promise

FLOW = "followup"
"""The flow with which the clock asks a step's questions; its slot ``record`` is the task's id."""


def due_tasks(desk: Desk, *, limit: int = 50) -> list[FollowUpTask]:
    """What should be asked now, the oldest first; nothing in quiet hours."""
    if is_quiet(desk):
        return []
    query = select(FollowUpTask).where(
        FollowUpTask.hospital_id == desk.hospital_id,
        FollowUpTask.status == WAITING,
        FollowUpTask.due_at <= desk.now,
    )
    query = query.order_by(col(FollowUpTask.due_at), col(FollowUpTask.id)).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def send_due(desk: Desk) -> int:
    """The clock's work: each due step becomes a promise (flow ``followup``), once, whoever else looks meanwhile.

    A step whose time is over is skipped; one whose person no contact has registered waits until then and goes to
    the board. Returns how many steps moved.
    """
    moved = 0
    for task in due_tasks(desk):
        follow_up = get_follow_up(desk, follow_up_id=task.follow_up_id)
        contact_id = follow_up.contact_id or link_contact(desk, follow_up)
        if task.until <= desk.now:
            moved += move_task(
                desk, task, WAITING, UNREACHED if contact_id is None else SKIPPED, ended_at=desk.now
            )
            complete_if_over(desk, follow_up)
        elif contact_id is not None and move_task(desk, task, WAITING, SENT, sent_at=desk.now):
            _promise(desk, task, follow_up)
            moved += 1
    return moved


def remind_unanswered(desk: Desk) -> int:
    """The clock's work: an unanswered step is asked once more, then it is on the nurse's board."""
    if is_quiet(desk):
        return 0
    query = select(FollowUpTask).where(
        FollowUpTask.hospital_id == desk.hospital_id, FollowUpTask.status == SENT
    )
    moved = 0
    for task in desk.session.exec(query.order_by(col(FollowUpTask.due_at)).limit(200)):
        follow_up = get_follow_up(desk, follow_up_id=task.follow_up_id)
        patience = dt.timedelta(hours=get_plan(desk.hospital, follow_up.plan).answer_within_hours)
        waited_since = task.reminded_at or task.sent_at or task.due_at
        if task.until <= desk.now or (task.reminded_at and desk.now - waited_since >= patience):
            cancel_promises(desk, subject=task.subject)
            moved += move_task(desk, task, SENT, UNANSWERED, ended_at=desk.now)
            complete_if_over(desk, follow_up)
        elif task.reminded_at is None and desk.now - waited_since >= patience:
            task.reminded_at = desk.now
            desk.session.add(task)
            _promise(desk, task, follow_up)
            moved += 1
    desk.session.flush()
    return moved


def _promise(desk: Desk, task: FollowUpTask, follow_up: FollowUp) -> None:
    assert follow_up.contact_id is not None
    promise(
        desk,
        contact_id=follow_up.contact_id,
        kind=FLOW,
        due_at=desk.now,
        drop_after=task.until,
        subject=task.subject,
        slots={"record": task.id, "patient": follow_up.patient_id, "again": task.reminded_at is not None},
    )
