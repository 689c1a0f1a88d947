"""Times of day and parts of the day. What was not said is not guessed: 「七点」 alone gives no period."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest
from intents.slots.numbers import read_number

PERIODS = {
    "morning": "大清早|清早|清晨|早晨|早上|早间|上午|上昼|朝早|朝头早|一早|早头|早盘|今早|明早|昨早|听朝|听早|今朝|明朝|明晨|今晨|后朝|凌晨|早班|清早八早",
    "noon": "中午|正午|午间|晌午|午休时间|午饭时间",
    "afternoon": "下午|下昼|午后|后半天|下半天|下半日|晏昼|晏头",
    "evening": "傍晚|夜晚|晚上|夜间|晚间|夜里|今晚|明晚|昨晚|听晚|夜门诊|夜诊|晚黑|夜晚黑|夜头|挨晚|下班后|下班以后|下了班|放工后|晚头|夜市门诊",
}
PERIOD_WORDS = {word: period for period, words in PERIODS.items() for word in words.split("|")}
PERIOD = "|".join(sorted(PERIOD_WORDS, key=len, reverse=True))
PERIOD_PATTERN = re.compile(
    rf"({PERIOD}|(?<=[天日号一二三四五六])早(?![餐饭点些就已知期产])|(?<=[天日号一二三四五六])晚(?![点些饭期]))"
)

HOUR = r"(\d{1,2}|[一二两三四五六七八九]|十[一二]?|二十[一二三]?)"
MINUTE = r"(半|[一三]刻|\d{1,2}分?|[零〇]?[一二三四五六七八九十]{1,3}分?|整|正)?"
CLOCK = re.compile(
    rf"(?P<period>{PERIOD}|早|晚)?的?(?<![\d:：])(?P<hour>{HOUR[1:-1]})(?:点钟?|点|時|时(?!间|候|段))(?P<minute>{MINUTE[1:-2]})?(?P<less>差[五十]分|钟)?"
)
DIGITAL = re.compile(
    rf"(?P<period>{PERIOD}|早|晚)?的?(?<![\d:/.])(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?![\d:])"
)
NOT_A_TIME_BEFORE = re.compile(
    r"[快慢早晚好坏多少有差大小近远轻重严点便松紧热冷高低疼痛贵累早]$|[一二两三四五六七八九十\d]$"
)
NOT_A_TIME_AFTER = re.compile(
    r"[名儿也都滴没事心头意见]|不[^要想能行用]|[一二三四五六七八九]?号线|五(?![十分])|\d天"
)


def read_periods(text: str) -> list[Found]:
    """``morning | noon | afternoon | evening``, where a part of the day is named."""
    found = []
    for match in PERIOD_PATTERN.finditer(text):
        word = match[1]
        if word == "早":
            value = "morning"
        elif word == "晚":
            value = "evening"
        else:
            value = PERIOD_WORDS[word]
        found.append(Found("period", value, match.start(), match.end()))
    return found


def read_times(text: str) -> list[Found]:
    """``HH:MM`` on the 24-hour clock; one to six o'clock without a period is the afternoon's, when a hospital is open."""
    found = []
    for match in DIGITAL.finditer(text):
        found.append(_time(match, int(match["hour"]), int(match["minute"])))
    for match in CLOCK.finditer(text):
        hour = read_number(match["hour"])
        minute = _minute(match["minute"])
        said_precisely = match["minute"] or match["less"] or match["period"]
        if hour is None or hour > 24 or minute is None:
            continue
        if not said_precisely and (
            NOT_A_TIME_AFTER.match(text, match.end())
            or (match["hour"] in ("一", "1") and NOT_A_TIME_BEFORE.search(text[: match.start()]))
        ):
            continue
        if match["hour"] == "一" and re.match(r"[儿也都不没]", text[match.end() :]):
            continue
        if match["less"] and match["less"].startswith("差"):
            minute -= 5 if "五" in match["less"] else 10
            if minute < 0:
                hour, minute = hour - 1, minute + 60
        found.append(_time(match, hour, minute))
    return longest(found)


def _time(match: re.Match[str], hour: int, minute: int) -> Found:
    word = match["period"]
    period = {"早": "morning", "晚": "evening"}.get(word) or PERIOD_WORDS.get(word or "")
    if (
        (period in ("afternoon", "evening") and hour < 12)
        or (period == "noon" and hour <= 3)
        or (period is None and 1 <= hour <= 6)
    ):
        hour += 12
    return Found("time", f"{hour % 24:02d}:{minute:02d}", match.start("hour"), match.end())


def _minute(text: str | None) -> int | None:
    if not text or text in ("整", "正"):
        return 0
    if text == "半":
        return 30
    if text.endswith("刻"):
        return 15 if text[0] == "一" else 45
    value = read_number(text.removesuffix("分").lstrip("零〇") or "零")
    return value if value is not None and value < 60 else None
