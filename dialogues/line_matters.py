"""Which service line a message means, and what of it: to begin it, or the very registration that it speaks of.

「护士几点来」, 「改成自取」, 「不用印了」 name no line. Whoever registered for one speaks of that: by its name or by what was
chosen in it, else the one whose buttons were shown last, else the only thing on record that the words can mean.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialogues.choosing import fold, read_choice
from dialogues.dangers import DANGER
from dialogues.line_changes import read_change
from dialogues.line_starts import POSTPONE, WISH, find_by_words, is_asking, read_deed, score_words
from dialogues.meanings import mean
from dialogues.payload import parse_payload
from dialogues.walk import Walk
from intents.understanding import Request
from knowledge.schema import Line
from knowledge.schema.lines import list_held
from services.line_records import list_line_requests
from services.records import list_records
from services.requests import ServiceRequest

DEEDS = frozenset({"query_request", "change_request", "cancel_request", "postpone_request"})
"""Flows that serve what is registered."""
UNKNOWN = "unknown_request"
GUESS = 0.45
"""An intent less sure than this says nothing against the registration just spoken of."""
STOP, FOLLOWUP = "stop_followup", re.compile("随访|消息|短信|发|tin nhan|hoi tham")
IDLE = frozenset({"stop_task", "deny", "out_of_scope", "chitchat", STOP})
"""What 「不用印了」 and 「几点来」 are taken for where nothing else fits."""
NOTHING_MORE = re.compile("^(?:那|先|暂时|也)?不用了|谢谢|^(?:算了|取消)?$")
"""「不用了，谢谢」 cancels nothing."""
LATELY = dt.timedelta(days=60)
NUMBER = re.compile(r"[A-Z]{2}\d{6}-?\d{4,}")
OVER = frozenset(
    [
        "cancelled",
        "completed",
        "rejected",
        "fulfilled",
        "noshow",
        "closed",
        "signed",
        "returned",
        "expired",
        "failed",
        "declined",
        "dropped",
        "left",
    ]
)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something else than a service line that such words may be about: the types of its records, and its name."""

    kinds: tuple[str, ...]
    words: re.Pattern[str]


def _name_matters() -> dict[str, Matter]:
    named = {
        "appointment waitlist arrival": (
            "query_appointment cancel_appointment reschedule_appointment query_queue ask_revisit",
            r"挂号|门诊号|专家号|复诊|(?<![\d一二三四五六七八九十几])号(?![楼院线码])|kham",
        ),
        "waitlist": ("join_waitlist", "候补|排号"),
        "escort onsite_help": ("query_escort cancel_escort request_escort", "陪"),
        "herb_delivery": (
            "query_herb_delivery change_herb_delivery register_herb_delivery",
            "药|煎|代煎|包裹|thuoc",
        ),
        "complaint": ("query_complaint", "投诉|吐槽|意见|khieu nai"),
        "transfer": ("request_transfer", "车|接送"),
    }
    return {
        intent: Matter(tuple(kinds.split()), re.compile(words))
        for kinds, (intents, words) in named.items()
        for intent in intents.split()
    }


MATTERS = _name_matters()


