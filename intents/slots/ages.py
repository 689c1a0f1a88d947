"""Ages: whole years, or months for an infant (P8M); and the sex where it is said outright."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest
from intents.slots.numbers import NUMBER, read_number

YEARS = re.compile(
    rf"({NUMBER}|(?<!\d)\d \d)\s*(?:来|多|几)?(?:周|虚)?岁(?:半|多)?(?!月)|今年(?:都|已经|快|刚好|满)*({NUMBER})(?=[了啦咯喽啊呀哦咧,，。 ]|$)|年龄[是:：]?\s*({NUMBER})|(?<!\d)(\d{{2}})(?:来|多)岁"
)
KIN = "我|他|她|佢|妈|爸|爷|奶|公|婆|伴|者|人|人家|娃|崽|女|仔|儿|子|女儿|孩|母亲|父亲|妹|弟|姐|哥|本人|太|叔|姨|舅|姑|嫂"
PLAIN_YEARS = re.compile(
    rf"(?:{KIN})(?:今年|都|已经|才|快|现在|刚刚?|满|有|也|就|呀|啊|,|，)*(?P<plain>\d{{2}}|[二三四五六七八九]?十[一二三四五六七八九]?)(?P<some>几|多)?(?P<end>了|啦|咯|喽|[,，。、\s]|$|(?=[耳眼腿脚腰头身男女一高]))(?![点号天日个月楼床层路元块:：\d])"
)
OLD_STYLE = re.compile(r"([二三四五六七八九]十)有([一二三四五六七八九])")
OLD = re.compile(r"([六七八九][十]|[6-9]0)(?:来|多|几|好几)(?:岁|的(?:老人|人|奶奶|爷爷|老)|了|咯)")
NEARLY = re.compile(r"年近([五六七八九]十|[5-9]0)|快([五六七八九]十|[5-9]0)岁")
FIRST_YEAR = re.compile(r"(?<![\d一二两三四五六七八九十])周岁(?=宝|的?娃|的?孩|了)")
MONTHS = re.compile(
    rf"({NUMBER})个?(?:多|半)?月(?:大)?(?=大|龄|的?(?:男|女)?(?:宝宝|宝|娃|孩子|小孩|婴儿|婴|崽|仔|女儿|儿子|BB|bb|妹|弟|小朋友|苏虾)|了?(?:,|，)?(?:宝宝|娃))"
)
BABY_MONTHS = re.compile(
    rf"(?:宝宝|宝贝|娃娃?|孩子?|小孩|婴儿|崽|仔|女儿|儿子|bb|小朋友|苏虾|孙子|孙女|外孙|毛毛)(?:才|刚|今年|现在|快|得|有|满|,|，|\s)*({NUMBER})个?(?:多|半)?月(?!前|后|没|了(?:还|都|一直)|的药)"
)
NEWBORN = re.compile(rf"(?:出生|生下来|刚生|生出来)(?:才|刚|有|了)*({NUMBER})天")
FULL_MONTH = re.compile(r"刚满月|满月的?(?:宝|娃|婴|仔|崽|孩)")
SEX = re.compile(
    r"(?P<female>女宝宝?|女婴|女孩子?|女娃娃?|女仔|女生|女的|女性|女士|女崽|小女孩|女童|性别[:：]?女|(?<=[,，\s岁])女(?=[,，\s。、]|$)|^女(?=[,，\s。、\d]|$))"
    r"|(?P<male>男宝宝?|男婴|男孩子?|男娃娃?|男仔|男生|男的|男性|男士|男崽|小男孩|男童|性别[:：]?男|(?<=[,，\s岁])男(?=[,，\s。、]|$)|^男(?=[,，\s。、\d]|$))"
)
NOT_THE_PATIENT = re.compile(
    r"(?:医生|大夫|主任|护士|科|保安|人员)(?:是|有)?(?:没有)?$|要个?$|找个?$|有没有$|换个?$|[那这]个$|[那这]位$|穿[^,，。]{1,4}的$|姓.的$|是不是$"
)
NOT_OF_A_PATIENT = re.compile(
    r"医生|大夫|护士|厕|科|洗手|卫生|主任|专家|的?医|的?大夫|保安|收费|澡堂|浴室|病房|更衣|不育"
)
POLICY = re.compile(r"\s*(?:以上|以下|以内|之前)")


def read_ages(text: str) -> list[Found]:
    found = []
    for pattern in (YEARS, OLD, NEARLY):
        for match in pattern.finditer(text):
            number = next((group for group in match.groups() if group), None)
            years = read_number(number.replace(" ", "")) if number else None
            about = text[match.end(1) : match.end(1) + 1] == "几" if pattern is YEARS and match[1] else False
            if years is None or not 0 < years < 125 or (about and years < 20):
                continue  # 十几岁 is no number
            found.append(
                Found("age", years, match.start(), match.end(), weak=bool(POLICY.match(text, match.end())))
            )
    for match in PLAIN_YEARS.finditer(text):
        years = read_number(match["plain"])
        if years and 10 <= years < 110:
            found.append(Found("age", years, match.start("plain"), match.end("plain")))
    for match in OLD_STYLE.finditer(text):
        years = (read_number(match[1]) or 0) + (read_number(match[2]) or 0)
        found.append(Found("age", years, match.start(), match.end()))
    for match in FIRST_YEAR.finditer(text):
        found.append(Found("age", 1, match.start(), match.end()))
    for pattern in (MONTHS, BABY_MONTHS):
        for match in pattern.finditer(text):
            months = read_number(match[1])
            if months and months <= 36:
                found.append(Found("age", f"P{months}M", match.start(1), match.end()))
    for match in NEWBORN.finditer(text):
        days = read_number(match[1])
        if days:
            found.append(Found("age", f"P{days}D", match.start(1), match.end()))
    for match in FULL_MONTH.finditer(text):
        found.append(Found("age", "P1M", match.start(), match.end()))
    return longest(found)


def read_sex(text: str) -> list[Found]:
    """Only where man or woman is said of the patient; 「我妈」 does not count, nor a wish for a woman doctor."""
    found = []
    for match in SEX.finditer(text):
        if NOT_OF_A_PATIENT.match(text, match.end()) or NOT_THE_PATIENT.search(
            text[max(0, match.start() - 24) : match.start()]
        ):
            continue
        found.append(Found("sex", match.lastgroup or "", match.start(), match.end()))
    return found
