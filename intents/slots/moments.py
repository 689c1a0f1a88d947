"""Days in the calendar: arithmetic that the readers of dates share."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import Lunar, LunarYear


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both counted; one day where they are the same."""

    first: date
    last: date

    @classmethod
    def day(cls, day: date) -> Span:
        return cls(day, day)

    def iso(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


NO_SUCH_DAY = Span.day(date.max)
"""Stands for what is written as a day and is none: 2月30号, 13月5号. It takes its words, so that no 30号 is read in them."""


def real_day(day: date | None) -> Span:
    return Span.day(day) if day else NO_SUCH_DAY


def make_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_span(year: int, month: int) -> Span:
    return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where that day does not exist."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_day_of_month(today: date, day: int) -> date | None:
    """The nearest such day of a month, today counted (the contract's rule for 「X号」)."""
    for months in range(12):
        first = add_months(today.replace(day=1), months)
        found = make_day(first.year, first.month, day)
        if found and found >= today:
            return found
    return None


def next_month_day(today: date, month: int, day: int) -> date | None:
    """The nearest such date, today counted; one that has just passed (within 60 days) is meant as passed."""
    this_year = make_day(today.year, month, day)
    if this_year and this_year >= today - timedelta(days=60):
        return this_year
    return make_day(today.year + 1, month, day) or this_year


@lru_cache(maxsize=2048)
def lunar_day(year: int, month: int, day: int) -> date | None:
    """The solar day of a lunar one; ``day`` 30 in a month of 29 days is its last day (大年三十)."""
    if not 1900 <= year <= 2099:
        return None
    if day == 30 and LunarYear.fromYear(year).getMonth(month).getDayCount() == 29:
        day = 29
    try:
        solar = Lunar.fromYmd(year, month, day).getSolar()
    except Exception:  # the library raises bare Exception for a day that does not exist
        return None
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def next_lunar_day(today: date, month: int | None, day: int) -> date | None:
    """The nearest such lunar day, today counted; any month where none is named (初八)."""
    months = [month] if month else range(1, 13)
    found = [
        solar
        for year in (today.year - 1, today.year, today.year + 1)
        for one in months
        if (solar := lunar_day(year, one, day)) and solar >= today
    ]
    return min(found, default=None)
