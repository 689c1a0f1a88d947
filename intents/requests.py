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
SURE = 0.7
MOST = 5
ASKS = re.compile(r"[?？吗]|怎么|哪|多少|几点|帮|请|麻烦|我要|我想|想|给我|挂|约|退|改|查|再|另外|顺便|还要")
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
    main: IntentScore,
    rank: Callable[[str], Sequence[IntentScore]],
    values: Sequence[tuple[int, int]] = (),
) -> list[tuple[str, float, int, int]]:
    """``(intent, confidence, start, end)`` of each request; one entry covering all where there is only one.

    ``values`` are where the slots' values stand: a clause of nothing else (下周一上午) tells more of a request and is
    none itself.
    """
    whole = [(main.name, main.confidence, 0, len(text))]
    spans = split_clauses(text)
    if len(spans) < 2 or len(spans) > 12 or main.name in NOT_TASKS - {"describe_symptom"}:
        return whole
    found: list[tuple[str, float, int, int]] = []
    for start, end in spans[:MOST]:
        best = rank(text[start:end])[0]
        unsure = best.name != main.name and (
            best.confidence < SURE
            or WHERE_I_AM.match(text[start:end]) is not None
            or _only_values(text, start, end, values)
        )
        if best.name in NOT_TASKS or unsure:
            if found:
                found[-1] = (*found[-1][:3], end)
            continue
        sure = max(best.confidence, main.confidence if best.name == main.name else 0.0)
        if found and found[-1][0] == best.name:
            found[-1] = (best.name, max(found[-1][1], sure), found[-1][2], end)
        elif any(one[0] == best.name for one in found):
            continue
        elif found and _kindred(found[-1][0], best.name) and best.confidence < 0.85:
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
