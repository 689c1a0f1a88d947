"""From the answer to the end: points, questions, other departments, new deadlines; and whatever is done, who did it and why."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import (
    Desk,
    Invalid,
    NotAllowed,
    ServiceError,
    WrongState,
    afterthoughts,
    complaints,
    handling,
    history,
    promises,
)
from services.complaints import Complaint
from tests.services.builders import NOW, at, make_contact


def filed(desk: Desk, text: str = "彩超排队等了两个小时", sender: str = "a", **more: object) -> Complaint:
    contact_id = make_contact(desk, sender).id
    return complaints.file_complaint(desk, contact_id=contact_id, text=text, **more)  # type: ignore[arg-type]


def step(desk: Desk, one: Complaint, *stages: str, answer: str = "已加开一个诊室") -> Complaint:
    for stage in stages:
        given = answer if stage == "answered" else None
        handling.advance_complaint(desk.acting_as("staff:1"), complaint_id=one.id, status=stage, answer=given)
    return one


def asked(desk: Desk, one: Complaint) -> int:
    return len(
        [
            promise
            for promise in promises.list_promises(desk, subject=one.subject, status="waiting")
            if promise.kind == handling.RATING
        ]
    )


def test_points_are_asked_once_after_the_end_and_kept(desk: Desk) -> None:
    one = step(desk, filed(desk), "first_contact", "answered")
    assert asked(desk, one) == 0
    week = at(desk, days=desk.hospital.complaints.confirm_days, actor="clock")
    handling.close_answered(week)
    assert (one.status, asked(desk, one)) == ("closed", 1)
    handling.rate_complaint(week, complaint_id=one.id, contact_id=one.contact_id, satisfaction=4)
    handling.rate_complaint(week, complaint_id=one.id, contact_id=one.contact_id, satisfaction=2)
    assert one.satisfaction == 2
    with pytest.raises(Invalid) as error:
        handling.rate_complaint(week, complaint_id=one.id, contact_id=one.contact_id, satisfaction=6)
    assert error.value.field == "satisfaction"


def test_what_is_confirmed_is_closed_at_the_next_tick(desk: Desk) -> None:
    one = step(desk, filed(desk), "first_contact", "answered")
    handling.confirm_complaint(desk, complaint_id=one.id, contact_id=one.contact_id)
    handling.note_rating_asked(desk, complaint_id=one.id)
    assert handling.close_answered(at(desk, hour=0.1)) == 1
    assert (one.status, asked(desk, one)) == ("closed", 0)


def test_a_suggestion_is_closed_without_points(desk: Desk) -> None:
    one = filed(desk, "建议多放椅子", kind="suggestion")
    handling.advance_complaint(desk.acting_as("staff:1"), complaint_id=one.id, status="closed")
    assert asked(desk, one) == 0


def test_a_talk_turns_a_complaint_into_a_question_and_that_is_on_record(desk: Desk) -> None:
    one = filed(desk)
    staff = desk.acting_as("staff:1")
    handling.turn_into_question(staff, complaint_id=one.id, reason="只想知道几点开门")
    assert (one.kind, one.filed_as, one.order_number) == ("question", "complaint", "TC-20260311-0001")
    change = history.list_changes(desk, record=one)[-1]
    assert change.actor == "staff:1" and (change.reason or "").startswith("changed kind")
    step(desk, one, "first_contact", "answered")
    with pytest.raises(NotAllowed):
        handling.turn_into_question(staff, complaint_id=filed(desk, "谢谢", kind="praise").id)
    assert filed(desk, "医保卡能用吗", kind="question").order_number == "ZX-20260311-0001"


def test_another_department_takes_over_the_work_but_not_the_answer(desk: Desk) -> None:
    one = filed(desk)
    due = one.answer_due_on
    handling.transfer_complaint(
        desk.acting_as("staff:1"), complaint_id=one.id, team="logistics", reason="空调坏了"
    )
    assert (one.team, one.answer_due_on, one.status) == ("logistics", due, "received")
    for team, reason, field in (("nobody", "因为", "team"), ("medical", " ", "reason")):
        with pytest.raises(Invalid) as error:
            handling.transfer_complaint(desk, complaint_id=one.id, team=team, reason=reason)
        assert error.value.field == field


def test_who_is_not_content_gets_a_new_day_and_the_figures_keep_the_first(desk: Desk) -> None:
    one = step(desk, filed(desk), "first_contact", "answered")
    later = at(desk, days=6)
    handling.reopen_complaint(later, complaint_id=one.id, contact_id=one.contact_id)
    assert (one.reopened, one.in_time, one.first_answered_at) == (1, True, NOW)
    assert one.answer_due_on == complaints.add_workdays(desk, later.now.date(), 5)
    step(at(desk, days=40), one, "answered", answer="又加了一个")
    assert (one.in_time, one.first_answered_at, one.answered_at) == (True, NOW, NOW + dt.timedelta(days=40))


STAGES = [
    "first_contact", "investigating", "rectifying", "answered", "confirmed", "reopened", "closed", "nonsense",
]  # fmt: skip
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["step", "confirm", "reopen", "rate", "question", "clock", "add", "withdraw"]),
        st.sampled_from(STAGES),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_whatever_is_tried_each_change_says_who_when_and_why(desk: Desk, acts: list[tuple[str, str]]) -> None:
    one = filed(desk, f"第 {len(complaints.list_complaints(desk, limit=1000))} 件")
    next_stages = {stage.id: stage.next for stage in desk.hospital.complaints.stages}
    for number, (act, stage) in enumerate(acts):
        now = at(desk, days=number, actor="staff:1")
        try:
            if act == "step":
                handling.advance_complaint(now, complaint_id=one.id, status=stage, answer="答复")
            elif act == "confirm":
                handling.confirm_complaint(now, complaint_id=one.id, contact_id=one.contact_id)
            elif act == "reopen":
                handling.reopen_complaint(now, complaint_id=one.id, contact_id=one.contact_id)
            elif act == "rate":
                handling.rate_complaint(now, complaint_id=one.id, contact_id=one.contact_id, satisfaction=3)
            elif act == "add":
                afterthoughts.add_words(now, complaint_id=one.id, contact_id=one.contact_id, text="还有")
            elif act == "withdraw":
                afterthoughts.withdraw_complaint(now, complaint_id=one.id, contact_id=one.contact_id)
            elif act == "question":
                handling.turn_into_question(now, complaint_id=one.id)
            else:
                handling.close_answered(at(desk, days=number, actor="clock"))
        except (WrongState, Invalid, NotAllowed) as error:
            assert isinstance(error, ServiceError)
    changes = history.list_changes(desk, record=one)
    assert all(change.actor and change.reason and change.created_at for change in changes)
    moves = [change for change in changes if change.old != change.new]
    for move in moves[1:]:  # by the rules, or taken back by the patient himself while it is open
        back = move.reason == afterthoughts.WITHDRAWN and move.actor == f"contact:{one.contact_id}"
        assert move.new in next_stages[move.old] or (back and move.old in afterthoughts.OPEN)
    assert moves[-1].new == one.status
    assert asked(desk, one) <= 1
    if one.status == "closed":
        assert one.answer or afterthoughts.is_withdrawn(desk, one)
