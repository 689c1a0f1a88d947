"""What a patient says of a complaint after filing it: his own deeds, in its history."""

from __future__ import annotations

import datetime as dt

import pytest

from services import (
    Desk,
    Invalid,
    NotAllowed,
    NotFound,
    WrongState,
    afterthoughts,
    alarms,
    escalation,
    handling,
    history,
    promises,
    reports,
)
from services.complaints import Complaint, file_complaint
from services.pictures import Picture, keep_picture
from tests.services.builders import at, make_contact

SEEN = Picture(b"jpeg", 64, 48)


def filed(desk: Desk, text: str = "厕所没打扫", sender: str = "a") -> Complaint:
    return file_complaint(desk, contact_id=make_contact(desk, sender).id, text=text)


def answered(desk: Desk, one: Complaint) -> Complaint:
    for stage in ("first_contact", "answered"):
        given = "已经打扫" if stage == "answered" else None
        handling.advance_complaint(desk.acting_as("staff:1"), complaint_id=one.id, status=stage, answer=given)
    return one


def test_more_words_stand_under_the_first_and_the_history_says_who_added_them(desk: Desk) -> None:
    one = filed(desk)
    later = at(desk, hour=2)
    afterthoughts.add_words(later, complaint_id=one.id, contact_id=one.contact_id, text="三楼也一样")
    assert one.text == f"厕所没打扫{afterthoughts.MARK}三楼也一样"
    last = history.list_changes(desk, record=one)[-1]
    assert (last.actor, last.created_at, last.reason) == (
        f"contact:{one.contact_id}",
        later.now,
        afterthoughts.ADDED,
    )
    assert one.status == "received"


def test_grave_words_added_later_raise_the_alarm_once(desk: Desk) -> None:
    one = filed(desk)
    for text in ("保安还动手打人", "打人的是个高个子"):
        afterthoughts.add_words(desk, complaint_id=one.id, contact_id=one.contact_id, text=text)
    assert one.serious
    assert [alarm.kind for alarm in alarms.list_alarms(desk)] == ["serious_complaint"]


def test_what_was_answered_is_taken_up_again_with_what_is_added(desk: Desk) -> None:
    one = answered(desk, filed(desk))
    afterthoughts.add_words(desk, complaint_id=one.id, contact_id=one.contact_id, text="今天又没人扫")
    assert (one.status, one.reopened) == ("reopened", 1)


def test_a_stranger_neither_adds_nor_takes_back(desk: Desk) -> None:
    one, stranger = filed(desk), make_contact(desk, "b").id
    with pytest.raises(NotFound):
        afterthoughts.add_words(desk, complaint_id=one.id, contact_id=stranger, text="x")
    with pytest.raises(NotFound):
        afterthoughts.withdraw_complaint(desk, complaint_id=one.id, contact_id=stranger)


def test_nothing_is_added_to_what_is_closed_and_nothing_is_nothing(desk: Desk) -> None:
    one = filed(desk)
    with pytest.raises(Invalid):
        afterthoughts.add_words(desk, complaint_id=one.id, contact_id=one.contact_id, text="  ")
    afterthoughts.withdraw_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    with pytest.raises(NotAllowed):
        afterthoughts.add_words(desk, complaint_id=one.id, contact_id=one.contact_id, text="又来了")


def test_what_is_taken_back_is_closed_by_the_patient_and_nobody_is_owed_anything(desk: Desk) -> None:
    one = filed(desk)
    for _ in range(2):  # a double press
        afterthoughts.withdraw_complaint(
            desk, complaint_id=one.id, contact_id=one.contact_id, reason="修好了"
        )
    ends = [change for change in history.list_changes(desk, record=one) if change.new == "closed"]
    assert [(end.actor, end.reason) for end in ends] == [(f"contact:{one.contact_id}", "withdrawn: 修好了")]
    assert (
        afterthoughts.is_withdrawn(desk, one)
        and afterthoughts.list_pending(desk, contact_id=one.contact_id) == []
    )
    assert escalation.escalate_overdue(at(desk, days=30, actor="clock")) == 0
    assert promises.list_promises(desk, subject=one.subject, status="waiting") == []


