"""Two requests in one message: found clause by clause, in the order in which they were said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from intents.understanding import IntentScore

BREAK = re.compile(
    r"[，,。.;；!！?？\n]+|(?=然后再?|还有(?!没|号|多)|另外|顺便|顺带|再帮|还要|还想|还得|对了|同时|以及|再(?:给|查|问|挂|约|请)|跟住|仲要|仲有|仲想)"
)
LEAST = 4
"""Characters a clause must have to be a request of its own."""
JOINED = re.compile(
    r"[，,。.;；!！?？\s]*(?:然后|还有|另外|顺便|顺带|还要|还想|还得|对了|哦对|同时|以及|跟住|仲要|仲有|仲想|其次|再)"
)
ANNOUNCED = re.compile(r"(?:对了|还有|另外|顺便|哦对|其次)[，,：:\s]*\Z")
"""Words that announce another request; the second where they stand alone before its clause."""
SURE_JOINED = 0.5
SURE_ASKING = 0.85
SURE_TOLD = 0.97
"""How sure a clause must be: announced, asking for something by its words, or only telling."""
LIKELY = 3
"""Of the whole message's likeliest intents; a clause that was not announced must mean one of them."""
SHORT = 45
STORY = 60
"""Longer messages are stories: their clauses count only where announced, in the longest not at all."""
MOST = 5
ASKS = re.compile(
    r"[?？吗]|怎么|哪|多少|几[点楼时个]|什么时候|帮|请|麻烦|我要|我想|想|给我|能不能|可以|可不可以|挂|约|退|改|查|借|寄|开[个张点]"
    r"|办|有没有|要不要|取消|投诉|复印|报销|再|另外|顺便|还要|咋|点[样去]|啷|喺边|揾|搵"
)
"""Words of one who wants something done or told."""
WHERE_I_AM = re.compile(
    r"^(?:我|人|我们|病人)?(?:现在|而家|这会儿|正)?(?:就?在|喺|到了|来到|刚到)[^,，]{1,12}[，,。\s]*$"
)
"""Says where somebody stands, for the request that follows."""
FILLERS = frozenset("的了吧呢啊呀哦嘛要就是在那这也都行他她我")
NOT_TASKS = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "stop_task", "repeat_last", "chitchat", "out_of_scope",
     "ask_bot", "describe_symptom", "report_emergency", "express_crisis", "change_language", "talk_to_human"}
)  # fmt: skip
"""Never the second thing asked for: a mood, a courtesy, or the story that leads to the request."""
KINDRED = (
    {"book_appointment", "query_schedule", "query_doctor", "join_waitlist"},
    {"ask_route", "ask_facility", "ask_transport"},
    {"ask_payment", "query_bill", "ask_insurance"},
    {"register_herb_delivery", "query_herb_delivery", "change_herb_delivery"},
    {
        "request_escort",
        "query_escort",
        "cancel_escort",
        "request_transfer",
        "request_onsite_help",
        "borrow_equipment",
    },
    {"file_complaint", "give_suggestion", "query_complaint"},
    {"query_report", "query_sampling", "ask_revisit", "book_examination"},
    {"cancel_appointment", "reschedule_appointment", "query_appointment"},
)
"""Neighbours that one request can sound like; a second clause must be surer to count beside such a first."""


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a message stand; short scraps belong to the clause before them."""
    cuts = [0]
    for match in BREAK.finditer(text):
        cuts.append(match.end() if match.end() > match.start() else match.start())
    cuts.append(len(text))
    spans: list[tuple[int, int]] = []
    for start, end in itertools.pairwise(cuts):
        if end <= start:
            continue
        if spans and len(text[start:end].strip("，,。.;；!！?？\n ")) < LEAST:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def find_requests(
    text: str,
    ranking: Sequence[IntentScore],
    rank: Callable[[str], Sequence[IntentScore]],
    values: Sequence[tuple[int, int]] = (),
) -> list[tuple[str, float, int, int]]:
    """``(intent, confidence, start, end)`` of each request; one entry covering all where there is only one.

    ``ranking`` is of the whole message, ``rank`` ranks a clause. ``values`` are where the slots' values stand: a clause
    of nothing else (下周一上午) tells more of a request and is none itself. Measured with a hand held back: of messages
    with one request one in seventy is cut in two, of two phrases put together six in ten are found apart.
    """
    main = ranking[0]
    whole = [(main.name, main.confidence, 0, len(text))]
    spans = split_clauses(text)
    if len(spans) < 2 or len(spans) > 12 or main.name in NOT_TASKS - {"describe_symptom"}:
        return whole
    likely = {one.name for one in ranking[:LIKELY]}
    found: list[tuple[str, float, int, int]] = []
    for start, end in spans[:MOST]:
        clause = text[start:end]
        best = rank(clause)[0]
        announced = bool(start and (JOINED.match(clause) or ANNOUNCED.search(text, 0, start)))
        counts = best.name not in NOT_TASKS and not _only_values(text, start, end, values)
        if counts and best.name != main.name:
            counts = not WHERE_I_AM.match(clause) and _is_sure(
                best,
                text,
                announced=announced or bool(not start and JOINED.match(text, end)),
                asks=bool(ASKS.search(clause)),
                likely=best.name in likely,
            )
        if not counts:
            if found:
                found[-1] = (*found[-1][:3], end)
            continue
        sure = max(best.confidence, main.confidence if best.name == main.name else 0.0)
        if found and found[-1][0] == best.name:
            found[-1] = (best.name, max(found[-1][1], sure), found[-1][2], end)
        elif any(one[0] == best.name for one in found):
            continue
        elif found and _kindred(found[-1][0], best.name) and not (announced and best.confidence >= 0.85):
            found[-1] = (*found[-1][:3], end)
        else:
            found.append((best.name, sure, start, end))
    found = _without_stories(text, found)
    if len(found) == 1 and found[0][0] == "file_complaint":
        return [(*found[0][:2], 0, len(text))]
    if len(found) < 2:
        return whole
    if main.name not in {one[0] for one in found}:
        return whole
    found[0] = (*found[0][:2], 0, found[0][3])
    return found


def _is_sure(best: IntentScore, text: str, *, announced: bool, asks: bool, likely: bool) -> bool:
    if announced and len(text) <= STORY:
        return best.confidence >= (SURE_JOINED if asks else SURE_ASKING)
    return len(text) <= SHORT and likely and best.confidence >= (SURE_ASKING if asks else SURE_TOLD)


def _only_values(text: str, start: int, end: int, values: Sequence[tuple[int, int]]) -> bool:
    covered = {place for first, last in values for place in range(max(first, start), min(last, end))}
    rest = [text[place] for place in range(start, end) if place not in covered]
    return not any(char.isalnum() and char not in FILLERS for char in rest)


def _without_stories(
    text: str, found: list[tuple[str, float, int, int]]
) -> list[tuple[str, float, int, int]]:
    """「等了三个小时没叫到我，叫号乱得很」: beside a complaint, what asks for nothing is part of the complaint."""
    if all(one[0] != "file_complaint" for one in found):
        return found
    return [one for one in found if one[0] == "file_complaint" or ASKS.search(text[one[2] : one[3]])]


def _kindred(one: str, other: str) -> bool:
    return any(one in group and other in group for group in KINDRED)
