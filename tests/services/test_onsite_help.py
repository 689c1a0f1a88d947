from __future__ import annotations

import datetime as dt

import pytest

from knowledge import Hospital
from services import Desk, WrongState, alarms, history, onsite_help, overview, promises
from services.companions import enrol_roster, list_companions, set_companion_state
from services.handovers import call_person
from services.nearest import find_place
from services.onsite_help import (
    accept_help,
    advance_help,
    call_help,
    decline_help,
    end_help,
    escalate_help,
    list_nearest,
    name_companion,
    tell_help,
    urge_help,
)
from tests.services.builders import at, make_contact


@pytest.fixture(autouse=True)
def roster(desk: Desk) -> None:
    enrol_roster(desk)


def call(desk: Desk, place: str | None = "门诊五楼", sender: str = "a") -> onsite_help.OnsiteHelp:
    return call_help(desk, contact_id=make_contact(desk, sender).id, place=place, words="走不动了")


def open_alarms(desk: Desk) -> list[str]:
    return [one.kind for one in alarms.list_alarms(desk)]


def test_the_nearest_on_foot_is_called_with_an_alarm_at_once(desk: Desk) -> None:
    near = list_nearest(desk, place="门诊五楼眼科候诊区")
    assert [one.companion.name for one in near][:1] == ["陆星野"]
    assert [one.minutes for one in near] == sorted(one.minutes for one in near)
    made = call(desk)
    assert name_companion(desk, made) == "陆星野"
    (alarm,) = alarms.list_alarms(desk)
    assert (alarm.kind, alarm.about, alarm.words) == ("onsite_help", made.subject, ("门诊五楼：请陆星野去",))


def test_only_who_is_on_shift_on_this_campus_and_free_is_called(desk: Desk) -> None:
    assert [one.companion.name for one in list_nearest(desk, place="东湖院区一楼导诊台")] == ["黄豆花"]
    night = at(desk, hour=14)
    assert [one.companion.name for one in list_nearest(night, place="门诊五楼")] == ["蒙叶半"]
    first, second = call(desk), call(desk, sender="b")
    assert first.companion_id != second.companion_id
    set_companion_state(desk, companion_id=first.companion_id or 0, status="away", reason="去吃饭")
    assert first.companion_id not in {one.companion.id for one in list_nearest(desk, place="门诊五楼")}


@pytest.mark.parametrize(
    ("words", "building", "floor"),
    [
        ("门诊三楼", "OPD", "3F"),
        ("三楼眼科门口", "OPD", "3F"),
        ("住院部十一楼电梯口", "IPD", "11F"),
        ("负一楼", "OPD", "B1"),
        ("2楼厕所旁边", "OPD", "2F"),
        ("门诊五楼眼科候诊区", "OPD", "5F"),
    ],
)
def test_a_floor_named_counts_more_than_the_rest(desk: Desk, words: str, building: str, floor: str) -> None:
    found = find_place(desk, words)
    assert found is not None and (found.building, found.floor) == (building, floor)


def test_a_place_nobody_knows_calls_from_the_main_desk(desk: Desk) -> None:
    assert find_place(desk, "那个蓝色的东西旁边") is None
    assert name_companion(desk, call(desk, None)) == "农安坪"


def test_not_accepted_in_three_minutes_it_goes_to_the_next_and_then_to_the_head(desk: Desk) -> None:
    made = call(desk)
    clock = desk.acting_as("clock")
    assert escalate_help(at(clock, hour=2.9 / 60)) == 0
    assert escalate_help(at(clock, hour=3 / 60)) == 1
    assert name_companion(desk, made) == "农安坪" and not made.to_head
    assert escalate_help(at(clock, hour=6 / 60)) == 1
    assert made.to_head and made.companion_id is None
    assert "onsite_help_late" in open_alarms(desk)
    assert escalate_help(at(clock, hour=9 / 60)) == 1  # it rings again until somebody goes
    told = [one for one in promises.list_promises(desk, subject=made.subject) if one.kind == "help_changed"]
    assert len(told) == 2 and all(one.urgent for one in told)
    changes = history.list_changes(desk, record=made)
    assert all(one.reason for one in changes[1:])
    assert "not accepted within 3 minutes" in (changes[-1].reason or "")


