"""Days and stretches of days, read by the rules of the contract (周X, X号, 之前, 节后第一天, 改口 …).

The patterns stand in ``days_near.py`` and ``days_written.py``. Here they are all tried, the longest wins, days that
belong together are joined, and what a later word takes back is dropped.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from intents.slots import days_near, days_written  # noqa: F401 - their import registers the patterns
from intents.slots.corrections import keep_last_word
from intents.slots.day_patterns import PATTERNS, Reading, offset
from intents.slots.found import Found
from intents.slots.moments import NO_SUCH_DAY, Span, make_day, monday
from intents.slots.numbers import NUMBER, read_number

SIGN = re.compile(
    rf"[天日号月周期拜节年末旬初尾底头晚早朝晨夜午明后今\d]|[一二三四五六七八九十]|{days_written.FESTIVAL}"
)
"""A text without any of these holds no date."""
TO = re.compile(r"\s*(?:到|至|~|-|—|–|去到|起?至|直到)\s*")
OR = re.compile(r"\s*(?:[、/]|[,，]?(?:要么|要不|不然)(?:就)?|或者?是?|和|跟|同|与|及|以及|嘅?或者?)\s*")
BEFORE = re.compile(r"(?:号|日|当天)?(?:之前|以前|前(?!天|日|面|台|[一二两三几\d]天))")
BEFORE_THAT = re.compile(r"[^,，。?？]{0,8}[,，](?:能|在|要|想)*[那这]?之前")
DAYS_BESIDE = re.compile(r"(?:那天|当天)?的?(?P<way>前|头|后)(?P<count>[一二两三\d])[天日](?!都|一直|就|还)")
"""「国庆前一天」; said later too: 「二十号我要出门，前一天行不行」."""
AFTER_A_PAUSE = re.compile(r"[^,，。?？]{0,10}[,，](?:那|就|能|在|要)*")
IS_THE = re.compile(r"(?:那天)?(?:就|不|也)*(?:是|系)(?:不是|唔系)?(?:在)?")
NUMBERED = ("month_day", "day_number")
AT_LATEST = re.compile(r"(?:最晚|最迟|不超过|截止到?|至迟)(?:是|到|在)?$")
BARE = re.compile(rf"({NUMBER})\s*(?:到|至|~|-|—|或者?|和|、)\s*$")
BETWEEN = re.compile(r"[^,，。]{0,4}[,，]?(?:这|那)(?:中间|期间|之间|几天)")
SHIFT = re.compile(
    r"(?P<way>往后|往前|推后|推迟|延后|延迟|顺延|延期|延|提前|提早|晚|早)(?:推迟?|挪|移|延|提|改)*(?P<count>\d{1,2}|[一二两三四五六七八九十]{1,2}|半)个?(?P<unit>天|日|周|星期|礼拜|月)(?!内|就)"
)
SAME_DAY = re.compile(r"(?P<next>下下|下)个?(?:周|星期|礼拜)的?(?:同一天|同一时间|同样时间|这一天|同日)")


def read_dates(text: str, *, today: date) -> list[Found]:
    """Every date that still holds at the end of the message, in order of place; value ISO day or ``start/end``.

    A day that no calendar has (2月30号) comes as ``no_such_day``, its value the words.
    """
    if not SIGN.search(text):
        return []
    readings = _shift(text, _join(text, _find(text, today), today), today)
    found = [
        Found("no_such_day", text[one.start : one.end], one.start, one.end)
        if one.span is NO_SUCH_DAY
        else Found("date", one.span.iso(), one.start, one.end)
        for one in readings
    ]
    return keep_last_word(text, found)


def _find(text: str, today: date) -> list[Reading]:
    candidates: list[Reading] = []
    for pattern, maker, kind in PATTERNS:
        for match in pattern.finditer(text):
            span = maker(match, today)
            if span and match.end() > match.start():
                candidates.append(Reading(span, match.start(), match.end(), kind))
    candidates.sort(key=lambda one: one.start - one.end)
    kept: list[Reading] = []
    taken = 0
    for one in candidates:
        bits = ((1 << (one.end - one.start)) - 1) << one.start
        if not bits & taken:
            taken |= bits
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _join(text: str, found: list[Reading], today: date) -> list[Reading]:
    """Ranges (周一到周三, 12到14号), neighbours (周五或周六), days before one (20号之前)."""
    joined: list[Reading] = []
    index = 0
    while index < len(found):
        one = found[index]
        if one.span is NO_SUCH_DAY:
            joined.append(one)
            index += 1
            continue
        follower = found[index + 1] if index + 1 < len(found) else None
        if follower and follower.span is NO_SUCH_DAY:
            follower = None
        to, alternative = TO.match(text, one.end), OR.match(text, one.end)
        if follower and _same_day(text, one, follower):  # 「13号，星期五」: the number says it
            one = Reading(
                one.span if follower.kind == "weekday" else follower.span,
                one.start,
                follower.end,
                NUMBERED[0],
            )
            index += 1
            follower = found[index + 1] if index + 1 < len(found) else None
            if follower and follower.span is NO_SUCH_DAY:
                follower = None
            to, alternative = TO.match(text, one.end), OR.match(text, one.end)
        last = _leaning(one, follower) if follower else None
        if last is NO_SUCH_DAY and follower:  # 「2月28到30号」
            joined.append(Reading(NO_SUCH_DAY, one.start, follower.end))
            index += 2
            continue
        if (
            (last and to and follower and follower.start == to.end() and last.last >= one.span.first)
            or (last and follower and _neighbours(one.span, last, alternative, follower))
            or (last and follower and BETWEEN.match(text, follower.end) and last.last > one.span.first)
        ):
            one = Reading(Span(one.span.first, last.last), one.start, follower.end)
            index += 1
        elif one.kind in ("day_number", "month_day"):
            one = _from_bare(text, one)
        beside = DAYS_BESIDE.match(text, one.end) or _later_beside(text, one, found, index)
        if beside and one.span.first == one.span.last:
            days = (read_number(beside["count"]) or 0) * (1 if beside["way"] == "后" else -1)
            day = one.span.first + timedelta(days=days)
            one = Reading(Span.day(day), one.start, beside.end())
        same = IS_THE.match(text, one.end)
        if same and index + 1 < len(found) and found[index + 1].start == same.end():
            other = found[index + 1].span  # 「六号是清明假期吗」 names the same day twice
            if other.first <= one.span.first and one.span.last <= other.last:
                index += 1
        before = BEFORE.match(text, one.end)
        if not before and index + 1 == len(found):
            before = BEFORE_THAT.match(text, one.end)
        if one.span.last >= today and (before or AT_LATEST.search(text, max(0, one.start - 24), one.start)):
            one = Reading(Span(today, one.span.last), one.start, before.end() if before else one.end)
        joined.append(one)
        index += 1
    return joined


def _same_day(text: str, one: Reading, follower: Reading) -> bool:
    """A day of the month and its day of the week, side by side."""
    between = text[one.end : follower.start].strip(" ,，(（")
    kinds = (one.kind, follower.kind)
    if between or "weekday" not in kinds or not set(kinds) & set(NUMBERED):
        return False
    numbered = one if follower.kind == "weekday" else follower
    weekday = follower if numbered is one else one
    return numbered.span.first.weekday() == weekday.span.first.weekday()


def _later_beside(text: str, one: Reading, found: list[Reading], index: int) -> re.Match[str] | None:
    pause = AFTER_A_PAUSE.match(text, one.end) if index + 1 == len(found) else None
    return DAYS_BESIDE.match(text, pause.end()) if pause else None


def _leaning(first: Reading, last: Reading) -> Span:
    """The second day read after the first: in 下周一到周三 in its week, in 4月5号和6号 in its month."""
    if first.span.first != first.span.last or last.span.first != last.span.last:
        return last.span
    if last.kind == "weekday" and first.kind == "weekday":
        days = (last.span.first.weekday() - first.span.first.weekday()) % 7
        return Span.day(first.span.first + timedelta(days=days))
    if last.kind == "day_number" and first.kind in ("day_number", "month_day"):
        day = make_day(first.span.first.year, first.span.first.month, last.span.first.day)
        if not day:
            return NO_SUCH_DAY
        if day > first.span.first:
            return Span.day(day)
    return last.span


def _neighbours(first: Span, last: Span, joint: re.Match[str] | None, follower: Reading) -> bool:
    """「周五或周六」 is a stretch of two days; 「周三或周五」 is none."""
    return (
        joint is not None
        and follower.start == joint.end()
        and first.last + timedelta(days=1) == last.first
        and first.first == first.last
        and last.first == last.last
    )


def _from_bare(text: str, one: Reading) -> Reading:
    """12到14号: the first number has no 号 of its own."""
    bare = BARE.search(text, max(0, one.start - 24), one.start)
    first = read_number(bare[1]) if bare else None
    if bare and first and first < one.span.first.day and text[one.start : one.end][-1:] in "号日":
        day = one.span.first.replace(day=first)
        return Reading(Span(day, one.span.last), bare.start(), one.end)
    return one


def _shift(text: str, found: list[Reading], today: date) -> list[Reading]:
    """「把下周一的往后推两天」, 「今天的改到下周同一天」: the new day, told from the old one."""
    match = SHIFT.search(text) or SAME_DAY.search(text)
    said = [one for one in reversed(found) if one.span is not NO_SUCH_DAY]
    base = next((one for one in said if match and one.end <= match.start()), None)
    if not match or not base or base.span.first != base.span.last:
        return found
    day = base.span.first
    if "way" in match.re.groupindex:
        sign = -1 if match["way"] in ("往前", "提前", "提早", "早") else 1
        new = offset(match["count"], match["unit"], day, sign)
    else:
        new = Span.day(monday(today) + timedelta(days=7 * len(match["next"]) + day.weekday()))
    if not new:
        return found
    rest = [
        one for one in found if one is not base and (one.end <= match.start() or one.start >= match.end())
    ]
    return sorted([*rest, Reading(new, match.start(), match.end())], key=lambda one: one.start)
