"""Several requests in one message: where one ends and the next begins, in the order they were said.

Of every clause the classifier's plain sums are taken once; the sums of any run of clauses follow by adding. A message
is then parted in every way into at most ``PARTS`` runs, and each place where two runs meet is judged by a few numbers
with weights that `joining` learns from phrases of two people put together, against the clauses of one who tells a
story. The parting whose places are all likely, and likeliest together, is taken.

The file is somewhat long because what parts a clause, what it weighs and what is taken are one argument, and the numbers
that `joining` learns weights for must stand beside those who read them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from intents.classifier import Classifier
from intents.denial import set_aside

BREAK = re.compile(
    r"[，,。;；!！?？\n+&]+|(?<!\d)\.|\.(?!\d)|\s+(?=[\u3400-\u9fff])"
    r"|(?=(?<![\d.周])[1-5一二三四][、.)](?![\d一二三四五六七])|[一二三四]是|第[一二三四](?!次|[天个]月|天|中)|其[一二次三])"
    r"|(?=(?:然后|还有|另外|顺便|再[帮问给看查借约挂把说]|还要|对了|哦对|顺带|同埋|跟住|仲要|仲有)"
    r"|(?:với lại|voi lai|tiện thể|tien the|ngoài ra|ngoai ra)(?![a-z]))"
)
SCRAP = re.compile(r"[\W\d一二三四第其是]*")
"""「2.」 and 「第一」 number the clause that they stand before."""
LEAST = 2
"""Characters a clause must have to be a request of its own."""
MOST = 8
"""Clauses looked at; in a longer story the last ones count as one."""
PARTS = 3
"""Requests found at most."""
SURE = 0.8
CLEAR = 0.4
"""How likely each place must be, and how plain each of its two requests. Measured on messages kept apart: 56 of 65
pairs are found, and of 2,393 single messages ten are cut."""
NEW = (
    r"还有|另外|顺便|顺带|还想|还要|还得|对了|哦对|再(?:问|帮我?问|说|看)|同埋|仲有|仲想|仲要|其次|以及"
    r"|với lại|voi lai|tiện thể|tien the|ngoài ra|ngoai ra|còn(?= )"
)
NEXT = r"然后|接着|完了|再|同时|跟住|到时候?|也|rồi"
JOINED = re.compile(rf"[\W\d]*(?:{NEW}|第[二三四]|[二三四][是、]|其[二三])")
ANNOUNCED = re.compile(rf"(?:{NEW})[，,：:\s]*\Z")
"""Words that announce another request; the second where they stand alone before its clause."""
FOLLOWS = re.compile(rf"\W*(?:我|就|先|那)?(?:{NEXT})")
"""Words that go on, with a story as well as with a second request."""
ASKS = re.compile(
    r"[?？吗]|怎么|哪|多少|几[点楼时个]|什么时候|帮|请|麻烦|我要|我想|想|给我|能不能|可以|可不可以|挂|约|退|改|查|借|寄|开[个张点]"
    r"|办|有没有|要不要|取消|投诉|复印|报销|再|另外|顺便|还要|咋|点[样去]|啷|喺边|揾|搵"
)
"""Words of one who wants something done or told."""
QUESTION = re.compile(
    r"(?:[?？吗呢没未咩不]|没有|冇)[^\w]*\Z|怎么|咋|哪|多少|几[点楼时个天]|什么|能不能|可不可以|要不要|有没有|点[样去]"
)
TELLS = re.compile(
    r"我[妈爸爹娘奶爷儿女孩家]|医生[说讲叫让]|上次|昨天|前天|刚才|今天|因为|所以|结果|[过了]\b|说是|本来|已经|都[说是]"
)
DENIES = re.compile(
    r"不(?:是|问|管|谈|打听|说|急|用|要(?!紧)|需要|必|约|排|改|查|寄|借|退|挂|开|复印|缺)|别(?![人的家处])|莫|唔(?!该)|先不|没(?:写|有)?错"
)
ONLY = re.compile(
    r"\W*(?:但|可|而|这回|今天)?(?:是|我|咱|俺)?(?:人已经|现在)?(?:就|只|单|光|单单|主要|其实|要|是|需要)"
)
"""A question, a story, what is not meant, and what is meant instead."""
COMPLAINT = re.compile(r"投诉|反映|意见|吐槽|建议|反馈|khi[eế]u|ph[aả]n [aá]nh|g[oó]p [yý]")
"""「少了一袋，处理了吗」 asks after what was just told, not after a complaint made before."""
FILLERS = frozenset("的了吧呢啊呀哦嘛要就是在那这也都行来他她我")
DETAIL = re.compile(
    r"^(?:我|就|都|也|要|到时候?|自己|本人|亲自|过)*(?:过?来取|自取|来拿|来领|去取|去拿|寄(?:到|回)?(?:家里?|屋企)?|邮寄|快递)"
    r"(?:就行|就好|即可|吧|的)?[，,。.!！\s]*$"
    r"|^(?:我|是|要|拿去|拿来|做)*(?:医保|商业保险|异地|保险)?(?:报销|理赔|转院|入学|评残|打官司|存档|留底)用?(?:用|的)(?:的|吧)?[，,。.!！\s]*$"
    r"|^(?:我|也)?(?:不|唔)(?:着|用|是很|太|算)?急(?:用|着用|的|啊)?[，,。.!！\s]*$"
)
"""「自己来取」, 「报销用」, 「不急」 say how, of the request beside it."""
NOT_TASKS = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "stop_task", "repeat_last", "chitchat", "out_of_scope",
     "ask_bot", "report_emergency", "express_crisis"}
)  # fmt: skip
"""Never one of two requests: a mood, a courtesy, or what goes before everything else."""
TOLD = frozenset({"describe_symptom", "report_recovery_problem", "file_complaint", "pre_admission"})
"""What people also tell before they ask for something else."""
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
class Run:
    """Clauses side by side, taken for one request."""

    text: str
    odds: np.ndarray
    first: int
    """The likeliest intent that may be asked for before another."""
    second: int
    """The likeliest that may be asked for after another."""
    asks: bool
    questions: bool
    tells: bool


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
    "first is", "second is", "whole is first", "whole is second", "whole is sure", "announced", "follows",
    "first asks", "second asks", "first questions", "second questions", "first tells", "first is told", "told and asks",
    "second tells", "first denies", "denied for another", "kindred", "length", "clauses", "second part is first", "first part is second",
    "whole is either", "first part is sure", "second part is sure", "unlike", "shorter",
)  # fmt: skip


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a message stand; short scraps belong to the clause before them, numbers to the next."""
    cuts = sorted({0, len(text), *(match.end() for match in BREAK.finditer(text))})
    spans: list[tuple[int, int]] = []
    for start, end in itertools.pairwise(cuts):
        scrap = sum(map(str.isalnum, text[start:end])) < LEAST and not SCRAP.fullmatch(text[start:end])
        if spans and (scrap or SCRAP.fullmatch(text[slice(*spans[-1])])):
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


