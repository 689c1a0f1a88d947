"""Words that the readers look for: the hospital's names, and lists of everyday ones as data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import ahocorasick
import yaml

from intents.slots.found import Found, longest

HERE = Path(__file__).parent


@lru_cache
def read_list(name: str) -> Any:
    """The data of ``<name>.yml`` beside this file."""
    return yaml.load((HERE / f"{name}.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)


class Words:
    """Finds any of many words in a text in one pass, the longest where they overlap."""

    def __init__(self, slot: str, entries: Iterable[tuple[str, str]]) -> None:
        """``entries``: the word as normalised text has it, and the value it stands for."""
        self.slot = slot
        self._automaton = ahocorasick.Automaton()
        for word, value in entries:
            if word and word not in self._automaton:
                self._automaton.add_word(word, (len(word), value))
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Found]:
        if self._empty:
            return []
        found = []
        for last, (length, value) in self._automaton.iter(text):
            start, end = last - length + 1, last + 1
            if inside_latin(text, start, end):
                continue
            found.append(Found(self.slot, value, start, end))
        return longest(found)


def inside_latin(text: str, start: int, end: int) -> bool:
    """``ct`` in ``doctor`` is no CT."""
    return (start > 0 and _latin(text[start]) and _latin(text[start - 1])) or (
        end < len(text) and _latin(text[end - 1]) and _latin(text[end])
    )


def _latin(char: str) -> bool:
    return char.isascii() and bool(re.match(r"[a-z]", char))
