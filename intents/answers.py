"""The message read as an answer to the question just asked, before anything else is thought of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from intents.language import strip_marks
from intents.lexicon import read_list
from intents.pinyin import spelling
from intents.slots.addresses import looks_like_address
from intents.slots.durations import read_durations
from intents.slots.foreign_names import read_foreign_name
from intents.slots.identity import SPOKEN
from intents.slots.numbers import NUMBER, read_number
from intents.slots.people import read_name_alone
from intents.slots.vietnamese_spans import read_lasting
from intents.understanding import SlotValue

WHICHEVER = re.compile(
    r"^(?:(?:你|您|我)?(?:看|就|要|挂|约|选)?)*(?:哪|边)(?:个|位|天|日|边)?[^,，。!！]{1,6}就(?:看|挂|约|选|要)?(?:哪|边|那)(?:个|位|天|日|边)?[吧啦咯了就行。.!！\s]*$"
)
"""「哪个有空就哪个」, 「哪天有号就哪天」."""
BARE_NUMBER = re.compile(
    rf"^\s*(?:是|我|今年|有|他|她|大概|差不多|满|一共|总共|共|开了|拿了|就)*\s*({NUMBER})\s*(?:岁|周岁|付|剂|副|包|服|天|号|个|了|的|多|左右|整|[。.!！\s])*$"
)
YOUNG = re.compile(rf"(?P<count>{NUMBER})(?:多|几)?(?P<unit>个月|个多月|个半月|月|周(?!岁)|星期|礼拜|天|日)")
YOUNG_UNITS = {
    "个月": "M",
    "个多月": "M",
    "个半月": "M",
    "月": "M",
    "周": "W",
    "星期": "W",
    "礼拜": "W",
    "天": "D",
    "日": "D",
}
NUMBERS = re.compile(NUMBER)
SHORT = 15
"""Characters of a message whose last number is the age asked for: 「五十出头，五十二」, 「属龙的，62」."""
OLDEST = 125
SPLIT = re.compile(r"(?<=[0-9一二三四五六七八九十百]) (?=[0-9一二三四五六七八九十百岁])")
"""「6 2」, 「六 十 二」: one number, typed or said in pieces."""
REAL_AGE = re.compile(rf"(?:实岁|周岁|实际)(?:是|有)?({NUMBER})")
BABY_AGE = re.compile(r"P\d{1,2}M")
SPAN_DAYS = re.compile(r"P(\d{1,3})([DWM])")
DAYS = {"D": 1, "W": 7, "M": 30}
GO_ON = re.compile(
    r"^(?!.*(?:不|别|莫|唔).{0,2}(?:继续|接着|约|办|挂))(?:.{0,12}[，,。.!！\s])?(?:那|那就|我想|还是|麻烦|可以)*"
    r"(?:继续|接着|接返|回到刚才|接住)[^，,。]{0,6}$"
)
"""「继续」, 「好点了，接着约」: to the question whether to take up again what was left for an emergency."""
LEAVE = re.compile(r"^(?:先|那就|还是|都)*(?:不|别|莫|唔)(?:再)?(?:办|约|弄|挂|继续|接着|要)了?.{0,4}$")
NO_BECAUSE = re.compile(
    r"^(?:不要|不用|不去|不约|不需要|不办|不留|不满意|不同意|没解决|唔要|唔使|莫要|算)(?:了|啦|咯|喇)?[，,。.!！\s](?!.*(?:改|换|挪))"
    r"|^[^，,。?？]{1,8}[，,。]?(?:就|先)?(?:不约|不挂|不办|不去|不要|唔约|莫约)了?$"
)
"""「不要了，我找到别的医院了」, 「太贵了不约了」: no, and why; what is to be another way is told as a change instead."""
NO_NEED = re.compile(
    r"^(?:他|她|我|我妈|我爸|老人)?(?:都|也)?(?:没有?|冇有?|没得|无)(?:什么|啥|任何)?(?:特别|特殊|其他|别)?的?"
    r"(?:需要|需求|情况|要求|不便|不方便|问题)?(?:的|了|吧|呢|[。.!！])*$"
)
NOT_GIVEN = re.compile(r"(?:不|唔|莫|别)(?:想|愿意?|能|要|会|方便|肯)?(?:给|畀|留|说|讲|填|告诉|透露)")
"""「我不想给身份证」: no to the question whether the data may be kept."""
GREETING = re.compile(r"^(?:[你您]们?好(?![的吧滴])[啊呀哈嘛]*[，,。.!！~～\s]*)+")
YES_OR_NO = frozenset(
    {"confirmation", "consent", "anonymous", "step_free", "risk", "drunk", "missing", "paying"}
)
LATER = re.compile(
    r"^(?:(?:你|您)?(?:先)?(?:等|稍等)(?:一|我)?(?:下|会儿?|等|阵)?(?:先|哈|啊|嘛|[，,\s])*)?"
    r"(?:我|让我|等我|俾我)(?:先|要|再|去)*(?:想|考虑|商量|问|找|翻|拿|看|查|同|跟|和)(?:一|我|我家|我们|家里|她|他|俾)?"
    r"(?:[下想问找翻看查]|商量)?(?:一下)?(?:我|我家|我屋|屋企|家里)?(?:儿子|女儿|崽|仔|女|老公|老婆|老伴|爱人|爸爸?|妈妈?|家里人|家人|屋里人|屋企人|孩子|小孩|他|她|人)?(?:商量)?"
    r"(?:一?下)?(?:身份证|户口本|医保卡|社保卡|卡|病历本?|单子|手机|眼镜|号码)?(?:先|再说|再讲|再约|看|咯|哈|啊|吧|。)*$"
)
"""「等我拿身份证」, 「我问下我儿子先」: no answer yet, and nothing that was not understood."""
HOURS = ((6, 12, "morning"), (12, 14, "noon"), (14, 18, "afternoon"), (18, 22, "evening"))
"""The half-day of an hour that was said without one; 07:30 may be either end of the day."""
EARLIEST = 8
LONGEST = 40
"""Characters of a message that can be nothing but an answer."""


class Answers(BaseModel):
    """What ``lexicon/answers.yml`` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    beside: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    any: tuple[str, ...]
    any_beside: tuple[str, ...]
    later: tuple[str, ...]
    slots: dict[str, dict[str, tuple[str, ...]]]


