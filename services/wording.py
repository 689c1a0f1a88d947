"""Words by language beside the code that draws or tells with them: a YAML file, checked when it is first read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

from knowledge.errors import KnowledgeError, Problem
from knowledge.folder import Item
from knowledge.reading import LinedDict, read_yaml
from knowledge.schema.base import Entry
from knowledge.validation import validate

DEFAULT = "zh"
Table = dict[str, str]
E = TypeVar("E", bound=Entry)
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def read_wording(file: Path, kind: type[E]) -> dict[str, E]:
    """By language. Raises `KnowledgeError` with every mistake: a template lacking, misspelt, or with another placeholder
    than the Chinese has."""
    problems: list[Problem] = []
    data = read_yaml(file, file.name, problems)
    if not isinstance(data.get(DEFAULT), LinedDict):
        raise KnowledgeError(problems or [Problem(file.name, 1, f"缺少「{DEFAULT}」")])
    words: dict[str, E] = {}
    for language, entry in data.items():
        if not isinstance(entry, LinedDict):
            problems.append(
                Problem(file.name, data.lines[language], f"「{language}」下面应当是「名字: 说法」")
            )
        elif (read := validate(kind, Item(file.name, entry), problems)) is not None:
            words[language] = read
            problems += _compare(file.name, data[DEFAULT], entry)
    if problems:
        raise KnowledgeError(problems)
    return words


def choose(words: dict[str, E], language: str) -> E:
    """Chinese where the language has none."""
    return words.get(language) or words[DEFAULT]


def _compare(file: str, chinese: LinedDict, other: LinedDict) -> list[Problem]:
    """What is filled in must be the same in every language, or a place would go unsaid."""
    return [
        Problem(
            file, other.lines[name], f"「{name}」填的是 {_list(told)}，中文填的是 {_list(chinese.get(name))}"
        )
        for name, told in other.items()
        if _list(told) != _list(chinese.get(name))
    ]


def _list(told: Any) -> list[str]:
    """The placeholders of a template; the keys of a table."""
    return sorted(told) if isinstance(told, dict) else sorted(set(_PLACEHOLDER.findall(str(told))))
