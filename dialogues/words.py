"""Words by language: what computed buttons and parts of sentences say, and how days and hours are written.

Sentences are replies (`dialogues.wording`); what an action puts together itself (a button for each day, a line for each
appointment) is made of these. `words.yml` holds them side by side. What stands there in one language only is a
translation of the hospital's own words, which are said where it is lacking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dialogues.errors import DialogueError
from knowledge.errors import Problem
from knowledge.reading import read_yaml

FILE = Path(__file__).with_name("words.yml")
LANGUAGES = ("zh", "vi")
"""What patients may choose; the first is spoken where nothing else is known."""
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
}
_TO = {"zh": "到", "vi": " – "}


@dataclass(frozen=True, slots=True)
class Words:
    words: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, Mapping[str, Mapping[str, str]]]

    def word(self, name: str, /, *, language: str, **values: Any) -> str:
        """The word of this name, filled in; in Chinese where the language lacks it. Raises `KeyError`."""
        by_language = self.words[name]
        text = by_language.get(language) or by_language["zh"]
        return text.format(**values) if values else text

    def name(self, table: str, key: str | None, *, language: str, default: str | None = None) -> str:
        """The word for a key; ``default`` (else the key itself, else nothing) where the table lacks it."""
        found = self.tables[table].get(key or "", {}).get(language)
        return found if found is not None else default if default is not None else key or ""


@cache
def read_words() -> Words:
    """Raises `DialogueError` where the file cannot be read."""
    problems: list[Problem] = []
    data = read_yaml(FILE, FILE.name, problems)
    if problems:
        raise DialogueError(problems)
    return Words(data["words"], data["tables"])


def write_days(value: str, *, language: str, year: int) -> str:
    """``2026-03-13`` → 3月13日（周五） or thứ Sáu, 13/3; a span with 到; ``year`` is left out. What is no date stays."""
    try:
        days = [dt.date.fromisoformat(one) for one in value.split("/")]
    except ValueError:
        return value
    return (_TO.get(language) or _TO["zh"]).join(_write_day(day, language, year) for day in days)


def name_weekday(weekday: int, language: str) -> str:
    """Of an ISO weekday: Monday is 1."""
    return (WEEKDAYS.get(language) or WEEKDAYS["zh"])[weekday - 1]


def _write_day(day: dt.date, language: str, year: int) -> str:
    weekday = name_weekday(day.isoweekday(), language)
    if language == "vi":
        return f"{weekday}, {day.day}/{day.month}" + (f"/{day.year}" if day.year != year else "")
    text = f"{day.month}月{day.day}日（{weekday}）"
    return text if day.year == year else f"{day.year}年{text}"
