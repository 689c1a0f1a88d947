"""Follow-ups by telephone: what was said stays with who and when, and the assistant asks no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services import Desk
from services.alarms import list_alarms, raise_alarm
from services.answers import record_answer
from services.calls import note_call
from services.errors import Invalid, WrongState
from services.followups import (
    CALLED,
    COMPLETED,
    SENT,
    SKIPPED,
    UNANSWERED,
    WAITING,
    get_follow_up,
    list_tasks,
    stop_followups,
)
from services.history import list_changes
from services.promises import list_promises
from services.rounds import send_due
from tests.services.builders import at
from tests.services.test_followups import TODAY, discharge, first_task


def test_a_step_that_was_telephoned_is_not_asked_again_and_says_who_when_and_what(desk: Desk) -> None:
    asked, task = first_task(desk)
    nurse = replace(asked, actor="staff:7")
    note_call(nurse, task_id=task.id, said="伤口有点红，没发烧，明天来换药", level="notice")
    assert (task.status, task.level) == (CALLED, "notice")
    (call,) = task.telephoned
    assert (call["actor"], call["said"], call["reached"]) == (
        "staff:7",
        "伤口有点红，没发烧，明天来换药",
        True,
    )
    last = list_changes(desk, record=task)[-1]
    assert (last.old, last.new, last.actor, last.reason) == (SENT, CALLED, "staff:7", "telephoned")
    assert [
        one for one in list_promises(desk) if one.subject == task.subject and one.status == "waiting"
    ] == []
    with pytest.raises(WrongState):
        record_answer(asked, task_id=task.id, question="feeling", text="好多了")
    assert send_due(asked) == 0


def test_who_was_not_reached_is_asked_on_and_the_try_is_written_down(desk: Desk) -> None:
    asked, task = first_task(desk)
    note_call(replace(asked, actor="staff:7"), task_id=task.id, said="", reached=False)
    assert task.status == SENT and not task.telephoned[0]["reached"]
    assert list_changes(desk, record=task)[-1].reason == "not reached by telephone"


def test_one_call_settles_the_days_that_waited_for_one_and_ends_the_alarm(desk: Desk) -> None:
    follow_up = discharge(desk, discharged_on=TODAY - timedelta(days=5))
    tasks = list_tasks(desk, follow_up_id=follow_up.id)
    assert [one.status for one in tasks[:2]] == [SKIPPED, WAITING]
    tasks[1].status = UNANSWERED
    desk.session.add(tasks[1])
    raise_alarm(desk, kind="red_flag", subject=follow_up.subject, words=["发烧"])
    note_call(replace(desk, actor="staff:7"), task_id=tasks[1].id, said="都好", level="ok")
    assert [one.status for one in tasks[:3]] == [CALLED, CALLED, WAITING]
    assert list_alarms(desk) == []


def test_a_call_about_the_last_step_ends_the_follow_up(desk: Desk) -> None:
    follow_up = discharge(desk)
    for task in list_tasks(desk, follow_up_id=follow_up.id):
        note_call(desk, task_id=task.id, said="电话里都问过了")
    assert follow_up.status == COMPLETED


def test_without_what_was_said_or_after_a_stop_nothing_is_written(desk: Desk) -> None:
    asked, task = first_task(desk)
    with pytest.raises(Invalid):
        note_call(asked, task_id=task.id, said="  ")
    with pytest.raises(Invalid):
        note_call(asked, task_id=task.id, said="好", level="fine")
    assert task.calls is None
    stop_followups(asked, contact_id=get_follow_up(asked, follow_up_id=task.follow_up_id).contact_id or 0)
    with pytest.raises(Invalid):
        note_call(at(asked), task_id=task.id, said="好")
