"""Days and stretches of days, read by the rules of the contract (周X, X号, 之前, 节后第一天, 改口 …).

The readers are small: each pattern of ``PATTERNS`` names the function that makes a ``Span`` of its match, or
``None`` where it only looks like a date. ``read_dates`` finds them all, joins ranges, and drops what a later word
takes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from intents.slots import holidays
from intents.slots.found import Found
from intents.slots.moments import (
    Span,
    add_months,
    make_day,
    monday,
    month_span,
    next_day_of_month,
    next_lunar_day,
    next_month_day,
)
from intents.slots.numbers import NUMBER, read_number, read_year

N = NUMBER
WEEK = r"(?:周|星期|礼拜|拜|礼拜天|weekday)"
WEEKDAYS = {
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5,
    "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6,
}  # fmt: skip
RELATIVE_DAYS = {
    "大前天": -3, "大前日": -3, "前天": -2, "前日": -2, "前儿": -2, "昨天": -1, "昨日": -1, "昨儿": -1,
    "寻日": -1, "琴日": -1, "噚日": -1, "昨晚": -1, "昨夜": -1, "寻晚": -1, "琴晚": -1, "昨早": -1,
    "今天": 0, "今日": 0, "今儿": 0, "今早": 0, "今晚": 0, "今夜": 0, "今朝": 0, "今晨": 0, "当天": 0,
    "当日": 0, "即日": 0, "今下午": 0, "今上午": 0, "今中午": 0,
    "明天": 1, "明日": 1, "明儿": 1, "明早": 1, "明晚": 1, "明晨": 1, "明朝": 1, "听日": 1, "听朝": 1,
    "听晚": 1, "听早": 1, "明个": 1, "明下午": 1, "明上午": 1, "明中午": 1,
    "后天": 2, "后日": 2, "后儿": 2, "后朝": 2, "过两天": 2, "过两日": 2, "大后天": 3, "大后日": 3,
    "今天儿": 0, "明天儿": 1,
}  # fmt: skip
PART_OF_MONTH = {
    "初": (1, 1),
    "上旬": (1, 10),
    "中": (15, 15),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "底": (31, 31),
    "末": (31, 31),
}

NOT_A_DAY_AFTER = r"(?!诊室|诊间|窗|楼|门|机|床|线|电梯|病房|桌|厅|台|馆|院|路|公交|车|桥|柜|房|房间|室|管|口|医生|大夫|护士|栋|单元|通道|入口|出口|地铁|单|码|球|片|药|楼梯|厕所|针|线路)"
NOT_A_DAY_BEFORE = r"(?<!排到)(?<!叫到)(?<!轮到)(?<!我是)(?<!排)(?<!第)(?<!我拿)(?<!拿到)(?<!拿了)(?<!前面)(?<!现在)(?<!挂了)(?<!才)(?<!尾)(?<!尾号)"


@dataclass(frozen=True, slots=True)
class Reading:
    """One date in the text."""

    span: Span
    start: int
    end: int


Maker = Callable[[re.Match[str], date], "Span | None"]
PATTERNS: list[tuple[re.Pattern[str], Maker]] = []


def reads(pattern: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        PATTERNS.append((re.compile(pattern), maker))
        return maker

    return register


# --- festivals -----------------------------------------------------------------------------------------------

FESTIVAL = "|".join(sorted(map(re.escape, holidays.NAMES), key=len, reverse=True))
NOT_A_PERSON = r"(?![大]?[夫]|医生|大夫|主任|护士|路|街|广场)"


@reads(
    rf"(?<![王李张陈黄韦覃])({FESTIVAL}|十一(?=假|放假|期间|之后|以后|后|过后|前|之前)){NOT_A_PERSON}(?:的?(?:假期|长假|小长假|放假|期间|那几天|黄金周))?(?:之后|以后|过后|后|放完假|完)?(?:的?第一个?(天|工作日|周[一二三四五六日]|星期[一二三四五六日]))?"
)
def _festival(match: re.Match[str], today: date) -> Span | None:
    text = match[0]
    key = holidays.NAMES.get(match[1], "国庆")
    day = holidays.next_festival(key, today)
    if not day:
        return None
    off = holidays.holiday(key, day)
    after = re.search(r"后|放完假|完", text[len(match[1]) :])
    if after:
        first = off.last + timedelta(days=1)
        if match[2] and match[2][-1] in WEEKDAYS and match[2][0] in "周星":
            first += timedelta(days=(WEEKDAYS[match[2][-1]] - first.weekday()) % 7)
        return Span.day(first)
    if re.search(r"期间|假|那几天|黄金周", text):
        return off
    return Span.day(day)


# --- written-out dates ---------------------------------------------------------------------------------------


@reads(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:日|号)?(?!\d)")
@reads(rf"(?<!\d)(\d{{2}}|\d{{4}}|[零〇一二九][零〇一二三四五六七八九]{{1,3}})年({N})月份?({N})(?:日|号)?")
def _full(match: re.Match[str], today: date) -> Span | None:
    year, month, day = read_year(match[1]), read_number(match[2]), read_number(match[3])
    if not year or not month or not day:
        return None
    found = make_day(year, month, day)
    return Span.day(found) if found else None


@reads(rf"(?:(今年|明年|去年|后年|前年)的?)?({N})月份?的?({N})(?:日|号|(?![\d个天年月点:]))")
def _month_day(match: re.Match[str], today: date) -> Span | None:
    month, day = read_number(match[2]), read_number(match[3])
    if not month or not day or month > 12:
        return None
    if match[1]:
        found = make_day(today.year + YEARS[match[1]], month, day)
    else:
        found = next_month_day(today, month, day)
    return Span.day(found) if found else None


@reads(r"(?<![\d./:-])(1[0-2]|0?[1-9])[/.]([12]\d|3[01]|0?[1-9])(?:日|号)")
@reads(r"(?<![\d./:-])(1[0-2]|0?[1-9])/([12]\d|3[01]|0?[1-9])(?![\d/])")
def _slashed(match: re.Match[str], today: date) -> Span | None:
    found = next_month_day(today, int(match[1]), int(match[2]))
    return Span.day(found) if found else None


YEARS = {"今年": 0, "明年": 1, "去年": -1, "后年": 2, "前年": -2}


@reads(
    rf"((?:\d{{4}}|[二一][零〇九]{{1}}[零〇一二三四五六七八九]{{2}})年|今年|明年|去年|后年)?的?({N})月(?:份)?(上旬|中旬|下旬|初|中(?!午|旬)|底|末)"
)
def _part_of_named_month(match: re.Match[str], today: date) -> Span | None:
    return _month_part(_named_month(match[1], match[2], today), match[3])


@reads(
    rf"((?:\d{{4}}|[二一][零〇九]{{1}}[零〇一二三四五六七八九]{{2}})年|今年|明年|去年|后年)?的?(?<!个)({N})月份(?!的?{N})"
)
@reads(rf"((?:\d{{4}})年|今年|明年|去年|后年)的?({N})月(?!份|的?{N})")
def _whole_month(match: re.Match[str], today: date) -> Span | None:
    return _named_month(match[1], match[2], today)


def _named_month(year: str | None, month: str, today: date) -> Span | None:
    number = read_number(month)
    if not number or number > 12:
        return None
    if not year:
        return month_span(today.year + (number < today.month), number)
    base = today.year + YEARS[year] if year in YEARS else read_year(year.rstrip("年"))
    return month_span(base, number) if base else None


def _month_part(month: Span | None, part: str) -> Span | None:
    if not month:
        return None
    first, last = PART_OF_MONTH[part]
    return Span(
        month.first.replace(day=min(first, month.last.day)),
        month.first.replace(day=min(last, month.last.day)),
    )


MONTHS = {
    "上上个月": -2, "上个月": -1, "上月": -1, "这个月": 0, "这月": 0, "本月": 0, "当月": 0, "今个月": 0,
    "呢个月": 0, "下个月": 1, "下月": 1, "下下个月": 2, "下下月": 2,
}  # fmt: skip
MONTH_WORDS = "|".join(sorted(MONTHS, key=len, reverse=True))


@reads(rf"({MONTH_WORDS})的?({N})(?:日|号)")
def _day_of_relative_month(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[2])
    first = add_months(today.replace(day=1), MONTHS[match[1]])
    found = make_day(first.year, first.month, day) if day else None
    return Span.day(found) if found else None


@reads(rf"({MONTH_WORDS})?的?(月底|月末|月初|月中(?!午)|上旬|中旬|下旬|(?<=月)底|(?<=月)初)")
def _part_of_relative_month(match: re.Match[str], today: date) -> Span | None:
    part = match[2].removeprefix("月")
    first = add_months(today.replace(day=1), MONTHS.get(match[1] or "", 0))
    found = _month_part(month_span(first.year, first.month), part)
    if found and not match[1] and found.last < today:
        first = add_months(first, 1)
        found = _month_part(month_span(first.year, first.month), part)
    return found


@reads(rf"({MONTH_WORDS})(?!的?{N}[日号])")
def _relative_month(match: re.Match[str], today: date) -> Span | None:
    first = add_months(today.replace(day=1), MONTHS[match[1]])
    return month_span(first.year, first.month)


@reads(
    rf"{NOT_A_DAY_BEFORE}(?<![\d零一二三四五六七八九十])(\d{{1,2}}|[一二三四五六七八九]|十[一二三四五六七八九]?|[二三]十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?)(号|日){NOT_A_DAY_AFTER}(?!子|常)"
)
def _day_number(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[1])
    if not day or day > 31 or (match[2] == "日" and day < 2 and not match[1].isdigit()):
        return None
    found = next_day_of_month(today, day)
    return Span.day(found) if found else None


# --- lunar days ----------------------------------------------------------------------------------------------

LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
LUNAR_DAY = r"(初[一二三四五六七八九十]|十[一二三四五六七八九]?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|卅)"


@reads(rf"(?:农历|阴历|旧历|老历)的?(?:([正冬腊]|{N})月)?{LUNAR_DAY}(?:号|日)?")
@reads(rf"([正冬腊])月{LUNAR_DAY}")
@reads(r"([正冬腊]|[一二三四五六七八九十]{1,2})月(初[一二三四五六七八九十]|廿[一二三四五六七八九]?)")
def _lunar(match: re.Match[str], today: date) -> Span | None:
    month = (LUNAR_MONTHS.get(match[1]) or read_number(match[1])) if match[1] else None
    day = read_number(match[2].removeprefix("初"))
    found = next_lunar_day(today, month, day) if day else None
    return Span.day(found) if found else None


@reads(r"(?:大年|年)(初[一二三四五六七八九十]|十五)")
def _new_year_day(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[1].removeprefix("初"))
    found = next_lunar_day(today, 1, day) if day else None
    return Span.day(found) if found else None


@reads(r"(?<![年月当最])(初[一二三四五六七八九十])(?!中|诊|期|步|级|次|[一二三]学)")
def _lunar_day_alone(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[1].removeprefix("初"))
    found = next_lunar_day(today, None, day) if day else None
    return Span.day(found) if found else None


# --- days near today -----------------------------------------------------------------------------------------


@reads("(" + "|".join(sorted(RELATIVE_DAYS, key=len, reverse=True)) + ")")
def _relative_day(match: re.Match[str], today: date) -> Span | None:
    return Span.day(today + timedelta(days=RELATIVE_DAYS[match[1]]))


@reads(r"今明(?:两|俩|二)?[天日]?|今天明天|今[天日]?[和或]明[天日]?")
def _today_and_tomorrow(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today + timedelta(days=1))


@reads(r"明后(?:两|俩|二)?[天日]|明天后天|明[天日](?:或者?|和|同|跟|还是)?后[天日]")
def _tomorrow_and_after(match: re.Match[str], today: date) -> Span | None:
    return Span(today + timedelta(days=1), today + timedelta(days=2))


@reads(r"这两[天日]|这俩天|呢两日")
def _these_two_days(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today + timedelta(days=1))


UNIT_DAYS = {"天": 1, "日": 1, "星期": 7, "周": 7, "礼拜": 7}
SMALL = r"(\d{1,3}|[一二两三四五六七八九十]{1,3}|半)"


@reads(rf"(?:再?[过隔]|等)?{SMALL}个?(天|日|星期|周|礼拜|月|年)(?:之后|以后|过后|后(?!天|日|面))")
@reads(rf"(?:再过|过|隔){SMALL}个?(天|日|星期|周|礼拜|月)")
def _later(match: re.Match[str], today: date) -> Span | None:
    return _offset(match[1], match[2], today, 1)


@reads(rf"{SMALL}个?(天|日|星期|周|礼拜|月|年)(?:之前|以前|前(?!台|面))")
def _earlier(match: re.Match[str], today: date) -> Span | None:
    return _offset(match[1], match[2], today, -1)


@reads(rf"(?:未来|接下来|今后|最近|近|这){SMALL}个?(天|日|星期|周|礼拜)(?:内|之内|里)?")
@reads(rf"{SMALL}个?(天|日|星期|周|礼拜|月)(?:之内|以内|内)")
def _within(match: re.Match[str], today: date) -> Span | None:
    end = _offset(match[1], match[2], today, 1)
    return Span(today, end.last) if end else None


def _offset(count: str, unit: str, today: date, sign: int) -> Span | None:
    if count == "半":
        if unit == "月":
            return Span.day(today + timedelta(days=15 * sign))
        return Span.day(add_months(today, 6 * sign)) if unit == "年" else None
    number = read_number(count)
    if not number:
        return None
    if unit in ("月", "年"):
        return Span.day(add_months(today, sign * number * (12 if unit == "年" else 1)))
    return Span.day(today + timedelta(days=sign * number * UNIT_DAYS[unit]))


# --- weeks ---------------------------------------------------------------------------------------------------

WEEK_PREFIX = r"(上上个?|上个?|下下个?|下个?|这个?|本|呢个?|今个?)"


@reads(
    rf"{WEEK_PREFIX}?(?<!一)(?:周|星期|礼拜|(?<=[上下本这])拜|拜)([一二三四五六日天1-7])(?![年岁个月点:\d])(?!次)"
)
def _weekday(match: re.Match[str], today: date) -> Span | None:
    prefix, weekday = (match[1] or "").removesuffix("个"), WEEKDAYS[match[2]]
    if not prefix:
        return Span.day(today + timedelta(days=(weekday - today.weekday()) % 7))
    return Span.day(monday(today) + timedelta(days=7 * _week_number(prefix) + weekday))


@reads(rf"{WEEK_PREFIX}?(?:周末|礼拜尾|星期末)")
def _weekend(match: re.Match[str], today: date) -> Span | None:
    prefix = (match[1] or "").removesuffix("个")
    saturday = monday(today) + timedelta(days=7 * (_week_number(prefix) if prefix else 0) + 5)
    first = max(saturday, today) if not prefix or prefix in ("这", "本") else saturday
    return Span(first, saturday + timedelta(days=1))


@reads(rf"{WEEK_PREFIX}(?:周|星期|礼拜)(?![一二三四五六日天末1-7])")
def _week(match: re.Match[str], today: date) -> Span | None:
    first = monday(today) + timedelta(days=7 * _week_number(match[1].removesuffix("个")))
    return Span(first, first + timedelta(days=6))


def _week_number(prefix: str) -> int:
    return prefix.count("下") - prefix.count("上")


# --- all of them ---------------------------------------------------------------------------------------------

TO = re.compile(r"\s*(?:到|至|~|-|—|–|去到|起?至|直到)\s*")
BEFORE = re.compile(r"(?:号|日|当天)?(?:之前|以前|前(?!天|日|面|台))")
FROM_TODAY = re.compile(r"(?:从?现在|从?今天)(?:开始|起)?到?$")
BARE_END = re.compile(rf"({N})(?:日|号)")
TAKEN_BACK = re.compile(
    r"(?:不要|不是|别约|别挂|不约|不想要|唔系|唔要|不得|不行|没空|冇得|取消|不用|不去|没时间|不得空|不方便)(?:了)?$"
)
CHANGE_OF_MIND = re.compile(
    r"(?:哦?不对|说错了|讲错了|错了|啊不|哦不|不不|噢不|还是|改成|改到|改为|换成|换到|挪到|推到|推迟到|提前到|应该是|而是|就是?要|或者还是|唔系)"
)


def read_dates(text: str, *, today: date) -> list[Found]:
    """Every date that still holds at the end of the message, in order of place; value ISO day or ``start/end``."""
    readings = _join_ranges(text, _find(text, today), today)
    return [Found("date", one.span.iso(), one.start, one.end) for one in _keep_last_word(text, readings)]


def _find(text: str, today: date) -> list[Reading]:
    candidates: list[Reading] = []
    for pattern, maker in PATTERNS:
        for match in pattern.finditer(text):
            span = maker(match, today)
            if span and match.end() > match.start():
                candidates.append(Reading(span, match.start(), match.end()))
    candidates.sort(key=lambda one: one.start - one.end)
    kept: list[Reading] = []
    for one in candidates:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _join_ranges(text: str, found: list[Reading], today: date) -> list[Reading]:
    joined: list[Reading] = []
    index = 0
    while index < len(found):
        one = found[index]
        to = TO.match(text, one.end)
        follower = found[index + 1] if index + 1 < len(found) else None
        if to and follower and follower.start == to.end():
            last = _in_the_week_of(text, one, follower)
            if last.last >= one.span.first:
                one = Reading(Span(one.span.first, last.last), one.start, follower.end)
                index += 1
        else:
            bare = re.compile(rf"({N})\s*(?:到|至|~|-|—)\s*$").search(text, 0, one.start)
            first = read_number(bare[1]) if bare else None
            if bare and first and first < one.span.first.day and text[one.start : one.end][-1:] in "号日":
                one = Reading(Span(one.span.first.replace(day=first), one.span.last), bare.start(), one.end)
        before = BEFORE.match(text, one.end)
        if before and one.span.last >= today:
            one = Reading(Span(today, one.span.last), one.start, before.end())
        joined.append(one)
        index += 1
    return joined


def _in_the_week_of(text: str, first: Reading, last: Reading) -> Span:
    """In 下周一到周三 and 周四到周一 the second day follows the first."""
    words = text[last.start : last.end]
    if re.match(r"(?:周|星期|礼拜)", words) and last.span.first == last.span.last:
        days = (last.span.first.weekday() - first.span.first.weekday()) % 7
        return Span.day(first.span.first + timedelta(days=days))
    return last.span


def _keep_last_word(text: str, readings: list[Reading]) -> list[Reading]:
    """「不要明天，后天」 and 「周三，哦不对，周四」: what was taken back does not count."""
    kept: list[Reading] = []
    for index, one in enumerate(readings):
        lead = text[max(0, one.start - 6) : one.start]
        after = text[one.end : readings[index + 1].start if index + 1 < len(readings) else len(text)]
        if index + 1 < len(readings) and (
            TAKEN_BACK.search(lead)
            or CHANGE_OF_MIND.search(after)
            or re.match(r"(?:不行|没空|不得|有事|唔得)", after)
        ):
            continue
        kept.append(one)
    return kept