def test_the_first_who_accepts_goes_and_the_alarms_end(desk: Desk) -> None:
    made = call(desk)
    staff = desk.acting_as("staff:2")
    other = list_nearest(desk, place=made.place)[0].companion
    accept_help(staff, help_id=made.id, companion_id=other.id)
    assert (made.status, made.companion_id, open_alarms(desk)) == ("accepted", other.id, [])
    with pytest.raises(WrongState):
        accept_help(staff, help_id=made.id)
    assert escalate_help(at(desk.acting_as("clock"), hour=1)) == 0
    for status in ("in-progress", "completed"):
        advance_help(staff, help_id=made.id, status=status)
    with pytest.raises(WrongState):
        advance_help(staff, help_id=made.id, status="cancelled")


@pytest.mark.parametrize(("reason", "waiting"), [("onsite_help", 0), ("asked", 1)])
def test_who_is_being_helped_waits_for_nobody_else(desk: Desk, reason: str, waiting: int) -> None:
    made = call(desk)
    call_person(desk, contact_id=made.contact_id, reason=reason, urgent=True)
    assert overview.count_figures(desk).waiting == 1
    accept_help(desk, help_id=made.id)
    assert overview.count_figures(desk).waiting == waiting


def test_who_cannot_go_is_replaced_at_once(desk: Desk) -> None:
    made = call(desk)
    first = made.companion_id
    decline_help(desk.acting_as("staff:2"), help_id=made.id, reason="在送别的患者")
    assert made.companion_id not in (None, first) and made.status == "requested"
    accept_help(desk.acting_as("staff:2"), help_id=made.id)
    decline_help(desk.acting_as("staff:2"), help_id=made.id, reason="电梯坏了")
    assert made.to_head and made.status == "requested"


def test_called_again_it_is_the_same_call_with_the_place_if_it_is_known_now(desk: Desk) -> None:
    made = call(desk, None)
    assert call(desk, "门诊三楼") is made
    assert made.place == "门诊三楼"
    before = made.companion_id
    urge_help(desk, help_id=made.id, contact_id=made.contact_id)
    assert made.companion_id != before
    end_help(desk, help_id=made.id, contact_id=made.contact_id)
    assert made.status == "cancelled" and open_alarms(desk) == []
    assert call(desk) is not made


def test_with_nobody_on_duty_the_head_is_told_at_once(desk: Desk, hospital: Hospital) -> None:
    for one in list_companions(desk, duty="help"):
        set_companion_state(desk, companion_id=one.id, status="away", reason="演练")
    made = call(desk)
    assert made.to_head and open_alarms(desk) == ["onsite_help_late"]
    assert made.due_at == desk.now + dt.timedelta(minutes=hospital.escort.help.accept_minutes)


def test_another_place_sends_the_nearest_there_and_keeps_the_words(desk: Desk) -> None:
    made = call(desk, "门诊大厅")
    first = name_companion(desk, made)
    tell_help(desk, help_id=made.id, contact_id=made.contact_id, place="门诊五楼", words="不是大厅，是五楼")
    assert (made.place, name_companion(desk, made)) == ("门诊五楼", "陆星野") and first != "陆星野"
    assert "不是大厅" in (made.words or "")
    assert any("门诊五楼：请陆星野去" in one.words for one in alarms.list_alarms(desk))


def test_who_is_on_the_way_is_sent_on_and_not_replaced(desk: Desk) -> None:
    made = call(desk, "门诊大厅")
    accept_help(desk.acting_as("staff:2"), help_id=made.id)
    who = made.companion_id
    tell_help(desk, help_id=made.id, contact_id=made.contact_id, place="门诊五楼")
    assert (made.status, made.companion_id, made.place) == ("accepted", who, "门诊五楼")
    assert open_alarms(desk) == ["onsite_help"]


def test_words_that_are_no_place_reach_staff_and_the_clock_runs_on(desk: Desk) -> None:
    made = call(desk, None)
    due = made.due_at
    tell_help(desk, help_id=made.id, contact_id=made.contact_id, words="有个蓝色的牌子")
    (alarm,) = alarms.list_alarms(desk)
    assert "患者说：有个蓝色的牌子" in alarm.words and made.due_at == due
    assert escalate_help(at(desk.acting_as("clock"), hour=3 / 60)) == 1


def test_what_every_floor_has_is_no_place_without_one(desk: Desk) -> None:
    assert find_place(desk, "厕所") is None and find_place(desk, "二楼厕所") is not None
    found = find_place(desk, "东湖院区一楼")
    assert found is not None and found.building == "EAST"
