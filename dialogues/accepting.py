"""What was offered a moment ago and is taken in words: 「要约个回诊的时间吗」 by 「约吧」, 「想约哪位」 by a name alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dialogues.misfits import is_small, says_only_a_day
from dialogues.options import fold
from dialogues.payload import ask_for, parse_payload
from dialogues.walk import Walk
from intents.answers import read_yes_or_no
from intents.understanding import Request, Understanding

TAKEN = re.compile(
    "(?:好|好的|行|可以|要|那就|那|嗯|帮我|给我|替我|麻烦|请|我|就|现在|马上|算了|还是|等一?下|你|您)*(?P<deed>办理|代办|办|弄|搞|约|挂|登记|申请|预约|留|退|查)"
    "(?:一个|一下|吧|了|呗|啊|咯|嘛|上|个|一件|下|喽|啦|先)*"
    "|(?:duoc|vang|da|ok|u|vay|the|thi)*(?P<deed_vi>lam|dangky)(?:giup|ho)?(?:toi|em|minh|chau|con)?(?:di|nhe|nha|voi|luon|a)*"
)
"""「约吧」, 「帮我办」, 「好，帮我约」, 「làm giúp tôi đi」."""
DEEDS = {"约": "约挂", "预约": "约挂", "挂": "约挂", "申请": "申请办"}
ANY_DEED = frozenset({"办", "办理", "代办", "弄", "搞", "lam", "dangky"})
"""What was offered, whatever it is called."""
OFFER = re.compile(
    "[帮替](?:您|你)|让我|我来|告诉我|这里登记|可以(?:先)?(?:在.{0,4})?登记|登记.{0,4}也行|要[^，。]{0,6}吗？|tôi (?:có thể )?giúp|giúp bạn|đăng ký"
)
"""The answer offers to do it, or says who does."""
BY_PERSON = re.compile("人工|工作人员|专人|请人|帮您问|nhân viên")
LONGEST = 30
DO = ("办理", "Làm")
"""How the button of a service line begins."""
VERBS = frozenset("约挂排改退记借查续领寄")
ASKED = re.compile("[吗么不呢]？?$|[?？]$|(?:nhé|không)[?？]?$")
PERSON = "talk_to_human"
BOOK = "book_appointment"
AROUND = re.compile("[我想要找看约挂就选那的吧号]|医生|大夫|主任")


def find_deeds(walk: Walk, text: str) -> list[Mapping[str, str]]:
    """The buttons for what was offered, of which the words take one (「帮我办」): those with the verb said, or with that of
    the offer; a person where nobody else was said to do it."""
    taken = TAKEN.fullmatch(fold(text)) if len(text) <= LONGEST else None
    if taken is None or not walk.before.last_replies:
        return []
    deed = taken["deed"] or taken["deed_vi"]
    said = " ".join(str(one.get("text") or "") for one in walk.before.last_replies)
    if deed not in ANY_DEED:
        return [
            one for one in _list_offered(walk) if any(verb in one["title"] for verb in DEEDS.get(deed, deed))
        ]
    deeds = [one for one in _list_offered(walk) if _is_deed(one)]
    lines = [one for one in deeds if one["title"].startswith(DO)]
    if lines:
        return lines
    offer = OFFER.search(said)
    if offer is None:
        return []
    verbs = VERBS & set(said[offer.start() :])
    named = [one for one in deeds or _list_offered(walk) if verbs & set(one["title"])]
    if len(named) == 1:
        return named
    if BY_PERSON.search(said):
        return [one for one in walk.before.options if one["payload"] == f"/{PERSON}"]
    return deeds


def takes_anything(text: str) -> bool:
    """「帮我办」, whatever it may be."""
    taken = TAKEN.fullmatch(fold(text))
    return taken is not None and (taken["deed"] or taken["deed_vi"]) in ANY_DEED


def _list_offered(walk: Walk) -> list[Mapping[str, str]]:
    """The buttons, but for a person."""
    return [
        one
        for one in walk.before.options
        if (payload := parse_payload(one["payload"])) is not None and payload.intent != PERSON
    ]


def _is_deed(one: Mapping[str, str]) -> bool:
    """Whether the button begins something, and tells or shows nothing."""
    payload = parse_payload(one["payload"])
    if payload is None or payload.intent is None or "faq" in payload.slots:
        return False
    return not payload.intent.startswith(("ask_", "query_", "list_"))


def find_accepted(walk: Walk, understood: Understanding, main: Request) -> str | None:
    """The payload of the one thing offered beside a person, where the words take it: a verb of its button, or a yes to a
    question."""
    deeds = find_deeds(walk, understood.text)
    if deeds:
        return deeds[0]["payload"] if len(deeds) == 1 else None
    offered = _list_offered(walk)
    if not offered or not walk.before.last_replies or len(understood.text) > 12:
        return None
    if says_only_a_day(understood):
        return _find_booking(offered, understood)
    asked = ASKED.search(str(walk.before.last_replies[-1].get("text") or "").strip()) is not None
    yes = read_yes_or_no(understood.text.lower()) is True and is_small(understood.text, main)
    return offered[0]["payload"] if asked and yes and len(offered) == 1 else None


def _find_booking(offered: Sequence[Mapping[str, str]], understood: Understanding) -> str | None:
    """「明天上午」 to 「要约个回诊的时间吗」: the one booking offered, on that day."""
    payloads = [parse_payload(one["payload"]) for one in offered]
    bookings = [one.slots for one in payloads if one and one.intent == BOOK and one.slots.get("department")]
    if len(bookings) != 1 or not understood.slots.get("date"):
        return None
    told = {name: understood.slots[name] for name in ("date", "period", "time") if name in understood.slots}
    return ask_for(BOOK, **{**bookings[0], **told})


def find_doctor_named(understood: Understanding) -> str | None:
    """A doctor's name and nothing else asks for a number of his."""
    doctors = [one for one in understood.entities if one.slot == "doctor"]
    if len(doctors) != 1 or len(understood.entities) != 1:
        return None
    one = doctors[0]
    rest = understood.text[: one.start] + understood.text[one.end :]
    return None if fold(AROUND.sub("", rest)) else ask_for(BOOK, doctor=one.value)
