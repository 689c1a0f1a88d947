"""Days and periods as 世界 lines write them: few forms, read strictly, so that a slip is an error and not a guess."""

from __future__ import annotations

import re
from datetime import date, timedelta

PERIODS = {"上午": "morning", "中午": "noon", "下午": "afternoon", "晚上": "evening", "夜间": "evening"}
WEEKDAYS = "一二三四五六日"
DAY = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}月\d{1,2}[日号]|今天|明天|后天|大后天|(?:下下?周|周)[一二三四五六日天])"
PERIOD = "(?:" + "|".join(PERIODS) + ")"
_SPANS = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3}


def read_day(text: str, today: date) -> date:
    """``2026-03-12``, ``3月12日`` (today or the next such day), ``明天``, ``周五`` (today or the next), ``下周五``.

    >>> read_day("3月12日", date(2026, 3, 11)), read_day("下周一", date(2026, 3, 11))
    (datetime.date(2026, 3, 12), datetime.date(2026, 3, 16))
    """
    if text in _SPANS:
        return today + timedelta(days=_SPANS[text])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if found := re.fullmatch(r"(\d{1,2})月(\d{1,2})[日号]", text):
        month, day = int(found[1]), int(found[2])
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    if found := re.fullmatch(r"(下*)周(.)", text):
        weekday = WEEKDAYS.index(found[2].replace("天", "日"))
        if found[1]:
            monday = today - timedelta(days=today.weekday())
            return monday + timedelta(weeks=len(found[1]), days=weekday)
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    raise ValueError(f"cannot read the day {text!r}")
