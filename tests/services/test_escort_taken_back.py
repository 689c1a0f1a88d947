from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, Invalid, NotAllowed, WrongState, promises
from services.escort_stages import list_steps, take_back_step, tick_step
from services.escorts import Escort, advance_escort, rate_escort
from services.history import list_changes
from tests.services.builders import at
from tests.services.test_escort_requests import MEETING, asked


def begun(desk: Desk, *steps: str) -> tuple[Desk, Escort]:
    """An escort on its day that has reached these steps."""
    escort = asked(desk)
    advance_escort(
        desk, escort_id=escort.id, status="accepted", companion="覃护工", companion_phone="10000005678"
    )
    promises.cancel_promises(desk, subject=escort.subject, kind="escort_changed")
    staff = at(desk, hour=(MEETING - desk.now) / dt.timedelta(hours=1)).acting_as("staff:1")
    for step in steps:
        tick_step(staff, escort_id=escort.id, step=step)
    return staff, escort


def news(desk: Desk, escort: Escort) -> list[str]:
    waiting = promises.list_promises(desk, subject=escort.subject, status="waiting")
    return sorted(one.kind for one in waiting if one.kind != "escort_meeting")


def hear(desk: Desk) -> None:
    for one in promises.claim_due(desk):
        promises.keep(desk, promise_id=one.id)


def test_the_first_step_taken_back_is_no_beginning_and_the_book_says_who_and_why(desk: Desk) -> None:
    staff, escort = begun(desk, "met")
    hear(staff)
    take_back_step(staff, escort_id=escort.id, reason="点错了卡")
    assert (escort.status, list_steps(desk, escort_id=escort.id)) == ("accepted", [])
    last = list_changes(desk, record=escort)[-1]
    assert (last.old, last.new, last.actor, last.reason, last.created_at) == (
        "in-progress",
        "accepted",
        "staff:1",
        "点错了卡",
        staff.now,
    )
    assert news(desk, escort) == ["escort_corrected"]


def test_who_was_not_told_yet_hears_of_no_mistake(desk: Desk) -> None:
    staff, escort = begun(desk, "met")
    take_back_step(staff, escort_id=escort.id, reason="点错了")
    assert news(desk, escort) == ["escort_changed"]


def test_a_later_step_alone_goes_and_is_told_only_where_it_was_told(desk: Desk) -> None:
    staff, escort = begun(desk, "met", "examination", "way_home")
    hear(staff)
    take_back_step(staff, escort_id=escort.id, reason="点错了")
    assert [one.stage.id for one in list_steps(desk, escort_id=escort.id)] == ["met", "examination"]
    assert news(desk, escort) == ["escort_corrected"]
    hear(staff)
    take_back_step(staff, escort_id=escort.id, reason="点错了")
    assert (escort.status, news(desk, escort)) == ("in-progress", [])


def test_the_end_taken_back_asks_for_no_rating(desk: Desk) -> None:
    staff, escort = begun(desk, "met")
    hear(staff)
    advance_escort(staff, escort_id=escort.id, status="completed")
    take_back_step(staff, escort_id=escort.id, reason="点错了")
    assert (escort.status, news(desk, escort)) == ("in-progress", [])


def test_nothing_is_taken_back_without_a_reason_before_the_beginning_or_after_the_rating(desk: Desk) -> None:
    staff, escort = begun(desk)
    with pytest.raises(WrongState):
        take_back_step(staff, escort_id=escort.id, reason="点错了")
    tick_step(staff, escort_id=escort.id, step="met")
    with pytest.raises(Invalid):
        take_back_step(staff, escort_id=escort.id, reason=" ")
    with pytest.raises(NotAllowed):
        take_back_step(at(staff, hour=24), escort_id=escort.id, reason="点错了")
    advance_escort(staff, escort_id=escort.id, status="completed")
    rate_escort(staff, escort_id=escort.id, contact_id=escort.contact_id, rating=4)
    with pytest.raises(NotAllowed):
        take_back_step(staff, escort_id=escort.id, reason="点错了")
