"""The clock keeps every promise once: through restarts, downtime, two clocks and deaths between any two steps."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import clock as clockwork
from bot.channels.message import Message
from bot.clock import Clock
from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk
from services.contacts import find_contact
from services.promises import list_promises
from services.schedules import find_sessions
from services.talk import list_lines
from tests.bot.faults import Killed, killed_at, snapshot
from tests.conftest import NOW

EVENING_BEFORE = datetime(2026, 3, 12, 19, 0)


@pytest.fixture
def booked(theatre: Theatre) -> Iterator[tuple[House, MovingHours]]:
    """张三 has an appointment on the afternoon of the 13th; two reminders are promised."""
    with theatre.stage(NOW) as (house, hours):
        world = "骨科 3月13日下午 余5；甲 已约 张三 骨科 3月13日下午"
        write(house, lambda desk: change_world(desk, world, channel="rest"))
        yield house, hours


def write(house: House, work: Any) -> Any:
    return house.writers.call(lambda: house.writers.transaction(lambda session: work(house.desk(session))))


def said(house: House) -> list[str]:
    def read(desk: Desk) -> list[str]:
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        lines = list_lines(desk, contact_id=contact.id)
        return [line.body.get("text", "") for line in lines if line.direction == "out"]

    return house.read_now(read)


def states(house: House) -> list[str]:
    """Of the reminders promised."""

    def read(desk: Desk) -> list[str]:
        return [one.status for one in list_promises(desk) if one.kind == "appointment_reminder"]

    return sorted(house.read_now(read))


def test_the_evening_before_and_two_hours_before_the_patient_is_reminded_once_each(
    booked: tuple[House, MovingHours],
) -> None:
    house, hours = booked
    clock = Clock(house)
    clock.tick()
    assert said(house) == []
    hours.time = EVENING_BEFORE
    clock.tick()
    clock.tick()
    assert len(said(house)) == 1
    assert "3月13日（周五）下午" in said(house)[0]
    hours.time = datetime(2026, 3, 13, 13, 0)
    clock.tick()
    clock.tick()
    assert len(said(house)) == 2
    assert states(house) == ["kept", "kept"]


def test_two_clocks_at_once_remind_once(booked: tuple[House, MovingHours]) -> None:
    house, hours = booked
    hours.time = EVENING_BEFORE
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Clock(house).tick(), range(4)))
    assert len(said(house)) == 1


def test_a_day_of_downtime_loses_what_still_helps_and_repeats_nothing(
    booked: tuple[House, MovingHours],
) -> None:
    house, hours = booked
    hours.time = datetime(2026, 3, 13, 13, 5)  # both fell due meanwhile; the evening's helps nobody any more
    Clock(house).tick()
    assert len(said(house)) == 1
    assert states(house) == ["dropped", "kept"]


def test_quiet_hours_hold_a_reminder_back(booked: tuple[House, MovingHours]) -> None:
    house, hours = booked
    hours.time = datetime(2026, 3, 12, 21, 30)
    Clock(house).tick()
    assert said(house) == []


def test_a_clock_killed_before_any_of_its_statements_reminds_once_all_the_same(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clockwork, "CHORES", ())  # they are not what is killed here
    statement = 0
    with theatre.stage(NOW) as (house, hours):
        world = "骨科 3月13日下午 余5；甲 已约 张三 骨科 3月13日下午"
        write(house, lambda desk: change_world(desk, world, channel="rest"))
        before = snapshot(house.engine)["outbox_message"]
        hours.time = EVENING_BEFORE
        finished = False
        while not finished:
            with killed_at(house.engine, statement):
                try:
                    Clock(house).tick()
                    finished = True
                except Killed:
                    statement += 1
            if said(house):
                break
            assert snapshot(house.engine)["outbox_message"] == before
            hours.time += timedelta(minutes=3)  # the lease of the dead clock ends
        assert statement > 8
        Clock(house).tick()
        assert len(said(house)) == 1
        assert states(house) == ["kept", "waiting"]


def test_a_promise_whose_flow_breaks_is_tried_again_and_then_shown_to_staff(
    booked: tuple[House, MovingHours], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, hours = booked

    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(house.assistant), "start", break_down)
    clock = Clock(house)
    hours.time = EVENING_BEFORE
    for _ in range(clockwork.MOST_FAILURES):
        clock.tick()
        hours.time += clockwork.AGAIN
    assert said(house) == []
    assert states(house) == ["dropped", "waiting"]
    reasons = house.read_now(lambda desk: [one.reason for one in list_promises(desk, status="dropped")])
    assert reasons == ["failed: RuntimeError"]


def test_a_failure_that_passes_costs_a_few_minutes_and_no_reminder(
    booked: tuple[House, MovingHours], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, hours = booked

    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError

    clock = Clock(house)
    hours.time = EVENING_BEFORE
    with monkeypatch.context() as broken:
        broken.setattr(type(house.assistant), "start", break_down)
        clock.tick()
    hours.time += clockwork.AGAIN
    clock.tick()
    assert len(said(house)) == 1


def test_what_was_queued_for_a_rest_contact_comes_first_with_the_next_answer_and_only_once(
    booked: tuple[House, MovingHours],
) -> None:
    house, hours = booked
    hours.time = EVENING_BEFORE
    Clock(house).tick()
    message = Message("rest", "甲", "彩超室怎么走", message_id="1")
    first = house.writers.call(lambda: house.turns.handle(message))
    assert "提醒" in first[0].text
    assert any("彩超" in reply.text for reply in first[1:])
    assert house.writers.call(lambda: house.turns.handle(message)) == first
    again = house.writers.call(lambda: house.turns.handle(Message("rest", "甲", "谢谢")))
    assert not any("提醒" in reply.text for reply in again)


def test_a_hold_that_runs_out_gives_its_place_back_and_the_patient_is_told(theatre: Theatre) -> None:
    with theatre.stage(NOW) as (house, hours):
        write(
            house,
            lambda desk: change_world(desk, "骨科 3月13日下午 余1；甲 就诊人 张三", channel="rest"),
        )
        replies = house.writers.call(
            lambda: house.turns.handle(Message("rest", "甲", "给我自己挂3月13日下午的骨科"))
        )
        while "核对" not in replies[-1].text:
            press = Message("rest", "甲", replies[-1].buttons[0].payload)
            replies = house.writers.call(lambda press=press: house.turns.handle(press))

        def free(desk: Desk) -> int:
            offers = find_sessions(desk, department="骨科", date="2026-03-13", period="afternoon")
            return sum(one.remaining for one in offers)

        assert house.read_now(free) == 0
        before = len(said(house))
        hours.time += timedelta(minutes=10)
        Clock(house).tick()
        assert house.read_now(free) == 1
        assert len(said(house)) > before
