"""The hospital goes through Excel and back; what is wrong there is named by sheet, row and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from knowledge import KnowledgeError, load_hospital
from knowledge.schema import Department
from knowledge.workbook import Import, export_workbook, import_workbook
from knowledge.workbook.cells import find_shape, read_cell, read_text, write_cell
from knowledge.workbook.sheets import SHEETS, read_head


class Pages:
    """The exported workbook, edited by names of sheets and fields as staff would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = load_workbook(path)

    def column(self, sheet: str, field: str) -> int:
        return [read_head(cell.value) for cell in self.book[sheet][1]].index(field) + 1

    def find(self, sheet: str, **wanted: str) -> int:
        for number in range(2, self.book[sheet].max_row + 1):
            if all(self.get(sheet, number, field) == value for field, value in wanted.items()):
                return number
        raise AssertionError(f"no row {wanted} in {sheet}")

    def get(self, sheet: str, row: int, field: str) -> Any:
        return self.book[sheet].cell(row, self.column(sheet, field)).value

    def set(self, sheet: str, row: int, field: str, value: Any) -> None:
        self.book[sheet].cell(row, self.column(sheet, field)).value = value

    def add(self, sheet: str, **fields: Any) -> int:
        row = self.book[sheet].max_row + 1
        for field, value in fields.items():
            self.set(sheet, row, field, value)
        return row

    def bring_in(self, folder: Path) -> Import:
        self.book.save(self.path)
        return import_workbook(self.path, folder=folder)


@pytest.fixture
def pages(small_folder: Path, tmp_path: Path) -> Pages:
    export_workbook(tmp_path / "hospital.xlsx", folder=small_folder)
    return Pages(tmp_path / "hospital.xlsx")


