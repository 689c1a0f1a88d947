"""Follow-ups as nurses read them: each discharge with its days, the red ones first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.console.names import name_staff
from services import Desk
from services.calls import note_call
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
HOW = {"ok": "平稳", "notice": "要留意", "alarm": "危险，已请马上来院或打 120"}
REACHED, NOT_REACHED = "打通了", "没打通"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a plan."""

    day: int
    status: str
    level: str
    at: dt.datetime
    answers: tuple[tuple[str, str, str], ...]
    """Question, answer in words, level."""
    id: int = 0
    """Of the step."""
    calls: tuple[tuple[dt.datetime, str, bool, str], ...] = ()
    """When a nurse telephoned, who, whether anybody was reached, what was said."""


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
    names = name_staff(desk) if any(task.calls for task in tasks) else {}

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
            Day(
                task.day,
                task.status,
                task.level,
                task.sent_at or task.due_at,
                describe(task),
                task.id,
                tuple(
                    (
                        dt.datetime.fromisoformat(call["at"]),
                        names.get(call["actor"], ""),
                        call["reached"],
                        call["said"],
                    )
                    for call in task.telephoned
                ),
            )
            for task in sorted(tasks, key=lambda task: task.day)
        ),
    )


def reveal_enrolled(desk: Desk, *, follow_up_id: int, field: str, reason: str) -> str:
    """``name`` or ``phone`` in full, written down with the reason."""
    if field not in ("name", "phone"):
        raise Invalid("field", field="field", value=field)
    follow_up = get_follow_up(desk, follow_up_id=follow_up_id)
    return reveal(desk, record=follow_up, field=field, reason=reason) or ""


def note_telephone(desk: Desk, *, task_id: int, fields: Mapping[str, str]) -> None:
    """From the words of the form; raises what ``services.calls.note_call`` raises."""
    level = next((key for key, name in HOW.items() if name == fields.get("level")), None)
    reached = fields.get("reached") != NOT_REACHED
    note_call(desk, task_id=task_id, said=fields.get("said", ""), reached=reached, level=level)
