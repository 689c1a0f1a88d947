"""How long something has lasted (病程), as ISO 8601 durations: P3D, P2W, P1M, PT2H."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest
from intents.slots.numbers import read_number

COUNT = r"(\d{1,3}|[一二两三四五六七八九十]{1,3}|半)"
UNITS = {
    "天": "D", "日": "D", "晚": "D", "晚上": "D", "周": "W", "星期": "W", "礼拜": "W", "月": "M", "年": "Y",
    "小时": "H", "钟头": "H", "个钟": "H", "分钟": "MIN", "夜": "D",
}  # fmt: skip
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
LASTED = re.compile(
    rf"(?<![第下过再每])(?:{COUNT}(?P<half1>半)?|十?(?P<some>几|好几))(?:来|多|几)?个?(?:来|多|几)?(?P<half2>半)?(?P<unit>{UNIT})(?P<after>半|多)?(?P<tail>之前|以前|前|了|啦|咯|喽|左右|都|还|又|一直|不好|没好|唔好)?"
)
SINCE = re.compile(
    r"(?:从|自从|打)?(大前天|前天|昨天|昨晚|昨日|昨夜|今天|今早|今天早上|琴日|琴晚|寻日|寻晚|上周|上个?星期|上个?礼拜|上个?月|去年|前晚)(?:晚上|早上|半夜|夜里|下午|上午|中午)?(?:就?开始|起|到现在|就(?!诊))"
)
SINCE_VALUES = {
    "大前天": "P3D", "前天": "P2D", "前晚": "P2D", "昨天": "P1D", "昨晚": "P1D", "昨日": "P1D", "昨夜": "P1D",
    "琴日": "P1D", "琴晚": "P1D", "寻日": "P1D", "寻晚": "P1D", "今天": "P0D", "今早": "P0D", "今天早上": "P0D",
}  # fmt: skip
LASTING_BEFORE = re.compile(
    r"(?:痛|疼|烧|咳|泻|拉|吐|晕|麻|肿|痒|血|有|快|大概|差不多|都|已经|已|持续|了|足足|连续|连着|将近|至少|大约|约|起码|断断续续|反复|一直|成|整整|好|咗)$"
)


def read_durations(text: str, *, complaint: bool) -> list[Found]:
    """The durations in the text; ``complaint`` says whether it tells of an ailment at all.

    A bare span of time is a duration only where something is said to have lasted it (痛了三天, 三天了, 三天前开始);
    「三天后」 and 「三天内」 are dates and belong to the reader of dates.
    """
    found = []
    for match in LASTED.finditer(text):
        rest = text[match.end() : match.end() + 3]
        if re.match(r"后|之后|以后|内|之内|以内|大|的宝|的娃|的孩|的小|婴|岁|一次|一?趟|一天|吃|内服", rest):
            continue
        tail = match["tail"] or ""
        lead = text[: match.start()]
        lasting = bool(LASTING_BEFORE.search(lead)) or (tail not in ("", "之前", "以前", "前"))
        if tail in ("之前", "以前", "前"):
            lasting = complaint and bool(
                re.search(r"开始|起|就|发|出现|突然|摔|跌|扭|撞", rest + text[match.end() : match.end() + 8])
            )
        if not (
            lasting
            or (
                complaint
                and match["unit"]
                in ("小时", "钟头", "个钟", "分钟", "天", "周", "星期", "礼拜", "月", "年", "日")
            )
        ):
            continue
        value = _iso(match)
        if value:
            found.append(Found("duration", value, match.start(), match.end()))
    for match in SINCE.finditer(text):
        word = match[1]
        value = SINCE_VALUES.get(word) or (
            "P1W" if re.search(r"周|星期|礼拜", word) else "P1M" if "月" in word else "P1Y"
        )
        if complaint and value != "P0D":
            found.append(Found("duration", value, match.start(), match.end()))
    return longest(found)


def _iso(match: re.Match[str]) -> str | None:
    unit = UNITS[match["unit"]]
    half = bool(match["half1"] or match["half2"] or match["after"] == "半")
    if match["some"]:
        return None
    if match[1] == "半":
        return {"D": "PT12H", "M": "P15D", "Y": "P6M", "H": "PT30M", "W": None}.get(unit)
    count = read_number(match[1])
    if not count:
        return None
    if unit in ("H", "MIN"):
        if half and unit == "H":
            return f"PT{count}H30M"
        return f"PT{count}{'M' if unit == 'MIN' else 'H'}"
    if half:
        return {"D": f"P{count}D", "M": f"P{count * 30 + 15}D", "Y": f"P{count * 12 + 6}M"}.get(
            unit, f"P{count}W"
        )
    return f"P{count}{unit}"
