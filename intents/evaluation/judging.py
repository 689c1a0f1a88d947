"""Each phrase judged by an interpreter whose model has not seen it, nor anything else its fold holds back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from intents.danger import CRISIS, EMERGENCY
from intents.evaluation.folds import Fold
from intents.interpreter import Interpreter
from intents.phrases import Phrase
from intents.training import Progress, fit, share

NOW = datetime(2026, 3, 11, 9, 0)
"""The reference time of all measurements: a Wednesday."""
DANGER = frozenset({EMERGENCY, CRISIS})


@dataclass(frozen=True, slots=True)
class Judgement:
    phrase: Phrase
    guess: str
    confidence: float
    ranking: tuple[str, ...]
    """The first three."""
    margin: float
    """Confidence of the first over the second."""
    proof: tuple[str, ...]
    """What the danger rules heard; empty where only the classifier spoke."""
    fold: str

    @property
    def right(self) -> bool:
        return self.guess == self.phrase.intent


def judge(interpreter: Interpreter, phrase: Phrase, *, fold: str = "") -> Judgement:
    heard = interpreter.understand(phrase.text, now=NOW)
    ranking = heard.ranking[:3]
    return Judgement(
        phrase,
        heard.intent.name,
        heard.intent.confidence,
        tuple(one.name for one in ranking),
        ranking[0].confidence - (ranking[1].confidence if len(ranking) > 1 else 0.0),
        heard.danger,
        fold,
    )


def cross_validate(
    interpreter: Interpreter,
    folds: Sequence[Fold],
    phrases: Sequence[Phrase],
    rows: Sequence[Sequence[str]],
    *,
    workers: int,
    progress: Progress,
) -> list[Judgement]:
    """Every fold's phrases judged without it; ``rows`` are the features of ``phrases``, in order."""

    def work(fold: Fold) -> list[Judgement]:
        model = fit(
            [rows[i] for i in fold.trained],
            [phrases[i].intent for i in fold.trained],
            interpreter.classifier.temperature,
        )
        reader = interpreter.with_classifier(replace(model, joints=interpreter.classifier.joints))
        return [judge(reader, phrases[i], fold=fold.name) for i in fold.tested]

    judged: list[Judgement] = []
    for number, part in enumerate(share(folds, work, workers, chunk=1)):
        judged.extend(part)
        progress(f"left out: {folds[number].name}", (number + 1) / len(folds))
    return judged
