"""Festivals by every name people use, on the day they really fall; and how long the holiday around them lasts.

How long a statutory holiday lasts comes from ``chinesecalendar`` (it holds the notices of the State Council); for
a year it does not know yet, the lengths of the regulation on national holidays are used.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from intents.slots.moments import Span, lunar_day, make_day


def _fixed(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: make_day(year, month, day)


def _lunar(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: lunar_day(year, month, day)


def _nth_sunday(month: int, nth: int) -> Callable[[int], date | None]:
    def find(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))

    return find


def _new_years_eve(year: int) -> date | None:
    first = lunar_day(year, 1, 1)
    return first - timedelta(days=1) if first else None


def _clear_and_bright(year: int) -> date | None:
    # The usual century formula for the solar term; right for 2000 to 2099.
    return date(year, 4, int((year % 100) * 0.2422 + 4.81) - (year % 100) // 4)


def _winter_solstice(year: int) -> date | None:
    return date(year, 12, int((year % 100) * 0.2422 + 21.94) - (year % 100) // 4)


FESTIVALS: dict[str, tuple[tuple[str, ...], Callable[[int], date | None]]] = {
    "元旦": (("元旦节", "元旦", "新年第一天", "阳历新年"), _fixed(1, 1)),
    "除夕": (("除夕", "大年三十", "年三十", "年卅晚", "年三十晚", "大年夜"), _new_years_eve),
    "春节": (("春节", "过年", "大年初一", "年初一", "农历新年", "新春"), _lunar(1, 1)),
    "元宵": (("元宵节", "元宵", "正月十五"), _lunar(1, 15)),
    "情人节": (("情人节",), _fixed(2, 14)),
    "三八": (("三八妇女节", "三八节", "妇女节", "女神节"), _fixed(3, 8)),
    "植树节": (("植树节",), _fixed(3, 12)),
    "三月三": (("农历三月三", "壮族三月三", "三月三"), _lunar(3, 3)),
    "愚人节": (("愚人节",), _fixed(4, 1)),
    "清明": (("清明节", "清明", "拜山"), _clear_and_bright),
    "五一": (("五一劳动节", "五一节", "劳动节", "五一"), _fixed(5, 1)),
    "青年节": (("五四青年节", "青年节"), _fixed(5, 4)),
    "母亲节": (("母亲节",), _nth_sunday(5, 2)),
    "护士节": (("护士节",), _fixed(5, 12)),
    "儿童节": (("六一儿童节", "儿童节", "六一节", "六一"), _fixed(6, 1)),
    "父亲节": (("父亲节",), _nth_sunday(6, 3)),
    "端午": (("端午节", "端午", "五月节"), _lunar(5, 5)),
    "建党节": (("建党节", "七一建党节"), _fixed(7, 1)),
    "建军节": (("八一建军节", "建军节"), _fixed(8, 1)),
    "七夕": (("七夕节", "七夕"), _lunar(7, 7)),
    "中元": (("中元节", "鬼节", "七月半"), _lunar(7, 14)),
    "教师节": (("教师节",), _fixed(9, 10)),
    "中秋": (("中秋节", "中秋", "八月节"), _lunar(8, 15)),
    "国庆": (("十一国庆节", "国庆节", "国庆", "十一长假", "十一黄金周"), _fixed(10, 1)),
    "重阳": (("重阳节", "重阳"), _lunar(9, 9)),
    "万圣节": (("万圣节",), _fixed(10, 31)),
    "冬至": (("冬至",), _winter_solstice),
    "平安夜": (("平安夜",), _fixed(12, 24)),
    "圣诞": (("圣诞节", "圣诞"), _fixed(12, 25)),
    "腊八": (("腊八节", "腊八"), _lunar(12, 8)),
    "小年": (("小年夜", "小年"), _lunar(12, 23)),
}
NAMES = {name: key for key, (names, _) in FESTIVALS.items() for name in names}
STATUTORY = {
    "元旦": ("New Year's Day", 1), "春节": ("Spring Festival", 8), "清明": ("Tomb-sweeping Day", 3),
    "五一": ("Labour Day", 5), "端午": ("Dragon Boat Festival", 3), "中秋": ("Mid-autumn Festival", 3),
    "国庆": ("National Day", 7), "除夕": ("Spring Festival", 8), "三月三": ("", 2),
}  # fmt: skip


def festival_day(key: str, year: int) -> date | None:
    return FESTIVALS[key][1](year)


def next_festival(key: str, today: date) -> date | None:
    """The next time the festival is, today counted; during its holiday it is the one being kept."""
    for year in (today.year, today.year + 1, today.year + 2):
        day = festival_day(key, year)
        if day is None:
            continue
        if day >= today or (key in STATUTORY and holiday(key, day).last >= today):
            return day
    return None


@lru_cache(maxsize=512)
def holiday(key: str, day: date) -> Span:
    """The days off around a statutory festival; the day itself for any other."""
    if key not in STATUTORY:
        return Span.day(day)
    english, length = STATUTORY[key]
    try:
        off = [
            one
            for one in (day + timedelta(days=offset) for offset in range(-8, 10))
            if english and chinese_calendar.get_holiday_detail(one) == (True, english)
        ]
    except NotImplementedError:  # a year whose notice has not come out yet
        off = []
    if off:
        return Span(min(off), max(off))
    first = day - timedelta(days=1) if key == "春节" else day
    return Span(first, first + timedelta(days=length - 1))
