"""Follow-ups: from a discharge to the last question, on both databases."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from services import Desk
from services.alarms import list_alarms
from services.answers import find_next_question, record_answer
from services.discharges import import_discharges
from services.errors import Invalid, NotFound, WrongState
from services.followups import (
    ACTIVE,
    ANSWERED,
    CANCELLED,
    COMPLETED,
    SENT,
    SKIPPED,
    STOPPED,
    UNANSWERED,
    UNREACHED,
    WAITING,
    FollowUp,
    FollowUpTask,
    enrol,
    find_open_task,
    get_task,
    list_followups,
    list_tasks,
    resume_followups,
    stop_followups,
)
from services.patients import set_phone
from services.promises import list_promises
from services.records import list_records
from services.rounds import remind_unanswered, send_due
from tests.services.builders import at, make_contact, make_id_number, make_patient

TODAY = dt.date(2026, 3, 11)


def discharge(desk: Desk, number: str = "Z1", **values: object) -> FollowUp:
    given = {
        "external_id": number,
        "name": "张三",
        "phone": "10000001234",
        "id_number": make_id_number(),
        "discharged_on": TODAY,
        "department": "骨科",
        "diagnosis": "示例诊断",
    } | values
    return enrol(desk, **given).follow_up  # type: ignore[arg-type]


def first_task(desk: Desk) -> tuple[Desk, FollowUpTask]:
    """The first step, sent on the morning after the discharge."""
    make_patient(desk)
    discharge(desk)
    later = at(desk, days=1, hour=1)
    assert send_due(later) == 1
    return later, list_tasks(later, statuses=(SENT,))[0]


def test_a_discharge_gets_the_four_days_of_the_general_plan(desk: Desk) -> None:
    make_patient(desk)
    tasks = list_tasks(desk, follow_up_id=discharge(desk).id)
    assert [(one.day, one.due_at) for one in tasks] == [
        (day, dt.datetime(2026, 3, 11 + day, 10)) for day in (1, 3, 7, 14)
    ]
    assert {one.status for one in tasks} == {WAITING}


def test_the_same_discharge_again_changes_nothing(desk: Desk) -> None:
    first = enrol(desk, external_id="Z1", name="张三", phone="10000001234", discharged_on=TODAY)
    again = enrol(desk, external_id="Z1", name="李四", phone="10000009999", discharged_on=TODAY)
    assert (first.new, again.new) == (True, False)
    assert again.follow_up.name == "张三"
    assert len(list_tasks(desk)) == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"name": "1"}, "patient_name"),
        ({"id_number": "999999198506010110"}, "id_number"),
        ({"discharged_on": TODAY + dt.timedelta(days=1)}, "date"),
        ({"department": "火星科"}, "department"),
        ({"plan": "no_such_plan"}, "plan"),
        ({"external_id": " "}, "external_id"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(desk: Desk, change: dict[str, object], field: str) -> None:
    if field == "id_number":
        right = make_id_number()
        change = {"id_number": right[:17] + ("1" if right[17] == "0" else "0")}
    given = {"external_id": "Z1", "name": "张三", "phone": "10000001234", "discharged_on": TODAY} | change
    with pytest.raises(Invalid) as refused:
        enrol(desk, **given)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert list_followups(desk) == []


def test_names_and_phones_lie_encrypted(desk: Desk) -> None:
    discharge(desk)
    raw = desk.session.connection().exec_driver_sql("SELECT name, phone, diagnosis FROM follow_up").one()
    assert all("张三".encode() not in bytes(one) and b"10000001234" not in bytes(one) for one in raw)


def test_a_step_is_asked_once_however_often_the_clock_looks(desk: Desk) -> None:
    later, task = first_task(desk)
    assert send_due(later) == 0
    promises = list_promises(later, subject=task.subject)
    assert [(one.kind, one.slots["record"]) for one in promises] == [("followup", task.id)]


def test_nothing_is_asked_in_quiet_hours_and_nothing_is_lost(desk: Desk) -> None:
    make_patient(desk)
    discharge(desk)
    assert send_due(at(desk, days=1, hour=13)) == 0
    assert send_due(at(desk, days=2, hour=0)) == 1


def test_days_without_a_clock_skip_what_is_past_and_ask_what_is_due(desk: Desk) -> None:
    make_patient(desk)
    follow_up = discharge(desk)
    assert send_due(at(desk, days=8)) == 3
    assert [one.status for one in list_tasks(desk, follow_up_id=follow_up.id)] == [
        SKIPPED,
        SKIPPED,
        SENT,
        WAITING,
    ]


def test_a_discharge_known_late_skips_the_steps_that_are_over(desk: Desk) -> None:
    follow_up = discharge(desk, discharged_on=TODAY - dt.timedelta(days=5))
    assert [one.status for one in list_tasks(desk, follow_up_id=follow_up.id)] == [
        SKIPPED,
        WAITING,
        WAITING,
        WAITING,
    ]


def test_a_discharge_long_ago_asks_nothing_any_more(desk: Desk) -> None:
    assert discharge(desk, discharged_on=TODAY - dt.timedelta(days=40)).status == COMPLETED


def test_who_registers_later_is_asked_from_then_on(desk: Desk) -> None:
    follow_up = discharge(desk)
    assert follow_up.contact_id is None
    assert send_due(at(desk, days=1, hour=2)) == 0
    contact = make_contact(desk, "late")
    make_patient(desk, contact)
    assert send_due(at(desk, days=1, hour=3)) == 1
    assert list_followups(desk)[0].contact_id == contact.id


def test_whom_no_contact_registered_goes_to_the_board(desk: Desk) -> None:
    discharge(desk)
    assert send_due(at(desk, days=3, hour=2)) == 1
    assert [one.day for one in list_tasks(desk, statuses=(UNREACHED,))] == [1]


def test_a_phone_alone_is_not_enough_without_the_name(desk: Desk) -> None:
    make_patient(desk, name="王五")
    assert discharge(desk, id_number=None).contact_id is None
    make_patient(desk, make_contact(desk, "b"), name="张三", serial=3)
    assert discharge(desk, "Z2", id_number=None).contact_id is not None


def test_an_id_number_alone_is_not_enough_without_the_name(desk: Desk) -> None:
    make_patient(desk, name="陈一")
    assert discharge(desk).contact_id is None


def test_of_several_contacts_the_one_with_the_phone_of_the_discharge_is_asked(desk: Desk) -> None:
    theirs = make_patient(desk, make_contact(desk, "a"))
    later = make_patient(desk, make_contact(desk, "b"))
    set_phone(desk, patient_id=later.id, phone="10000009999")
    assert discharge(desk).contact_id == theirs.contact_id
    assert discharge(desk, "Z2", phone="10000007777").contact_id is None


def test_all_questions_answered_end_the_step(desk: Desk) -> None:
    later, task = first_task(desk)
    for question, words in [
        ("feeling", "好多了"),
        ("fever", "36.8"),
        ("wound", "干燥、不红不肿"),
        ("medicine", "按时吃了"),
    ]:
        asked = find_next_question(later, task=get_task(later, task_id=task.id))
        assert asked is not None and asked.id == question
        answer = record_answer(later, task_id=task.id, question=question, text=words)
        assert answer.understood and answer.level == "ok"
    assert answer.done
    assert get_task(later, task_id=task.id).status == ANSWERED
    assert list_alarms(later) == []


@pytest.mark.parametrize(
    ("question", "text", "value", "level"),
    [
        ("feeling", "好咗好多", "better", "ok"),
        ("feeling", "一般般，老样子", "same", "ok"),
        ("feeling", "比之前更难受", "worse", "notice"),
        ("fever", "没有发烧", "no", "ok"),
        ("fever", "冇", "no", "ok"),
        ("fever", "昨晚37.8度", "mild", "notice"),
        ("fever", "39.2", "high", "alarm"),
        ("wound", "有点红", "red", "notice"),
        ("wound", "流脓了", "bad", "alarm"),
        ("wound", "没做手术", "none", "ok"),
        ("wound", "不红不肿，长得好", "fine", "ok"),
        ("medicine", "有时候会忘了", "missed", "notice"),
        ("medicine", "我自己停了", "stopped", "notice"),
        ("medicine", "yes", "yes", "ok"),
    ],
)
def test_answers_in_ones_own_words_are_understood(
    desk: Desk, question: str, text: str, value: str, level: str
) -> None:
    later, task = first_task(desk)
    answer = record_answer(later, task_id=task.id, question=question, text=text)
    assert answer.understood
    assert answer.level == level
    assert get_task(later, task_id=task.id).answered[question]["value"] == value
    assert bool(list_alarms(later)) == (level == "alarm")


@pytest.mark.parametrize(
    ("text", "level"), [("2", "ok"), ("大概五分", "notice"), ("8分，很痛", "alarm"), ("不痛", "ok")]
)
def test_a_number_is_read_from_words_and_judged_by_the_plan(desk: Desk, text: str, level: str) -> None:
    later, task = first_task(desk)
    assert record_answer(later, task_id=task.id, question="pain", text=text).level == level


def test_what_is_not_understood_is_asked_again(desk: Desk) -> None:
    later, task = first_task(desk)
    answer = record_answer(later, task_id=task.id, question="feeling", text="嗯呐哈")
    assert not answer.understood and not answer.done
    assert get_task(later, task_id=task.id).answered == {}


def test_a_red_flag_in_any_answer_calls_the_staff_at_once(desk: Desk) -> None:
    later, task = first_task(desk)
    answer = record_answer(
        later, task_id=task.id, question="medicine", text="吃了，不过现在胸口痛得厉害，一身冷汗"
    )
    assert answer.red_flags and answer.level == "alarm" and "120" in answer.reply
    alarm = list_alarms(later)[0]
    assert alarm.kind == "red_flag" and "胸口痛" in "".join(alarm.words)
    assert get_task(later, task_id=task.id).level == "alarm"


def test_an_answer_after_the_end_is_refused(desk: Desk) -> None:
    later, task = first_task(desk)
    stop_followups(later, contact_id=list_followups(later)[0].contact_id or 0)
    with pytest.raises(WrongState):
        record_answer(later, task_id=task.id, question="feeling", text="好多了")


def test_another_contact_cannot_see_the_step(desk: Desk) -> None:
    later, task = first_task(desk)
    with pytest.raises(NotFound):
        get_task(later, task_id=task.id, contact_id=make_contact(later, "stranger").id)


def test_without_an_answer_it_is_asked_once_more_and_then_goes_to_the_board(desk: Desk) -> None:
    later, task = first_task(desk)
    assert remind_unanswered(at(later, hour=23)) == 0
    assert remind_unanswered(at(later, hour=24)) == 1
    assert len(list_promises(later, subject=task.subject)) == 2
    assert remind_unanswered(at(later, hour=25)) == 0
    assert remind_unanswered(at(later, days=2, hour=0)) == 1
    assert get_task(later, task_id=task.id).status == UNANSWERED


def test_opting_out_stops_now_and_for_later_discharges(desk: Desk) -> None:
    later, task = first_task(desk)
    contact_id = list_followups(later)[0].contact_id
    assert contact_id is not None
    assert stop_followups(later, contact_id=contact_id) == 1
    assert list_followups(later)[0].status == STOPPED
    assert {one.status for one in list_tasks(later)} == {CANCELLED}
    assert {one.status for one in list_promises(later, subject=task.subject)} == {"cancelled"}
    assert discharge(later, "Z2").status == STOPPED
    assert resume_followups(later, contact_id=contact_id)
    assert discharge(later, "Z3").status == ACTIVE


def test_the_open_step_is_found_for_its_contact(desk: Desk) -> None:
    later, task = first_task(desk)
    contact_id = list_followups(later)[0].contact_id
    assert contact_id is not None
    found = find_open_task(later, contact_id=contact_id)
    assert found is not None and found.id == task.id
    assert [one["type"] for one in list_records(later, contact_id=contact_id)] == ["follow_up"]


HEADINGS = ["住院号", "姓名", "手机号", "出院日期", "身份证号", "出院科室", "出院诊断"]


def make_book(*rows: list[object], headings: list[str] = HEADINGS, title: str = "三月") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(["桂江市人民医院（示例）出院名单"])
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = ["Z1", "张三", "10000001234", dt.datetime(2026, 3, 10), None, "骨科", "示例"]


def test_a_list_is_enrolled_and_the_second_import_changes_nothing(desk: Desk) -> None:
    book = make_book(GOOD, ["Z2", "李四", 10000005678, "2026/3/9", None, "看骨头的", None])
    first = import_discharges(desk, file=book)
    assert (first.enrolled, first.known, first.errors) == (2, 0, ())
    again = import_discharges(desk, file=book)
    assert (again.enrolled, again.known) == (0, 2)
    assert len(list_tasks(desk)) == 8


def test_bad_rows_are_told_by_sheet_row_column_and_reason_and_good_ones_kept(desk: Desk) -> None:
    book = make_book(
        GOOD,
        ["Z2", "李四", "12", "2026-03-09", None, "骨科", ""],
        ["Z3", "王五", "10000005678", "后天", None, "骨科", ""],
        ["Z4", "", "10000005678", "2026-03-09", None, "骨科", ""],
        ["Z5", "赵六", "10000005678", "2026-03-09", "123", "骨科", ""],
        ["Z6", "钱七", "10000005678", "2026-03-09", None, "火星科", ""],
        ["Z1", "张三", "10000001234", "2026-03-10", None, "骨科", ""],
    )
    report = import_discharges(desk, file=book)
    assert report.enrolled == 1
    assert all(one.text != one.reason for one in report.errors)
    assert next(one.text for one in report.errors if one.reason == "unknown_department").count("骨科") == 1
    assert [(one.sheet, one.row, one.column, one.reason) for one in report.errors] == [
        ("三月", 4, "手机号（C）", "phone"),
        ("三月", 5, "出院日期（D）", "date"),
        ("三月", 6, "姓名（B）", "missing"),
        ("三月", 7, "身份证号（E）", "length"),
        ("三月", 8, "出院科室（F）", "unknown_department"),
        ("三月", 9, "住院号（A）", "repeated"),
    ]
    assert "赵六" not in str(report) and "10000005678" not in str(report)


def test_a_csv_of_an_old_system_is_read_too(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "出院.csv"
    text = "姓名,联系电话,出院时间,住院号\n张三,100 0000 1234,2026年3月10日,Z9\n\n"
    path.write_bytes(text.encode("gb18030"))
    assert import_discharges(desk, file=path).enrolled == 1


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_whatever_a_spreadsheet_saves_as_text_is_read(
    desk: Desk, tmp_path: Path, separator: str, encoding: str
) -> None:
    rows = (("姓名", "联系电话", "出院时间", "住院号"), ("张三", "10000001234", "2026-03-10", "Z9"))
    path = tmp_path / "出院.txt"
    path.write_bytes("".join(separator.join(one) + "\r\n" for one in rows).encode(encoding))
    assert import_discharges(desk, file=path).enrolled == 1


def test_a_day_without_its_format_is_the_number_excel_keeps_for_it(desk: Desk) -> None:
    import_discharges(desk, file=make_book(["Z2", "李四", 10000005678, 46090, None, "骨科", None]))
    (one,) = list_followups(desk)
    assert one.discharged_on == dt.date(2026, 3, 9)


def test_a_list_without_the_discharges_number_is_told_which_headings_it_needs(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        import_discharges(desk, file="姓名,手机号,出院日期\n张三,10000001234,2026-03-10\n".encode())
    assert refused.value.code == "no_heading" and "住院号" in str(refused.value.details["allowed"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 no spreadsheet", "unreadable_file"),
        (b"\x00\x01\x02\xff", "unreadable_file"),
        (b"", "no_heading"),
        ("随便写的\n第二行".encode(), "no_heading"),
    ],
)
def test_a_file_that_is_no_list_is_refused_clearly(desk: Desk, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_discharges(desk, file=data)
    assert refused.value.code == code
