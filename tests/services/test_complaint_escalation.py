"""What is late is told upwards, each level once."""

from __future__ import annotations

import datetime as dt

from services import Desk, alarms, escalation, handling
from services.complaints import Complaint, file_complaint
from services.escalation import list_escalations
from tests.services.builders import at, make_contact


def filed(desk: Desk, text: str = "彩超排队等了两个小时", **more: object) -> Complaint:
    return file_complaint(desk, contact_id=make_contact(desk).id, text=text, **more)  # type: ignore[arg-type]


def kinds(desk: Desk) -> list[str]:
    return sorted(one.kind for one in alarms.list_alarms(desk))


def test_first_the_head_on_duty_hears_of_it_then_the_lead_each_once(desk: Desk) -> None:
    one = filed(desk)
    hours = desk.hospital.complaints.first_contact_hours
    assert escalation.escalate_overdue(at(desk, hour=hours - 0.1)) == 0
    assert escalation.escalate_overdue(at(desk, hour=hours)) == 1
    assert kinds(desk) == ["complaint_overdue"]
    assert escalation.escalate_overdue(at(desk, hour=hours + 23)) == 0
    assert escalation.escalate_overdue(at(desk, hour=hours + 24)) == 1
    assert escalation.escalate_overdue(at(desk, hour=hours + 25)) == 0
    assert kinds(desk) == ["complaint_escalated", "complaint_overdue"]
    assert [(told.rule, told.told) for told in list_escalations(desk, complaint_ids=[one.id])] == [
        ("contact_duty", "duty"),
        ("contact_lead", "lead"),
    ]
    (alarm, *_) = alarms.list_alarms(desk)
    assert one.order_number in alarm.words[0] and alarm.about == one.subject


def test_who_was_contacted_in_time_may_still_wait_too_long_for_the_answer(desk: Desk) -> None:
    one = filed(desk)
    handling.advance_complaint(desk.acting_as("staff:1"), complaint_id=one.id, status="first_contact")
    due = dt.datetime.combine(one.answer_due_on, dt.time(23, 59))
    on_the_day = Desk(desk.session, desk.hospital, due, "clock")
    assert escalation.escalate_overdue(on_the_day) == 0
    assert escalation.escalate_overdue(at(on_the_day, hour=1)) == 1
    assert escalation.escalate_overdue(at(on_the_day, days=4)) == 1
    assert [told.rule for told in list_escalations(desk)] == ["answer_duty", "answer_lead"]


def test_after_the_answer_nobody_is_told_and_a_reopened_one_counts_anew(desk: Desk) -> None:
    one = filed(desk)
    staff = desk.acting_as("staff:1")
    handling.advance_complaint(staff, complaint_id=one.id, status="first_contact")
    late = at(desk, days=20)
    assert escalation.escalate_overdue(late) == 2
    handling.advance_complaint(
        at(staff, days=20), complaint_id=one.id, status="answered", answer="对不起，晚了"
    )
    assert escalation.escalate_overdue(at(desk, days=30)) == 0
    handling.reopen_complaint(at(desk, days=21), complaint_id=one.id, contact_id=one.contact_id)
    assert escalation.escalate_overdue(at(desk, days=22)) == 0  # a new day was promised
    assert escalation.escalate_overdue(at(desk, days=60)) == 2


def test_suggestions_and_praise_are_never_late_and_questions_are(desk: Desk) -> None:
    filed(desk, "多放几把椅子", kind="suggestion")
    filed(desk, "谢谢护士", kind="praise")
    assert escalation.escalate_overdue(at(desk, days=60)) == 0
    filed(desk, "医保卡能用吗", kind="question")
    assert escalation.escalate_overdue(at(desk, days=60)) > 0
