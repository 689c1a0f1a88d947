"""The words in which a way is told, by language: `waywords.yml`, checked when it is first read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.errors import KnowledgeError, Problem
from knowledge.folder import Item
from knowledge.reading import LinedDict, read_yaml
from knowledge.schema.base import Entry
from knowledge.validation import validate

FILE = Path(__file__).with_name("waywords.yml")
DEFAULT = "zh"
Table = dict[str, str]
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


class WayWords(Entry):
    stretch: str
    """One straight stretch, of lead, towards, bend, pace, what one goes through, passes and where it ends."""
    arrival: str
    end: str
    """Of every sentence."""
    pause: str
    join: str
    floor: str
    basement: str
    here: str
    turns: Table
    onward: str
    sides: Table
    rides: Table
    verbs: Table
    lift_to: str
    up_to: str
    down_to: str
    shuttle: str
    shuttle_name: str
    shuttle_minutes: str
    shuttle_hours: str
    after_shuttle: str
    after: Table
    out_of: str
    start: str
    towards: str
    few_steps: str
    metres: str
    through: str
    steps_up: str
    steps_down: str
    ramp: str
    passing: str
    to: str
    into: str
    out: str
    to_door: str
    to_fork: str
    to_end: str
    ahead: str
    seen: str
    arrived: str
    flat_with_lift: str
    flat: str
    outdoors: str
    """On a drawing, from here on: what stands beside the campus's name."""
    leg: str
    leg_over: str
    """Over a bridge to the next building."""
    leg_ride: str
    leg_shuttle: str
    signs: Table
    """On a disc: where one starts, arrives, goes up or down, takes the shuttle, goes through a door."""
    scale: str
    north: str
    map_title: str
    described: str

    def name_floor(self, floor: str) -> str:
        """``2F`` → 2楼, ``B1`` → 地下1楼."""
        below = floor.startswith("B")
        return (self.basement if below else self.floor).format(floor=floor[1:] if below else floor[:-1])

    def finish(self, sentence: str) -> str:
        """One blank where parts were empty, and a capital where the language has them."""
        tidy = " ".join(sentence.split()).replace(" ,", ",")
        return tidy[:1].upper() + tidy[1:] + self.end


def get_words(language: str) -> WayWords:
    """Chinese where the language has none."""
    words = read_words()
    return words.get(language) or words[DEFAULT]


@cache
def read_words(file: Path = FILE) -> dict[str, WayWords]:
    """By language. Raises `KnowledgeError` with every mistake: a template lacking, misspelt, or with another placeholder
    than the Chinese has."""
    problems: list[Problem] = []
    data = read_yaml(file, file.name, problems)
    if not isinstance(data.get(DEFAULT), LinedDict):
        raise KnowledgeError(problems or [Problem(file.name, 1, f"缺少「{DEFAULT}」")])
    words: dict[str, WayWords] = {}
    for language, entry in data.items():
        if not isinstance(entry, LinedDict):
            problems.append(
                Problem(file.name, data.lines[language], f"「{language}」下面应当是「名字: 说法」")
            )
        elif (read := validate(WayWords, Item(file.name, entry), problems)) is not None:
            words[language] = read
            problems += _compare(file.name, data[DEFAULT], entry)
    if problems:
        raise KnowledgeError(problems)
    return words


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
