"""Figures of judgements: accuracy, F1, confusions, calibration, danger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intents.evaluation.judging import DANGER, Judgement

BINS = 10


@dataclass(frozen=True, slots=True)
class Score:
    count: int
    accuracy: float
    among_three: float
    """Share in which the right intent is among the first three: what a question with buttons could still save."""
    macro_f1: float


def score(judged: Sequence[Judgement]) -> Score:
    if not judged:
        return Score(0, 0.0, 0.0, 0.0)
    count = len(judged)
    f1 = score_intents(judged)
    meant = {one.phrase.intent for one in judged}
    return Score(
        count,
        round(sum(one.right for one in judged) / count, 4),
        round(sum(one.right or one.phrase.intent in one.ranking for one in judged) / count, 4),
        round(sum(f1[intent] for intent in meant) / len(meant), 4),
    )


def score_intents(judged: Sequence[Judgement]) -> dict[str, float]:
    """F1 of each intent that was meant or guessed."""
    right = Counter(one.guess for one in judged if one.right)
    guessed = Counter(one.guess for one in judged)
    meant = Counter(one.phrase.intent for one in judged)
    return {name: round(2 * right[name] / (guessed[name] + meant[name]), 4) for name in {*guessed, *meant}}


def group(judged: Sequence[Judgement], key: Callable[[Judgement], str]) -> dict[str, Score]:
    groups: defaultdict[str, list[Judgement]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    return {name: score(groups[name]) for name in sorted(groups)}


def count_confusions(judged: Sequence[Judgement]) -> dict[tuple[str, str], int]:
    """(meant, guessed) → how often, the most frequent first; right guesses are counted too."""
    return dict(Counter((one.phrase.intent, one.guess) for one in judged).most_common())


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the reliability table: what was said to be sure of, and what came true."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    ece: float
    """Expected calibration error: the mean distance between confidence and truth, weighted by the bins' counts."""
    bins: tuple[Bin, ...]


def calibration(judged: Sequence[Judgement]) -> Calibration:
    """Rules are left out: what they hear has no probability."""
    groups: defaultdict[int, list[Judgement]] = defaultdict(list)
    plain = [one for one in judged if not one.proof]
    for one in plain:
        groups[min(int(one.confidence * BINS), BINS - 1)].append(one)
    bins = tuple(
        Bin(
            number / BINS,
            (number + 1) / BINS,
            len(members),
            round(sum(one.confidence for one in members) / len(members), 4),
            round(sum(one.right for one in members) / len(members), 4),
        )
        for number, members in sorted(groups.items())
    )
    total = max(1, len(plain))
    return Calibration(
        round(sum(abs(one.confidence - one.accuracy) * one.count for one in bins) / total, 4), bins
    )


@dataclass(frozen=True, slots=True)
class DangerScore:
    dangers: int
    heard: int
    """Heard as an emergency or a crisis: either stops everything else."""
    exact: int
    """Heard as the very one of the two."""
    by_rules: int
    """Heard by the rules, whatever the classifier thought."""
    others: int
    false_alarms: int
    false_by_rules: int

    @property
    def recall(self) -> float:
        return round(self.heard / max(1, self.dangers), 4)

    @property
    def false_rate(self) -> float:
        return round(self.false_alarms / max(1, self.others), 4)


def score_danger(judged: Sequence[Judgement]) -> DangerScore:
    dangers = [one for one in judged if one.phrase.intent in DANGER]
    others = [one for one in judged if one.phrase.intent not in DANGER]
    return DangerScore(
        len(dangers),
        sum(one.guess in DANGER for one in dangers),
        sum(one.right for one in dangers),
        sum(bool(one.proof) for one in dangers),
        len(others),
        sum(one.guess in DANGER for one in others),
        sum(bool(one.proof) for one in others),
    )
