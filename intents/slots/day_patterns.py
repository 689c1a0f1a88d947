"""The register of patterns for days: each names the function that makes a ``Span`` of its match."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from intents.slots.moments import Span, add_months
from intents.slots.numbers import read_number


@dataclass(frozen=True, slots=True)
class Reading:
    """One date in the text; ``kind`` says how it was named, for days that lean on one named before (5号和6号)."""

    span: Span
    start: int
    end: int
    kind: str = ""


Maker = Callable[[re.Match[str], date], "Span | None"]
PATTERNS: list[tuple[re.Pattern[str], Maker, str]] = []
UNIT_DAYS = {"天": 1, "日": 1, "星期": 7, "周": 7, "礼拜": 7}


def reads(pattern: str, kind: str = "") -> Callable[[Maker], Maker]:
    """Registers a maker; it returns ``None`` where the match only looks like a date."""

    def register(maker: Maker) -> Maker:
        PATTERNS.append((re.compile(pattern), maker, kind))
        return maker

    return register


def offset(count: str, unit: str, day: date, sign: int) -> Span | None:
    """So many units after (``sign`` 1) or before (-1) ``day``; 半个月 is fifteen days."""
    if count == "半":
        if unit == "月":
            return Span.day(day + timedelta(days=15 * sign))
        return Span.day(add_months(day, 6 * sign)) if unit == "年" else None
    number = read_number(count)
    if not number:
        return None
    if unit in ("月", "年"):
        return Span.day(add_months(day, sign * number * (12 if unit == "年" else 1)))
    return Span.day(day + timedelta(days=sign * number * UNIT_DAYS[unit]))
