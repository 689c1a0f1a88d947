"""Everything measured, together: `evaluate` gathers it, `Evaluation.to_json` and `write_report` put it on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intents.evaluation.apart import ApartReport, score_apart
from intents.evaluation.dates import DateReport, score_dates
from intents.evaluation.folds import Fold, fold_by_hand, fold_by_voice
from intents.evaluation.judging import Judgement, cross_validate
from intents.evaluation.measures import (
    Calibration,
    DangerScore,
    Score,
    calibration,
    count_confusions,
    group,
    score,
    score_danger,
    score_intents,
)
from intents.evaluation.outside import OutsideReport, score_outside
from intents.evaluation.slots import SlotReport, score_slots
from intents.evaluation.speed import Speed, measure_speed
from intents.interpreter import MODEL, Interpreter
from intents.phrases import Phrase, inventory, read_phrases
from intents.training import WORKERS, Progress, Reading, read_features, spell
from knowledge import Hospital

QUICK_FOLDS = 1
SAID = 1500
"""Messages whose reading is timed."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    phrases: Mapping[str, int]
    """Intent → how many phrases it has."""
    hands: Mapping[str, Score]
    """Each hand held back."""
    voices: Mapping[str, Score]
    """The same judgements by voice."""
    voices_alone: Mapping[str, Score]
    """Each voice held back while the other voices of its hand stay in; empty unless asked for."""
    chinese: Score
    vietnamese: Score
    intents: Mapping[str, float]
    """F1 by intent."""
    calibration: Calibration
    danger: DangerScore
    apart: ApartReport | None
    slots: SlotReport | None
    outside: OutsideReport | None
    dates: DateReport | None
    speed: Speed
    judged: tuple[Judgement, ...]

    @property
    def confusions(self) -> dict[tuple[str, str], int]:
        return count_confusions(self.judged)

    def to_json(self) -> dict[str, Any]:
        """Figures only: no message, so that the file tells nothing of anybody's set."""
        data = asdict(self)
        del data["judged"]
        for part in ("slots", "dates"):
            if data[part]:
                del data[part]["mistakes"]
        if data["outside"]:
            del data["outside"]["examples"]
            data["outside"]["rate"] = self.outside.rate if self.outside else None
        if data["dates"]:
            data["dates"]["rate"] = self.dates.rate if self.dates else None
        if self.slots and data["slots"]:
            data["slots"]["f1"] = self.slots.overall.f1
            data["slots"]["when_f1"] = self.slots.when.f1
        data["danger"] |= {"recall": self.danger.recall, "false_rate": self.danger.false_rate}
        data["confusions"] = [
            {"meant": meant, "guessed": guess, "count": count}
            for (meant, guess), count in self.confusions.items()
            if meant != guess
        ]
        return data


def evaluate(
    hospital: Hospital,
    interpreter: Interpreter,
    *,
    labelled: Path,
    shared: Path,
    model_dir: Path | None = None,
    apart: Sequence[Path] = (),
    quick: bool = False,
    voices: bool = False,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Evaluation:
    """Measures the pipeline: three minutes on two cores, ``quick`` (the smallest hand only) some twenty seconds.
    ``voices`` also holds back each voice alone, which takes ten.

    ``labelled`` is the folder of messages with their slots, ``shared`` that of the public sets; what is not there is
    left out. ``interpreter`` gives readers and rules, and its model is the one measured on what is not our phrases.
    """
    tell = progress or (lambda what, share: None)
    phrases = read_phrases()
    step = max(1, len(phrases) // SAID)
    tell("speed", 0.0)
    speed = measure_speed(interpreter, [phrase.text for phrase in phrases[::step]])
    spelt = spell(phrases)
    reading = Reading(hospital, model_dir or MODEL)
    rows = read_features(reading, [*phrases, *spelt], tell, workers=workers)

    def run(folds: list[Fold]) -> list[Judgement]:
        return cross_validate(interpreter, folds, [*phrases, *spelt], rows, workers=workers, progress=tell)

    hands = sorted(fold_by_hand(phrases, spelt), key=lambda fold: len(fold.tested))
    judged = run(hands[:QUICK_FOLDS] if quick else hands)
    alone = (
        []
        if quick or not voices
        else run(sorted(fold_by_voice(phrases, spelt), key=lambda fold: -len(fold.tested)))
    )
    tell("slots, dates, other domains", 1.0)
    return Evaluation(
        phrases=_count(phrases),
        hands=group(judged, lambda one: one.fold),
        voices=group(judged, lambda one: one.phrase.voice),
        voices_alone=group(alone, lambda one: one.fold),
        chinese=score([one for one in judged if one.phrase.language == "zh"]),
        vietnamese=score([one for one in judged if one.phrase.language == "vi"]),
        intents=score_intents(judged),
        calibration=calibration(judged),
        danger=score_danger(judged),
        apart=score_apart(interpreter, apart),
        slots=score_slots(interpreter, labelled),
        outside=score_outside(interpreter, shared),
        dates=score_dates(interpreter, shared),
        speed=speed,
        judged=tuple(judged),
    )


def _count(phrases: list[Phrase]) -> dict[str, int]:
    counts = Counter(phrase.intent for phrase in phrases)
    return {intent: counts[intent] for intent in inventory() if counts[intent]}  # buttons need no phrases
