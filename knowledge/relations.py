"""What must be true between entries beyond the schema and beyond names: one function a subject, over the entries as
written, so that every problem has its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from knowledge.errors import Problem, find_nearest
from knowledge.folder import Folder, Item
from knowledge.line_relations import check_lines
from knowledge.map_relations import check_aliases, check_map
from knowledge.names import fold
from knowledge.reading import list_dicts, list_texts
from knowledge.schema.base import read_weekdays


def check_relations(folder: Folder, problems: list[Problem]) -> None:
    for check in (
        _check_doubles,
        _check_sessions,
        check_map,
        check_aliases,
        _check_rules,
        _check_escorts,
        _check_plans,
        _check_faq,
        _check_sets,
        check_lines,
    ):
        check(folder, problems)


def _check_doubles(folder: Folder, problems: list[Problem]) -> None:
    """No two entries of a kind share an id (or, for doctors, a name: a patient books by name)."""
    for kind, key, word in (
        ("doctors", "id", "医生编号"),
        ("doctors", "name", "医生姓名"),
        ("place_codes", "code", "吐槽码"),
        ("facilities", "id", "设施编号"),
        ("facilities", "name", "设施"),
        ("complaints", "id", "分诊主诉"),
        ("plans", "id", "随访计划"),
        ("lines", "id", "服务线"),
        ("lines", "prefix", "单号前缀"),
        ("wards", "id", "病区"),
    ):
        _report_doubles(
            ((item, item.data.get(key), item.line(key)) for item in folder.items(kind)), word, problems
        )
    _report_doubles(
        (
            (item, fold(word), item.line("aliases", index))
            for item in folder.items("facilities")
            for index, word in enumerate(list_texts(item.data.get("aliases")))
        ),
        "设施别名",
        problems,
    )


def _report_doubles(found: Iterable[tuple[Item, Any, int]], word: str, problems: list[Problem]) -> None:
    first: dict[Any, tuple[Item, int]] = {}
    for item, value, line in found:
        if not isinstance(value, str):
            continue
        if value in first:
            other, at = first[value]
            problems.append(Problem(item.file, line, f"{word}「{value}」重复：{other.file}:{at} 已经写过"))
        else:
            first[value] = (item, line)


def _check_sessions(folder: Folder, problems: list[Problem]) -> None:
    """A doctor sits in one room at a time; what is bookable has somebody to be booked."""
    served = set()
    departments = {str(item.data.get("name")): item for item in folder.items("departments")}
    for item in folder.items("doctors"):
        name = str(item.data.get("department"))
        ward = departments.get(name)
        taken: dict[tuple[int, str], int] = {}
        for index, session in list_dicts(item.data.get("sessions")):
            line = item.line("sessions", index)
            served.add(name)
            if ward is not None and ward.data.get("bookable") is False:
                text = f"科室「{ward.data['name']}」不对外约号（{ward.file}:{ward.line('bookable')}），不能排出诊"
                problems.append(Problem(item.file, line, text))
            start, end = session.get("start"), session.get("end")
            if isinstance(start, str) and isinstance(end, str) and start >= end:
                problems.append(Problem(item.file, line, f"出诊的 start {start} 不早于 end {end}"))
            try:
                days = read_weekdays(session.get("weekdays"))
            except ValueError:
                continue
            for day in days if isinstance(days, list | tuple) else ():
                at = taken.setdefault((day, str(session.get("period"))), line)
                if at != line:
                    text = f"「{item.data.get('name')}」同一天同一时段排了两次出诊（另见第 {at} 行）"
                    problems.append(Problem(item.file, line, text))
                    break
    for name, item in departments.items():
        if folder.items("doctors") and item.data.get("bookable") is not False and name not in served:
            problems.append(Problem(item.file, item.line("name"), f"科室「{name}」可以约号，却没有一个出诊"))


def _check_rules(folder: Folder, problems: list[Problem]) -> None:
    """Stages follow stages that exist; categories go to teams that exist."""
    for name, fields in (("herbs.yml", ("change_until", "cancel_until")), ("complaints.yml", ())):
        item = folder.whole.get(name)
        if item is None:
            continue
        stages = [stage.get("id") for _, stage in list_dicts(item.data.get("stages"))]
        for index, stage in list_dicts(item.data.get("stages")):
            for at, word in enumerate(list_texts(stage.get("next"))):
                _expect(word, stages, "阶段", item, ("stages", index, "next", at), problems)
        for field in fields:
            _expect(item.data.get(field), stages, "阶段", item, (field,), problems)
        for at, word in enumerate(list_texts(item.data.get("change_also"))):
            _expect(word, stages, "阶段", item, ("change_also", at), problems)
        tickets = [step.get("id") for _, step in list_dicts(item.data.get("ticket_stages"))]
        for index, step in list_dicts(item.data.get("ticket_stages")):
            for at, word in enumerate(list_texts(step.get("next"))):
                _expect(word, tickets, "阶段", item, ("ticket_stages", index, "next", at), problems)
    grievances = folder.whole.get("complaints.yml")
    if grievances:
        teams = [team.get("id") for _, team in list_dicts(grievances.data.get("teams"))]
        for index, category in list_dicts(grievances.data.get("categories")):
            _expect(
                category.get("team"), teams, "处理部门", grievances, ("categories", index, "team"), problems
            )


def _check_escorts(folder: Folder, problems: list[Problem]) -> None:
    """Means speak of risks that are asked; the roster of languages and skills that the rules know."""
    rules, roster = folder.whole.get("escort.yml"), folder.whole.get("companions.yml")
    if rules is None:
        return
    risks = [one.get("id") for _, one in list_dicts(rules.data.get("risks"))]
    for index, means in list_dicts(rules.data.get("means")):
        for at, word in enumerate(list_texts(means.get("risks"))):
            _expect(word, risks, "风险", rules, ("means", index, "risks", at), problems)
    speeches = [one.get("id") for _, one in list_dicts(rules.data.get("speeches"))]
    skills = [
        one["skill"]
        for key in ("risks", "means")
        for _, one in list_dicts(rules.data.get(key))
        if "skill" in one
    ]
    for index, one in list_dicts(roster.data.get("companions") if roster else None):
        assert roster is not None
        for field, known, kind in (("languages", speeches, "语言"), ("skills", skills, "技能")):
            for at, word in enumerate(list_texts(one.get(field))):
                _expect(word, known, kind, roster, ("companions", index, field, at), problems)


def _check_plans(folder: Folder, problems: list[Problem]) -> None:
    """A follow-up asks only its own questions, on days that go forward."""
    for item in folder.items("plans"):
        questions = [question.get("id") for _, question in list_dicts(item.data.get("questions"))]
        last = -1
        for index, step in list_dicts(item.data.get("steps")):
            for at, word in enumerate(list_texts(step.get("questions"))):
                _expect(word, questions, "随访问题", item, ("steps", index, "questions", at), problems)
            day = step.get("day")
            if isinstance(day, int):
                if day <= last:
                    problems.append(
                        Problem(item.file, item.line("steps", index), f"第 {day} 天排在第 {last} 天之后")
                    )
                last = day
        for index, question in list_dicts(item.data.get("questions")):
            for at, choice in list_dicts(question.get("choices")):
                loc = ("questions", index, "choices", at, "next")
                _expect(choice.get("next"), questions, "随访问题", item, loc, problems)


def _check_faq(folder: Folder, problems: list[Problem]) -> None:
    """One wording has one answer, one intent one general answer."""
    items = folder.items("faq")
    _report_doubles(
        (
            (item, fold(text), item.line("questions", index))
            for item in items
            for index, text in enumerate(list_texts(item.data.get("questions")))
        ),
        "问法",
        problems,
    )
    general = [item for item in items if item.data.get("general") is True]
    _report_doubles(
        ((item, item.data.get("intent"), item.line("general")) for item in general), "总答", problems
    )


def _check_sets(folder: Folder, problems: list[Problem]) -> None:
    """``{胸痛}`` in a triage rule names a set of words that exists."""
    sets = {name for file in folder.tables.get("words", ()) for name in _keys(file.data["words"])}
    rules = [
        item for kind in ("red_flags", "complaints", "questions", "plans") for item in folder.items(kind)
    ]
    for item in rules:
        for loc, text in _walk(item.data):
            if {"when", "unless"} & set(map(str, loc)):
                for word in re.findall(r"\{([^{}]+)\}", text):
                    _expect(word, sets, "词组", item, loc, problems)
    for file in folder.tables.get("words", ()):
        for loc, text in _walk(file.data.get("words")):
            for word in re.findall(r"\{([^{}]+)\}", text):
                _expect(word, sets, "词组", file, ("words", *loc), problems)


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _walk(data: Any, loc: tuple[str | int, ...] = ()) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield loc, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(value, (*loc, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _walk(value, (*loc, index))


def _expect(
    word: Any,
    known: Iterable[Any],
    kind: str,
    item: Item,
    loc: tuple[str | int, ...],
    problems: list[Problem],
) -> None:
    words = [str(name) for name in known]
    if isinstance(word, str) and word not in words:
        problems.append(
            Problem(item.file, item.line(*loc), f"{kind}「{word}」不存在", find_nearest(word, words))
        )
