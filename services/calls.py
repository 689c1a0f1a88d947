"""Follow-ups by telephone: what a nurse heard is kept with the step, and the assistant asks it no more."""

from __future__ import annotations

import orjson

from services.alarms import acknowledge_open_alarm
from services.answers import LEVELS
from services.desk import Desk
from services.errors import Invalid
from services.followups import (
    ANSWERED,
    BOARD,
    CALLED,
    SENT,
    WAITING,
    FollowUpTask,
    complete_if_over,
    get_follow_up,
    get_task,
    list_tasks,
    move_task,
)
from services.history import record_change
from services.promises import cancel_promises

CALLABLE = (WAITING, SENT, *BOARD, ANSWERED, CALLED)
"""All but what the patient has stopped; what was answered may be talked over too."""


def note_call(
    desk: Desk, *, task_id: int, said: str, reached: bool = True, level: str | None = None
) -> FollowUpTask:
    """A nurse has telephoned about a step: who, when and what was said are kept, and the step is over.

    ``level`` is how the patient is now, and takes the place of what the answers gave. Not reached, only the try is
    written down: the step stays where it is. Raises ``Invalid`` with field ``said`` or ``level``, and with ``task``
    where the step was stopped.
    """
    said = said.strip()
    if reached and not said:
        raise Invalid("missing", field="said")
    if level is not None and level not in LEVELS:
        raise Invalid("unknown", field="level", value=level, allowed=LEVELS)
    task = get_task(desk, task_id=task_id)
    if task.status not in CALLABLE:
        raise Invalid("stopped", field="task", value=task.status)
    call = {
        "at": desk.now.isoformat(timespec="minutes"),
        "actor": desk.actor,
        "reached": reached,
        "said": said[:2000],
        "level": level,
    }
    task.calls = orjson.dumps([*task.telephoned, call]).decode()
    if reached and level is not None:
        task.level = level
    desk.session.add(task)
    desk.session.flush()
    if not reached or task.status in (ANSWERED, CALLED):
        reason = "telephoned" if reached else "not reached by telephone"
        record_change(desk, record=task, old=task.status, new=task.status, reason=reason)
    else:
        move_task(desk, task, task.status, CALLED, reason="telephoned", ended_at=task.ended_at or desk.now)
    if reached:
        _settle_others(desk, task)
        cancel_promises(desk, subject=task.subject)
        follow_up = get_follow_up(desk, follow_up_id=task.follow_up_id)
        acknowledge_open_alarm(desk, kind="red_flag", subject=follow_up.subject, reason="telephoned")
        complete_if_over(desk, follow_up)
    desk.session.flush()
    return task


def _settle_others(desk: Desk, task: FollowUpTask) -> None:
    """One talk answers for all days that waited for a call: nobody telephones twice for one discharge."""
    for other in list_tasks(desk, follow_up_id=task.follow_up_id, statuses=BOARD):
        if other.id != task.id:
            move_task(desk, other, other.status, CALLED, reason=f"telephoned about day {task.day}")
