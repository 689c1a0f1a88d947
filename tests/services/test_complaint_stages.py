from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from services import (
    Desk,
    Invalid,
    NotAllowed,
    NotFound,
    WrongState,
    alarms,
    complaints,
    escalation,
    handling,
    history,
    promises,
)
from services.complaints import Complaint, file_complaint
from tests.services.builders import NOW, at, make_contact


def filed(desk: Desk, text: str = "彩超排队等了两个小时", sender: str = "a", **more: object) -> Complaint:
    return file_complaint(desk, contact_id=make_contact(desk, sender).id, text=text, **more)  # type: ignore[arg-type]


def answered(desk: Desk, complaint: Complaint) -> Complaint:
    staff = desk.acting_as("staff:1")
    for status in ("first_contact", "investigating"):
        handling.advance_complaint(staff, complaint_id=complaint.id, status=status)
    return handling.advance_complaint(
        staff, complaint_id=complaint.id, status="answered", answer="已加开一个诊室"
    )


def test_complaints_are_numbered_in_a_row_through_the_day(desk: Desk) -> None:
    assert [filed(desk, f"第{i}件事").order_number for i in range(3)] == [
        "TC-20260311-0001",
        "TC-20260311-0002",
        "TC-20260311-0003",
    ]
    assert filed(at(desk, days=1)).order_number == "TC-20260312-0001"
    assert filed(desk, "建议多放椅子", kind="suggestion").order_number == "JY-20260311-0001"


def test_the_place_of_the_code_is_kept_and_an_unknown_code_is_refused(desk: Desk) -> None:
    made = filed(desk, place_code="OPD-2F-US")
    assert (made.place_code, made.place) == ("OPD-2F-US", "门诊二楼彩超候诊区")
    with pytest.raises(Invalid) as error:
        filed(desk, "别处", place_code="NO-SUCH")
    assert (error.value.field, error.value.code) == ("place", "place_code")


def test_words_decide_the_category_and_the_category_the_team(desk: Desk) -> None:
    waiting, dirty = filed(desk, "排队等了两个小时"), filed(desk, "厕所太脏了，没有纸")
    assert (waiting.category, dirty.category) == ("waiting", "environment")
    assert (waiting.team, dirty.team) == ("outpatient", "logistics")
    assert filed(desk, "说不上来").category == "other"
    assert filed(desk, "随便", category="fee").team == "finance"
    with pytest.raises(Invalid) as error:
        filed(desk, "随便什么", category="food")
    assert error.value.field == "complaint_category"


def test_an_answer_is_due_in_workdays_counted_by_the_calendar(desk: Desk) -> None:
    before_labour_day = Desk(desk.session, desk.hospital, dt.datetime(2026, 4, 30, 9))
    due = complaints.add_workdays(before_labour_day, dt.date(2026, 4, 30), 1)
    assert due > dt.date(2026, 5, 4)
    assert complaints.add_workdays(desk, dt.date(2026, 3, 13), 1) == dt.date(2026, 3, 16)


def test_an_anonymous_complaint_keeps_neither_name_nor_phone(desk: Desk) -> None:
    made = filed(desk, anonymous=True, patient_name="张三", phone="10000001234")
    assert (made.anonymous, made.patient_name, made.phone) == (True, None, None)
    named = filed(desk, "另一件", patient_name="张三", phone="100 0000 1234")
    assert (named.patient_name, named.phone) == ("张三", "10000001234")


def test_the_words_of_a_complaint_lie_encrypted(desk: Desk) -> None:
    filed(desk, "护士骂人")
    row = desk.session.connection().execute(sa.text("SELECT * FROM complaint")).mappings().one()
    assert all("骂人".encode() not in bytes(v) for v in row.values() if isinstance(v, (bytes, memoryview)))
    assert "骂人" not in str({k: v for k, v in row.items() if isinstance(v, str)})


def test_a_button_pressed_twice_files_one_complaint(desk: Desk) -> None:
    first = filed(desk).id
    assert filed(desk).id == first
    assert filed(desk, sender="b").id != first
    assert filed(at(desk, hour=1)).id != first


def test_an_empty_complaint_is_refused_and_an_endless_one_cut(desk: Desk) -> None:
    with pytest.raises(Invalid) as error:
        filed(desk, "  ")
    assert error.value.field == "complaint_text"
    assert len(filed(desk, "长" * 9999).text) == complaints.TEXT_LIMIT


def test_a_serious_complaint_raises_an_alarm_at_once(desk: Desk) -> None:
    made = filed(desk, "保安动手打人，我要报警")
    assert made.serious
    (alarm,) = alarms.list_alarms(desk)
    assert (alarm.kind, alarm.about) == ("serious_complaint", made.subject)
    assert set(alarm.words) >= {"打人", "报警"}
    assert not filed(desk, "等太久").serious


