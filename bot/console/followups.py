"""Follow-ups as nurses read them: each discharge with its days, the red ones first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from services import Desk
from services.errors import Invalid
from services.followups import (
    BOARD,
    FollowUp,
    FollowUpTask,
    get_follow_up,
    get_plan,
    list_followups,
    list_tasks,
)
from services.history import reveal

LEVELS = ("ok", "notice", "alarm")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a plan."""

    day: int
    status: str
    level: str
    at: dt.datetime
    answers: tuple[tuple[str, str, str], ...]
    """Question, answer in words, level."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One discharge under a plan."""

    id: int
    name: str
    phone: str
    department: str
    diagnosis: str
    discharged_on: dt.date
    plan: str
    status: str
    contact_id: int | None
    days: tuple[Day, ...]

    @property
    def level(self) -> str:
        return max((one.level for one in self.days), key=LEVELS.index, default="ok")

    @property
    def to_call(self) -> bool:
        """Some day was not answered: somebody should telephone."""
        return any(one.status in BOARD for one in self.days)


def list_enrolled(desk: Desk, *, limit: int = 150) -> tuple[Enrolled, ...]:
    """Alarms first, then what is to be noticed, then who should be telephoned, then the newest."""
    tasks = defaultdict(list)
    for task in list_tasks(desk, limit=limit * 8):
        tasks[task.follow_up_id].append(task)
    found = [_enrolled(desk, one, tasks[one.id]) for one in list_followups(desk, limit=limit)]
    return tuple(sorted(found, key=lambda one: (-LEVELS.index(one.level), not one.to_call, -one.id)))


def _enrolled(desk: Desk, one: FollowUp, tasks: list[FollowUpTask]) -> Enrolled:
    plan = get_plan(desk.hospital, one.plan)
    questions = {question.id: question for question in plan.questions}

    def describe(task: FollowUpTask) -> tuple[tuple[str, str, str], ...]:
        shown = []
        for name, answer in task.answered.items():
            question = questions.get(name)
            titles = {choice.value: choice.title for choice in question.choices} if question else {}
            value = answer.get("value")
            said = titles.get(str(value), str(answer.get("text") or value or ""))
            shown.append((question.text if question else name, said, answer.get("level", "ok")))
        return tuple(shown)

    return Enrolled(
        one.id,
        one.masked_name,
        one.masked_phone,
        one.department,
        one.diagnosis,
        one.discharged_on,
        plan.name,
        one.status,
        one.contact_id,
        tuple(
            Day(task.day, task.status, task.level, task.sent_at or task.due_at, describe(task))
            for task in sorted(tasks, key=lambda task: task.day)
        ),
    )


def reveal_enrolled(desk: Desk, *, follow_up_id: int, field: str, reason: str) -> str:
    """``name`` or ``phone`` in full, written down with the reason."""
    if field not in ("name", "phone"):
        raise Invalid("field", field="field", value=field)
    follow_up = get_follow_up(desk, follow_up_id=follow_up_id)
    return reveal(desk, record=follow_up, field=field, reason=reason) or ""
