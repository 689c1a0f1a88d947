"""Workdays and holidays of mainland China, for any year.

Published years come from chinesecalendar (State Council notices); ``holidays.yml`` adds or overrides (a year the
library does not know yet, 广西三月三, a hospital's own closing). For other years the statutory rule stands in
(《全国年节及纪念日放假办法》, 2025): fixed dates, lunar dates computed, the customary length of the break, and
ordinary weekends. That is a forecast; nothing raises for a year unknown.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import constants

from knowledge.schema.site import HolidayEntry

Days = tuple[date, date]
"""First and last day, inclusive."""

_ALIASES = {
    "元旦": ("元旦节", "新年"),
    "春节": ("过年", "新春", "大年", "除夕", "年三十"),
    "清明": ("清明节",),
    "劳动节": ("五一", "五一节", "五一劳动节"),
    "端午": ("端午节",),
    "中秋": ("中秋节",),
    "国庆节": ("国庆", "十一", "国庆日"),
    "三月三": ("广西三月三", "壮族三月三"),
}
_NAMES = {word: name for name, words in _ALIASES.items() for word in (name, *words)}
_SPANS = {"春节": 8, "劳动节": 5, "国庆节": 7}
"""Customary length of the break in days since 2025; the others are one day and the weekend that touches it."""
_LIBRARY = {day: _NAMES.get(constants.Holiday(word).chinese, "") for day, word in constants.holidays.items()}
_YEARS = frozenset(day.year for day in constants.holidays)


def _lunar_day(year: int, month: int, day: int) -> date:
    from lunar_python import Lunar  # 40 ms that most starts never need

    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _find_qingming(year: int) -> date:
    from lunar_python import Solar

    solar = Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()["清明"]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=64)
def _forecast(year: int) -> dict[str, Days]:
    """The expected breaks of a year without a published notice; none for years no patient speaks of."""
    if not 1900 <= year <= 2199:  # nobody books then, and lunar tables end somewhere
        return {}
    first = {
        "元旦": date(year, 1, 1),
        "春节": _lunar_day(year, 1, 1) - timedelta(days=1),  # 除夕
        "清明": _find_qingming(year),
        "劳动节": date(year, 5, 1),
        "端午": _lunar_day(year, 5, 5),
        "中秋": _lunar_day(year, 8, 15),
        "国庆节": date(year, 10, 1),
    }
    breaks = {}
    for name, start in first.items():
        end = start + timedelta(days=_SPANS.get(name, 1) - 1)
        if name not in _SPANS:
            while (start - timedelta(days=1)).isoweekday() > 5:
                start -= timedelta(days=1)
            while (end + timedelta(days=1)).isoweekday() > 5:
                end += timedelta(days=1)
        breaks[name] = (start, end)
    return breaks


def _year_of(day: date, name: str) -> int:
    """The year a day off belongs to: 元旦 of the coming year may begin on the last days of December."""
    return day.year + (name == "元旦" and day.month == 12)


class Calendar:
    """Days off and days worked. Immutable; ``overrides`` win over the library and the forecast."""

    def __init__(self, overrides: tuple[HolidayEntry, ...] = ()) -> None:
        self._overrides = overrides
        self._workdays = frozenset(day for entry in overrides for day in entry.workdays)

    def holiday_name(self, day: date) -> str | None:
        """春节, 清明 … where the day is part of that holiday's break, else ``None`` (also on mere weekends)."""
        for entry in self._overrides:
            if entry.start <= day <= entry.end:
                return entry.name
        if day in self._workdays:
            return None
        if day.year in _YEARS:
            return _LIBRARY.get(day)
        # 除夕 may fall into the old year's library or forecast, never across: the break lies within one year.
        for name, (start, end) in _forecast(day.year).items():
            if start <= day <= end:
                return name
        return None

    def is_workday(self, day: date) -> bool:
        """Whether offices work that day: no holiday, and a weekday or a weekend day worked instead (调休)."""
        if self.holiday_name(day):
            return False
        if day in self._workdays or day in constants.workdays:
            return True
        return day.isoweekday() <= 5

    def holiday_period(self, name: str, year: int) -> Days | None:
        """First and last day off of a holiday by any of its names (五一, 国庆, 过年), or ``None`` for no holiday.

        Holidays that are given as one break (国庆 and 中秋 of 2025) answer with the whole break.
        """
        standard = _NAMES.get(name.strip(), name.strip())
        for entry in self._overrides:
            if entry.start.year == year and _NAMES.get(entry.name, entry.name) == standard:
                return entry.start, entry.end
        if year not in _YEARS:
            return _forecast(year).get(standard)
        days = sorted(d for d, word in _LIBRARY.items() if word == standard and _year_of(d, word) == year)
        if not days:
            return None
        first, last = days[0], days[-1]
        while first - timedelta(days=1) in _LIBRARY:
            first -= timedelta(days=1)
        while last + timedelta(days=1) in _LIBRARY:
            last += timedelta(days=1)
        return first, last
