"""The worst mistakes, each with the likeliest reason: a guess by rule of thumb that says where to look, no more.

Worst is danger missed, then danger imagined, then the surest of being right when wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from intents.concepts import read_concepts
from intents.evaluation.judging import DANGER, Judgement
from intents.faq import pairs
from intents.normalise import normalise
from intents.phrases import Phrase
from intents.requests import split_clauses

NEAR = 0.5
"""Share of its character pairs that a message has in common with a phrase of the guessed intent: too near to be chance."""
FAR = 0.25
"""Below this no phrase of the right intent resembles the message."""
CLOSE = 0.15
"""First and second this near in confidence: the border between them is what failed."""
SHORT = 4
LONG = 45
REASONS = {
    "danger missed": "a danger that neither the rules nor the model heard",
    "danger imagined": "rules or model heard a danger that is none",
    "label doubtful": "a phrase nearly the same stands under the intent guessed: which is right?",
    "too short": "so few characters that only the context could tell",
    "several requests": "another of its clauses was taken for the main request",
    "border": "the right intent came second, close behind: the border is not learnt",
    "second": "the right intent came second, clearly behind",
    "noise": "spelt by sound or without words that are known",
    "missing wording": "no phrase of the right intent resembles it, and no concept of it is known",
    "long story": "the request is a small part of a long message",
    "other": "none of these",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    judgement: Judgement
    reason: str
    like_right: float
    """Likeness to the nearest other phrase of the right intent, 0 to 1."""
    like_guess: float
    nearest: str
    """That nearest phrase of the guessed intent."""


class Neighbours:
    """Finds for a text the most like phrase of an intent, but for itself: what the model could have learnt from."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._by_intent: defaultdict[str, list[tuple[set[str], Phrase]]] = defaultdict(list)
        for phrase in phrases:
            self._by_intent[phrase.intent].append((pairs(normalise(phrase.text).text), phrase))

    def nearest(self, phrase: Phrase, intent: str) -> tuple[float, str]:
        mine = pairs(normalise(phrase.text).text)
        best, text = 0.0, ""
        for other, owner in self._by_intent[intent]:
            likeness = len(mine & other) / max(1, len(mine | other))
            if likeness > best and owner != phrase:
                best, text = likeness, owner.text
        return best, text


def find_worst(judged: Sequence[Judgement], neighbours: Neighbours, *, limit: int = 50) -> list[Mistake]:
    wrong = sorted((one for one in judged if not one.right), key=_badness)
    return [_explain(one, neighbours) for one in wrong[:limit]]


def count_reasons(judged: Sequence[Judgement], neighbours: Neighbours, *, most: int = 1500) -> dict[str, int]:
    """How often each reason stands behind the mistakes (of a sample of every n-th where there are very many)."""
    wrong = [one for one in judged if not one.right]
    sample = wrong[:: max(1, len(wrong) // most + (len(wrong) > most))]
    return dict(Counter(_explain(one, neighbours).reason for one in sample).most_common())


def _badness(one: Judgement) -> tuple[int, float, str]:
    missed = one.phrase.intent in DANGER and one.guess not in DANGER
    imagined = one.guess in DANGER and one.phrase.intent not in DANGER
    return (0 if missed else 1 if imagined else 2, -one.confidence, one.phrase.text)


def _explain(one: Judgement, neighbours: Neighbours) -> Mistake:
    like_right, _ = neighbours.nearest(one.phrase, one.phrase.intent)
    like_guess, nearest = neighbours.nearest(one.phrase, one.guess)
    return Mistake(
        one, _reason(one, like_right, like_guess), round(like_right, 2), round(like_guess, 2), nearest
    )


def _reason(one: Judgement, like_right: float, like_guess: float) -> str:
    plain = normalise(one.phrase.text).text
    if one.phrase.intent in DANGER and one.guess not in DANGER:
        return "danger missed"
    if one.guess in DANGER and one.phrase.intent not in DANGER:
        return "danger imagined"
    if like_guess >= NEAR and like_guess > like_right:
        return "label doubtful"
    if sum(char.isalnum() for char in plain) <= SHORT:
        return "too short"
    if one.guess != one.ranking[0] and one.phrase.intent == one.ranking[0]:
        return "several requests"
    if len(one.ranking) > 1 and one.phrase.intent == one.ranking[1]:
        return "border" if one.margin <= CLOSE else "second"
    if one.phrase.voice in ("pinyin", "speech") and like_right < FAR:
        return "noise"
    if len(plain) >= LONG and len(split_clauses(plain)) > 2:
        return "long story"
    if like_right < FAR or not read_concepts(plain):
        return "missing wording"
    return "other"