@lru_cache(maxsize=1)
def _read_table() -> Answers:
    return Answers.model_validate(read_list("answers"))


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Messages that are made of some words, in characters or spelt, and of what may stand beside them."""

    words: frozenset[str]
    beside: frozenset[str]
    longest: int

    @classmethod
    def of(cls, words: Iterable[str], beside: Iterable[str]) -> Phrasebook:
        core, other = _forms(words), _forms(beside)
        return cls(core, other - core, max(map(len, core | other)))

    def holds(self, text: str) -> bool:
        """Whether ``text`` can be cut into such words, one of ``words`` at least."""
        if len(text) > LONGEST:
            return False
        beside, told = {0}, set[int]()  # where one can be: before and after a word that answers
        for start in range(len(text)):
            if start not in beside and start not in told:
                continue
            for end in range(start + 1, min(len(text), start + self.longest) + 1):
                piece = text[start:end]
                if piece in self.words:
                    told.add(end)
                elif piece in self.beside:
                    if start in beside:
                        beside.add(end)
                    if start in told:
                        told.add(end)
        return len(text) in told


def _forms(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, strip_marks(word), _spell(word)) if form)


def _spell(word: str) -> str:
    """The word in pinyin; nothing where it is no Chinese word of two characters or more."""
    return "".join(map(spelling, word)) if len(word) > 1 and all(map(spelling, word)) else ""


@lru_cache(maxsize=1)
def _phrasebooks() -> dict[str, dict[SlotValue, Phrasebook]]:
    """For each slot and, under ``""``, for all: the values and the words that give them."""
    table = _read_table()
    books: dict[str, dict[SlotValue, Phrasebook]] = {
        "": {
            True: Phrasebook.of(table.yes, table.beside),
            False: Phrasebook.of(table.no, table.beside),
            "any": Phrasebook.of(table.any, (*table.beside, *table.any_beside)),
            "later": Phrasebook.of(table.later, table.beside),
        }
    }
    for slot, values in table.slots.items():
        books[slot] = {
            {"yes": True, "no": False}.get(value, value): Phrasebook.of(words, table.beside)
            for value, words in values.items()
        }
    return books


def _match(text: str, slot: str, *values: SlotValue) -> SlotValue | None:
    """The first of ``values`` (all where none is named) whose words make up the message."""
    books = _phrasebooks().get(slot, {})
    text = GREETING.sub("", text)  # whose 好 agrees to nothing
    bare = text.replace(" ", "") if text.isascii() else text
    for value in values or books:
        if books[value].holds(text) or books[value].holds(bare):
            return value
    return None


def read_yes_or_no(text: str) -> bool | None:
    """Whether the message is a yes or a no and nothing else."""
    return bool(said) if (said := _match(text.strip(), "", True, False)) is not None else None


def leaves_open(text: str) -> bool:
    """「都可以」, 「你定」: whether the message leaves the choice to the hospital and says nothing else."""
    text = text.strip()
    return _match(text, "", "any") is not None or WHICHEVER.match(text) is not None


def asks_for_time(text: str) -> bool:
    """Whether the person is thinking, asking at home or looking for something, and will answer in a moment."""
    text = text.strip()
    return LATER.match(text) is not None or _match(text, "", "later") is not None


DIGITS = re.compile(r"[0-9零〇幺一二两三四五六七八九xX][0-9零〇幺一二两三四五六七八九xX\s\-]{4,24}")
CODE = re.compile(r"[a-z0-9][a-z0-9\-\s]{4,24}")
CHOSEN = frozenset({"date", "period", "time", "doctor", "choice", "department", "alternative"})
"""What may be left to the hospital: 「都可以」."""


def read_answer(
    text: str, requested: str, slots: Mapping[str, SlotValue], *, written: str | None = None
) -> dict[str, SlotValue]:
    """``{requested: value}`` where the message answers, else empty; ``text`` is normalised, ``written`` as it was typed:
    a name in Latin letters is known by its capitals, and kept with them.

    ``any`` stands for 「都可以」. A number of the wrong length is an answer too: it is for the service to say what is
    wrong with it, not for the reader to have heard nothing.
    """
    value = _read(text.strip(), requested, slots)
    if value is None and requested == "patient_name":
        value = read_foreign_name(written or text)
    return {} if value is None else {requested: value}


def _read(text: str, requested: str, slots: Mapping[str, SlotValue]) -> SlotValue | None:
    if not text or (requested == "consent" and leaves_open(text)):
        return None  # 「都可以」 leaves a choice to us; consent is given in so many words
    own = _match(text, requested)
    if own is not None:
        return own
    if requested == "continue_interrupted":
        if _match(text, "", True) or GO_ON.match(text):
            return True
        return False if LEAVE.match(text) or _match(text, "", False) is False else None
    if requested in YES_OR_NO:
        said = read_yes_or_no(text)
        if said is None and (NO_BECAUSE.match(text) or (requested == "consent" and NOT_GIVEN.search(text))):
            return False
        return said
    if requested == "special_need" and (read_yes_or_no(text) is False or NO_NEED.match(text)):
        return "none"
    if requested in CHOSEN and (_match(text, "", "any") or WHICHEVER.match(text)):
        return "any"
    if requested in slots:
        return slots[requested]
    if requested == "patient_name":
        return read_name_alone(text)
    if requested in ("phone", "id_number"):
        match = DIGITS.search(text.translate(SPOKEN))
        if match:
            return re.sub(r"[\s\-]", "", match[0]).upper()
    if requested in ("tracking_number", "order_number"):
        match = CODE.search(text)
        if match and any(char.isdigit() for char in match[0]):
            return re.sub(r"\s", "", match[0]).upper()
    if requested == "address" and looks_like_address(text):
        return text
    if requested in ("age", "doses"):
        return _read_count(text, requested, slots)
    if requested == "duration":
        lasted = read_durations(text, complaint=True) or read_lasting(f" {strip_marks(text)} ")
        return lasted[0].value if lasted else None
    if requested == "period" and isinstance(slots.get("time"), str):
        return _find_period(str(slots["time"]))
    if requested == "origin" and "place" in slots:
        return slots["place"]
    if requested == "place" and "origin" in slots:
        return slots["origin"]
    if requested == "patient" and "relation" in slots:
        return None  # the relation says whose; the dialogue looks up which patient that is
    return None


def _read_count(text: str, requested: str, slots: Mapping[str, SlotValue]) -> SlotValue | None:
    """Years or doses: the number said alone, the real age beside the nominal one, the days that doses are for."""
    young = YOUNG.search(text) if requested == "age" else None
    if young:  # before any number: two months are not two years
        count = read_number(young["count"])
        return f"P{count}{YOUNG_UNITS[young['unit']]}" if count else None
    span = str(slots.get("duration", ""))
    match = BARE_NUMBER.match(SPLIT.sub("", text)) or (REAL_AGE.search(text) if requested == "age" else None)
    number = read_number(match[1]) if match else None
    if number is not None:
        return number
    if requested == "age":
        if BABY_AGE.fullmatch(span):
            return span
        years = [read_number(one) for one in NUMBERS.findall(text)] if len(text) <= SHORT else []
        return next((one for one in reversed(years) if one and one < OLDEST), None)
    days = SPAN_DAYS.fullmatch(span)
    return int(days[1]) * DAYS[days[2]] if days else None


def _find_period(time: str) -> str | None:
    hour = int(time[:2])
    if hour < EARLIEST:
        return None
    return next((period for start, end, period in HOURS if start <= hour < end), None)