def test_a_complaint_goes_from_stage_to_stage_and_every_step_is_told_and_kept(desk: Desk) -> None:
    made = answered(desk, filed(desk))
    news = promises.list_promises(desk, subject=made.subject, status="waiting")
    assert [one.slots["status"] for one in news] == ["answered"]
    assert news[0].slots["answer"] == "已加开一个诊室"
    contact_id = made.contact_id
    handling.confirm_complaint(desk, complaint_id=made.id, contact_id=contact_id)
    steps = [(one.new, one.actor) for one in history.list_changes(desk, record=made)]
    assert steps == [
        ("received", "assistant"),
        ("first_contact", "staff:1"),
        ("investigating", "staff:1"),
        ("answered", "staff:1"),
        ("confirmed", f"contact:{contact_id}"),
    ]
    assert complaints.list_steps(desk, complaint=made)[0] == (NOW, "已收到")
    assert made.fhir_status == "in-progress"


def test_a_stage_cannot_be_jumped_and_an_answer_needs_words(desk: Desk) -> None:
    made = filed(desk)
    with pytest.raises(WrongState):
        handling.advance_complaint(desk, complaint_id=made.id, status="confirmed")
    with pytest.raises(Invalid):
        handling.advance_complaint(desk, complaint_id=made.id, status="nonsense")
    handling.advance_complaint(desk, complaint_id=made.id, status="investigating")
    with pytest.raises(Invalid) as error:
        handling.advance_complaint(desk, complaint_id=made.id, status="answered", answer=" ")
    assert error.value.field == "answer"
    assert complaints.get_complaint(desk, complaint_id=made.id).status == "investigating"


def test_a_complaint_is_not_closed_without_an_answer_but_a_suggestion_is(desk: Desk) -> None:
    made, staff = filed(desk), desk.acting_as("staff:1")
    with pytest.raises(Invalid) as error:
        handling.advance_complaint(staff, complaint_id=made.id, status="closed")
    assert error.value.field == "answer"
    closed = handling.advance_complaint(staff, complaint_id=made.id, status="closed", answer="已电话说明")
    assert (closed.status, closed.answer) == ("closed", "已电话说明")
    suggestion = filed(desk, "建议多放椅子", kind="suggestion")
    assert handling.advance_complaint(staff, complaint_id=suggestion.id, status="closed").answer is None


def test_who_is_not_content_reopens_while_it_is_not_too_long_ago(desk: Desk) -> None:
    made = answered(desk, filed(desk))
    late = at(desk, days=desk.hospital.complaints.reopen_days + 1)
    with pytest.raises(NotAllowed) as error:
        handling.reopen_complaint(late, complaint_id=made.id, contact_id=made.contact_id)
    assert error.value.code == "too_late"
    again = handling.reopen_complaint(at(desk, days=1), complaint_id=made.id, contact_id=made.contact_id)
    assert again.status == "reopened"


def test_a_complaint_nobody_has_touched_raises_one_alarm(desk: Desk) -> None:
    made = filed(desk)
    hours = desk.hospital.complaints.first_contact_hours
    assert escalation.escalate_overdue(at(desk, hour=hours - 1)) == 0
    assert escalation.escalate_overdue(at(desk, hour=hours)) == 1
    assert escalation.escalate_overdue(at(desk, hour=hours + 1)) == 0
    assert [one.about for one in alarms.list_alarms(desk)] == [made.subject]


def test_an_answer_nobody_speaks_of_closes_the_complaint(desk: Desk) -> None:
    made = answered(desk, filed(desk))
    days = desk.hospital.complaints.confirm_days
    assert handling.close_answered(at(desk, days=days - 1)) == 0
    assert handling.close_answered(at(desk, days=days)) == 1
    assert (made.status, made.fhir_status) == ("closed", "completed")


def test_a_complaint_is_found_by_its_number_as_people_write_it(desk: Desk) -> None:
    made = filed(desk)
    for written in ("TC-20260311-0001", "tc20260311-1", " TC 20260311 0001 ", "20260311-0001"):
        assert complaints.find_complaint(desk, order_number=written) is made
    assert complaints.find_complaint(desk, order_number="TC-20260311-0002") is None
    stranger = make_contact(desk, "b")
    assert complaints.find_complaint(desk, order_number="TC-20260311-0001", contact_id=stranger.id) is None
    with pytest.raises(NotFound):
        complaints.get_complaint(desk, complaint_id=made.id, contact_id=stranger.id)


def test_the_board_shows_what_a_team_has_newest_first(desk: Desk) -> None:
    first, second = filed(desk, "排队等了一小时"), filed(desk, "叫号太慢排队")
    filed(desk, "厕所脏")
    assert complaints.list_complaints(desk, team="outpatient") == [second, first]
    assert complaints.list_complaints(desk, status="closed") == []
