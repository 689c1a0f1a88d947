"""Which FAQ entry a message asks for: the overlap of its character pairs with each entry's questions, rare pairs first.

The measure is BM25 without the length term of the query; scores are divided by what a perfect overlap would give.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from intents.normalise import normalise
from intents.understanding import FaqMatch
from knowledge import Hospital

STOP = frozenset("的了吗呢啊吧呀哦嘛请问我你们您想要是在有怎么什可以能不一下个这那 ,，。?？!！")


COMMON = re.compile(r"有没有|能不能|可不可以|可以|怎么办?|如何|什么|哪里|哪儿|请问|我想|一下|帮我|你们|医院")
"""What any question may hold says nothing of which it is."""


SUBJECTS = tuple(
    re.compile(words)
    for words in (
        "抽血|验血|查血|血常规|空腹血",
        "胃镜|肠镜|内镜",
        "B超|彩超|超声|憋尿",
        "CT",
        "核磁|磁共振|MRI",
        "心电",
        "拍片|X光|DR",
    )
)
"""What a question is about: how one prepares for a gastroscopy says nothing to who has blood taken."""


def _find_subjects(text: str) -> frozenset[int]:
    return frozenset(place for place, words in enumerate(SUBJECTS) if words.search(text.upper()))


def pairs(text: str) -> set[str]:
    """Characters that say something, and pairs of neighbours."""
    chars = [char for char in COMMON.sub("", text) if char not in "，。？！?!, \n"]
    return {one + two for one, two in itertools.pairwise(chars)} | {c for c in chars if c not in STOP}


class FaqIndex:
    def __init__(self, hospital: Hospital) -> None:
        self._owners: list[str] = []
        self._subjects: list[frozenset[int]] = []
        questions: list[set[str]] = []
        for entry in hospital.faq:
            for wording in entry.questions:
                self._owners.append(entry.id)
                self._subjects.append(_find_subjects(wording))
                questions.append(pairs(normalise(wording).text))
        self._intents = {entry.id: entry.intent for entry in hospital.faq}
        seen = Counter(pair for question in questions for pair in question)
        total = max(1, len(questions))
        self._weight = {
            pair: math.log(1 + (total - count + 0.5) / (count + 0.5)) * (1.0 if len(pair) == 2 else 0.5)
            for pair, count in seen.items()
        }
        self._rare = math.log(1 + total)
        self._where: dict[str, list[int]] = defaultdict(list)
        self._full: list[float] = []
        for number, question in enumerate(questions):
            for pair in question:
                self._where[pair].append(number)
            self._full.append(sum(self._weight[pair] for pair in question) or 1.0)

    def rank(self, text: str, *, intents: Iterable[str] = (), limit: int = 3) -> tuple[FaqMatch, ...]:
        """The best entries, score 0 to 1; entries of the likely ``intents`` are preferred by a tenth."""
        asked, about = pairs(text), _find_subjects(text)
        mine = sum(self._weight.get(pair, self._rare * 0.5) for pair in asked) or 1.0
        scores: dict[int, float] = defaultdict(float)
        for pair in asked:
            where = self._where.get(pair)
            if where and len(where) < 400:
                weight = self._weight[pair]
                for number in where:
                    scores[number] += weight
        likely = set(intents)
        best: dict[str, float] = {}
        for number, score in scores.items():
            owner, other = self._owners[number], self._subjects[number]
            if about and other and not about & other:
                continue
            # Harmonic mean of how much of the question and how much of the message is covered.
            value = 2 * score / (mine + self._full[number])
            if likely and self._intents[owner] in likely:
                value += 0.1
            if value > best.get(owner, 0.0):
                best[owner] = value
        order = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return tuple(FaqMatch(owner, round(min(1.0, score), 3)) for owner, score in order)
