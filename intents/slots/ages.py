"""Ages: whole years, or months for an infant (P8M); and the sex where it is said outright."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest
from intents.slots.numbers import NUMBER, read_number

YEARS = re.compile(
    rf"({NUMBER})(?:来|多|几)?(?:周|虚)?岁(?:半)?(?!月)|今年({NUMBER})(?=[了啦,，。 ]|$)|年龄[是:：]?({NUMBER})|(?<!\d)(\d{{2}})(?:来|多)岁"
)
OLD = re.compile(r"([六七八九][十]|[6-9]0)(?:来|多|几)(?:岁|的(?:老人|人|奶奶|爷爷|老))")
MONTHS = re.compile(
    rf"({NUMBER})个?(?:多|半)?月(?:大)?(?=大|的?(?:宝宝|宝|娃|孩子|小孩|婴儿|崽|仔|女儿|儿子|BB|bb|妹|弟|小朋友|苏虾)|了?(?:,|，)?(?:宝宝|娃))"
)
BABY_MONTHS = re.compile(
    rf"(?:宝宝|娃娃?|孩子|小孩|婴儿|崽|仔|女儿|儿子|bb|小朋友|苏虾|孙子|孙女|外孙)(?:才|刚|今年|现在|快|得)?({NUMBER})个?(?:多|半)?月(?!前|后|没|了(?:还|都|一直))"
)
NEWBORN = re.compile(rf"(?:出生|生下来|刚生)(?:才|刚|有)?({NUMBER})天")
FULL_MONTH = re.compile(r"刚满月|满月的?(?:宝|娃|婴|仔|崽|孩)")
SEX = re.compile(
    r"(?P<female>女宝宝|女婴|女孩子?|女娃|女仔|女生|女的|女性|女士|女崽|小女孩|妹仔|老太太|性别[:：]?女|(?<=[,，\s岁])女(?=[,，\s。]|$)|^女(?=[,，\s。\d]|$))"
    r"|(?P<male>男宝宝|男婴|男孩子?|男娃|男仔|男生|男的|男性|男士|男崽|小男孩|老头子?|性别[:：]?男|(?<=[,，\s岁])男(?=[,，\s。]|$)|^男(?=[,，\s。\d]|$))"
)
NOT_THE_PATIENT = re.compile(r"(?:医生|大夫|主任|护士|科)(?:是|有)?(?:没有)?$|要个?$|找个?$|有没有$|换个?$")


def read_ages(text: str) -> list[Found]:
    found = []
    for pattern in (YEARS, OLD):
        for match in pattern.finditer(text):
            number = next((group for group in match.groups() if group), None)
            years = read_number(number) if number else None
            if years is not None and 0 < years < 125:
                found.append(Found("age", years, match.start(), match.end()))
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
        rest = text[match.end() : match.end() + 3]
        if re.match(r"医生|大夫|护士|厕|科|洗手|卫生|主任|专家", rest) or NOT_THE_PATIENT.search(
            text[: match.start()]
        ):
            continue
        found.append(Found("sex", match.lastgroup or "", match.start(), match.end()))
    return found
