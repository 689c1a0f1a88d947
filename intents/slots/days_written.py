"""Days of the calendar: 3月13日, 15号, 月底, 农历初八, 五一之后第一天."""

from __future__ import annotations

import re
from datetime import date, timedelta

from intents.slots import holidays
from intents.slots.day_patterns import reads
from intents.slots.days_near import WEEKDAYS
from intents.slots.moments import (
    NO_SUCH_DAY,
    Span,
    add_months,
    make_day,
    month_span,
    next_day_of_month,
    next_lunar_day,
    next_month_day,
    real_day,
)
from intents.slots.numbers import NUMBER, read_number, read_year

N = NUMBER

# --- festivals -----------------------------------------------------------------------------------------------

FESTIVAL = "|".join(sorted(map(re.escape, holidays.NAMES), key=len, reverse=True))
NOT_A_PERSON = r"(?![大]?[夫]|医生|大夫|主任|护士|路|街|广场|小区|桥)"


@reads(
    rf"(?<![王李张陈黄韦覃莫陆叫刘])({FESTIVAL}|十一(?=假|放假|期间|之后|以后|后|过后|前|之前)){NOT_A_PERSON}(?:的?(?:假期|长假|小长假|放假期间|期间|放假[三五七八][天日]|那几天|黄金周|这?[三五七八][天日](?!后|之后)))?(?:之后|以后|过后|后(?![一两三\d]天)|放完假|完)?(?:的?第一个?(天|工作日|周[一二三四五六日]|星期[一二三四五六日]))?"
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
    if re.search(r"期间|假|那几天|黄金周|[三五七八][天日]$", text):
        return off
    return Span.day(day)


# --- written-out dates ---------------------------------------------------------------------------------------


@reads(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:日|号)?(?!\d)", kind="month_day")
@reads(
    rf"(?<!\d)(\d{{2}}|\d{{4}}|[零〇一二九][零〇一二三四五六七八九]{{1,3}})年({N})月份?({N})(?:日|号)?",
    kind="month_day",
)
def _full(match: re.Match[str], today: date) -> Span | None:
    year, month, day = read_year(match[1]), read_number(match[2]), read_number(match[3])
    if not year or not month or not day:
        return None
    return real_day(make_day(year, month, day))


YEARS = {"今年": 0, "明年": 1, "去年": -1, "后年": 2, "前年": -2}


@reads(
    rf"(?:(今年|明年|去年|后年|前年)的?)?({N})月份?的?({N})(?:日|号|(?![\d个天年月点:]))", kind="month_day"
)
def _month_day(match: re.Match[str], today: date) -> Span | None:
    month, day = read_number(match[2]), read_number(match[3])
    if not month or not day or (not match[0].endswith(("号", "日")) and (month > 12 or day > 31)):
        return None
    if month > 12:
        return NO_SUCH_DAY
    if match[1]:
        found = make_day(today.year + YEARS[match[1]], month, day)
    else:
        found = next_month_day(today, month, day)
    return real_day(found)


@reads(r"(?<![\d./:-])(1[0-2]|0?[1-9])[/.]([12]\d|3[01]|0?[1-9])(?:日|号)", kind="month_day")
@reads(r"(?<![\d./:-])(1[0-2]|0?[1-9])/([12]\d|3[01]|0?[1-9])(?![\d/])", kind="month_day")
@reads(
    r"(?:^|(?<=[约挂到成为在是定，, ]))(1[0-2]|[1-9])\.([12]\d|3[01]|0?[1-9])(?=\s|[上下中]午|早|晚|那天|的号|的预约|[,，]|$)(?!\s*(?:度|元|块|斤|公斤|厘米|cm|kg|%))",
    kind="month_day",
)
def _slashed(match: re.Match[str], today: date) -> Span | None:
    return real_day(next_month_day(today, int(match[1]), int(match[2])))


# --- months and their parts ----------------------------------------------------------------------------------

PART_OF_MONTH = {
    "初": (1, 10),
    "头": (1, 10),
    "上旬": (1, 10),
    "中": (15, 15),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "底": (31, 31),
    "末": (31, 31),
    "尾": (31, 31),
    "最后一天": (31, 31),
}
YEAR = r"((?:\d{4}|[二一][零〇九]{1}[零〇一二三四五六七八九]{2})年|今年|明年|去年|后年)"


@reads(
    rf"{YEAR}?的?({N})月(?:份)?的?(上旬|中旬|下旬|初(?![一二三四五六七八九十])|头(?!部|[痛晕疼发])|中(?![午秋医药间风心旬])|底|末|尾|最后一天)"
)
def _part_of_named_month(match: re.Match[str], today: date) -> Span | None:
    return _month_part(_named_month(match[1], match[2], today), match[3])


@reads(rf"{YEAR}?的?(?<!个)({N})月份(?!的?{N})")
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


@reads(r"(今年|明年|去年|后年)?(?<![一-龥]新)年(底|末|尾)(?!岁)")
def _year_end(match: re.Match[str], today: date) -> Span | None:
    return Span.day(date(today.year + YEARS.get(match[1] or "今年", 0), 12, 31))


MONTHS = {
    "上上个月": -2, "上个月": -1, "上月": -1, "这个月": 0, "这月": 0, "本月": 0, "当月": 0, "今个月": 0,
    "呢个月": 0, "下个月": 1, "下月": 1, "下下个月": 2, "下下月": 2,
}  # fmt: skip
MONTH_WORDS = "|".join(sorted(MONTHS, key=len, reverse=True))


@reads(rf"({MONTH_WORDS})的?({N})(?:日|号)", kind="month_day")
def _day_of_relative_month(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[2])
    first = add_months(today.replace(day=1), MONTHS[match[1]])
    return real_day(make_day(first.year, first.month, day)) if day else None


@reads(
    rf"({MONTH_WORDS})?的?(?:个(?=月尾))?(月底|月末|月尾|月初|月头|月中(?!午)|(?<!\d)上旬|(?<!\d)中旬|(?<!\d)下旬|(?<=月)底|(?<=月)末|(?<=月)初|(?<=月)头(?!部|[痛晕疼发])|(?<=月)尾|(?<=月)中(?![午秋医药间风心旬])|(?<=月)最后一天)"
)
def _part_of_relative_month(match: re.Match[str], today: date) -> Span | None:
    part = match[2].removeprefix("月")
    first = add_months(today.replace(day=1), MONTHS.get(match[1] or "", 0))
    found = _month_part(month_span(first.year, first.month), part)
    if found and not match[1] and found.last < today:
        first = add_months(first, 1)
        found = _month_part(month_span(first.year, first.month), part)
    return found


@reads(rf"(?<!从)({MONTH_WORDS})(?!的?{N}[日号])")
def _relative_month(match: re.Match[str], today: date) -> Span | None:
    first = add_months(today.replace(day=1), MONTHS[match[1]])
    return month_span(first.year, first.month)


# --- 「15号」 ---------------------------------------------------------------------------------------------------

NOT_A_DAY_AFTER = r"(?!诊室|诊间|窗|楼|门(?!诊)|机|床|线|电梯|病房|桌|厅|台|馆|院|路|公交|车|桥|柜|房|房间|室|管|口(?!腔)|医生|大夫|护士|栋|单元|通道|入口|出口|地铁|单|码|球|片|药|楼梯|厕所|针(?!灸)|线路|店|铺|技师|子|常)"
NOT_A_DAY_BEFORE = re.compile(
    r"(?:排到|叫到|轮到|我是|排|第|我拿|拿到|拿了|前面|现在|挂了|才|尾|尾号|排队|手里是|我的号是|喊到|过了|到了|坐)$"
    r"|(?:我是|我拿的?是?|叫|喊|拿了|我系)[^,，。]{0,6}$"
    r"|[路街道巷弄村组栋楼院苑区段坊屯队][一二三四五六七八九十百零〇\d]*$"
)


@reads(
    r"(?<![\d零一二三四五六七八九十])(\d{1,2}|[一二三四五六七八九]|十[一二三四五六七八九]?|[二三]十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?)(号|日)"
    + NOT_A_DAY_AFTER,
    kind="day_number",
)
def _day_number(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[1])
    if not day or day > 31 or (match[2] == "日" and not match[1].isdigit() and len(match[1]) == 1):
        return None
    if NOT_A_DAY_BEFORE.search(match.string[max(0, match.start() - 12) : match.start()]):
        return None
    found = next_day_of_month(today, day)
    return Span.day(found) if found else None


# --- lunar days ----------------------------------------------------------------------------------------------

LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
LUNAR_DAY = r"(初[一二三四五六七八九十]|十[一二三四五六七八九]?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|卅)"


@reads(rf"(?:农历|阴历|旧历|老历)的?(?:([正冬腊]|{N})月)?{LUNAR_DAY}(?:号|日)?")
@reads(rf"([正冬腊])月{LUNAR_DAY}")
@reads(r"([正冬腊]|[一二三四五六七八九十]{1,2})月(初[一二三四五六七八九十]|廿[一二三四五六七八九]?)(?!号)")
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


@reads(r"(?<![年月当最])(初[一二三四五六七八九十])(?!中|诊|期|步|级|次|[一二三]学|学生|毕业|年级|学)")
def _lunar_day_alone(match: re.Match[str], today: date) -> Span | None:
    day = read_number(match[1].removeprefix("初"))
    found = next_lunar_day(today, None, day) if day else None
    return Span.day(found) if found else None
