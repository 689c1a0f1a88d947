"""The slots: their types, how long they live, how a value is said to the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogues.schema import SlotEntry
from dialogues.words import read_words, write_days

ANY = "any"
"""What 「都行」 makes of a slot that may be left open."""
EITHER = {"zh": "都可以", "vi": "tùy ý"}
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
    never: tuple[str, ...] = ()
    """Kinds of messages that are no value of it."""

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
            parts = [self.display(one, language=language, year=year) for one in value]
            return read_words().word("list", language=language).join(parts)
        if self.show == "date" and isinstance(value, str):
            return write_days(value, language=language, year=year)
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
        never=tuple(entry.never),
    )


def _by_language(title: Mapping[str, str] | str) -> Mapping[str, str]:
    return {"zh": title} if isinstance(title, str) else dict(title)