def find_line_meant(walk: Walk, wanted: Request, text: str) -> Request:
    """The request in place of an intent that may be many things: a line's own id where it is to begin, the deed
    (``query_request`` …) where it is under way, ``unknown_request`` where it is asked after and there is none."""
    lines = getattr(walk.book.hospital, "lines", ())
    if not lines or not text or wanted.intent in (*DANGER, "repeat_last"):
        return wanted
    if wanted.intent == "talk_to_human" and "phone" not in wanted.slots:
        return wanted  # 「换个电话 100…」 calls nobody
    if wanted.intent == STOP and (FOLLOWUP.search(fold(text)) or not _has_shown(walk)):
        return wanted
    if POSTPONE.search(fold(text)):
        told = _find_spoken_of(walk, lines, wanted, text, only_back=True)
        if told:
            return mean(wanted, "postpone_request", told)
    changed = _find_several_changed(walk, lines, wanted, text)
    if changed is not None:
        return mean(wanted, "change_request", {"order_number": changed})
    deed = read_deed(text)
    if deed is not None:
        told = _find_spoken_of(walk, lines, wanted, text)
        if told:
            return mean(wanted, "query_request" if deed == "when" else f"{deed}_request", told)
    anew = _find_chosen_anew(walk, lines, wanted, text) if deed is None else None
    if anew is not None:
        return mean(wanted, "change_request", anew)
    line = find_by_words(lines, wanted.intent, text)
    if deed not in (None, "when") and walk.waiting is None and not WISH.search(fold(text)):
        asked = line or (_find_called(walk, lines, wanted.intent, text) if deed == "query" else None)
        if asked is not None:
            ended = deed == "query" and _find_ended(walk, asked)
            return mean(wanted, "query_request" if ended else UNKNOWN, {"line": asked.id})
    return wanted if line is None else mean(wanted, line.id, {})


def _find_ended(walk: Walk, line: Line) -> bool:
    """Whether one of the line has ended of late: that is what is asked after."""
    since = walk.desk.now - LATELY
    contact = walk.before.contact_id
    return bool(list_line_requests(walk.desk, contact_id=contact, line=line.id, since=since, limit=1))


def _find_spoken_of(
    walk: Walk, lines: Sequence[Line], wanted: Request, text: str, *, only_back: bool = False
) -> dict[str, str]:
    """Which of the contact's registrations: by number, by line where there are several, or (empty) none."""
    mine = list_line_requests(walk.desk, contact_id=walk.before.contact_id, under_way=True)
    if not mine or (walk.waiting is not None and _runs_line(walk, lines)):
        return {}
    by_id = {line.id: line for line in lines}
    mine = [
        one
        for one in mine
        if one.line in by_id and (not only_back or by_id[one.line].get_state(one.stage).back)
    ]
    if not mine:
        return {}
    numbered = [one for one in mine if one.order_number in NUMBER.findall(text.upper())]
    if numbered:
        return {"order_number": numbered[0].order_number}
    plain = fold(text)
    shown = _find_shown(walk, mine)
    other = MATTERS.get(wanted.intent)
    elsewhere = other is not None and other.words.search(plain) is not None
    scores = [(_score(by_id[one.line or ""], one, wanted.intent, plain), one) for one in mine]
    best = max(score for score, _ in scores)
    if best:
        named = [one for score, one in scores if score == best]
        if elsewhere and shown not in named and is_on_record(walk, other):
            return {}
        return _point(named, shown)
    if elsewhere or walk.waiting is not None or NOTHING_MORE.search(plain):
        return {}
    vague = other is not None or wanted.confidence < GUESS
    if shown is not None and (vague or wanted.intent in IDLE):
        return {"order_number": shown.order_number}
    return _point(mine, None) if vague and not is_on_record(walk, other) else {}


def _has_shown(walk: Walk) -> bool:
    mine = list_line_requests(walk.desk, contact_id=walk.before.contact_id, under_way=True)
    return _find_shown(walk, mine) is not None


def _find_chosen_anew(walk: Walk, lines: Sequence[Line], wanted: Request, text: str) -> dict[str, str] | None:
    """「不急了」, 「寄家里吧」 right after a registration was shown: another choice of it, where the words ask for nothing."""
    if (
        walk.waiting is not None
        or is_asking(text)
        or not (wanted.intent in IDLE or wanted.confidence < GUESS)
    ):
        return None
    one = _find_shown(walk, list_line_requests(walk.desk, contact_id=walk.before.contact_id, under_way=True))
    line = next((each for each in lines if one is not None and each.id == one.line), None)
    if one is None or line is None:
        return None
    for question in line.collect:
        if (
            not question.choices
            or question.several
            or not question.change
            or not line.is_asked(question, one.slots)
        ):
            continue
        told = read_choice(question.choices, text, least=2)
        if told is not None and told != one.slots.get(question.slot):
            return {"order_number": one.order_number}
    return None


