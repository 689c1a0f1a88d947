"""Workdays and holidays, in years published and years that are not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge.calendar import Calendar
from knowledge.schema import HolidayEntry

calendar = Calendar()


@pytest.mark.parametrize("name", ["五一", "劳动节", "五一劳动节"])
def test_a_holiday_is_found_by_any_of_its_names(name: str) -> None:
    assert calendar.holiday_period(name, 2026) == (date(2026, 5, 1), date(2026, 5, 5))


def test_a_saturday_worked_instead_is_a_workday() -> None:
    assert calendar.is_workday(date(2026, 2, 14))
    assert not calendar.is_workday(date(2026, 2, 16))
    assert not calendar.is_workday(date(2026, 3, 14))
    assert calendar.is_workday(date(2026, 3, 11))


def test_holidays_given_as_one_break_answer_with_the_whole_break() -> None:
    assert calendar.holiday_period("国庆", 2025) == (date(2025, 10, 1), date(2025, 10, 8))


def test_a_new_year_break_that_begins_in_december_belongs_to_the_new_year() -> None:
    assert calendar.holiday_period("元旦", 2024) == (date(2023, 12, 30), date(2024, 1, 1))


def test_an_unpublished_year_falls_back_to_statute_and_moon() -> None:
    assert calendar.holiday_period("春节", 2031) == (date(2031, 1, 22), date(2031, 1, 29))
    assert calendar.holiday_name(date(2031, 10, 2)) == "国庆节"
    assert not calendar.is_workday(date(2031, 10, 2))
    assert calendar.is_workday(date(2031, 10, 9))


@pytest.mark.parametrize("year", [1, 1899, 1950, 2003, 2027, 2033, 2199, 2200, 9999])
def test_no_year_is_a_crash(year: int) -> None:
    for day in (date(year, 1, 1), date(year, 12, 31), date(year, 6, 15)):
        assert calendar.is_workday(day) in (True, False)
    for name in ("春节", "清明", "端午", "中秋", "国庆", "元旦", "没有这个节"):
        found = calendar.holiday_period(name, year)
        assert found is None or found[0] <= found[1]


def test_every_day_of_a_forecast_break_is_off() -> None:
    for name in ("元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆节"):
        first, last = calendar.holiday_period(name, 2029) or (None, None)
        assert first and last
        while first <= last:
            assert not calendar.is_workday(first)
            first += timedelta(days=1)


def test_the_hospitals_own_entry_wins_over_the_library() -> None:
    entry = HolidayEntry(
        name="国庆", start=date(2026, 10, 1), end=date(2026, 10, 8), workdays=(date(2026, 10, 11),)
    )
    own = Calendar((entry,))
    assert own.holiday_period("十一", 2026) == (date(2026, 10, 1), date(2026, 10, 8))
    assert own.holiday_name(date(2026, 10, 8)) == "国庆"
    assert own.is_workday(date(2026, 10, 11))
    assert not own.is_workday(date(2026, 10, 8))


def test_no_holiday_is_no_period() -> None:
    assert calendar.holiday_period("愚人节", 2026) is None