def test_what_ended_otherwise_cannot_be_taken_back(desk: Desk) -> None:
    one = answered(desk, filed(desk))
    handling.confirm_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    handling.close_answered(at(desk, actor="clock"))
    with pytest.raises(WrongState):
        afterthoughts.withdraw_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    assert not afterthoughts.is_withdrawn(desk, one)


def test_what_is_taken_back_at_the_hotline_is_told_to_the_patient(desk: Desk) -> None:
    one = filed(desk)
    line = desk.acting_as("api:hotline")
    afterthoughts.withdraw_complaint(line, complaint_id=one.id, reason="电话里说解决了")
    last = history.list_changes(desk, record=one)[-1]
    assert (last.actor, last.reason) == ("api:hotline", "withdrawn: 电话里说解决了")
    assert afterthoughts.is_withdrawn(desk, one)
    told = promises.list_promises(desk, subject=one.subject, status="waiting")
    assert [promise.kind for promise in told] == ["complaint_changed"]


def test_what_was_taken_back_is_counted_apart_whatever_came_before(desk: Desk) -> None:
    """Four ends: taken back at once, after an answer, after an end that was reopened; and an end like any other."""
    made = [filed(desk, f"第 {number} 件", f"p{number}") for number in range(4)]
    for one in made[1:]:
        answered(desk, one)
    for one in made[2:]:
        handling.confirm_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    handling.close_answered(at(desk, actor="clock"))
    handling.advance_complaint(desk.acting_as("staff:1"), complaint_id=made[2].id, status="reopened")
    for one in made[:3]:
        afterthoughts.withdraw_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    assert reports.report_month(desk, month=desk.now.date()).total.withdrawn == 3
    listed = {one.order_number: one.withdrawn for one in reports.stream_cases(desk, month=desk.now.date())}
    assert listed == {one.order_number: afterthoughts.is_withdrawn(desk, one) for one in made}


def test_a_picture_announced_belongs_to_the_complaint_however_old(desk: Desk) -> None:
    one = filed(desk)
    later = at(desk, days=5)
    assert keep_picture(later, contact_id=one.contact_id, picture=SEEN).complaint_id is None
    afterthoughts.announce_pictures(later, complaint_id=one.id, contact_id=one.contact_id)
    assert keep_picture(at(later, hour=1), contact_id=one.contact_id, picture=SEEN).complaint_id == one.id


def test_who_waits_too_long_for_an_answer_is_told_so_once_a_promise(desk: Desk) -> None:
    one = filed(desk)

    def told() -> int:
        every = promises.list_promises(desk, subject=one.subject)
        return len([promise for promise in every if promise.kind == escalation.LATE])

    escalation.escalate_overdue(at(desk, hour=30, actor="clock"))
    assert told() == 0
    assert not escalation.is_late(desk, one)
    for days in (20, 21, 30):
        escalation.escalate_overdue(at(desk, days=days, actor="clock"))
    assert told() == 1
    assert escalation.is_late(at(desk, days=20), one)
    answered(at(desk, days=31), one)
    handling.reopen_complaint(at(desk, days=32), complaint_id=one.id, contact_id=one.contact_id)
    assert not escalation.is_late(at(desk, days=32), one)
    escalation.escalate_overdue(at(desk, days=60, actor="clock"))
    assert told() == 2
    assert one.answer_due_on < at(desk, days=60).now.date() - dt.timedelta(days=1)


def test_anonymous_said_afterwards_leaves_neither_name_nor_phone(desk: Desk) -> None:
    contact = make_contact(desk, "a")
    one = file_complaint(
        desk, contact_id=contact.id, text="厕所没打扫", patient_name="张三", phone="10000001234"
    )
    for _ in range(2):
        afterthoughts.make_anonymous(desk, complaint_id=one.id, contact_id=contact.id)
    assert (one.anonymous, one.patient_name, one.phone) == (True, None, None)
    reasons = [change.reason for change in history.list_changes(desk, record=one)]
    assert reasons.count(afterthoughts.UNNAMED) == 1
    afterthoughts.withdraw_complaint(desk, complaint_id=one.id, contact_id=contact.id)
    with pytest.raises(NotAllowed):
        afterthoughts.make_anonymous(desk, complaint_id=one.id, contact_id=contact.id)
