"""A mistake in the files stops the loading with file, line and the nearest right name; all mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge import KnowledgeError, load_hospital
from knowledge.check import check

Spoil = Callable[[str, str, str], list[str]]


def test_a_doctor_of_an_unknown_department_is_named_with_the_nearest(spoil: Spoil) -> None:
    problems = spoil("doctors/surgery.yml", "department: 骨科", "department: 骨可")
    assert len(problems) == 1
    assert re.fullmatch(r"doctors/surgery\.yml:\d+: 科室「骨可」不存在，是不是「骨科」？", problems[0])


def test_the_line_named_is_the_line_of_the_mistake(spoil: Spoil, folder: Path) -> None:
    [problem] = spoil("doctors/surgery.yml", "department: 骨科", "department: 骨可")
    line = int(problem.split(":")[1])
    assert "骨可" in (folder / "doctors/surgery.yml").read_text("utf-8").splitlines()[line - 1]


def test_a_session_at_an_unknown_place_is_a_problem(spoil: Spoil) -> None:
    [problem, *_] = spoil("doctors/general.yml", "place: 门诊四楼便民门诊", "place: 门诊四楼便民诊室")
    assert "地点「门诊四楼便民诊室」不存在，是不是「门诊四楼便民门诊」？" in problem


def test_an_alias_of_two_departments_is_named_with_both_lines(spoil: Spoil) -> None:
    [problem] = spoil("departments.yml", "aliases: [骨外科,", "aliases: [睇牙, 骨外科,")
    assert re.search(r"departments\.yml:\d+: 科室「睇牙」重复：departments\.yml:\d+ 已经写给「", problem)


def test_the_same_department_twice_is_a_problem(spoil: Spoil) -> None:
    problems = spoil("departments.yml", "name: 神经外科", "name: 骨科")
    assert any("科室「骨科」重复" in problem for problem in problems)


def test_a_path_to_nowhere_is_a_problem(spoil: Spoil) -> None:
    problems = spoil("places/paths.yml", "OPD-1F-", "OPD-0F-")
    assert any("地点编号「OPD-0F-" in problem and "是不是「OPD-" in problem for problem in problems)


def test_a_place_that_cannot_be_reached_is_a_problem(folder: Path) -> None:
    file = folder / "places" / "island.yml"
    file.write_text("places:\n  - {id: ISLAND, name: 孤岛, kind: garden, x: 0, y: 0}\n", "utf-8")
    [problem] = check(folder).problems
    assert str(problem) == "places/island.yml:2: 地图不连通：「ISLAND」走不到其他地点"


def test_a_place_code_of_an_unknown_place_is_a_problem(folder: Path) -> None:
    file = folder / "places" / "more.yml"
    file.write_text("place_codes:\n  - code: OPD-9F-WC\n    place: OPD-3F-WCC\n", "utf-8")
    [problem] = check(folder).problems
    assert str(problem).startswith("places/more.yml:3: 地点「OPD-3F-WCC」不存在，是不是「OPD-3F-WC")


def test_a_faq_of_an_unknown_intent_or_place_is_a_problem(folder: Path) -> None:
    (folder / "faq").mkdir(exist_ok=True)
    (folder / "faq" / "more.yml").write_text(
        "faq:\n  - id: x1\n    intent: ask_paymant\n    topic: 费用\n    questions: [试问一句没人问过的话]\n    answer: 扫码。\n"
        "    places: [门诊一楼挂号收费]\n    next: [talk_to_humans]\n",
        "utf-8",
    )
    assert [str(problem) for problem in check(folder).problems] == [
        "faq/more.yml:3: 意图「ask_paymant」不存在，是不是「ask_payment」？",
        "faq/more.yml:7: 地点「门诊一楼挂号收费」不存在，是不是「门诊一楼挂号收费处」？",
        "faq/more.yml:8: 问答或意图「talk_to_humans」不存在，是不是「talk_to_human」？",
    ]


def test_triage_naming_an_unknown_department_is_a_problem(folder: Path) -> None:
    (folder / "triage" / "more.yml").write_text(
        "complaints:\n  - id: x1\n    name: 试\n    when: [试试]\n    departments: {骨科: 1, 皮夫科: 0.5}\n",
        "utf-8",
    )
    [problem] = check(folder).problems
    assert str(problem) == "triage/more.yml:5: 科室「皮夫科」不存在，是不是「皮肤科」？"


def test_triage_naming_an_unknown_set_of_words_is_a_problem(folder: Path) -> None:
    (folder / "triage" / "more.yml").write_text(
        "complaints:\n  - id: x1\n    name: 试\n    when: ['{没有的词组}']\n    departments: {骨科: 1}\n",
        "utf-8",
    )
    [problem] = check(folder).problems
    assert str(problem).startswith("triage/more.yml:4: 词组「没有的词组」不存在")


def test_an_unknown_key_is_named_with_the_nearest(spoil: Spoil) -> None:
    problems = spoil("departments.yml", "\n    bookable: false", "\n    bookabel: false")
    assert any("不认识的项「bookabel」，是不是「bookable」？" in problem for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: 主任医师", "title: 主任医生", "「title」写了「主任医生」，只能是"),
        ("sex: male", "sex: man", "「sex」写了「man」，只能是 male, female"),
        ("weekdays: 一", "weekdays: 星期八", "写成 一三五、工作日、周末 或 每天"),
        ("period: morning", "period: mornin", "是不是「morning」？"),
        ("    name: 韦国梁\n", "", "缺少「name」"),
        ("id: cardio-02", "id: cardio-01", "医生编号「cardio-01」重复"),
        ("name: 覃雪芳", "name: 韦国梁", "医生姓名「韦国梁」重复"),
        (
            "- {weekdays: 一四, period: morning",
            "- {weekdays: 一三, period: afternoon",
            "同一天同一时段排了两次出诊",
        ),
        ("period: morning, clinic: expert}", "period: morning, start: 12:00, end: 08:00}", "不早于"),
    ],
)
def test_a_mistake_in_a_doctor_is_said_plainly(spoil: Spoil, old: str, new: str, said: str) -> None:
    problems = spoil("doctors/internal.yml", old, new)
    assert any(said in problem for problem in problems), problems
    assert all(re.match(r"doctors/internal\.yml:\d+: ", problem) for problem in problems)


def test_a_session_of_a_department_that_is_not_bookable_is_a_problem(spoil: Spoil) -> None:
    problems = spoil("departments.yml", "campus: 江滨院区", "campus: 江滨院区\n    bookable: false")
    assert any("「心血管内科」不对外约号（departments.yml:" in problem for problem in problems)


def test_a_bookable_department_without_a_session_is_a_problem(spoil: Spoil) -> None:
    problems = spoil("departments.yml", "\n    bookable: false", "\n    bookable: true")
    assert any("科室「急诊科」可以约号，却没有一个出诊" in problem for problem in problems)


def test_a_stage_that_leads_nowhere_is_a_problem(spoil: Spoil) -> None:
    [problem] = spoil("herbs.yml", "next: [in_transit]", "next: [in_transt]")
    assert "阶段「in_transt」不存在，是不是「in_transit」？" in problem


def test_a_complaint_category_of_an_unknown_team_is_a_problem(spoil: Spoil) -> None:
    [problem] = spoil("complaints.yml", "team: finance", "team: finances")
    assert "处理部门「finances」不存在，是不是「finance」？" in problem


def test_broken_yaml_is_named_with_its_line(spoil: Spoil) -> None:
    problems = spoil(
        "registration.yml", "quiet_hours: {start: 21:00, end: 08:00}", "quiet_hours: {start: 21:00"
    )
    assert any(re.match(r"registration\.yml:\d+: YAML 格式有误", problem) for problem in problems)


def test_a_missing_file_and_a_misspelled_one_are_named(folder: Path) -> None:
    (folder / "herbs.yml").rename(folder / "herb.yml")
    said = [str(problem) for problem in check(folder).problems]
    assert "herbs.yml: 缺少这个文件" in said
    assert "herb.yml: 没有这样的文件，是不是「herbs.yml」？" in said


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="没有这个文件夹"):
        load_hospital(tmp_path / "nowhere")


def test_a_binary_file_is_said_to_be_unreadable(folder: Path) -> None:
    (folder / "herbs.yml").write_bytes(b"\xff\xfe\x00\x01")
    assert any("文件读不出来" in str(problem) for problem in check(folder).problems)


def test_all_mistakes_are_reported_at_once(spoil: Spoil, folder: Path) -> None:
    spoil("departments.yml", "\n    bookable: false", "\n    bookable: maybe")
    spoil("herbs.yml", "max_doses: 30", "max_doses: 三十")
    problems = spoil("doctors/surgery.yml", "department: 骨科", "department: 骨可")
    assert {problem.split(":")[0] for problem in problems} == {
        "departments.yml",
        "herbs.yml",
        "doctors/surgery.yml",
    }
    with pytest.raises(KnowledgeError) as caught:
        load_hospital(folder)
    assert [str(problem) for problem in caught.value.problems] == problems


def test_a_hospital_may_start_without_a_map(folder: Path) -> None:
    for file in (folder / "places").glob("*.yml"):
        file.unlink()
    assert not any("地点" in str(problem) for problem in check(folder).problems)


@pytest.mark.parametrize("junk", ["{}", "[[1]]", "[{a: {b: 1}}]", "null", "3"])
@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("departments.yml", "  - name: 骨科"),
        ("doctors/surgery.yml", "    department: 骨科"),
        ("doctors/surgery.yml", "    title: 主治医师"),
        ("hospital.yml", "buildings:"),
        ("registration.yml", "periods:"),
        ("herbs.yml", "stages:"),
    ],
)
def test_no_shape_of_yaml_is_a_crash(small_folder: Path, file: str, line: str, junk: str) -> None:
    path = small_folder / file
    text = path.read_text("utf-8")
    assert f"\n{line}" in text
    head = line.partition(":")[0]
    path.write_text(text.replace(f"\n{line}", f"\n{head}: {junk}", 1), "utf-8")
    assert check(small_folder).problems


def test_what_only_several_answers_can_have_is_a_problem_beside_one(spoil: Spoil) -> None:
    problems = spoil("lines/mdt.yml", "    several: true\n", "")
    assert any("「materials」写了 every，要同时写 several: true" in one for one in problems), problems


def test_places_cannot_be_counted_by_what_holds_several(spoil: Spoil) -> None:
    problems = spoil("lines/mdt.yml", "per: [date]", "per: [date, materials]")
    assert any("「materials」可以选几样，不能按它算名额" in one for one in problems), problems


def test_a_preparation_that_no_line_explains_is_a_problem(spoil: Spoil) -> None:
    [problem, *_] = spoil("lines/self_ordered_test.yml", "prepare: {fasting: 12}", "prepare: {fastin: 12}")
    assert "没有准备（prepare）「fastin」，是不是「fasting」" in problem
