"""Days told from today: 明天, 听日, 三天后, 下周三, 周末, 今明两天."""

from __future__ import annotations

import re
from datetime import date, timedelta

from intents.slots.day_patterns import offset, reads
from intents.slots.moments import Span, monday

WEEKDAYS = {
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5,
    "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6,
}  # fmt: skip
RELATIVE_DAYS = {
    "大前天": -3, "大前日": -3, "前天": -2, "前日": -2, "前儿": -2, "前晚": -2, "昨天": -1, "昨日": -1,
    "昨儿": -1, "寻日": -1, "琴日": -1, "噚日": -1, "昨晚": -1, "昨夜": -1, "寻晚": -1, "噚晚": -1, "昨个": -1, "昨儿个": -1, "当晚": 0, "琴晚": -1,
    "昨早": -1, "昨天儿": -1, "昨下午": -1, "昨上午": -1,
    "今天": 0, "今日": 0, "今儿": 0, "今早": 0, "今晚": 0, "今夜": 0, "今朝": 0, "今晨": 0, "即日": 0,
    "今下午": 0, "今上午": 0, "今中午": 0, "今天儿": 0, "今儿个": 0, "今晏": 0,
    "明天": 1, "明日": 1, "明儿": 1, "明早": 1, "明晚": 1, "明晨": 1, "明朝": 1, "听日": 1, "听朝": 1,
    "听晚": 1, "听早": 1, "明个": 1, "明下午": 1, "明上午": 1, "明中午": 1, "明天儿": 1, "明儿个": 1,
    "后天": 2, "后日": 2, "后儿": 2, "后朝": 2, "后晚": 2, "过两天": 2, "过两日": 2, "后儿个": 2,
    "大后天": 3, "大后日": 3, "外后天": 3,
}  # fmt: skip
SMALL = r"(\d{1,3}|[一二两三四五六七八九十]{1,3}|半)"


@reads("(" + "|".join(sorted(RELATIVE_DAYS, key=len, reverse=True)) + ")")
def _relative_day(match: re.Match[str], today: date) -> Span | None:
    return Span.day(today + timedelta(days=RELATIVE_DAYS[match[1]]))


@reads(r"今(?:[天日]?[、和]?)明(?:[天日]?[、和]?)后(?:三?[天日])?(?!年)")
def _three_days(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today + timedelta(days=2))


@reads(r"今明(?:两|俩|二)?[天日]?|今天明天|今[天日]?[和或]明[天日]?")
def _today_and_tomorrow(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today + timedelta(days=1))


@reads(r"明后(?:两|俩|二)?[天日]|明天后天|明[天日](?:或者?|和|同|跟|还是)?后[天日]")
def _tomorrow_and_after(match: re.Match[str], today: date) -> Span | None:
    return Span(today + timedelta(days=1), today + timedelta(days=2))


@reads(r"这两[天日](?!都|一直|总|老|又|感冒|发|咳|头|肚|不舒服|没|有点)|这俩天|呢两日")
def _these_two_days(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today + timedelta(days=1))


@reads(r"(?:再?[过隔]|等)?(\d{1,2}|[一两二三四五])个半月(?:之后|以后|过后|后)")
def _months_and_a_half(match: re.Match[str], today: date) -> Span | None:
    months = offset(match[1], "月", today, 1)
    return Span.day(months.first + timedelta(days=15)) if months else None


@reads(rf"(?:再?[过隔]|等)?{SMALL}个?(天|日|星期|周|礼拜|月|年)(?:之后|以后|过后|后)的(?:今[天日]|这[一]?天)")
@reads(rf"(?:再?[过隔]|等)?{SMALL}个?(天|日|星期|周|礼拜|月|年)(?:之后|以后|过后|后(?!天|日|面|就|都|还))")
@reads(rf"(?:再过|过|隔){SMALL}个?(天|日|星期|周|礼拜|月)(?!才|都|没)")
def _later(match: re.Match[str], today: date) -> Span | None:
    return offset(match[1], match[2], today, 1)


@reads(rf"{SMALL}个?(星期|周|礼拜)(?:之后|以后|过后|后)的?(?:那个)?(?:周|星期|礼拜|拜)([一二三四五六日天])")
def _weekday_weeks_later(match: re.Match[str], today: date) -> Span | None:
    later = offset(match[1], match[2], today, 1)
    return Span.day(monday(later.first) + timedelta(days=WEEKDAYS[match[3]])) if later else None


@reads(r"(\d{1,2}|[一二两三四五六七八九十]{1,2})个?(天|日|星期|周|礼拜)(?:之前|以前|前(?!台|面))")
@reads(r"(半)个(月)(?:之前|以前|前(?!台|面))")
def _earlier(match: re.Match[str], today: date) -> Span | None:
    """Days and weeks only: 三年前 and 两个月前 tell a story, no day."""
    return offset(match[1], match[2], today, -1)


@reads(rf"(?:未来|接下来|今后|最近|近|这(?!两天|两日)){SMALL}个?(天|日|星期|周|礼拜)(?:内|之内|里)?")
@reads(rf"{SMALL}个?(天|日|星期|周|礼拜|月)(?:之内|以内|内(?!科))")
def _within(match: re.Match[str], today: date) -> Span | None:
    end = offset(match[1], match[2], today, 1)
    return Span(today, end.last) if end else None


# 「问一下下个星期三」 says 下个, not 下下个; 「取消一下周六的」 says neither.
WEEK_PREFIX = r"((?<!一)上上个?|上个?|(?<!一)下下个?|(?<!一)下个?|(?<=一下)下个?|这个?|本|呢个?|今个?)"


@reads(
    rf"{WEEK_PREFIX}?(?<![一二两三每逢\d])(?:周|星期|礼拜|拜)(?:([一二三四五六日天])(?![年岁个月]|次)|([1-7])(?![年岁个月点:\d]|次))",
    kind="weekday",
)
def _weekday(match: re.Match[str], today: date) -> Span | None:
    prefix, weekday = (match[1] or "").removesuffix("个"), WEEKDAYS[match[2] or match[3]]
    if not prefix:
        return Span.day(today + timedelta(days=(weekday - today.weekday()) % 7))
    return Span.day(monday(today) + timedelta(days=7 * _week_number(prefix) + weekday))


@reads(rf"{WEEK_PREFIX}?(?:周末(?!班)|礼拜尾|星期末)")
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
