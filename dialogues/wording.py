"""Replies as data: variants by language, plain ``{placeholders}``, no branching."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dialogues.reply import Button, Reply
from dialogues.schema import ReplyEntry

DEFAULT_LANGUAGE = "zh"
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_GAP = re.compile(r" +(?=[ ,.;?!]|:(?:\s|$))")
Show = Callable[[str], str]
"""The words for a placeholder."""


@dataclass(frozen=True, slots=True)
class Variant:
    text: str
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    large: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)

    def fill(self, show: Show, raw: Show, *, large: bool) -> Reply:
        text = self.large if large and self.large else self.text
        return Reply(
            text=_fill(text, show),
            buttons=tuple(Button(_fill(one.title, show), _fill(one.payload, raw)) for one in self.buttons),
            image=_fill(self.image, raw) if self.image else None,
            custom={
                key: _fill(value, show) if isinstance(value, str) else value
                for key, value in self.custom.items()
            },
        )


def _fill(text: str, show: Show) -> str:
    """A placeholder without a value leaves no gap between the words beside it."""
    if "{" not in text:
        return text
    return _GAP.sub("", PLACEHOLDER.sub(lambda found: show(found[1]), text))


@dataclass(frozen=True)
class Wording:
    """All replies: name → language → variants."""

    replies: Mapping[str, Mapping[str, tuple[Variant, ...]]]

    def __contains__(self, name: object) -> bool:
        return name in self.replies

    @cached_property
    def languages(self) -> frozenset[str]:
        return frozenset(language for by_language in self.replies.values() for language in by_language)

    def get_variant(self, name: str, *, language: str, turn: int) -> Variant:
        """The same turn gets the same variant, so a turn can be replayed; what a language lacks is said in Chinese."""
        by_language = self.replies[name]
        variants = by_language.get(language) or by_language[DEFAULT_LANGUAGE]
        return variants[turn % len(variants)]

    def find_missing(self, language: str) -> list[str]:
        return sorted(name for name, by_language in self.replies.items() if language not in by_language)

    def placeholders(self, name: str) -> frozenset[str]:
        return frozenset().union(*(find_placeholders(variants) for variants in self.replies[name].values()))


def find_placeholders(variants: Iterable[Variant]) -> frozenset[str]:
    return frozenset(found for one in variants for text in _texts(one) for found in PLACEHOLDER.findall(text))


def _texts(one: Variant) -> Iterable[str]:
    yield from (one.text, one.large or "", one.image or "")
    for button in one.buttons:
        yield from (button.title, button.payload)
    yield from (value for value in one.custom.values() if isinstance(value, str))


def build_variant(entry: ReplyEntry) -> Variant:
    custom = dict(entry.custom)
    if entry.voice:
        custom["voice"] = entry.voice
    return Variant(
        text=entry.text.rstrip("\n"),
        buttons=tuple(Button(one.title, one.payload) for one in entry.buttons),
        image=entry.image,
        large=entry.large,
        custom=custom,
    )
