"""The same said again and again becomes something to change, and whether it helped is counted."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import pytest

from services import Desk, Invalid, WrongState, improvements
from services.complaints import file_complaint
from services.effectcharts import draw_effect, say_effect
from services.improvements import Improvement
from tests.services.builders import NOW, at, make_contact

PLACE = "门诊二楼彩超候诊区"


def complain(desk: Desk, count: int, *, days: float = 0, contacts: int = 3, code: str = "OPD-2F-US") -> None:
    for number in range(count):
        file_complaint(
            at(desk, days=days),
            contact_id=make_contact(desk, f"c{number % contacts}").id,
            text=f"排队等了很久，第 {days} 天第 {number} 次",
            place_code=code,
        )


def proposed(desk: Desk) -> list[Improvement]:
    return improvements.list_improvements(desk, status="proposed")


def test_the_third_complaint_on_one_place_and_cause_proposes_an_improvement_and_the_fourth_none(
    desk: Desk,
) -> None:
    complain(desk, 2)
    assert proposed(desk) == []
    complain(desk, 1, days=1)
    (one,) = proposed(desk)
    assert (one.order_number, one.by, one.place, one.category, one.count) == (
        "GJ-20260312-0001",
        "place",
        PLACE,
        "waiting",
        3,
    )
    complain(desk, 3, days=2)
    assert len(proposed(desk)) == 1


def test_one_angry_person_is_no_pattern_and_neither_are_old_complaints_or_other_places(desk: Desk) -> None:
    complain(desk, 5, contacts=1)
    assert proposed(desk) == []
    complain(desk, 2, code="OPD-2F-PAY")
    complain(desk, 1, code="OPD-2F-PAY", days=31)
    assert proposed(desk) == []


def test_somebody_takes_it_on_until_a_day_and_says_what_was_changed(desk: Desk) -> None:
    complain(desk, 3)
    (one,) = proposed(desk)
    staff = desk.acting_as("staff:1")
    for owner, day, field in ((" ", NOW.date(), "owner"), ("门诊部", dt.date(2026, 3, 1), "due_on")):
        with pytest.raises(Invalid) as error:
            improvements.accept_improvement(staff, improvement_id=one.id, owner=owner, due_on=day)
        assert error.value.field == field
    with pytest.raises(WrongState):
        improvements.finish_improvement(staff, improvement_id=one.id, result="加了人")
    due = dt.date(2026, 4, 1)
    improvements.accept_improvement(
        staff, improvement_id=one.id, owner="门诊部 莫主任", due_on=due, plan="分时段"
    )
    improvements.finish_improvement(at(staff, days=10), improvement_id=one.id, result="分时段叫号")
    assert (one.status, one.owner, one.due_on, one.result) == ("done", "门诊部 莫主任", due, "分时段叫号")


def test_before_and_after_are_counted_over_equally_many_days(desk: Desk) -> None:
    complain(desk, 4)
    (one,) = proposed(desk)
    staff = desk.acting_as("staff:1")
    improvements.accept_improvement(staff, improvement_id=one.id, owner="门诊部", due_on=dt.date(2026, 4, 1))
    improvements.finish_improvement(at(staff, days=3), improvement_id=one.id, result="加开一间")
    complain(desk, 1, days=5)
    effect = improvements.measure_effect(at(desk, days=13), improvement=one)
    assert (effect.days, effect.before, effect.after) == (11, 4, 1)
    assert sum(count for _, count in effect.weeks) == 5 and len(effect.weeks) == improvements.WEEKS
    assert len(improvements.list_grouped(desk, improvement=one)) == 5


def test_nothing_is_said_of_an_effect_before_anything_was_changed(desk: Desk) -> None:
    complain(desk, 4)
    (one,) = proposed(desk)
    staff = desk.acting_as("staff:1")
    for _ in range(2):
        effect = improvements.measure_effect(at(desk, days=2), improvement=one)
        assert (effect.turned_on, effect.days, effect.before, effect.after) == (None, 30, 4, None)
        assert say_effect(effect) == "最近 30 天 4 件"
        if one.status == "proposed":
            improvements.accept_improvement(
                staff, improvement_id=one.id, owner="门诊部", due_on=dt.date(2026, 4, 1)
            )
    improvements.finish_improvement(staff, improvement_id=one.id, result="加开一间")
    effect = improvements.measure_effect(at(desk, days=2), improvement=one)
    assert say_effect(effect).startswith("改好前 3 天")


def test_what_was_dismissed_is_not_proposed_again_for_a_while(desk: Desk) -> None:
    complain(desk, 3)
    (one,) = proposed(desk)
    with pytest.raises(Invalid):
        improvements.dismiss_improvement(desk, improvement_id=one.id, reason="")
    improvements.dismiss_improvement(desk, improvement_id=one.id, reason="设备检修，已经结束")
    complain(desk, 3, days=5)
    assert proposed(desk) == []
    complain(desk, 3, days=100)
    assert len(proposed(desk)) == 1


def test_the_chart_says_in_words_what_it_draws(desk: Desk) -> None:
    complain(desk, 3)
    (one,) = proposed(desk)
    drawn = ET.fromstring(
        draw_effect(improvements.measure_effect(desk, improvement=one), title="<彩超> 等候")
    )
    texts = [found.text or "" for found in drawn.iter() if found.text]
    assert "<彩超> 等候" in texts and any("3 件" in text for text in texts)
