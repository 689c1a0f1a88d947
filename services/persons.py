"""Of whom a text speaks: age, sex and pregnancy as the words tell them (我妈 70 岁, 宝宝8个月, 怀孕三个月).

Only for triage, where a likely reading is worth more than none; what was given in fields goes before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.evidence import simplify

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "半": 0}
_NUMBER = r"(\d{1,3}(?:\.\d)?|[零一二两三四五六七八九十百]{1,4})"
_YEARS = re.compile(_NUMBER + r"\s*(?:多|来)?(?:周)?[岁嵗](?!月)")
_MONTHS_OLD = re.compile(
    r"(?:宝宝|孩子|小孩|婴儿|娃娃|娃|仔|囡|儿子|女儿|孙子|孙女|宝贝|小朋友|bb|崽)[^，。,.!！?？]{0,4}?"
    + _NUMBER
    + r"\s*(?:多)?个?(?:多)?月(?!前|没|都)|"
    + _NUMBER
    + r"\s*(?:多)?个?(?:多)?月大?(?:的)?(?:大的?)?(?:宝宝|孩子|小孩|婴儿|新生儿|娃|女婴|男婴|宝贝|小朋友|bb|崽|婴)"
)
_DAYS_OLD = re.compile(
    r"(?:出生|生下来|生出来|落地)[^，。,.]{0,3}?"
    + _NUMBER
    + r"\s*(?:多)?天|"
    + _NUMBER
    + r"\s*天大?的?(?:宝宝|婴儿|新生儿)"
)
_NEWBORN = re.compile(r"新生儿|刚出生|刚满月|没满月|未满月|不到满月|还没满月|月子里的(?:宝宝|孩子|娃)")
_CHILD = re.compile(
    r"宝宝|孩子|小孩|婴儿|小朋友|娃儿?|儿子|女儿|孙子|孙女|宝贝|儿童|小儿|幼儿|男孩|女孩|男宝|女宝|细路|崽|小家伙|bb|"
    r"小宝|大宝|二宝|小学生|幼儿园|细佬|囡囡|侄子|侄女|外孙"
)
_NO_CHILD = re.compile(
    r"我(?:怀|想)|生(?:完|了)(?:孩子|宝宝|娃|小孩|二胎)|要孩子|要小孩|肚[子里].{0,2}(?:宝宝|孩子)|备孕|[带抱]孩子|"
    r"打胎|不要孩子|怀(?:了|着)?(?:孩子|宝宝)|怀孕|胎儿|没有孩子|孕\d|孕[一二三四五六七八九十]"
)
_ELDER = re.compile(
    r"老人|老头|奶奶|爷爷|外婆|外公|姥姥|姥爷|阿婆|阿公|婆婆|老太|老伴|老爷子|老年|老豆|阿爷|阿嫲"
)
_FEMALE = re.compile(
    r"女[性士孩宝婴生，。,.、）) ]|女$|我妈|妈妈|母亲|老妈|奶奶|外婆|姥姥|老婆|妻子|媳妇|女儿|孙女|姐姐|妹妹|阿姨|婆婆|孕妇|月经|大姨妈|"
    r"例假|白带|阴道|子宫|卵巢|哺乳|喂奶|怀孕|产妇|宝妈|姨妈|外阴|流产|孕期|老太|女朋友|女友|宫颈|产后|阿婆|老母"
)
_MALE = re.compile(
    r"男[性士孩宝婴生，。,.、）) ]|男$|我爸|爸爸|父亲|老爸|爷爷|外公|姥爷|老公|丈夫|儿子|孙子|哥哥|弟弟|叔叔|岳父|老头|龟头|阴茎|睾丸|"
    r"前列腺|遗精|早泄|阳痿|勃起|包皮|阴囊|精液|阿公|老豆|男朋友|男友|射精|精子"
)
_PREGNANT = re.compile(
    r"怀孕|孕妇|怀着|有身孕|孕\d+|孕[一二两三四五六七八九十早中晚期后]|有咗|怀了|怀二胎|预产期|产检|胎动|胎心|大肚婆|[了已]孕|保胎|破水|羊水|孕期"
)
_NOT_PREGNANT = re.compile(
    r"备孕|想怀|没怀孕|没有怀孕|避孕|怀孕前|排除怀孕|怀不上|怀孕困难|会怀孕|是不是怀孕|怀孕吗|不孕|没怀上|产后"
)


@dataclass(frozen=True, slots=True)
class Person:
    age: float | None = None
    """Years; a baby of eight months is 0.67."""
    sex: str | None = None
    pregnant: bool = False
    child: bool = False
    """Told or likely to be under 14."""
    newborn: bool = False
    """Within 28 days of birth."""
    elder: bool = False
    """Told or likely to be 65 or more."""


def read_person(text: str, *, age: float | None = None, sex: str | None = None) -> Person:
    """What is given wins; what is not, the text tells, or nobody does."""
    plain = simplify(text)
    newborn = bool(_NEWBORN.search(plain))
    if age is None:
        age = _read_age(plain)
    likely_child = age is None and bool(_CHILD.search(plain)) and not _NO_CHILD.search(plain)
    if sex is None:
        female, male = bool(_FEMALE.search(plain)), bool(_MALE.search(plain))
        sex = "female" if female and not male else "male" if male and not female else None
    pregnant = bool(_PREGNANT.search(plain)) and not _NOT_PREGNANT.search(plain) and sex != "male"
    return Person(
        age=age,
        sex=sex,
        pregnant=pregnant and not (age is not None and age < 12),
        child=likely_child or newborn or (age is not None and age < 14),
        newborn=(newborn and age is None) or (age is not None and age < 28 / 365),
        elder=(age >= 65) if age is not None else bool(_ELDER.search(plain)),
    )


def _read_age(text: str) -> float | None:
    if years := _YEARS.search(text):
        value = _number(years.group(1))
        return value if value <= 120 else None
    if days := _DAYS_OLD.search(text):
        return round(_number(days.group(1) or days.group(2)) / 365, 3)
    if months := _MONTHS_OLD.search(text):
        return round(_number(months.group(1) or months.group(2)) / 12, 2)
    return None


def _number(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    total, digit = 0, 0
    for sign in text:
        if sign == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif sign == "百":
            total, digit = total + (digit or 1) * 100, 0
        else:
            digit = _DIGITS[sign]
    return float(total + digit)
