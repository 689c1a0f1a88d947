"""The slots: their types, how long they live, how a value is said to the patient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dialogues.schema import SlotEntry

WEEKDAYS = {"zh": "一二三四五六日", "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN")}
ANY = "any"
"""What 「都行」 makes of a slot that may be left open."""
EITHER = {"zh": "都可以", "vi": "tùy ý"}
_DATE = re.compile(r"^(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?$")
_TRUE = {"true", "yes", "1", "是"}
_FALSE = {"false", "no", "0", "否"}


class WrongValue(ValueError):
    """The value cannot be one of this slot."""


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    type: str
    titles: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lifetime: str = "flow"
    show: str = "as_is"
    names: str | None = None
    offered_only: bool = False
    private: bool = False

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles["zh"]

    def cast(self, value: Any) -> Any:
        """The value in the slot's type; raises `WrongValue`. ``None`` stays ``None``: the slot is empty."""
        if value is None:
            return None
        if self.type == "text":
            return value if isinstance(value, str) else str(value)
        if self.type == "bool":
            return _cast_bool(value)
        if self.type == "float":
            try:
                number = float(value)
            except (TypeError, ValueError):
                raise WrongValue(value) from None
            return int(number) if number.is_integer() else number
        if self.type == "categorical":
            if not isinstance(value, str) or value not in self.values:
                raise WrongValue(value)
            return value
        if self.type == "list":
            return list(value) if isinstance(value, list | tuple) else [value]
        return value

    def display(self, value: Any, *, language: str, year: int) -> str:
        """The value as the patient reads it; ``year`` is this year, which a date then leaves out."""
        if isinstance(value, list | tuple):
            return "、".join(self.display(one, language=language, year=year) for one in value)
        if self.show == "date" and isinstance(value, str):
            return display_date(value, language=language, year=year)
        if self.values and isinstance(value, str) and value in self.values:
            titles = self.values[value]
            return titles.get(language) or titles["zh"]
        if value == ANY:
            return EITHER.get(language) or EITHER["zh"]
        text = str(value)
        return mask(text) if self.show == "masked" else text


def _cast_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise WrongValue(value)


def mask(text: str) -> str:
    """``10000001234`` → ``100****1234``: enough to recognise one's own."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 8 else "*" * len(text)


def display_date(value: str, *, language: str, year: int) -> str:
    """``2026-03-13`` → 3月13日（周五）; a span with 到; what is no date stays as it is."""
    found = _DATE.match(value)
    if not found:
        return value
    try:
        days = [date.fromisoformat(one) for one in found.groups() if one]
    except ValueError:
        return value
    return (" – " if language == "vi" else "到").join(_display_day(day, language, year) for day in days)


def _display_day(day: date, language: str, year: int) -> str:
    if language == "vi":
        return f"{WEEKDAYS['vi'][day.weekday()]} {day.day}/{day.month}" + (
            f"/{day.year}" if day.year != year else ""
        )
    text = f"{day.month}月{day.day}日（周{WEEKDAYS['zh'][day.weekday()]}）"
    return text if day.year == year else f"{day.year}年{text}"


def build_slot(name: str, entry: SlotEntry) -> Slot:
    return Slot(
        name=name,
        type=entry.type,
        titles=_by_language(entry.title),
        values={value: _by_language(title) for value, title in entry.values.items()},
        lifetime=entry.lifetime,
        show=entry.show,
        names=entry.names,
        offered_only=entry.offered_only,
        private=entry.private,
    )


def _by_language(title: Mapping[str, str] | str) -> Mapping[str, str]:
    return {"zh": title} if isinstance(title, str) else dict(title)
