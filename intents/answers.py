"""The message read as an answer to the question just asked, before anything else is thought of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from intents.slots.addresses import looks_like_address
from intents.slots.identity import SPOKEN
from intents.slots.numbers import NUMBER, read_number
from intents.slots.people import read_name_alone
from intents.understanding import SlotValue

YES = re.compile(
    r"^(?:嗯+|哦|噢|是的?|系|系啊|对的?|对头|好的?|好啊|好吧|好嘞|好哒|行|行啊|行的|可以的?|得|得啊|得咧|要得|要|要的|确认|确定|同意|没错|没问题|没意见|冇问题|ok|okay|yes|是这样|就这样|就这个|就它|就要这个|可|中|成|没得问题|当然|愿意|需要|想|想要|约|约吧|办吧|麻烦了?|有|嗯好|嗯嗯|好好|有的|对对|是是|dong y|vâng|được|có|đồng ý|ok啦|冇错|啱|啱嘅)(?:[的呢啊呀哦了吧啦咯嘛哈!！。.~～,，\s]|谢谢|麻烦|就这样|就这个|可以|确认|帮我|预约|约|好的?|是的?|的)*$"
)
NO = re.compile(
    r"^(?:不|不是|不要|不用|不用了|不对|不行|不可以|不需要|不同意|不想|不了|不好|没有?|没有的|没得|冇|冇有|唔系|唔使|唔要|唔好|唔得|唔同意|莫|莫要|否|错|错了|不约|别|算了吧|no|khong|không|以上都不是|都不是|都没有|无)(?:[的呢啊呀哦了吧啦咯嘛!！。.~～,，\s]|谢谢|用|要|是|需要|不用|不要|不是)*$"
)
ANY = re.compile(
    r"^(?:(?:你|您)?(?:看着|帮我|给我|替我)(?:选|挑|定)一?[个位]?|随便(?:哪|一)?(?:个|位|天)|(?:哪|边)(?:个|位)(?:医生)?都(?:行|可以|得)|谁都(?:行|可以)|都一样|都行|都可以|都得|随便|随意|无所谓|哪个都行|哪天都行|边个都得|你定|你安排|你看着办|看着办|没要求|没有要求|不限|任何|都好|两个都行|最早的?|越快越好|越早越好|最快的?|尽快|安排最近的|最近的|第一个)[的啦吧咯就行可以!！。.\s]*$"
)
BARE_NUMBER = re.compile(
    rf"^\s*(?:是|我|今年|有|他|她|大概|差不多|满)*\s*({NUMBER})\s*(?:岁|周岁|付|剂|副|包|服|天|号|个|了|的|多|左右|[。.!！\s])*$"
)
GO_ON = re.compile(
    r"^(?!.*(?:不|别|莫|唔).{0,2}(?:继续|接着|约|办|挂))(?:.{0,12}[，,。.!！\s])?(?:那|那就|我想|还是|麻烦|可以)*"
    r"(?:继续|接着|接返|回到刚才|接住)[^，,。]{0,6}$"
)
"""「继续」, 「好点了，接着约」: to the question whether to take up again what was left for an emergency."""
LEAVE = re.compile(r"^(?:先|那就|还是|都)*(?:不|别|莫|唔)(?:再)?(?:办|约|弄|挂|继续|接着|要)了?.{0,4}$")
NO_BECAUSE = re.compile(
    r"^(?:不要|不用|不去|不约|不需要|不办|不留|不满意|不同意|没解决|唔要|唔使|莫要|算)(?:了|啦|咯|喇)?[，,。.!！\s](?!.*(?:改|换|挪))"
)
"""「不要了，我找到别的医院了」: no, and why; what is to be another way is told as a change instead."""
YES_OR_NO = frozenset({"confirmation", "consent", "anonymous", "step_free"})
DIGITS = re.compile(r"[0-9零〇幺一二两三四五六七八九xX][0-9零〇幺一二两三四五六七八九xX\s\-]{4,24}")
CODE = re.compile(r"[a-z0-9][a-z0-9\-\s]{4,24}")
SEX = {"男": "male", "男的": "male", "男性": "male", "女": "female", "女的": "female", "女性": "female"}
PERIOD_NUMBERS = frozenset({"age", "doses", "choice"})


def read_answer(text: str, requested: str, slots: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """``{requested: value}`` where the message answers, else empty; ``text`` is normalised.

    ``any`` stands for 「都可以」. A number of the wrong length is an answer too: it is for the service to say what is
    wrong with it, not for the reader to have heard nothing.
    """
    value = _read(text.strip(), requested, slots)
    return {} if value is None else {requested: value}


def _read(text: str, requested: str, slots: Mapping[str, SlotValue]) -> SlotValue | None:
    if not text:
        return None
    if requested == "continue_interrupted":
        if YES.match(text) or GO_ON.match(text):
            return True
        return False if NO.match(text) or LEAVE.match(text) else None
    if requested in YES_OR_NO:
        if YES.match(text):
            return True
        return False if NO.match(text) or NO_BECAUSE.match(text) else None
    if requested == "special_need" and NO.match(text):
        return "none"
    if requested in slots:
        return slots[requested]
    if requested == "patient_name":
        return read_name_alone(text)
    if requested == "sex":
        return SEX.get(text.rstrip("。.!！"))
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
        match = BARE_NUMBER.match(text)
        number = read_number(match[1]) if match else None
        if number is not None:
            return number
    if requested == "origin" and "place" in slots:
        return slots["place"]
    if requested == "place" and "origin" in slots:
        return slots["origin"]
    if requested == "patient" and "relation" in slots:
        return None  # the relation says whose; the dialogue looks up which patient that is
    if requested in ("date", "period", "time", "doctor", "choice", "department", "alternative") and ANY.match(
        text
    ):
        return "any"
    return None