def part_clauses(clauses: int, count: int) -> Iterator[list[tuple[int, int, int]]]:
    """Every way to part so many clauses into ``count`` runs: of each place where two runs meet, where the one before
    begins, where they meet, and where the one after ends."""
    for cuts in itertools.combinations(range(1, clauses), count - 1):
        yield list(zip((0, *cuts), cuts, (*cuts[1:], clauses), strict=False))


class Boundaries:
    """What may meet where, in one message; each run of clauses is looked at once."""

    def __init__(
        self, classifier: Classifier, text: str, clauses: Sequence[Clause], whole: np.ndarray
    ) -> None:
        self._classifier, self._text, self._clauses = classifier, text, clauses
        self._whole = whole
        self._firsts, self._seconds = _allowed(classifier.intents)
        self._runs: dict[tuple[int, int], Run] = {}

    def find(self, start: int, index: int, end: int) -> Boundary | None:
        """The boundary before clause ``index`` between runs that begin at ``start`` and end before ``end``; ``None``
        where the same is asked on both sides."""
        left, right = self._run(start, index), self._run(index, end)
        one, two = left.first, right.second
        intents = self._classifier.intents
        if one == two or (intents[two] == "query_complaint" and not COMPLAINT.search(right.text)):
            return None
        alone = (start, end) == (0, len(self._clauses))
        whole = self._whole if alone else self._run(start, end).odds
        first, second = intents[one], intents[two]
        top = int(whole.argmax())
        told = float(first in TOLD)
        denies = float(bool(DENIES.search(left.text)))
        signs = [
            *(_log(odds) for odds in (left.odds[one], right.odds[two], whole[one], whole[two], whole[top])),
            float(bool(JOINED.match(right.text) or ANNOUNCED.search(left.text))),
            float(bool(FOLLOWS.match(right.text))),
            float(left.asks),
            float(right.asks),
            float(left.questions),
            float(right.questions),
            float(left.tells),
            told,
            told * left.asks,
            float(right.tells),
            denies,
            denies * bool(ONLY.match(right.text)),
            float(any(first in group and second in group for group in KINDRED)),
            float(np.log(len(left.text) + len(right.text))),
            float(end - start),
            _log(right.odds[one]),
            _log(left.odds[two]),
            float(top in (one, two)),
            _log(left.odds.max()),
            _log(right.odds.max()),
            float(np.sqrt(left.odds * right.odds).sum()),
            float(np.log(min(len(left.text), len(right.text)))),
        ]
        return Boundary(first, second, float(left.odds[one]), float(right.odds[two]), index, signs)

    def _run(self, start: int, end: int) -> Run:
        run = self._runs.get((start, end))
        if run is None:
            clauses = self._clauses[start:end]
            text = self._text[clauses[0].start : clauses[-1].end]
            odds = _odds(self._classifier, clauses)
            run = self._runs[start, end] = Run(
                text,
                odds,
                self._firsts[int(odds[self._firsts].argmax())],
                self._seconds[int(odds[self._seconds].argmax())],
                bool(ASKS.search(text)),
                bool(QUESTION.search(text)),
                bool(TELLS.search(text)),
            )
        return run


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
    clauses = read_clauses(classifier, text, name) if classifier.joints else []
    if len(clauses) < 2:
        return alone
    told = [
        _only_values(text, one.start, one.end, values)
        or _denied(text, one, follows=number + 1 < len(clauses))
        for number, one in enumerate(clauses)
    ]
    boundaries = Boundaries(classifier, text, clauses, whole)
    known: dict[tuple[int, int, int], tuple[float, Boundary] | None] = {}

    def weigh(start: int, index: int, end: int) -> tuple[float, Boundary] | None:
        place = (start, index, end)
        if place not in known:
            one = None if all(told[start:index]) or all(told[index:end]) else boundaries.find(*place)
            plain = one is not None and min(one.first_confidence, one.second_confidence) >= CLEAR
            odds = _likely(classifier.joints, one.signs) if one and plain else 0.0
            known[place] = (odds, one) if one and odds >= SURE else None
        return known[place]

    best: tuple[float, list[Boundary]] = (0.0, [])
    for count in range(2, PARTS + 1):
        for parting in part_clauses(len(clauses), count):
            met = [weigh(*place) for place in parting]
            sure = [one for one in met if one is not None]
            if len(sure) < len(met) or len({sure[0][1].first, *(one.second for _, one in sure)}) < count:
                continue
            weight = sum(float(np.log(odds / (1 - odds + 1e-9))) for odds, _ in sure)
            if weight > best[0]:
                best = (weight, [one for _, one in sure])
    if not best[1]:
        return alone
    places = [0, *(clauses[one.index].start for one in best[1]), len(text)]
    asked = [
        (best[1][0].first, best[1][0].first_confidence),
        *((one.second, one.second_confidence) for one in best[1]),
    ]
    return [
        (intent, round(sure, 4), start, end)
        for (intent, sure), (start, end) in zip(asked, itertools.pairwise(places), strict=True)
    ]


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
