"""Counting the rows of a report piece by piece: how many, and how long, by department, place, category and team.

Hours are counted into bins (a tenth of an hour up to ten days, then an hour, up to 120 days), from which any rank can be
read exactly to the bin; so nothing of a row is kept.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np

KINDS = ("complaint", "question", "suggestion", "praise")
FLAGS = (
    "open",
    "serious",
    "overdue",
    "in_time",
    "due",
    "confirmed",
    "reopened",
    "turned",
    "escalated",
    "withdrawn",
)
GROUPS = ("department", "place", "category", "team")
MOST_NAMES = 300
"""Places are partly what patients wrote: those beyond so many different ones are counted together."""
OTHERS = "（其他）"
FINE, COARSE = 2400, 2640
BINS = FINE + COARSE
Array = np.ndarray[Any, Any]
MOST_POINTS = 5
TRAITS = len(KINDS) * 2 ** len(FLAGS) * (MOST_POINTS + 1)
"""Kind, flags and points of a row as one number: ``kind + 4 * flags + 4096 * points``."""


def _read_traits() -> Array:
    """For every trait what it counts as: each kind, each flag, rated, points."""
    trait = np.arange(TRAITS)
    kind, rest = trait % len(KINDS), trait // len(KINDS)
    flags, points = rest % 2 ** len(FLAGS), rest // 2 ** len(FLAGS)
    columns = [
        *(kind == code for code in range(len(KINDS))),
        *((flags >> place) & 1 for place in range(len(FLAGS))),
    ]
    return np.stack([*columns, points > 0, points], axis=1).astype(np.int64)


MEANINGS = _read_traits()


@dataclass(frozen=True, slots=True)
class Spread:
    """Hours waited: by half of the patients, and by nine in ten, at most."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The complaints of one department, place, category or team (``name`` empty: not said), or of all; questions,
    suggestions and praise are only counted beside them."""

    name: str
    complaints: int = 0
    questions: int = 0
    suggestions: int = 0
    praise: int = 0
    open: int = 0
    serious: int = 0
    overdue: int = 0
    """Still without an answer after the day it was promised for."""
    in_time: int = 0
    """Answered by the day promised."""
    due: int = 0
    """Answered, or past the day promised: of these it is known whether it was kept."""
    confirmed: int = 0
    """The patient said that the answer is good."""
    reopened: int = 0
    """The patient said at least once that it is not."""
    turned: int = 0
    """Came in as a complaint, and a talk found it to be a question."""
    escalated: int = 0
    """Told upwards for being late."""
    withdrawn: int = 0
    """Taken back by the patient: of these nobody is owed an answer."""
    rated: int = 0
    satisfaction: float | None = None
    """The mean of 1 to 5."""
    contact: Spread = Spread()
    answer: Spread = Spread()


class _Codes(dict[str | None, int]):
    """A number for each name, given when it is first met; those beyond ``MOST_NAMES`` share one."""

    def __missing__(self, name: str | None) -> int:
        full = len(self) >= MOST_NAMES and name != OTHERS
        self[name] = number = self[OTHERS] if full else len(self)
        return number


class _Group:
    """The counts of one grouping, a row a name: how many rows of each ``trait``, and how many waited how long."""

    def __init__(self) -> None:
        self.codes = _Codes()
        self.traits = np.zeros((0, TRAITS), np.int32)
        self.hours = np.zeros((2, 0, BINS), np.int32)

    def grow(self) -> None:
        size = max(self.codes.values(), default=-1) + 1
        if size > len(self.traits):
            more = max(size, 2 * len(self.traits)) - len(self.traits)
            self.traits = np.pad(self.traits, ((0, more), (0, 0)))
            self.hours = np.pad(self.hours, ((0, 0), (0, more), (0, 0)))

    def add(self, names: Sequence[str | None], traits: Array, bins: tuple[Array, Array]) -> None:
        codes = np.fromiter(map(self.codes.__getitem__, names), np.int64, len(names))
        self.grow()
        np.add.at(self.traits.reshape(-1), codes * TRAITS + traits, 1)
        for hours, found in zip(self.hours, bins, strict=True):
            said = found >= 0
            np.add.at(hours.reshape(-1), codes[said] * BINS + found[said], 1)

    def lines(self) -> tuple[Line, ...]:
        merged: dict[int, str] = {}
        for name, code in self.codes.items():
            merged.setdefault(code, name or "")
        if OTHERS in self.codes:
            merged[self.codes[OTHERS]] = OTHERS
        found = [self._line(code, name) for code, name in merged.items()]
        return tuple(
            sorted(
                found,
                key=lambda one: (-one.complaints, -one.questions, -one.praise, -one.suggestions, one.name),
            )
        )

    def _line(self, code: int, name: str) -> Line:
        *counts, rated, points = (int(one) for one in self.traits[code] @ MEANINGS)
        content = round(points / rated, 2) if rated else None
        spreads = (_spread(self.hours[0, code]), _spread(self.hours[1, code]))
        values: tuple[Any, ...] = (name, *counts, rated, content, *spreads)  # as the fields of a line stand
        return Line(*values)


class Tally:
    """``add`` takes rows: filed, contacted and answered at, trait, status, then a name for each group."""

    def __init__(self, first: dt.date, groups: Sequence[str]):
        self.first = np.datetime64(first, "D")
        self.names = tuple(groups)
        self.statuses: Counter[str] = Counter()
        self._days = np.zeros((31, len(KINDS)), np.int64)
        self._all = _Group()
        self._groups = {name: _Group() for name in groups}

    def add(self, rows: Sequence[Any]) -> None:
        filed, contacted, answered, traits, statuses, *names = zip(*rows, strict=True)
        trait = np.asarray(traits, np.int64)
        kind = trait % len(KINDS)
        at = _times(filed)
        is_complaint = kind == 0
        bins = (_bins(at, contacted, is_complaint), _bins(at, answered, is_complaint))
        self._all.add([""] * len(rows), trait, bins)
        for name, values in zip(self.names, names, strict=True):
            self._groups[name].add(values, trait, bins)
        self.statuses.update(compress(statuses, is_complaint.tolist()))
        day = (at.astype("datetime64[D]") - self.first).astype(np.int64)
        np.add.at(self._days, (day, kind), 1)

    @property
    def ratings(self) -> tuple[int, ...]:
        """How many gave one point, two, … five."""
        by_points = self._all.traits.sum(0).reshape(MOST_POINTS + 1, -1).sum(1)
        return tuple(int(one) for one in by_points[1:])

    def total(self) -> Line:
        lines = self._all.lines()
        return lines[0] if lines else Line("")

    def lines(self, group: str) -> tuple[Line, ...]:
        return self._groups[group].lines()

    def on(self, day: dt.date) -> tuple[int, int, int, int]:
        number = int((np.datetime64(day, "D") - self.first).astype(int))
        complaints, questions, suggestions, praise = (int(one) for one in self._days[number])
        return complaints, questions, suggestions, praise


def _times(values: Sequence[Any]) -> Array:
    return np.array(values, dtype="datetime64[us]")


def _bins(start: Array, ends: Sequence[Any], counted: Array) -> Array:
    """The bin of the hours between; -1 where there is no end or the row does not count."""
    end = _times(ends)
    tenths = (end - start).astype("timedelta64[s]").astype(np.int64) // 360
    beyond = FINE + (tenths - FINE) // 10
    found = np.clip(np.where(tenths < FINE, tenths, beyond), 0, BINS - 1)
    return np.where(np.isnat(end) | ~counted, -1, found)


def _spread(bins: Array) -> Spread:
    count = int(bins.sum())
    if not count:
        return Spread()
    reached = np.cumsum(bins)
    ranks = [int(np.searchsorted(reached, -(-count * part // 10))) for part in (5, 9)]
    median, ninetieth = (one / 10 if one < FINE else FINE / 10 + (one - FINE) for one in ranks)
    return Spread(count, median, ninetieth)
