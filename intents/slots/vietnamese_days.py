"""Days, parts of the day and hours in Vietnamese; patterns over text without marks, one blank before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from intents.slots.found import Found
from intents.slots.moments import (
    Span,
    add_months,
    make_day,
    monday,
    month_span,
    next_day_of_month,
    next_month_day,
)

NUMBERS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
COUNT = r"(\d{1,3}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|nua)"
WEEKDAYS = {
    "hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4, "bay": 5, "7": 5,
}  # fmt: skip
DAY = re.compile(
    r" (?:ngay|mung|mong) (?P<day>\d{1,2})(?: thang (?P<month>\d{1,2})| (?P<slash>\d{1,2})(?! gio|h))?(?: nam (?P<year>20\d\d))?(?= )"
)
MONTH_DAY = re.compile(
    r" (?P<day>\d{1,2}) thang (?P<month>1[0-2]|[1-9])(?: nam (?P<year>20\d\d))?(?= )(?! tuoi)"
)
WEEKDAY = re.compile(
    r" (?:thu (?P<thu>hai|ba|tu|nam|sau|bay|[2-7])|t(?P<t>[2-7])|(?P<sunday>chu nhat|cn))(?: (?P<week>tuan sau|tuan toi|tuan nay|tuan truoc|tuan roi))?(?= )"
)
WORDS = (
    (re.compile(r" (?:hom nay|bua nay|(?:sang|trua|chieu|toi|dem) nay)(?= )"), 0),
    (re.compile(r" (?:ngay mai|mai|(?:sang|trua|chieu|toi|dem) mai)(?= )"), 1),
    (re.compile(r" (?:ngay kia|ngay mot|sang kia)(?= )"), 2),
    (re.compile(r" (?:hom qua|(?:sang|trua|chieu|toi|dem) qua)(?= )"), -1),
    (re.compile(r" hom kia(?= )"), -2),
)
NOT_TOMORROW = re.compile(r" (?:chi|co|ten|em|ba|anh|thi|hoa|cay|sau|mia)$")
LATER = re.compile(rf" (?:sau )?{COUNT} (?P<unit>ngay|tuan|thang) nua(?= )| sau {COUNT} (?P<unit2>ngay|tuan|thang)(?= )")  # fmt: skip
AGO = re.compile(rf" {COUNT} (?P<unit>ngay|tuan) truoc(?= )")
WEEKEND = re.compile(r" cuoi tuan(?: (?P<week>sau|toi|nay))?(?= )")
WEEK = re.compile(r" tuan (?P<week>sau|toi|nay|truoc|roi)(?= )")
MONTH = re.compile(r" (?:(?P<part>cuoi |dau |giua )?thang (?P<month>sau|toi|nay)|(?P<end>cuoi thang))(?= )")
BEFORE = re.compile(r" (?:truoc|cham nhat|muon nhat)(?: la)?$")
TO = re.compile(r" ?(?:den|toi|den het|-) ?")
OR = re.compile(r" ?(?:hoac|hay|va|hoac la) ?")
SIGNS = {"sau": 1, "toi": 1, "nay": 0, "truoc": -1, "roi": -1}

PARTS = {"sang": "morning", "trua": "noon", "chieu": "afternoon", "toi": "evening", "dem": "evening", "khuya": "evening"}  # fmt: skip
MARKED_PART = re.compile(r" (?P<part>sáng|trưa|chiều|tối|đêm|khuya)(?= )(?! (?:cao|dài|rộng|nào))")
BARE_PART = re.compile(
    r" (?:buoi (?P<after>sang|trua|chieu|toi)|(?P<before>sang|trua|chieu|toi|dem) (?:mai|nay|qua|thu|chu nhat|ngay|t[2-7]|cn)"
    r"|(?:gio|gio ruoi|h|\d{1,2}h\d{0,2}) (?P<last>sang|trua|chieu|toi)|(?P<alone>trua|chieu))(?= )"
)
MOVED = re.compile(r" (?:doi|chuyen|doi lich|chuyen lich|doi hen|qua|doi qua|dich|doi ngay)$")
HOUR = re.compile(
    r"(?<![\d/:])(?P<hour>\d{1,2}|(?<= )(?:mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi(?: mot| hai)?)(?= )) ?(?:gio|h|g)(?![a-z])(?: ?(?P<minute>[0-5]\d|ruoi|\d{1,2})(?: phut)?(?= ))?(?! dong ho| truoc| roi| nay)(?: ?(?P<part>sang|trua|chieu|toi|dem)(?= ))?"
)


def number(word: str | None) -> int | None:
    """「3」, 「ba」, 「muoi hai」 as a number."""
    if not word:
        return None
    if word.isdigit():
        return int(word)
    return sum(NUMBERS.get(part, 0) for part in word.split()) or None


def read_days(text: str, today_iso: str) -> list[Found]:
    """Dates as ISO days or ``start/end``, in order of place; the last said holds."""
    today = date.fromisoformat(today_iso)
    kept: list[tuple[Span, int, int]] = []
    for one in sorted(_spans(text, today), key=lambda one: (one[1] - one[2], one[1])):
        if all(one[2] <= other[1] or other[2] <= one[1] for other in kept):
            kept.append(one)
    kept.sort(key=lambda one: one[1])
    found: list[Found] = []
    index = 0
    while index < len(kept):
        span, start, end = kept[index]
        follower = kept[index + 1] if index + 1 < len(kept) else None
        between = text[end : follower[1]] if follower else ""
        to = TO.fullmatch(between) and follower and follower[0].last >= span.first
        neighbour = OR.fullmatch(between) and follower and span.last + timedelta(days=1) == follower[0].first
        if follower and (to or neighbour):
            span, end, index = Span(span.first, follower[0].last), follower[2], index + 1
        elif BEFORE.search(text[max(0, start - 24) : start]) and span.last >= today:
            span = Span(today, span.last)
        found.append(Found("date", span.iso(), start, max(start + 1, end - 1)))
        index += 1
    return found


def _spans(text: str, today: date) -> Iterator[tuple[Span, int, int]]:
    for pattern in (DAY, MONTH_DAY):
        for match in pattern.finditer(text):
            found = _day(match, today)
            if found:
                yield found, match.start(), match.end()
    for match in WEEKDAY.finditer(text):
        weekday = 6 if match["sunday"] else WEEKDAYS[match["thu"] or match["t"]]
        days = (weekday - today.weekday()) % 7
        if match["week"]:
            days = weekday - today.weekday() + 7 * SIGNS[match["week"].split()[1]]
        yield Span.day(today + timedelta(days=days)), match.start(), match.end()
    for pattern, days in WORDS:
        for match in pattern.finditer(text):
            if match[0] != " mai" or not NOT_TOMORROW.search(
                text[max(0, match.start() - 24) : match.start()]
            ):
                yield Span.day(today + timedelta(days=days)), match.start(), match.end()
    for pattern, sign in ((LATER, 1), (AGO, -1)):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            count = match[1] or (match[3] if pattern is LATER else None)
            found = _later(count or "", match["unit"] or groups.get("unit2") or "", today, sign)
            if found:
                yield found, match.start(), match.end()
    for match in WEEKEND.finditer(text):
        saturday = monday(today) + timedelta(days=5 + 7 * SIGNS[match["week"] or "nay"])
        yield Span(saturday, saturday + timedelta(days=1)), match.start(), match.end()
    for match in WEEK.finditer(text):
        first = monday(today) + timedelta(days=7 * SIGNS[match["week"]])
        yield Span(first, first + timedelta(days=6)), match.start(), match.end()
    for match in MONTH.finditer(text):
        yield _month(match, today), match.start(), match.end()


def _day(match: re.Match[str], today: date) -> Span | None:
    slash = match["slash"] if "slash" in match.re.groupindex else None
    day, month, year = int(match["day"]), number(match["month"] or slash), number(match["year"])
    if year and month:
        found = make_day(year, month, day)
    elif month:
        found = next_month_day(today, month, day)
    else:
        found = next_day_of_month(today, day)
    return Span.day(found) if found else None


def _month(match: re.Match[str], today: date) -> Span:
    first = add_months(today.replace(day=1), SIGNS[match["month"] or "nay"])
    month = month_span(first.year, first.month)
    if match["end"] or (match["part"] or "").strip() == "cuoi":
        return Span.day(month.last)
    if (match["part"] or "").strip() == "dau":
        return Span(month.first, month.first.replace(day=10))
    return month


def _later(count: str, unit: str, today: date, sign: int) -> Span | None:
    if count == "nua":
        return Span.day(today + timedelta(days=15 * sign)) if unit == "thang" else None
    value = number(count)
    if not value:
        return None
    if unit == "thang":
        return Span.day(add_months(today, value * sign))
    return Span.day(today + timedelta(days=value * sign * (7 if unit == "tuan" else 1)))


def read_parts(padded: str, stripped: str, bare: bool) -> list[Found]:
    """Parts of the day. Without marks 「toi」 is mostly I and 「sang」 to: they count only beside a day or an hour."""
    if not bare:
        return [
            Found("period", PARTS[stripped[slice(*m.span("part"))]], m.start("part") - 1, m.end("part") - 1)
            for m in MARKED_PART.finditer(padded)
        ]
    found = []
    for match in BARE_PART.finditer(stripped):
        group = next(name for name in ("after", "before", "last", "alone") if match[name])
        moved = match[group] == "sang" and group == "before" and MOVED.search(stripped[: match.start()])
        if not moved:
            found.append(Found("period", PARTS[match[group]], match.start(group) - 1, match.end(group) - 1))
    return found


def read_hours(stripped: str, parts: list[Found]) -> list[Found]:
    """``HH:MM``; an hour of one to six without a part of the day is the afternoon's."""
    found = []
    for match in HOUR.finditer(stripped):
        hour = number(match["hour"])
        if hour is None or hour > 23:
            continue
        minute = 30 if match["minute"] == "ruoi" else int(match["minute"] or 0)
        part = PARTS.get(match["part"] or "") or (str(parts[0].value) if parts else None)
        late = part in ("afternoon", "evening") and hour < 12
        if late or (part == "noon" and hour <= 3) or (part is None and 1 <= hour <= 6):
            hour += 12
        found.append(Found("time", f"{hour % 24:02d}:{minute:02d}", match.start() - 1, match.end() - 1))
    return found
