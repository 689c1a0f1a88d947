"""The month's report: what the database counts is what a hand would count."""

from __future__ import annotations

import datetime as dt
import statistics

import pytest

from services import Desk, Invalid, handling, reports
from services.complaints import Complaint, file_complaint
from tests.services.builders import NOW, at, make_contact

MONTH = dt.date(2026, 3, 1)


def filed(desk: Desk, text: str, **more: object) -> Complaint:
    return file_complaint(desk, contact_id=make_contact(desk, "a").id, text=text, **more)  # type: ignore[arg-type]


def answered(desk: Desk, complaint: Complaint, *, contact: float, answer: float) -> None:
    """Contacted and answered so many hours after ``NOW``."""
    staff = desk.acting_as("staff:1")
    handling.advance_complaint(at(staff, hour=contact), complaint_id=complaint.id, status="first_contact")
    handling.advance_complaint(
        at(staff, hour=answer), complaint_id=complaint.id, status="answered", answer="已加开窗口"
    )


def test_waiting_times_are_the_median_and_the_ninetieth_of_what_patients_waited(desk: Desk) -> None:
    waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 50]
    for hours in waits:
        answered(desk, filed(desk, f"排队等了{hours}小时"), contact=hours, answer=hours * 2)
    filed(desk, "排队还没有人理")
    total = reports.report_month(at(desk, days=20), month=MONTH).total
    assert total.complaints == 11 and total.contact.count == 10
    assert total.contact.median == statistics.median_low(waits)
    assert (total.contact.ninetieth, total.answer.ninetieth) == (9, 18)


def test_taking_a_complaint_is_not_yet_speaking_to_the_patient(desk: Desk) -> None:
    from services import staff

    someone, _ = staff.add_staff(desk, login="wang", name="王", role="service")
    made = filed(desk, "等太久")
    handling.take_complaint(at(desk, hour=1), complaint_id=made.id, staff_id=someone.id)
    assert reports.report_month(desk, month=MONTH).total.contact.count == 0


def test_a_month_holds_its_own_days_and_compares_with_the_month_before(desk: Desk) -> None:
    for day in (dt.datetime(2026, 2, 28, 23, 59), dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 31, 23, 59)):
        filed(Desk(desk.session, desk.hospital, day), f"排队 {day}")
    filed(Desk(desk.session, desk.hospital, dt.datetime(2026, 4, 1)), "排队 四月")
    report = reports.report_month(desk, month=dt.date(2026, 3, 15))
    assert (report.total.complaints, report.before.complaints) == (2, 1)
    assert [one for one in report.days if one[1]] == [
        (MONTH, 1, 0, 0, 0),
        (dt.date(2026, 3, 31), 1, 0, 0, 0),
    ]
    assert len(report.days) == 31
    december = reports.report_month(desk, month=dt.date(2026, 12, 5))
    assert (december.first, december.last) == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))


def test_lines_add_up_to_the_total_in_every_grouping(desk: Desk) -> None:
    filed(desk, "排队等了两小时", place_code="OPD-2F-US")
    filed(desk, "厕所太脏", place_code="OPD-3F-WC", department="后勤保障科")
    filed(desk, "护士态度不好", department="骨科")
    filed(desk, "多放几把椅子", kind="suggestion", place_code="OPD-2F-US")
    filed(desk, "谢谢护士", kind="praise", department="骨科")
    report = reports.report_month(desk, month=MONTH)
    assert (report.total.complaints, report.total.suggestions, report.total.praise) == (3, 1, 1)
    for lines in report.groups.values():
        assert sum(one.complaints for one in lines) == 3
        assert sum(one.praise + one.suggestions for one in lines) == 2
    places = {one.name: one for one in report.groups["place"]}
    assert (places["门诊二楼彩超候诊区"].complaints, places["门诊二楼彩超候诊区"].suggestions) == (1, 1)
    assert places[""].complaints == 1
    assert dict(report.statuses)["received"] == 3


def test_content_and_discontent_are_told_apart(desk: Desk) -> None:
    good, bad, silent = (filed(desk, f"等太久 {name}") for name in "甲乙丙")
    for one in (good, bad, silent):
        answered(desk, one, contact=1, answer=2)
    later = at(desk, days=1)
    handling.confirm_complaint(later, complaint_id=good.id, contact_id=good.contact_id)
    handling.reopen_complaint(later, complaint_id=bad.id, contact_id=bad.contact_id)
    total = reports.report_month(later, month=MONTH).total
    assert (total.confirmed, total.reopened, total.in_time, total.open) == (1, 1, 3, 3)


def test_what_is_late_is_counted_until_it_is_answered(desk: Desk) -> None:
    made = filed(desk, "厕所脏")
    late = Desk(desk.session, desk.hospital, NOW + dt.timedelta(days=30))
    assert reports.report_month(desk, month=MONTH).total.overdue == 0
    assert reports.report_month(late, month=MONTH).total.overdue == 1
    answered(late, made, contact=1, answer=2)
    done = reports.report_month(late, month=MONTH).total
    assert (done.overdue, done.in_time) == (0, 0)


def test_what_is_not_yet_due_is_no_failure_and_a_question_no_open_complaint(desk: Desk) -> None:
    made = filed(desk, "厕所脏")
    filed(desk, "食堂太贵")
    filed(desk, "怎么退费", kind="question")
    answered(desk, made, contact=1, answer=2)
    total = reports.report_month(desk, month=MONTH).total
    assert (total.complaints, total.questions) == (2, 1)
    assert (total.in_time, total.due, total.open) == (1, 1, 2)
    late = Desk(desk.session, desk.hospital, NOW + dt.timedelta(days=30))
    assert reports.report_month(late, month=MONTH).total.due == 2


def test_an_empty_month_is_a_report_of_zeros(desk: Desk) -> None:
    report = reports.report_month(desk, month=MONTH)
    assert report.total == reports.Line("") and report.groups["place"] == ()
    assert reports.count_cases(desk, month=MONTH) == 0 and list(reports.stream_cases(desk, month=MONTH)) == []


def test_the_list_of_cases_leads_to_no_person(desk: Desk) -> None:
    made = filed(desk, "排队等了两小时，我是张三", patient_name="张三", phone="10000001234")
    answered(desk, made, contact=1.5, answer=30)
    (case,) = reports.stream_cases(desk, month=MONTH)
    assert (case.order_number, case.status, case.contact_hours) == (made.order_number, "answered", 1.5)
    assert (case.filed_at, case.answer_hours) == (NOW, 30)
    assert "张三" not in repr(case) and "10000001234" not in repr(case)


def test_a_month_that_is_none_is_refused() -> None:
    assert reports.parse_month("2026-03") == MONTH
    for text in ("2026-13", "三月", ""):
        with pytest.raises(Invalid) as error:
            reports.parse_month(text)
        assert error.value.field == "month"
