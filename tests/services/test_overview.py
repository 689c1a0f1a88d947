from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services import Desk, alarms, complaints, handling, handovers, messages, outbox, overview, staff
from services.errors import Taken


def later(desk: Desk, minutes: int) -> Desk:
    return replace(desk, now=desk.now + dt.timedelta(minutes=minutes))


def talk(desk: Desk, sender: str, text: str = "你好") -> int:
    arrival = messages.receive(
        desk, channel="rest", sender=sender, message_id=f"{desk.now}", body={"text": text}
    )
    messages.keep_conversation(desk, contact_id=arrival.contact_id, state={"paused": False})
    return arrival.contact_id


def employ(desk: Desk, login: str) -> int:
    return staff.add_staff(desk, login=login, name=login, role="service")[0].id


def test_who_waits_for_a_person_comes_first_urgent_then_longest_then_the_newest_talk(desk: Desk) -> None:
    first, second, third = talk(desk, "a"), talk(later(desk, 1), "b"), talk(later(desk, 2), "c")
    newest = talk(later(desk, 9), "d")
    handovers.call_person(later(desk, 3), contact_id=third, reason="asked")
    handovers.call_person(later(desk, 5), contact_id=second, reason="onsite_help", urgent=True)
    handovers.call_person(later(desk, 6), contact_id=first, reason="asked")
    talks = overview.list_talks(later(desk, 10))
    assert [one.contact_id for one in talks] == [second, third, first, newest]
    assert talks[1].waiting_since == later(desk, 3).now


def test_a_talk_with_a_person_waits_since_the_words_nobody_answered(desk: Desk) -> None:
    contact_id, one = talk(desk, "a"), employ(desk, "mo")
    handovers.take_over(later(desk, 1), contact_id=contact_id, staff_id=one)
    outbox.post(later(desk, 2), contact_id=contact_id, replies=[{"text": "您好"}])
    (shown,) = overview.list_talks(later(desk, 3))
    assert (shown.waiting_since, shown.staff_id, shown.last and shown.last.body["text"]) == (
        None,
        one,
        "您好",
    )
    talk(later(desk, 4), "a", "还在吗")
    (shown,) = overview.list_talks(later(desk, 9))
    assert shown.waiting_since == later(desk, 4).now and shown.last and shown.last.body["text"] == "还在吗"


def test_who_is_in_danger_or_waits_is_listed_however_long_ago_he_spoke(desk: Desk) -> None:
    forgotten, called = talk(desk, "a"), talk(desk, "b")
    alarms.raise_alarm(desk, kind="crisis", contact_id=forgotten, words=["不想活了"])
    handovers.call_person(desk, contact_id=called, reason="turn_failed:KeyError")
    for number in range(5):
        talk(later(desk, number + 1), f"n{number}")
    talks = overview.list_talks(later(desk, 10), limit=3)
    assert {forgotten, called} <= {one.contact_id for one in talks} and len(talks) == 5
    assert [one.contact_id for one in talks if one.danger] == [forgotten]


def test_the_figures_count_what_is_open_now(desk: Desk) -> None:
    contact_id = talk(desk, "a")
    handovers.call_person(desk, contact_id=contact_id, reason="asked")
    complaints.file_complaint(desk, contact_id=contact_id, text="排队等了三个小时")
    closed = complaints.file_complaint(desk, contact_id=contact_id, text="停车太难了")
    handling.advance_complaint(desk, complaint_id=closed.id, status="closed", answer="已电话说明")
    alarms.raise_alarm(desk, kind="emergency", contact_id=contact_id)
    figures = overview.count_figures(later(desk, 30))
    assert (figures.waiting, figures.waiting_since, figures.taken) == (1, desk.now, 0)
    assert figures.complaints == (("received", 1),) and figures.alarms == 1 and figures.overdue == 0
    assert overview.count_figures(later(desk, 60 * 25)).overdue == 1  # nobody has spoken to him


def test_a_complaint_belongs_to_the_first_who_takes_it(desk: Desk) -> None:
    one, two = employ(desk, "mo"), employ(desk, "li")
    made = complaints.file_complaint(desk, contact_id=talk(desk, "a"), text="排队等了三个小时")
    for _ in range(2):
        assert handling.take_complaint(desk, complaint_id=made.id, staff_id=one).staff_id == one
    with pytest.raises(Taken):
        handling.take_complaint(desk, complaint_id=made.id, staff_id=two)
    assert handling.take_complaint(desk, complaint_id=made.id, staff_id=two, instead=True).staff_id == two
    assert complaints.list_steps(desk, complaint=made) == [(desk.now, "已收到")]  # no news for the patient
