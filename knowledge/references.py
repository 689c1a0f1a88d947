"""Every name by which one entry speaks of another, found, checked and replaced by the canonical name.

A reference is a path into the entry: ``*`` each item of a list, ``@`` the keys of a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.errors import Problem
from knowledge.folder import Folder, Item
from knowledge.names import Names
from knowledge.reading import LinedDict, LinedList
from knowledge.vocabulary import INTENTS

REFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "departments": (("place", "places"), ("campus", "campuses")),
    "doctors": (
        ("department", "departments"),
        ("sessions.*.place", "places"),
        ("sessions.*.campus", "campuses"),
    ),
    "places": (("department", "departments"), ("building", "buildings"), ("campus", "campuses")),
    "paths": (("a", "place_ids"), ("b", "place_ids")),
    "place_codes": (("place", "places"), ("department", "departments")),
    "facilities": (("places.*", "places"),),
    "faq": (("places.*", "places"), ("intent", "intents"), ("next.*", "answers")),
    "red_flags": (("departments.*", "departments"),),
    "complaints": (
        ("departments.@", "departments"),
        ("questions.*", "questions"),
        ("modifiers.*.departments.@", "departments"),
    ),
    "questions": (("choices.*.departments.@", "departments"), ("choices.*.red_flag", "red_flags")),
    "plans": (
        ("departments.*", "departments"),
        ("red_flags.*.departments.*", "departments"),
        ("questions.*.choices.*.red_flag", "red_flags"),
    ),
    "hospital.yml": (("buildings.*.campus", "campuses"),),
    "outpatients.yml": (("previsits.*.department", "departments"),),
    "registration.yml": (("quotas.departments.*", "departments"),),
    "escort.yml": (("meeting_points.*", "places"),),
    "companions.yml": (("companions.*.post", "places"),),
    "loans.yml": (("kinds.*.points.*.place", "places"),),
    "transfers.yml": (("rides.*.origin", "places"), ("rides.*.destination", "places")),
    "herbs.yml": (("pickup_place", "places"),),
    "lines": (
        ("place", "places"),
        ("faq", "answers"),
        ("starts.*.intent", "intents"),
        ("collect.*.choices.*.place", "places"),
        ("collect.*.choices.*.department", "departments"),
        ("collect.*.choices.*.advice", "answers"),
    ),
    "wards": (("department", "departments"), ("place", "places"), ("takes.*", "departments")),
    "children": (("children.@", "departments"), ("children.*", "departments")),
}


def collect_names(folder: Folder, problems: list[Problem]) -> dict[str, Names]:
    """The names of every kind that is referred to; words claimed twice go to ``problems``."""
    names = {
        "departments": Names("科室"),
        "places": Names("地点"),
        "place_ids": Names("地点编号"),
        "campuses": Names("院区"),
        "buildings": Names("楼"),
        "questions": Names("分诊问题"),
        "red_flags": Names("危险信号"),
        "intents": Names("意图"),
        "answers": Names("问答或意图"),
    }
    for intent in sorted(INTENTS):
        for kind in ("intents", "answers"):
            names[kind].claim(intent, intent, "contract", 0, problems)
    for item in folder.items("departments"):
        _claim(names["departments"], item, "name", ("name", "aliases.*"), problems)
    for item in folder.items("places"):
        _claim(names["place_ids"], item, "id", ("id",), problems)
        _claim(names["places"], item, "name", ("id", "name"), problems)
    for kind, target in (("questions", "questions"), ("red_flags", "red_flags"), ("faq", "answers")):
        for item in folder.items(kind):
            _claim(names[target], item, "id", ("id",), problems)
    site = folder.whole.get("hospital.yml")
    if site:
        for kind, label, words in (
            ("campuses", "name", ("name", "aliases.*")),
            ("buildings", "id", ("id", "name", "aliases.*")),
        ):
            for entry in site.data.get(kind) or ():
                if isinstance(entry, LinedDict):
                    _claim(names[kind], Item(site.file, entry), label, words, problems)
    return names


def resolve_references(folder: Folder, names: dict[str, Names], problems: list[Problem]) -> None:
    """Replaces, in place, every reference by the canonical name; unknown ones go to ``problems``."""
    for kind, references in REFERENCES.items():
        items = folder.lists.get(kind) or folder.tables.get(kind) or []
        if kind in folder.whole:
            items = [folder.whole[kind]]
        for path, target in references:
            steps = path.split(".")
            for item in items:
                for holder, key, word, line in list(find_words(item.data, steps)):
                    name = names[target].resolve(word, item.file, line, problems)
                    if key is None:
                        _rename(holder, word, name)
                    else:
                        holder[key] = name


def find_words(data: Any, steps: list[str]) -> Iterator[tuple[Any, Any, str, int]]:
    """``(holder, key, word, line)`` of each text at the path; ``key`` is ``None`` where the word is itself a key."""
    step, rest = steps[0], steps[1:]
    if step == "@" and isinstance(data, LinedDict):
        for word in data:
            yield data, None, word, data.lines[word]
        return
    if step == "*" and isinstance(data, LinedList):
        keys: list[Any] = list(range(len(data)))
        lines: Any = data.lines
    elif step == "*" and isinstance(data, LinedDict):
        keys, lines = list(data), data.lines
    elif isinstance(data, LinedDict) and step in data:
        keys, lines = [step], data.lines
    else:
        return
    for key in keys:
        if rest:
            yield from find_words(data[key], rest)
        elif isinstance(data[key], str):
            yield data, key, data[key], lines[key]


def _claim(names: Names, item: Item, label: str, words: tuple[str, ...], problems: list[Problem]) -> None:
    for path in words:
        for _, _, word, line in find_words(item.data, path.split(".")):
            names.claim(word, item.data.get(label), item.file, line, problems)


def _rename(mapping: LinedDict, old: str, new: str) -> None:
    if old != new:
        mapping[new] = mapping.pop(old)
        mapping.lines[new] = mapping.lines.pop(old)
