"""What was offered a moment ago and is taken in words: 「要约个回诊的时间吗」 by 「约吧」, 「想约哪位」 by a name alone."""

from __future__ import annotations

import re

from dialogues.misfits import is_small
from dialogues.options import fold
from dialogues.payload import ask_for, parse_payload
from dialogues.walk import Walk
from intents.answers import read_yes_or_no
from intents.understanding import Request, Understanding

TAKEN = re.compile(
    "(?:好|好的|行|可以|要|那就|那|嗯|帮我|给我|麻烦|请|我|就|现在|马上)*(?P<deed>约|办|挂|登记|申请|预约|办理|代办|留|退|查)(?:一个|一下|吧|了|呗|啊|咯|嘛|上|个|一件)*"
)
"""「约吧」, 「帮我办」, 「好，帮我约」."""
DEEDS = {"约": "约挂", "预约": "约挂", "挂": "约挂", "办": "办", "办理": "办", "代办": "办", "申请": "申请办"}
ASKED = re.compile("[吗么不呢]？?$|[?？]$|(?:nhé|không)[?？]?$")
PERSON = "talk_to_human"
AROUND = re.compile("[我想要找看约挂就选那的吧号]|医生|大夫|主任")


def find_accepted(walk: Walk, understood: Understanding, main: Request) -> str | None:
    """The payload of the one thing offered beside a person, where the words take it: a verb of its button, or a yes to a
    question."""
    offered = [
        one
        for one in walk.before.options
        if (payload := parse_payload(one["payload"])) is not None and payload.intent != PERSON
    ]
    if not offered or not walk.before.last_replies or len(understood.text) > 12:
        return None
    taken = TAKEN.fullmatch(fold(understood.text))
    if taken:
        verbs = DEEDS.get(taken["deed"], taken["deed"])
        named = [one for one in offered if any(verb in one["title"] for verb in verbs)]
        return named[0]["payload"] if len(named) == 1 else None
    asked = ASKED.search(str(walk.before.last_replies[-1].get("text") or "").strip()) is not None
    yes = read_yes_or_no(understood.text.lower()) is True and is_small(understood.text, main)
    return offered[0]["payload"] if asked and yes and len(offered) == 1 else None


def find_doctor_named(understood: Understanding) -> str | None:
    """A doctor's name and nothing else asks for a number of his."""
    doctors = [one for one in understood.entities if one.slot == "doctor"]
    if len(doctors) != 1 or len(understood.entities) != 1:
        return None
    one = doctors[0]
    rest = understood.text[: one.start] + understood.text[one.end :]
    return None if fold(AROUND.sub("", rest)) else ask_for("book_appointment", doctor=one.value)
