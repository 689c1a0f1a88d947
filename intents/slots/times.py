"""Times of day and parts of the day. What was not said is not guessed: 「七点」 alone gives no period."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest
from intents.slots.numbers import read_number

PERIODS = {
    "morning": "大清早|清早|清晨|早晨|早上|早间|上午|上昼|上半天|上半日|朝早|朝头早|一大早|早头|早盘|今早|明早|昨早|听朝|听早|今朝|明朝|明晨|今晨|后朝|凌晨|早班|清早八早",
    "noon": "中午|正午|午间|晌午|午休时间|午饭时间|午门诊",
    "afternoon": "下午|下昼|午后|后半天|下半天|下半日|晏昼|晏头",
    "evening": "傍晚|夜晚|晚上|夜间|晚间|夜里|今晚|明晚|昨晚|后晚|听晚|夜门诊|夜诊|晚黑|夜晚黑|夜头|挨晚|擦黑|下班后|下班以后|下了班|放工后|晚头|夜市门诊|今夜|琴晚|寻晚|噚晚|前晚|昨夜|当晚",
}
PERIOD_WORDS = {word: period for period, words in PERIODS.items() for word in words.split("|")}
PERIOD_WORDS |= {"am": "morning", "pm": "afternoon", "上五": "morning", "下五": "afternoon"}
PERIOD = "|".join(sorted(PERIOD_WORDS, key=len, reverse=True)).replace("|am|pm", "")
PERIOD_PATTERN = re.compile(
    rf"({PERIOD}|(?:(?<=[天日号一二三四五六])|(?<![^，, ]))[上下]五(?![点:：分号楼层个月天]|$(?<=^[上下]五))|(?<![a-z])[ap]m(?![a-z])|一早(?!上)|(?<=[天日号一二三四五六周])早(?![餐饭点些就已知期产])|(?<=[天日号一二三四五六])晚(?![点些饭期])|(?<![最不太提别多今明昨后])[早晚](?=(?!一点(?![钟半\d]))[一二两三四五六七八九十\d]{{1,2}}[点:：]))"
)
WHOLE = re.compile(r"(?:(?<![周期拜\d])一整?个?|整个?|成个?|半个?|大半个?|都|都快)$")
"""一上午, 整个下午: how long, not when."""
GREETING = re.compile(r"(?:早上|上午|中午|下午|晚上)好")
WHICH = re.compile(r"(?:还是|定系|定|或者?|抑或)")

HOUR = r"二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九]|\d{1,2}"
MINUTE = r"半|[一三]刻|\d{1,2}分?|[零〇]?[一二三四五六七八九十]{1,3}(?:个字|分)?|整|正"
CLOCK = re.compile(
    rf"(?P<to>差(?P<early>[五十]|一刻)分?(?:钟)?)?(?P<period>{PERIOD}|早|晚)?的?(?<![\d:：十])(?P<hour>{HOUR})(?:点钟?|点|時|时(?!间|候|段|不时))(?P<minute>{MINUTE})?(?P<less>差(?:[五十]分|一刻)|钟)?"
)
DIGITAL = re.compile(
    rf"(?P<period>{PERIOD}|早|晚)?的?(?<![\d:/.])(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?![\d:])\s*(?P<half>[ap]m)?"
)
LATIN_HALF = re.compile(
    r"(?<![\d.])(?P<hour>1[0-2]|[1-9])(?::(?P<minute>[0-5]\d))?\s?(?P<half>[ap]m)(?![a-z])"
)
NOT_A_TIME_BEFORE = re.compile(
    r"[快慢早晚好坏多少有差大小近远轻重严点便松紧热冷高低疼痛贵累早]$|[一二两三四五六七八九十\d]$"
)
NOT_A_TIME_AFTER = re.compile(
    r"[名儿也都滴没事心头意见建要求原疑希]|不[^要想能行用]|[一二三四五六七八九]?号线|五(?![十分])|\d天"
)
ONE_O_CLOCK = re.compile(
    r"左右|[之以]?[前后]|到|来|过|可|行|得[不唔]得|能|吗|吧|呢|的(?:号|时候)|开|上班|下班|就诊|有(?!点)|约|去|见|[,，。?？!！\s]|$"
)
BEFORE_ONE = re.compile(r"(?:^|[天日号午晚到约在是成至改挂回,，。、\s~周一二三四五六\-])$")
DIRECTION = re.compile(r"钟?方向")
STORY = re.compile(r"都(?:已经|快|到)?$")
"""「都七点了」 tells how late it got, no time for an appointment."""


def read_periods(text: str) -> list[Found]:
    """``morning | noon | afternoon | evening``, where a part of the day is named."""
    found: list[Found] = []
    for match in PERIOD_PATTERN.finditer(text):
        word = match[1]
        value = {"早": "morning", "一早": "morning", "晚": "evening"}.get(word) or PERIOD_WORDS[word]
        if GREETING.match(text, match.start()) or WHOLE.search(
            text, max(0, match.start() - 24), match.start()
        ):
            continue
        one = Found("period", value, match.start(), match.end())
        if found and value != found[-1].value and WHICH.fullmatch(text[found[-1].end : one.start].strip()):
            found.pop()  # 「上午还是下午」 asks which
            continue
        found.append(one)
    return found


def read_times(text: str, periods: list[Found] | None = None) -> list[Found]:
    """``HH:MM`` on the 24-hour clock. An hour without a part of the day takes that of ``periods`` named before it;
    without one, one to five o'clock is the afternoon's, when a hospital is open."""
    found = []
    for match in DIGITAL.finditer(text):
        found.append(_time(match, int(match["hour"]), int(match["minute"]), periods, match["half"]))
    for match in LATIN_HALF.finditer(text):
        found.append(_time(match, int(match["hour"]), int(match["minute"] or 0), None, match["half"]))
    for match in CLOCK.finditer(text):
        hour = read_number(match["hour"])
        minute = _minute(match["minute"])
        said_precisely = match["minute"] or match["less"] or match["period"] or match["to"]
        if hour is None or hour > 24 or minute is None:
            continue
        if not said_precisely and (
            NOT_A_TIME_AFTER.match(text, match.end())
            or (
                match["hour"] in ("一", "1")
                and NOT_A_TIME_BEFORE.search(text[max(0, match.start() - 24) : match.start()])
            )
        ):
            continue
        if match["hour"] == "一" and re.match(r"[儿也都不没]", text[match.end() :]):
            continue
        if DIRECTION.match(text, match.end()):
            continue
        if match["hour"] == "一" and not (match["minute"] or match["less"] or match["to"]):
            word = match["period"] or ""
            if word.endswith(("早", "晚")) or (
                not word
                and not (
                    ONE_O_CLOCK.match(text, match.end())
                    and BEFORE_ONE.search(text, max(0, match.start() - 4), match.start())
                )
            ):
                continue  # 「明早一点」, 「一点小事」: somewhat, no hour
        if (
            STORY.search(text, max(0, match.start() - 24), match.start())
            and text[match.end() : match.end() + 1] == "了"
        ):
            continue
        early = (match["early"] or "") if match["to"] else ""
        if match["less"] and match["less"].startswith("差"):
            early = match["less"][1]
        if early:
            minute -= {"五": 5, "十": 10}.get(early, 15)
            if minute < 0:
                hour, minute = hour - 1, minute + 60
        found.append(_time(match, hour, minute, periods))
    return longest(found)


def _time(
    match: re.Match[str], hour: int, minute: int, periods: list[Found] | None, half: str | None = None
) -> Found:
    word = match["period"] if "period" in match.re.groupindex else None
    period = {"早": "morning", "晚": "evening"}.get(word or "") or PERIOD_WORDS.get(half or word or "")
    if period is None and periods:
        # 「夜门诊七点」, 「下午的号，三点」: the part of the day named last before the hour.
        before = [one for one in periods if one.end <= match.start("hour")]
        period = str(before[-1].value) if before else None
    if (
        (period in ("afternoon", "evening") and hour < 12)
        or (period == "noon" and hour <= 3)
        or (period is None and 1 <= hour <= 5)
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
    if text.endswith("个字"):  # Cantonese counts in strokes of five minutes
        value = read_number(text.removesuffix("个字"))
        return value * 5 if value is not None and value < 12 else None
    value = read_number(text.removesuffix("分").lstrip("零〇") or "零")
    return value if value is not None and value < 60 else None
