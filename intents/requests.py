"""Several requests in one message: where one ends and the next begins, in the order they were said.

Of every clause the classifier's plain sums are taken once; the sums of what stands before and after a boundary follow
by adding. Whether a boundary parts two requests is then judged by a few numbers with weights that `joining` learns
from phrases of two people put together, against the clauses of one who tells a story.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from intents.classifier import Classifier
from intents.denial import set_aside

BREAK = re.compile(
    r"[，,。.;；!！?？\n]+|\s+(?=[\u3400-\u9fff])|(?=(?:然后|还有|另外|顺便|再帮|还要|对了|哦对|顺带|跟住|仲要|仲有))"
)
LEAST = 4
"""Characters a clause must have to be a request of its own."""
MOST = 8
"""Clauses looked at; in a longer story the last ones count as one."""
THREE = 3
"""Requests found at most."""
SURE = 0.75
CLEAR = 0.9
"""How likely a boundary must be, and how plain each of its two requests. Measured on messages kept apart: three of
four pairs are found, and of single messages one in a hundred and thirty is cut."""
JOINED = re.compile(
    r"[，,。.;；!！?？\s]*(?:然后|还有|另外|顺便|顺带|还要|还想|还得|对了|哦对|同时|以及|跟住|仲要|仲有|仲想|其次|再)"
)
ANNOUNCED = re.compile(r"(?:对了|还有|另外|顺便|哦对|其次)[，,：:\s]*\Z")
"""Words that announce another request; the second where they stand alone before its clause."""
ASKS = re.compile(
    r"[?？吗]|怎么|哪|多少|几[点楼时个]|什么时候|帮|请|麻烦|我要|我想|想|给我|能不能|可以|可不可以|挂|约|退|改|查|借|寄|开[个张点]"
    r"|办|有没有|要不要|取消|投诉|复印|报销|再|另外|顺便|还要|咋|点[样去]|啷|喺边|揾|搵"
)
"""Words of one who wants something done or told."""
FILLERS = frozenset("的了吧呢啊呀哦嘛要就是在那这也都行他她我")
DETAIL = re.compile(
    r"^(?:我|就|都|也|要|到时候?|自己|本人|亲自|过)*(?:来取|自取|来拿|来领|去取|去拿|寄(?:到|回)?(?:家里?|屋企)?|邮寄|快递)"
    r"(?:就行|就好|即可|吧|的)?[，,。.!！\s]*$"
)
"""「自己来取」 says how, of the request beside it."""
NOT_TASKS = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "stop_task", "repeat_last", "chitchat", "out_of_scope",
     "ask_bot", "report_emergency", "express_crisis", "change_language"}
)  # fmt: skip
"""Never one of two requests: a mood, a courtesy, or what goes before everything else."""
NOT_SECOND = NOT_TASKS | {"describe_symptom"}
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
    {"pre_admission", "query_queue", "join_waitlist"},
    {"copy_medical_record", "request_certificate"},
    {"report_recovery_problem", "book_nursing_service", "describe_symptom"},
)
"""Neighbours that one request can sound like."""


@dataclass(frozen=True, slots=True)
class Clause:
    start: int
    end: int
    sums: np.ndarray
    """What its features say for each intent, added up."""
    count: int


@dataclass(frozen=True, slots=True)
class Boundary:
    """Two requests that may meet before clause ``index``."""

    first: str
    second: str
    first_confidence: float
    second_confidence: float
    index: int
    signs: list[float]
    """What `joining` weighs, in the order of ``SIGNS``."""


SIGNS = (
    "first is", "second is", "whole is first", "whole is second", "whole is sure", "announced", "first asks",
    "second asks", "kindred", "length", "clauses", "second part is first", "first part is second",
    "whole is either", "first part is sure", "second part is sure",
)  # fmt: skip


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
    if len(spans) > MOST:
        spans = [*spans[: MOST - 1], (spans[MOST - 1][0], len(text))]
    return spans


def read_clauses(
    classifier: Classifier, text: str, name: Callable[[int, int], Sequence[str]]
) -> list[Clause]:
    """The clauses of ``text``; ``name`` gives the features of a part of it."""
    clauses = []
    for start, end in split_clauses(text):
        rows = classifier.find(name(start, end))
        clauses.append(Clause(start, end, classifier.add(rows), len(rows)))
    return clauses


def find_boundaries(
    classifier: Classifier, text: str, clauses: Sequence[Clause], whole: np.ndarray
) -> list[Boundary]:
    """Each place where two different requests may meet; ``whole`` is the likelihood of each intent for all of it."""
    firsts, seconds = _allowed(classifier.intents)
    top = int(np.argmax(whole))
    boundaries = []
    for index in range(1, len(clauses)):
        before, after = clauses[:index], clauses[index:]
        left, right = _odds(classifier, before), _odds(classifier, after)
        one, two = firsts[int(np.argmax(left[firsts]))], seconds[int(np.argmax(right[seconds]))]
        if one == two:
            continue
        first, second = classifier.intents[one], classifier.intents[two]
        head, tail = text[before[0].start : before[-1].end], text[after[0].start : after[-1].end]
        signs = [
            *(_log(odds) for odds in (left[one], right[two], whole[one], whole[two], whole[top])),
            float(bool(JOINED.match(tail) or ANNOUNCED.search(head))),
            float(bool(ASKS.search(head))),
            float(bool(ASKS.search(tail))),
            float(any(first in group and second in group for group in KINDRED)),
            float(np.log(len(head) + len(tail))),
            float(len(clauses)),
            _log(right[one]),
            _log(left[two]),
            float(top in (one, two)),
            _log(left.max()),
            _log(right.max()),
        ]
        boundaries.append(Boundary(first, second, float(left[one]), float(right[two]), index, signs))
    return boundaries


def find_requests(
    classifier: Classifier,
    text: str,
    main: tuple[str, float],
    whole: np.ndarray,
    name: Callable[[int, int], Sequence[str]],
    values: Sequence[tuple[int, int]] = (),
) -> list[tuple[str, float, int, int]]:
    """``(intent, confidence, start, end)`` of each request; one entry covering all where there is only one.

    ``main`` and ``whole`` are what the whole message means. ``values`` are where the slots' values stand: a clause of
    nothing else (下周一上午) tells more of a request and is none itself.
    """
    alone = [(*main, 0, len(text))]
    if main[0] in NOT_TASKS:
        return alone
    clauses = read_clauses(classifier, text, name)
    told = [
        _only_values(text, one.start, one.end, values)
        or _denied(text, one, follows=number + 1 < len(clauses))
        for number, one in enumerate(clauses)
    ]
    found: list[tuple[str, float, int, int]] = []
    first = 0
    while len(found) < THREE - 1:
        rest = clauses[first:]
        part = whole if first == 0 else _odds(classifier, rest)
        best = max(
            (
                (_likely(classifier.joints, one.signs), one)
                for one in find_boundaries(classifier, text, rest, part)
                if min(one.first_confidence, one.second_confidence) >= CLEAR
                and not all(told[first : first + one.index])
                and not all(told[first + one.index :])
            ),
            key=lambda pair: pair[0],
            default=None,
        )
        if best is None or best[0] < SURE or best[1].first in {one[0] for one in found}:
            break
        boundary = best[1]
        if found:
            found.pop()
        middle = rest[boundary.index].start
        found.append((boundary.first, round(boundary.first_confidence, 4), rest[0].start, middle))
        found.append((boundary.second, round(boundary.second_confidence, 4), middle, len(text)))
        first += boundary.index
    return found or alone


def _allowed(intents: tuple[str, ...]) -> tuple[list[int], list[int]]:
    firsts = [place for place, intent in enumerate(intents) if intent not in NOT_TASKS]
    return firsts, [place for place in firsts if intents[place] not in NOT_SECOND]


def _odds(classifier: Classifier, clauses: Sequence[Clause]) -> np.ndarray:
    sums = sum((one.sums for one in clauses), np.zeros(len(classifier.intents), dtype=np.float32))
    return classifier.odds(classifier.bias + sums / np.sqrt(max(1, sum(one.count for one in clauses))))


def _likely(joints: Sequence[float], signs: Sequence[float]) -> float:
    """By logistic regression; the last weight stands alone."""
    if not joints:
        return 0.0
    return float(1 / (1 + np.exp(-(np.dot(joints[:-1], signs) + joints[-1]))))


def _log(share: float) -> float:
    return float(np.log(share + 1e-4))


def _denied(text: str, clause: Clause, *, follows: bool) -> bool:
    """Says only what is not meant."""
    return follows and not any(map(str.isalnum, set_aside(text[clause.start :])[0][: len(text) - clause.end]))


def _only_values(text: str, start: int, end: int, values: Sequence[tuple[int, int]]) -> bool:
    if DETAIL.match(text[start:end].strip()):
        return True
    covered = {place for first, last in values for place in range(max(first, start), min(last, end))}
    rest = [text[place] for place in range(start, end) if place not in covered]
    return not any(char.isalnum() and char not in FILLERS for char in rest)
