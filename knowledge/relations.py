"""What must be true between entries beyond the schema and beyond names: one function a subject, over the entries as
written, so that every problem has its line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from knowledge.errors import Problem, find_nearest
from knowledge.folder import Folder, Item
from knowledge.names import fold
from knowledge.schema.base import read_weekdays

Report = Callable[..., None]


def check_relations(folder: Folder, problems: list[Problem]) -> None:
    for check in (
        _check_doubles,
        _check_sessions,
        _check_map,
        _check_aliases,
        _check_rules,
        _check_plans,
        _check_faq,
        _check_sets,
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
    ):
        _report_doubles(
            ((item, item.data.get(key), item.line(key)) for item in folder.items(kind)), word, problems
        )
    _report_doubles(
        (
            (item, fold(word), item.line("aliases", index))
            for item in folder.items("facilities")
            for index, word in enumerate(_texts(item.data.get("aliases")))
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
    departments = {item.data.get("name"): item for item in folder.items("departments")}
    for item in folder.items("doctors"):
        ward = departments.get(item.data.get("department"))
        taken: dict[tuple[int, str], int] = {}
        for index, session in enumerate(item.data.get("sessions") or ()):
            if not isinstance(session, dict):
                continue
            line = item.line("sessions", index)
            served.add(item.data.get("department"))
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


def _check_map(folder: Folder, problems: list[Problem]) -> None:
    """Every place stands on a floor that exists and can be walked to from every other."""
    site = folder.whole.get("hospital.yml")
    floors = {
        building.get("id"): building.get("floors") or []
        for building in (site.data.get("buildings") or () if site else ())
        if isinstance(building, dict)
    }
    places = {item.data.get("id"): item for item in folder.items("places")}
    for item in places.values():
        building, floor = item.data.get("building"), item.data.get("floor", "1F")
        if building in floors and floor not in floors[building]:
            hint = find_nearest(str(floor), map(str, floors[building]))
            problems.append(
                Problem(item.file, item.line("floor"), f"楼「{building}」没有「{floor}」这一层", hint)
            )
    parent: dict[Any, Any] = {name: name for name in places}

    def root(name: Any) -> Any:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for path in folder.items("paths"):
        a, b = path.data.get("a"), path.data.get("b")
        if a not in places or b not in places:
            continue  # said already, as an unknown name
        if a == b:
            problems.append(Problem(path.file, path.line(), f"路径两端都是「{a}」"))
        parent[root(a)] = root(b)
        ends = [(places[end].data.get("building"), places[end].data.get("floor", "1F")) for end in (a, b)]
        if ends[0] != ends[1] and not path.data.get("metres"):
            problems.append(Problem(path.file, path.line(), f"「{a}」到「{b}」不在同一层，要写 metres"))
    parts = defaultdict(list)
    for name in places:
        parts[root(name)].append(name)
    if len(parts) > 1:
        main = max(parts.values(), key=len)
        for part in parts.values():
            if part is not main:
                item = places[part[0]]
                rest = f"等 {len(part)} 处" if len(part) > 1 else ""
                problems.append(
                    Problem(item.file, item.line("id"), f"地图不连通：「{part[0]}」{rest}走不到其他地点")
                )


def _check_aliases(folder: Folder, problems: list[Problem]) -> None:
    """In one building a word names one place, unless all that claim it are ``shared`` (toilets, lifts)."""
    claims: dict[tuple[Any, str], tuple[Item, int]] = {}
    for item in folder.items("places"):
        for index, alias in enumerate(_texts(item.data.get("aliases"))):
            key = (item.data.get("building"), fold(alias))
            line = item.line("aliases", index)
            other, at = claims.setdefault(key, (item, line))
            if other is not item and not (other.data.get("shared") and item.data.get("shared")):
                owner = other.data.get("name")
                text = f"地点别名「{alias}」重复：{other.file}:{at} 已经写给「{owner}」"
                problems.append(Problem(item.file, line, text))


def _check_rules(folder: Folder, problems: list[Problem]) -> None:
    """Stages follow stages that exist; categories go to teams that exist."""
    for name, fields in (("herbs.yml", ("change_until", "cancel_until")), ("complaints.yml", ())):
        item = folder.whole.get(name)
        if item is None:
            continue
        stages = [stage.get("id") for stage in item.data.get("stages") or () if isinstance(stage, dict)]
        for index, stage in enumerate(item.data.get("stages") or ()):
            for at, word in enumerate(_texts(stage.get("next") if isinstance(stage, dict) else ())):
                _expect(word, stages, "阶段", item, ("stages", index, "next", at), problems)
        for field in fields:
            _expect(item.data.get(field), stages, "阶段", item, (field,), problems)
    grievances = folder.whole.get("complaints.yml")
    if grievances:
        teams = [team.get("id") for team in grievances.data.get("teams") or () if isinstance(team, dict)]
        for index, category in enumerate(grievances.data.get("categories") or ()):
            if isinstance(category, dict):
                _expect(
                    category.get("team"),
                    teams,
                    "处理部门",
                    grievances,
                    ("categories", index, "team"),
                    problems,
                )


def _check_plans(folder: Folder, problems: list[Problem]) -> None:
    """A follow-up asks only its own questions, on days that go forward."""
    for item in folder.items("plans"):
        questions = [q.get("id") for q in item.data.get("questions") or () if isinstance(q, dict)]
        last = -1
        for index, step in enumerate(item.data.get("steps") or ()):
            if not isinstance(step, dict):
                continue
            for at, word in enumerate(_texts(step.get("questions"))):
                _expect(word, questions, "随访问题", item, ("steps", index, "questions", at), problems)
            day = step.get("day")
            if isinstance(day, int):
                if day <= last:
                    problems.append(
                        Problem(item.file, item.line("steps", index), f"第 {day} 天排在第 {last} 天之后")
                    )
                last = day
        for index, question in enumerate(item.data.get("questions") or ()):
            for at, choice in enumerate(
                (question.get("choices") if isinstance(question, dict) else ()) or ()
            ):
                if isinstance(choice, dict) and choice.get("next"):
                    loc = ("questions", index, "choices", at, "next")
                    _expect(choice["next"], questions, "随访问题", item, loc, problems)


def _check_faq(folder: Folder, problems: list[Problem]) -> None:
    """One wording has one answer, one intent one general answer."""
    items = folder.items("faq")
    _report_doubles(
        (
            (item, fold(text), item.line("questions", index))
            for item in items
            for index, text in enumerate(_texts(item.data.get("questions")))
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
    sets = {name for file in folder.tables.get("words", ()) for name in file.data.get("words") or ()}
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


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