def _find_several_changed(walk: Walk, lines: Sequence[Line], wanted: Request, text: str) -> str | None:
    """「再加一个血糖」, 「肝功能不做了」, 「还要一个二甲双胍」: the number of the registration of which one of several is added,
    given up or put for another. What gives up the last is no change."""
    if walk.waiting is not None and _runs_line(walk, lines):
        return None
    named = find_by_words(lines, wanted.intent, text)
    mine = list_line_requests(walk.desk, contact_id=walk.before.contact_id, under_way=True)
    shown = _find_shown(walk, mine)
    for one in sorted(mine, key=lambda each: each is not shown):
        line = next((each for each in lines if each.id == one.line), None)
        if line is None or (named is not None and named.id != line.id):
            continue
        own = any(start.intent == wanted.intent and not start.words for start in line.starts)
        near = own or (one is shown and (wanted.confidence < GUESS or wanted.intent in IDLE))
        for question in line.collect:
            held = one.slots.get(question.slot)
            if (
                not question.several
                or not (question.choices or near)
                or not line.is_asked(question, one.slots)
            ):
                continue
            told = read_change(question, text, held=held)
            if told is not None and told != list(list_held(held)):
                return one.order_number
    return None


def _point(found: Sequence[ServiceRequest], shown: ServiceRequest | None) -> dict[str, str]:
    """One by its number; several of a line by the line, so that it is asked which."""
    if len(found) == 1:
        return {"order_number": found[0].order_number}
    if len({one.line for one in found}) == 1:
        return {"line": str(found[0].line)}
    return {"order_number": shown.order_number if shown in found and shown else ""}


def _runs_line(walk: Walk, lines: Sequence[Line]) -> bool:
    """A new registration is being made: 「不印了」 gives that up."""
    running = {frame.flow for frame in walk.chain()}
    return walk.get("record") is None and any(line.id in running for line in lines)


def _find_shown(walk: Walk, mine: Sequence[ServiceRequest]) -> ServiceRequest | None:
    """The one whose buttons stand under what was said last."""
    for option in walk.before.options:
        payload = parse_payload(option["payload"])
        number = payload.slots.get("order_number") if payload else None
        found = [one for one in mine if number and one.order_number == number]
        if found:
            return found[0]
    return None


def _score(line: Line, one: ServiceRequest, intent: str, plain: str) -> int:
    """Letters of what names the line or was chosen in the request; one where the intent alone begins it."""
    words = [*line.called, *line.name.values(), *(word for start in line.starts for word in start.words)]
    for question in line.collect:
        for chosen in question.find_chosen(one.slots.get(question.slot)):
            words += [word for word in (*chosen.words, *chosen.name.values()) if len(word) > 1]
    return score_words(words, plain) or int(any(s.intent == intent and not s.words for s in line.starts))


def is_on_record(walk: Walk, other: Matter | None) -> bool:
    """Whether the contact has one that is not over."""
    if other is None:
        return False
    records = list_records(walk.desk, contact_id=walk.before.contact_id)
    return any(one["type"] in other.kinds and one["status"] not in OVER for one in records)


def _find_called(walk: Walk, lines: Sequence[Line], intent: str, text: str) -> Line | None:
    """「退费办到哪了」: the line of this intent that is called so, where no flow of the intent's own knows better."""
    plain, served = fold(text), walk.find_flow(intent) is not None
    able = [
        line
        for line in lines
        if any(start.intent == intent and not (start.words and served) for start in line.starts)
    ]
    scored = [(score_words([*line.called, *line.name.values()], plain), line) for line in able]
    best = max(scored, key=lambda one: one[0], default=(0, None))
    return best[1] if best[0] else None


def is_answer_of(line: Line, text: str) -> bool:
    """「片子都有」 beside 「请几个科会诊」 answers a question of the line and asks for nothing else."""
    return any(read_choice(one.choices, text, least=2) for one in line.collect if one.choices)
