"""What a free answer cannot be: 「好的」 and 「大门口」 are no names, 「后天」 no reason, 「要多少钱」 no medicine.

A slot says in ``never`` (slots.yml) which of these it does not take, so that nothing is written down that nobody meant.
A question or a request that stands where an answer should is served as what it is; the rest is asked once more.
"""

from __future__ import annotations

import re

from dialogues.line_starts import WISH, fold, is_question
from dialogues.options import fold as fold_words
from dialogues.requesting import ANSWERS, CONTROL, DIGRESS, has_no_words, own_intents
from dialogues.slots import Slot
from dialogues.walk import Walk
from intents.answers import leaves_open, read_yes_or_no
from intents.understanding import Request, Understanding

COURTESY = frozenset({"thank", "greet", "goodbye"})
SURE = 0.85
VOICE = frozenset({"file_complaint", "give_suggestion", "give_praise", "query_complaint"})
ASKED = "leave_question"
TELLS = re.compile(
    r"没人|不理|不管|等了|小时|半天|态度|骂|太|差|乱|坏|脏|臭|凶|结果|害得|不给|不让|特别|耐心|感谢|建议|应该|希望|最好"
)
"""Words of a grievance, of praise, of a wish for the better."""
MAY_TELL = 0.1
"""So likely it may be told all the same."""
LONGEST_COURTESY = 6
LONGEST_QUESTION = 16
LONGEST_REQUEST = 30
"""Letters; a longer message tells something, whatever it also asks."""
TELLING = frozenset(
    {"describe_symptom", "out_of_scope", "report_emergency", "express_crisis", "chitchat", "ask_bot"}
)
"""Intents that an answer in free words may well look like."""
DAYS = frozenset({"date", "time", "period"})
VERB = re.compile(r"^(?:挂|约|预约|退|取消|查|改|投诉|申请|办|借|叫|订|寄|dat|huy|xem|hoi)")
BESIDE_A_DAY = re.compile("[那就要想我是在到去的吧呢啊呀了，。,.!！]")


def find_misfit(walk: Walk, slot: Slot, understood: Understanding, main: Request) -> str | None:
    """The kind of the message that the slot never takes, ``None`` where it may be its value."""
    for kind in slot.never:
        if _is_of(kind, walk, understood, main):
            return kind
    return None


def _is_of(kind: str, walk: Walk, understood: Understanding, main: Request) -> bool:
    text = understood.text.strip()
    match kind:
        case "small_words":
            return is_small(text, main)
        case "day":
            return says_only_a_day(understood)
        case "number":
            return has_no_words(text)
        case "question":
            return len(text) <= LONGEST_QUESTION and main.intent not in TELLING and is_question(text)
        case "request":
            return is_request(walk, understood, main)
        case "place" | "relation":
            return any(one.slot == kind and fold(one.text) == fold(text) for one in understood.entities)
        case "aside":
            return is_aside(walk, understood, main)
    raise AssertionError(f"no such kind: {kind}")  # the schema lists them


def is_small(text: str, main: Request) -> bool:
    """A yes, a no, a 「都行」, a 「谢谢」."""
    plain = text.lower()
    if read_yes_or_no(plain) is not None or leaves_open(plain):
        return True
    return main.intent in COURTESY and main.confidence >= SURE and len(text) <= LONGEST_COURTESY


def is_aside(walk: Walk, understood: Understanding, main: Request) -> bool:
    """「停车场在哪」 where a suggestion is told: surely a question or a request, and nothing that may be the telling. What is
    told may well be a question itself (「怎么没人打扫」), and where a question is asked for it is told."""
    text = understood.text.strip()
    if any(frame.flow == ASKED for frame in walk.chain()):
        return False
    other = VOICE | TELLING | ANSWERS | CONTROL | COURTESY | own_intents(walk)
    if len(text) > LONGEST_REQUEST or main.intent in other or TELLS.search(text):
        return False
    tells = sum(one.confidence for one in understood.ranking if one.name in VOICE)
    if main.confidence < SURE or tells > MAY_TELL or main.intent not in walk.book.titles:
        return False
    return is_question(text) or bool(WISH.search(fold(text)) or VERB.match(fold(text)))


def says_only_a_day(understood: Understanding) -> bool:
    """「上周」, 「后天就要」: days and hours, and no other word."""
    days = [one for one in understood.entities if one.slot in DAYS]
    rest = understood.text
    for one in sorted(days, key=lambda one: one.start, reverse=True):
        rest = rest[: one.start] + rest[one.end :]
    return bool(days) and not fold_words(BESIDE_A_DAY.sub("", rest))


def is_request(walk: Walk, understood: Understanding, main: Request) -> bool:
    """Surely something else, in words that ask for it."""
    text = understood.text.strip()
    own = own_intents(walk)
    if main.intent in own | ANSWERS | CONTROL | COURTESY | TELLING or main.confidence < max(SURE, DIGRESS):
        return False
    asks = WISH.search(fold(text)) or VERB.match(fold(text))
    return bool(asks) and len(text) <= LONGEST_REQUEST and main.intent in walk.book.titles