def read_all(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.yml"))}


def test_an_unchanged_export_of_the_whole_hospital_changes_nothing(folder: Path, tmp_path: Path) -> None:
    export_workbook(tmp_path / "h.xlsx", folder=folder)
    before = read_all(folder)
    outcome = Pages(tmp_path / "h.xlsx").bring_in(folder)  # opened and saved once more on the way
    assert outcome == Import((), ())
    assert read_all(folder) == before


def test_the_export_has_every_entry(folder: Path, tmp_path: Path) -> None:
    counts = export_workbook(tmp_path / "h.xlsx", folder=folder)
    hospital = load_hospital(folder)
    assert counts["科室"] == len(hospital.departments)
    assert counts["出诊"] == sum(len(doctor.sessions) for doctor in hospital.doctors)
    assert counts["路径"] == len(hospital.paths)


def test_a_changed_cell_changes_its_line_and_no_other(pages: Pages, small_folder: Path) -> None:
    before = read_all(small_folder)
    pages.set("科室", pages.find("科室", name="骨科"), "about", "骨头和关节")
    outcome = pages.bring_in(small_folder)
    assert [(change.sheet, change.column, change.new) for change in outcome.changes] == [
        ("科室", "about", "骨头和关节")
    ]
    after = read_all(small_folder)
    assert [file for file in before if before[file] != after[file]] == ["departments.yml"]
    old, new = (text["departments.yml"].splitlines() for text in (before, after))
    assert [line for line, was in zip(new, old, strict=True) if line != was] == ["    about: 骨头和关节"]


def test_comments_of_the_yaml_stay(pages: Pages, small_folder: Path) -> None:
    pages.set("规则", pages.find("规则", path="hold_minutes"), "value", 8)
    assert pages.bring_in(small_folder).ok
    assert "hold_minutes: 8             # 确认期间号留多久" in (small_folder / "registration.yml").read_text(
        "utf-8"
    )
    assert load_hospital(small_folder).registration.hold_minutes == 8


def test_a_doctor_may_be_added_with_sessions(pages: Pages, small_folder: Path) -> None:
    fields = {
        "id": "ortho-99",
        "name": "韦新来",
        "sex": "male",
        "title": "主治医师",
        "department": "看骨头的",
    }
    pages.add("医生", **fields, specialities="扭伤；骨折")
    pages.add("出诊", of="韦新来", weekdays="二四", period="evening", clinic="night")
    assert pages.bring_in(small_folder).problems == ()
    doctor = load_hospital(small_folder).get_doctor("韦新来")
    assert (doctor.department, doctor.specialities) == ("骨科", ("扭伤", "骨折"))
    assert [session.weekdays for session in doctor.sessions] == [(2, 4)]


def test_a_row_taken_out_is_an_entry_taken_out(pages: Pages, small_folder: Path) -> None:
    before = load_hospital(small_folder)
    stays = before.get_doctor("韦建江").sessions
    pages.book["医生"].delete_rows(pages.find("医生", name="覃志勇"))
    while True:
        try:
            pages.book["出诊"].delete_rows(pages.find("出诊", of="覃志勇"))
        except AssertionError:
            break
    assert pages.bring_in(small_folder).problems == ()
    after = load_hospital(small_folder)
    assert {doctor.name for doctor in before.doctors} - {doctor.name for doctor in after.doctors} == {
        "覃志勇"
    }
    assert after.get_doctor("韦建江").sessions == stays


def test_a_doctor_renamed_without_his_sessions_is_told_where_they_stand(
    pages: Pages, small_folder: Path
) -> None:
    before, row = read_all(small_folder), pages.find("出诊", of="覃志勇")
    pages.set("医生", pages.find("医生", name="覃志勇"), "name", "覃志永")
    problems = pages.bring_in(small_folder).problems
    assert ("出诊", row, "of") in {(one.sheet, one.row, one.column) for one in problems}
    assert all(one.row for one in problems)
    assert read_all(small_folder) == before
    for number in range(2, pages.book["出诊"].max_row + 1):
        if pages.get("出诊", number, "of") == "覃志勇":
            pages.set("出诊", number, "of", "覃志永")
    sessions = load_hospital(small_folder).get_doctor("覃志勇").sessions
    assert pages.bring_in(small_folder).problems == ()
    assert load_hospital(small_folder).get_doctor("覃志永").sessions == sessions


def test_a_session_taken_out_leaves_the_others(pages: Pages, small_folder: Path) -> None:
    before = load_hospital(small_folder).get_doctor("韦建江").sessions
    pages.book["出诊"].delete_rows(pages.find("出诊", of="韦建江"))
    assert pages.bring_in(small_folder).problems == ()
    assert load_hospital(small_folder).get_doctor("韦建江").sessions == before[1:]


def test_an_unknown_name_is_named_by_sheet_row_and_column(pages: Pages, small_folder: Path) -> None:
    before = read_all(small_folder)
    row = pages.find("医生", name="韦建江")
    pages.set("医生", row, "department", "骨可")
    [problem] = pages.bring_in(small_folder).problems
    assert (problem.sheet, problem.row, problem.column, problem.hint) == ("医生", row, "department", "骨科")
    assert str(problem) == f"医生 第 {row} 行「科室 (department)」列：科室「骨可」不存在，是不是「骨科」？"
    assert read_all(small_folder) == before


def set_session(pages: Pages) -> tuple[str, int, str]:
    row = pages.find("出诊", of="韦建江")
    pages.set("出诊", row, "clinic", "expret")
    return "出诊", row, "clinic"


def set_coordinate(pages: Pages) -> tuple[str, int, str]:
    row = pages.find("地点", id="OPD-1F-REG")
    pages.set("地点", row, "x", "东边")
    return "地点", row, "x"


def set_rule(pages: Pages) -> tuple[str, int, str]:
    row = pages.find("规则", file="herbs.yml", path="change_until")
    pages.set("规则", row, "value", "handed")
    return "规则", row, "value"


def set_weights(pages: Pages) -> tuple[str, int, str]:
    row = 2
    pages.set("分诊主诉", row, "departments", "骨可=1")
    return "分诊主诉", row, "departments"


def set_nameless(pages: Pages) -> tuple[str, int, str]:
    row = pages.find("科室", name="骨科")
    pages.set("科室", row, "name", None)
    return "科室", row, "name"


def set_alias(pages: Pages) -> tuple[str, int, str]:
    row = pages.find("科室", name="男科")
    pages.set("科室", row, "aliases", "男性科；睇牙")
    return "科室", row, "aliases"


def add_to_nobody(pages: Pages) -> tuple[str, int, str]:
    row = pages.add("出诊", of="韦没有", weekdays="一", period="morning")
    return "出诊", row, "of"


def add_column(pages: Pages) -> tuple[str, int, str]:
    pages.book["科室"].cell(1, 30).value = "楼层 (flor)"
    return "科室", 1, "flor"


@pytest.mark.parametrize(
    "spoil",
    [set_session, set_coordinate, set_rule, set_weights, set_nameless, set_alias, add_to_nobody, add_column],
)
def test_each_kind_of_mistake_is_found_at_its_cell(
    pages: Pages, small_folder: Path, spoil: Callable[[Pages], tuple[str, int, str]]
) -> None:
    before = read_all(small_folder)
    where = spoil(pages)
    outcome = pages.bring_in(small_folder)
    assert where in {(problem.sheet, problem.row, problem.column) for problem in outcome.problems}
    assert read_all(small_folder) == before


def test_all_mistakes_are_reported_at_once(pages: Pages, small_folder: Path) -> None:
    places = {set_session(pages), set_coordinate(pages), set_rule(pages)}
    found = {
        (problem.sheet, problem.row, problem.column) for problem in pages.bring_in(small_folder).problems
    }
    assert places <= found


def test_an_entry_cannot_be_put_outside_its_folder(pages: Pages, small_folder: Path) -> None:
    row = pages.add("科室", file="../elsewhere.yml", name="新科", about="新", campus="江滨院区")
    problems = pages.bring_in(small_folder).problems
    assert ("科室", row, "file") in {(problem.sheet, problem.row, problem.column) for problem in problems}


def test_a_sheet_left_out_leaves_its_entries(pages: Pages, small_folder: Path) -> None:
    before = read_all(small_folder)
    del pages.book["路径"]
    assert pages.bring_in(small_folder).changes == ()
    assert read_all(small_folder) == before


def test_what_is_no_workbook_is_said_so(small_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "letter.xlsx"
    path.write_text("你好", "utf-8")
    [problem] = import_workbook(path, folder=small_folder).problems
    assert "不是 .xlsx 文件" in problem.text


def test_an_unknown_sheet_is_named(small_folder: Path, tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "医 生"
    book.save(tmp_path / "other.xlsx")
    [problem] = import_workbook(tmp_path / "other.xlsx", folder=small_folder).problems
    assert str(problem) == "医 生：没有这样的表，是不是「医生」？"


def test_a_folder_that_cannot_be_read_is_not_exported(small_folder: Path, tmp_path: Path) -> None:
    (small_folder / "herbs.yml").write_text("about: [", "utf-8")
    with pytest.raises(KnowledgeError):
        export_workbook(tmp_path / "h.xlsx", folder=small_folder)


def test_an_answer_that_begins_with_an_equals_sign_is_no_formula(small_folder: Path, tmp_path: Path) -> None:
    text = (small_folder / "departments.yml").read_text("utf-8")
    about = "about: 骨折、关节痛、颈腰椎病、扭伤与运动损伤"
    assert about in text
    (small_folder / "departments.yml").write_text(text.replace(about, "about: =1+1"), "utf-8")
    export_workbook(tmp_path / "h.xlsx", folder=small_folder)
    assert import_workbook(tmp_path / "h.xlsx", folder=small_folder) == Import((), ())


@pytest.mark.parametrize(
    ("shape", "value", "text"),
    [
        ("list", ["甲", "乙"], "甲；乙"),
        ("list", ["甲；乙"], '["甲；乙"]'),
        ("list", ["甲、乙"], '["甲、乙"]'),
        ("sentences", ["要带什么，多少钱", "几点"], "要带什么，多少钱；几点"),
        ("number", 12, "12"),
        ("number", 0.5, "0.5"),
        ("flag", False, "否"),
        ("weights", {"骨科": 1, "儿科": 0.5}, "骨科=1；儿科=0.5"),
        ("nested", [{"a": 1}], '[{"a": 1}]'),
        ("text", "08:00", "08:00"),
    ],
)
def test_a_cell_says_the_value_and_the_value_the_cell(shape: Any, value: Any, text: str) -> None:
    assert write_cell(value, shape) == text
    assert read_cell(text, shape) == value
    assert read_text(text) == text


@pytest.mark.parametrize(
    "text",
    ["扭伤、骨折", "扭伤，骨折", "扭伤,骨折", "扭伤；骨折", "扭伤;骨折", "扭伤\n骨折", "扭伤、\u3000骨折、"],
)
def test_words_are_parted_by_any_sign_that_parts_words(pages: Pages, small_folder: Path, text: str) -> None:
    pages.set("医生", pages.find("医生", name="韦建江"), "specialities", text)
    assert pages.bring_in(small_folder).ok
    assert load_hospital(small_folder).get_doctor("韦建江").specialities == ("扭伤", "骨折")


@pytest.mark.parametrize("text", ["骨折（开放、闭合）；扭伤", "扭伤；骨折、脱位", "扭伤、骨折\n脱位"])
def test_what_may_be_one_entry_or_two_is_refused_with_what_to_write(
    pages: Pages, small_folder: Path, text: str
) -> None:
    before, row = read_all(small_folder), pages.find("医生", name="韦建江")
    pages.set("医生", row, "specialities", text)
    [problem] = pages.bring_in(small_folder).problems
    assert (problem.sheet, problem.row, problem.column) == ("医生", row, "specialities")
    assert "「；」" in problem.text and '["' in problem.text
    assert read_all(small_folder) == before
    pages.set("医生", row, "specialities", problem.text.rpartition("写成 ")[2])
    assert pages.bring_in(small_folder).ok  # what it says to write is taken


def test_wards_rooms_and_beds_are_a_sheet(folder: Path, tmp_path: Path) -> None:
    export_workbook(tmp_path / "h.xlsx", folder=folder)
    pages = Pages(tmp_path / "h.xlsx")
    row = pages.find("床位", id="IPD-8F-ORTH")
    assert pages.get("床位", row, "rooms").startswith("801=2；802=3")
    pages.set("床位", row, "rooms", "801=2、802=4")
    pages.set("床位", row, "takes", "神经外科、康复科")
    pages.set("床位", row, "sex", "male")
    place = load_hospital(folder).get_place("IPD-8F-NS").name
    pages.add("床位", id="IPD-8F-NEW", department="骨科", place=place, rooms="821=2")
    assert pages.bring_in(folder).problems == ()
    wards = {ward.id: ward for ward in load_hospital(folder).wards}
    orth, new = wards["IPD-8F-ORTH"], wards["IPD-8F-NEW"]
    assert (orth.rooms, orth.sex, orth.takes) == ({"801": 2, "802": 4}, "male", ("神经外科", "康复医学科"))
    assert (new.department, new.rooms) == ("骨科", {"821": 2})
    pages.set("床位", row, "rooms", "801两张")
    [problem] = pages.bring_in(folder).problems
    assert (problem.sheet, problem.row, problem.column) == ("床位", row, "rooms")


def test_every_field_of_every_entry_has_a_column() -> None:
    for sheet in SHEETS:
        assert {*sheet.shapes, *sheet.apart} == set(sheet.model.model_fields)
    assert find_shape("min_age", Department.model_fields["min_age"]) == "number"
