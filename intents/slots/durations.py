"""How long something has lasted (病程), as ISO 8601 durations: P3D, P2W, P1M, PT2H.

A bare span of time is a duration only in the story of an ailment; 「三天后」 is a date, 「等了三个小时」 a grievance,
「怀孕七周」 and 「手术后十天」 are no illness. What began on a day (从上周五开始) lasts since then: `since`.
"""

from __future__ import annotations

import re
from datetime import date

from intents.slots.found import Found, longest
from intents.slots.numbers import read_number

COUNT = r"(\d{1,3}|[一二两三四五六七八九十]{1,3}|半|成(?=个))"
UNITS = {
    "天": "D", "日": "D", "周": "W", "星期": "W", "礼拜": "W", "月": "M", "年": "Y",
    "小时": "H", "钟头": "H", "个钟": "H", "分钟": "MIN",
}  # fmt: skip
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
LASTED = re.compile(
    rf"(?<![第下过再每隔近这个前\d.])(?:{COUNT}(?P<half1>半)?)(?P<more>来|多|几)?(?P<each>个)?(?:来|多|几)?(?P<half2>半)?(?P<unit>{UNIT})(?P<after>半|多)?(?P<tail>之前|以前|前(?!天|面)|了|啦|咯|喽|左右|都|还|又|一直|不好|没好|唔好)?"
)
ABOUT_A_MONTH = re.compile(r"个把(?P<unit>月|星期|礼拜|小时)")
LONG_AGO = re.compile(
    r"(?:从|自从|打)?(?:去年(?![春夏秋冬底初年\d一二三四五六七八九十])|上个?月|上个?(?:星期|礼拜|周)(?![一二三四五六日天]))(?:[^,，。]{0,3})(?:就?开始|(?<!说)起(?!床|来)|到现在)"
)
NOT_AFTER = re.compile(
    r"\s*(?:之?后|以后|过后|内(?!科)|之内|以内|大|的?(?:宝|娃|孩|小|婴|药|量|假|报告|票|班)|婴|岁|一次|一?趟|一天|吃|内服|[一二两三四五六七八九十\d]次|没来月经|未来月经|身孕|的?身孕|前做|前刚?做|前来|前看|前挂|前约|前在)"
)
ONSET = re.compile(r"开始|起|就|发|出现|突然|摔|跌|扭|撞|崴|咬|吃|打|被|淋|着凉|闹|痛|疼")
OTHER_MATTER = re.compile(
    r"(?:看病|看诊|等|候|排|排队|找|绕|跑|约|抢|退费?|退|打|坐|坐车|开车?|煎|寄|拖|耽误|转|走|睡|结婚|住|住院|怀孕|怀|孕|有孕|有喜|出院|术后|手术|手术后|术|剖腹产|产后|顺产|生完|出生|做|干|工作|上班|戒|停药|断|打工|学|毕业|退休|请假|停车|停|拍|出|隔|每|提前|分居|搬来|来了?这里|认识|报名|交|办|去世|走路|挂|说好|讲好|讲是|说是)"
    r"(?:了|咗|得|有|大概|都|已经|才|快|将近|差不多|差唔多|整整|足足|成|在|要|好|满|刚|第)*$"
)
SICK = re.compile(
    r"(?<![看生门急])病(?![人历房床区理号友案])|炎|不舒服|唔舒服|难受|症|高血压|甲亢|痔疮|结石|肌瘤|偏瘫|中风|哮喘|痛风|便秘"
)
"""An ailment without a symptom can last as well: 糖尿病十年了."""
SINCE = re.compile(
    r"[^,，。;；]{0,3}?(?:晚上|夜里|半夜|凌晨|早上|下午|上午|中午|傍晚|夜头|下昼|朝早)?[^,，。;；]{0,2}?(?:就|才|便)?(?:开始|起(?!诉|床)|到现在|到而家|至今|突然|忽然|摔|跌|扭|崴|撞|被|遭|畀|吃坏|吃错|吃了|食咗|淋了|着凉|受凉|磕|碰|烫|割|刺|闪|跑步|打球|搬|拔|炸|电到|睡醒|醒来|起来就|起床就)"
)
FROM = re.compile(r"(?:从|自从|自|打|由)$")


def read_durations(text: str, *, complaint: bool) -> list[Found]:
    """The durations in the text; ``complaint`` says whether it tells of a symptom at all. Without one they are weak:
    they hold where the request is about an ailment that has no name in our lists."""
    weak = not (complaint or SICK.search(text))
    found = []
    for match in LASTED.finditer(text):
        lead = text[max(0, match.start() - 10) : match.start()]
        if OTHER_MATTER.search(lead) or NOT_AFTER.match(text, match.end()):
            continue
        if (match["tail"] or "").endswith("前") and not ONSET.search(text[match.end() : match.end() + 8]):
            continue
        value = _iso(match)
        if value:
            found.append(Found("duration", value, match.start(), match.end(), weak=weak))
    for match in ABOUT_A_MONTH.finditer(text):
        value = {"月": "P1M", "小时": "PT1H"}.get(match["unit"], "P1W")
        found.append(Found("duration", value, match.start(), match.end(), weak=weak))
    for match in LONG_AGO.finditer(text):
        value = "P1Y" if "年" in match[0] else "P1M" if "月" in match[0] else "P1W"
        found.append(Found("duration", value, match.start(), match.end(), weak=weak))
    return longest(found)


def since(text: str, days: list[Found], today: date, symptoms: list[Found]) -> dict[Found, Found | None]:
    """Dates on which an ailment began, with the duration each tells; ``None`` for one that began today.

    The day it began is no date to book (the contract's rule).
    """
    began: dict[Found, Found | None] = {}
    for one in days:
        value = str(one.value)
        if "/" in value:
            continue
        ago = (today - date.fromisoformat(value)).days
        if ago < 0:
            continue
        end = one.end
        match = SINCE.match(text, end)
        told = bool(match) or bool(FROM.search(text[max(0, one.start - 24) : one.start]))
        close = any(
            0 <= symptom.start - end <= 6 and not _clause(text, end, symptom.start) for symptom in symptoms
        )
        if not (told or (close and ago > 0) or (close and re.match(r"[早晨朝]", text[end - 1 : end]))):
            continue
        if match:
            end = match.end()
        began[one] = Found("duration", f"P{ago}D", one.start, end) if ago else None
    return began


def _clause(text: str, start: int, end: int) -> bool:
    return bool(re.search(r"[,，。;；!！?？]|挂|约|看|做|拍|开|号|查", text[start:end]))


def _iso(match: re.Match[str]) -> str | None:
    unit = UNITS[match["unit"]]
    half = bool(match["half1"] or match["half2"] or match["after"] == "半")
    said = match[1]
    if match["more"] == "几" or (unit == "M" and not match["each"] and said not in ("半",)):
        return None  # 十几年 is no number, 三月 is a month of the year
    if said == "半":
        return {"D": None, "M": "P15D", "Y": "P6M", "H": "PT30M", "W": None}.get(unit)
    if said == "成":
        return f"PT1{unit}" if unit == "H" else f"P1{unit}" if unit != "MIN" else None
    if len(said) > 1 and not said.isascii() and "十" not in said:
        return None  # 两三天 says no more than some
    count = read_number(said)
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
