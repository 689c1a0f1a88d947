"""Words of control that are none: 「别给我转人工」 wants no person, 「司机电话多少」 the driver, 「退订明天的午饭」 a meal less.

To call a person or to stop the follow-ups is quickly done and helps nobody who did not mean it; so the words themselves
must say it, whatever they are taken for.
"""

from __future__ import annotations

import re
from dataclasses import replace

from intents.denial import refuses_person
from intents.language import strip_marks
from intents.understanding import IntentScore, Request, Understanding

PERSON = "talk_to_human"
STOP = "stop_followup"
KEEP = "keep_assistant"
"""The flow that serves who wants no person."""
PHONE_OF = {
    "request_transfer": re.compile(
        r"(?:司机|师傅|开车|接送|救护车|tai xe).{0,6}(?:电话|手机|号码|dien thoai|so)"
    ),
    "query_escort": re.compile(r"(?:陪诊|陪护|护工|陪我|志愿者).{0,6}(?:电话|手机|号码|dien thoai)"),
    "query_herb_delivery": re.compile(
        r"(?:快递|送货|配送|送药)(?:员|的|小哥)?.{0,4}(?:电话|手机|号码|dien thoai)"
    ),
}
"""Whose number is asked for: who drives, who goes along, who delivers."""
WRITES = "prefer_writing"
"""The flow of who cannot be rung up."""
CANNOT_RING = re.compile(
    r"(?:打|接|听)(?:不|唔)(?:了|到|见|得|清|通)(?:你们?的?)?电话|(?:不能|没法|唔可以|冇法)(?:打|接|听)电话|(?:听不(?:见|到|清)|听力|耳(?:聋|背|朵)|聋|唔听得|哑|说不了话|讲不了话).{0,16}(?:别|不要|莫|唔好|不)(?:再|给我|跟我)*(?:打|来)?.{0,3}电话"
    r"|khong (?:goi|nghe) (?:duoc )?dien thoai|(?:diec|khiem thinh).{0,20}dien thoai"
)
WANTS_PERSON = re.compile("人工|真人|客服|工作人员|活人|nhan vien|nguoi that")
LEFT = re.compile(
    r"(?:换|改|更换|更改)(?:一?个|一?下|成|为|到)*(?:联系)?(?:电话|手机|号码)(?!.{0,4}(?:找|打|人工|客服))|doi so dien thoai|(?:留|写|填|登记)(?:下|个|一个|我的|了)*(?:电话|手机|号码)|(?:电话|手机|号码).{0,3}(?:留|写|填)|de lai so|so (?:dien thoai )?cua toi"
)
"""A number is left or changed, nobody is called."""
BARE_STOP = re.compile(
    r"(?:我要|我想|请)?(?:退订|取消订阅|td|t|huy nhan(?: tin)?|huy dang ky)(?:吧|了|谢谢)?"
)
TOLD = re.compile(
    r"随访|回访|问卷|消息|信息|短信|推送|提醒|通知|跟踪|跟进|关心|恢复|订阅|复查|电话|别?再?发|tin|hoi tham|nhac|theo doi"
)
"""What the follow-ups are called."""
BOOKED = re.compile(
    r"饭|餐|伙食|粥|(?<!编)(?<!短信)号(?!码)|预约|陪诊|床位|检查|体检|化验|轮椅|车|接送|会诊|候补|采血|护士|病历|证明|快递|邮寄|中药"
    r"|suat an|com|bua|lich|xe|thuoc bac"
)
"""What else can be given back."""
NOTHING = frozenset(
    {PERSON, STOP, "out_of_scope", "chitchat", "stop_task", "goodbye", "thank", "affirm", "deny"}
)
SURE = 0.45
UNSURE = 0.1
"""What is left says nothing sure: context and records may still."""


def weigh_control(
    understood: Understanding, requests: tuple[Request, ...]
) -> tuple[Understanding, tuple[Request, ...]]:
    """The message with such requests in place as its words bear."""
    weighed = tuple(_weigh(understood, one) for one in requests)
    if _only_refuses(understood, requests):
        weighed = (replace(requests[0], intent=KEEP, confidence=1.0),)
    if weighed == requests:
        return understood, requests
    weighed = (
        tuple(one for one in weighed if one.intent != KEEP) or weighed[:1]
    )  # what else is said is wanted
    main = IntentScore(weighed[0].intent, weighed[0].confidence)
    rest = tuple(one for one in understood.ranking if one.name not in (PERSON, STOP, main.name))
    return replace(understood, intent=main, ranking=(main, *rest), requests=weighed), weighed


def _weigh(understood: Understanding, one: Request) -> Request:
    plain = strip_marks((one.text or understood.text).strip().lower())
    if (
        one.intent in NOTHING | {"repeat_last"}
        and CANNOT_RING.search(plain)
        and not WANTS_PERSON.search(plain)
    ):
        return replace(one, intent=WRITES, confidence=1.0)
    if one.intent == PERSON:
        if refuses_person(plain):
            return replace(one, intent=KEEP)
        for intent, words in PHONE_OF.items():
            if words.search(plain):
                return replace(one, intent=intent)
        return _mean_less(understood, one) if LEFT.search(plain) else one
    if one.intent == STOP and names_another(plain):
        return _mean_less(understood, one)
    return one


def _only_refuses(understood: Understanding, requests: tuple[Request, ...]) -> bool:
    """「不用找人工，我自己来」: what stands beside asks for nothing that could be done."""
    sure = any(one.confidence >= SURE and one.intent not in NOTHING for one in requests)
    told = understood.answer or understood.waits or any(one.slot != "relation" for one in understood.entities)
    return not sure and not told and refuses_person(strip_marks(understood.text.lower()))


def names_another(plain: str) -> bool:
    """Whether the words name something that is no follow-up: a meal, a number, a ride."""
    return BOOKED.search(plain) is not None and TOLD.search(plain) is None


def stops_at_once(text: str) -> bool:
    """The bare word of the messages themselves (「退订」): no need to ask."""
    return BARE_STOP.fullmatch(strip_marks(text.strip().lower()).strip("。.！!，, ")) is not None


def _mean_less(understood: Understanding, one: Request) -> Request:
    """What the words may mean besides, and never surely."""
    other = next((rank for rank in understood.ranking if rank.name not in NOTHING), None)
    return replace(one, intent=other.name if other else "out_of_scope", confidence=UNSURE)
