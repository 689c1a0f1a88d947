"""YAML into plain data that remembers its lines.

PyYAML's C parser, because ruamel's pure Python one takes seconds for a whole hospital. Scalars are resolved as
YAML 1.2 does: 08:00 is a text and not 480 minutes, 2026-03-11 a text that the schema reads, ``no`` a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import Problem


class LinedDict(dict[str, Any]):
    """A mapping that knows where it begins and on which line each key stands."""

    __slots__ = ("line", "lines")
    line: int
    lines: dict[str, int]


class LinedList(list[Any]):
    """A sequence that knows where it begins and on which line each item stands."""

    __slots__ = ("line", "lines")
    line: int
    lines: list[int]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))

_SCALARS: dict[str, Any] = {
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:null": lambda text: None,
}


def read_yaml(path: Path, name: str, problems: list[Problem]) -> LinedDict:
    """The mapping in a file, empty where there is none; what is wrong with the file goes to ``problems``."""
    empty = LinedDict()
    empty.line, empty.lines = 1, {}
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.append(
            Problem(name, line, f"YAML 格式有误：{error.problem}（检查缩进、冒号后的空格和引号）")
        )
        return empty
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(Problem(name, 0, f"文件读不出来（要 UTF-8 编码的 YAML）：{error}"))
        return empty
    if root is None:
        return empty
    data = _build(root, name, problems)
    if not isinstance(data, LinedDict):
        problems.append(Problem(name, 1, "文件最外层应当是「名字: 内容」"))
        return empty
    return data


def _build(node: yaml.Node, name: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        build = _SCALARS.get(node.tag)
        return build(node.value) if build else node.value
    if isinstance(node, yaml.SequenceNode):
        items = LinedList(_build(child, name, problems) for child in node.value)
        items.line = node.start_mark.line + 1
        items.lines = [child.start_mark.line + 1 for child in node.value]
        return items
    mapping = LinedDict()
    mapping.line = node.start_mark.line + 1
    mapping.lines = {}
    for key, value in node.value:
        word = str(key.value)
        line = key.start_mark.line + 1
        if word in mapping:
            problems.append(Problem(name, line, f"「{word}」在第 {mapping.lines[word]} 行已经写过"))
        mapping[word] = _build(value, name, problems)
        mapping.lines[word] = line
    return mapping


def find_line(data: Any, loc: Iterable[str | int]) -> int:
    """The line of what ``loc`` points at, or of the innermost thing on the way that exists."""
    line = getattr(data, "line", 0)
    for step in loc:
        if isinstance(data, LinedDict) and step in data:
            line = data.lines[str(step)]
        elif isinstance(data, LinedList) and isinstance(step, int) and step < len(data):
            line = data.lines[step]
        else:
            continue
        data = data[step]
    return line


def list_texts(value: Any) -> list[str]:
    """The texts of a list as written; nothing where it is no list (the schema says so)."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def list_dicts(value: Any) -> list[tuple[int, Any]]:
    """The mappings of a list as written, with their numbers."""
    return (
        [(at, item) for at, item in enumerate(value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )
