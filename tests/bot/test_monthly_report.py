"""The month's report as staff open it in Excel."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from bot.commands import app
from bot.database import open_database
from bot.monthly import write_report
from bot.settings import Settings
from knowledge import Hospital
from services import Desk
from services.afterthoughts import withdraw_complaint
from services.complaints import file_complaint
from services.contacts import get_or_create_contact
from services.handling import advance_complaint
from services.reports import Case, Line, MonthReport

NOW = dt.datetime(2026, 3, 11, 9, 0)
NAME, PHONE, SENDER, WORDS = "覃小桂", "10000001234", "u-7788", "彩超排队等了三个小时"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hospital: Hospital) -> Path:
    """A database in which March has a complaint answered, one anonymous, and praise; February one."""
    monkeypatch.setenv("WENJIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WENJIN_ENV", "test")
    monkeypatch.setenv("WENJIN_NOW", "2026-03-20T09:00")
    engine = open_database(Settings(_env_file=None))  # type: ignore[call-arg]
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW, "assistant")
        contact = get_or_create_contact(desk, channel="web", sender=SENDER)
        made = file_complaint(
            desk, contact_id=contact.id, text=WORDS, place_code="OPD-2F-US", patient_name=NAME, phone=PHONE
        )
        staff = Desk(session, hospital, NOW + dt.timedelta(hours=3), "staff:1")
        advance_complaint(staff, complaint_id=made.id, status="first_contact")
        advance_complaint(staff, complaint_id=made.id, status="answered", answer=f"{NAME}您好")
        file_complaint(desk, contact_id=contact.id, text="护士太凶", department="骨科", anonymous=True)
        file_complaint(desk, contact_id=contact.id, text="谢谢陪诊员", kind="praise")
        february = Desk(session, hospital, dt.datetime(2026, 2, 3, 9), "assistant")
        file_complaint(february, contact_id=contact.id, text="停车难")
        session.commit()
    engine.dispose()
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["report", "monthly", *words])
    return result.exit_code, result.output


def rows(file: Path, sheet: str) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(file)
    return list(book[sheet].iter_rows(values_only=True))


def test_the_month_is_counted_listed_and_drawn(data: Path) -> None:
    file = data / "march.xlsx"
    code, said = run("-o", str(file))
    assert (code, "3 件（吐槽 2，咨询 0，建议 0，表扬 1）" in said) == (0, True)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [
        "总览",
        "按科室",
        "按地点",
        "按原因",
        "按承办部门",
        "办理状态",
        "每日",
        "满意度",
        "改进",
        "清单",
    ]
    overview = {row[0]: row[1:3] for row in rows(file, "总览") if row[0]}
    assert overview["吐槽"] == (2, 1)
    assert overview["首次联系中位（小时）"][0] == pytest.approx(3)
    by_place = {row[0]: row[1] for row in rows(file, "按地点")}
    assert by_place["门诊二楼彩超候诊区"] == 1 and by_place["合计"] == 2
    by_cause = {row[0]: row[1] for row in rows(file, "按原因")}
    assert by_cause["等候时间"] == 1 and by_cause["服务态度"] == 1
    assert dict(row[:2] for row in rows(file, "办理状态"))["已答复，请您确认"] == 1
    assert len(rows(file, "清单")) == 4
    assert len(rows(file, "每日")) == 32


def test_what_patients_took_back_has_its_own_column(data: Path, hospital: Hospital) -> None:
    engine = open_database(Settings(_env_file=None))  # type: ignore[call-arg]
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW, "assistant")
        contact = get_or_create_contact(desk, channel="web", sender=SENDER)
        back = file_complaint(desk, contact_id=contact.id, text="空调太冷", department="骨科")
        withdraw_complaint(desk, complaint_id=back.id, contact_id=contact.id)
        number = back.order_number
        session.commit()
    engine.dispose()
    file = data / "march.xlsx"
    run("-o", str(file), "--cases", str(data / "march.csv"))
    assert {row[0]: row[1:3] for row in rows(file, "总览") if row[0]}["患者撤回"] == (1, 0)
    for sheet, name in (("按科室", "骨科"), ("按科室", "合计")):
        head, *lines = rows(file, sheet)
        assert next(line for line in lines if line[0] == name)[head.index("患者撤回")] == 1
    head, *cases = rows(file, "清单")
    marked = {case[0]: case[head.index("患者撤回")] for case in cases}
    assert {number for number, mark in marked.items() if mark == "是"} == {number}
    assert "患者撤回" in (data / "march.csv").read_text(encoding="utf-8-sig").splitlines()[0]


def test_charts_stand_on_the_overview_and_show_what_the_sheets_hold(data: Path) -> None:
    run("-o", str(data / "march.xlsx"))
    sheet = openpyxl.load_workbook(data / "march.xlsx")["总览"]
    drawn = [series.val.numRef.f for chart in sheet._charts for series in chart.series]
    assert len(sheet._charts) == 6
    assert {one.split("!")[0].strip("'") for one in drawn} == {
        "按科室",
        "按地点",
        "按原因",
        "办理状态",
        "每日",
    }


def test_nothing_in_the_workbook_leads_to_a_person(data: Path) -> None:
    file = data / "march.xlsx"
    run("-o", str(file))
    for sheet in openpyxl.load_workbook(file):
        text = str(list(sheet.iter_rows(values_only=True)))
        for secret in (NAME, PHONE, SENDER, WORDS, "护士太凶", "谢谢陪诊员", "您好"):
            assert secret not in text


def test_another_month_is_asked_for_by_name(data: Path) -> None:
    file = data / "february.xlsx"
    assert run("--month", "2026-02", "-o", str(file))[0] == 0
    assert {row[0]: row[1:3] for row in rows(file, "总览") if row[0]}["吐槽"] == (1, 0)
    code, said = run("--month", "三月", "-o", str(data / "none.xlsx"))
    assert code == 1 and "2026-03" in said
    assert not (data / "none.xlsx").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "{}/x.txt"), "文件名要以 .xlsx 结尾"),
        (("-o", "{}/nowhere/x.xlsx"), "没有这个文件夹"),
        (("--cases", "{}/x.xlsx"), "文件名要以 .csv 结尾"),
        (("--month", "2031-01"), "2031-01 还没有到"),
    ],
)
def test_a_report_that_could_only_be_wrong_is_refused_and_writes_nothing(
    data: Path, words: tuple[str, ...], said: str
) -> None:
    before = sorted(data.iterdir())
    code, told = run(*(word.format(data) for word in words))
    assert (code, said in told) == (1, True)
    assert sorted(data.iterdir()) == before


def test_a_month_without_a_word_makes_a_report_too(data: Path) -> None:
    file = data / "empty.xlsx"
    assert run("--month", "2026-01", "-o", str(file))[0] == 0
    assert len(rows(file, "清单")) == 1


def test_the_memory_does_not_grow_with_the_number_of_cases(hospital: Hospital, tmp_path: Path) -> None:
    def weigh(count: int) -> int:
        case = Case(
            "TC", "complaint", NOW, "fee", "finance", None, None, "closed", False, False, 1.5, None, False, 0
        )
        empty = dict.fromkeys(("department", "place", "category", "team"), ())
        march = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
        report = MonthReport(*march, NOW, Line(""), Line(""), empty, (), ())
        tracemalloc.start()
        write_report(tmp_path / "big.xlsx", report, (case for _ in range(count)), hospital=hospital)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    weigh(10)
    assert weigh(3000) < weigh(100) + 1_000_000
