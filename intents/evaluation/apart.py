"""Messages kept apart: composed by people who saw none of the phrases, never trained on, judged by the model in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from intents.evaluation.judging import NOW, Judgement, judge
from intents.evaluation.measures import DangerScore, Score, group, score, score_danger
from intents.interpreter import Interpreter
from intents.phrases import Phrase


@dataclass(frozen=True, slots=True)
class ApartReport:
    chinese: Score
    vietnamese: Score
    voices: Mapping[str, Score]
    danger: DangerScore
    pairs: int
    """Messages with two requests."""
    both_found: int
    cut: int
    """Messages with one request that were taken for two."""


def score_apart(interpreter: Interpreter, folders: Sequence[Path]) -> ApartReport | None:
    """``None`` where no folder is there. Files are lists of ``{text, intent, also?}``, named by their voice."""
    judged: list[Judgement] = []
    pairs = both = cut = 0
    for path in (file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.yml"))):
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader):
            phrase = Phrase(str(entry["text"]), entry["intent"], path.stem, path.parent.name)
            judged.append(judge(interpreter, phrase, fold=path.parent.name))
            found = {one.intent for one in interpreter.understand(phrase.text, now=NOW).requests}
            if entry.get("also"):
                pairs += 1
                both += {phrase.intent, *entry["also"]} <= found
            else:
                cut += len(found) > 1
    if not judged:
        return None
    return ApartReport(
        score([one for one in judged if one.phrase.language == "zh"]),
        score([one for one in judged if one.phrase.language == "vi"]),
        group(judged, lambda one: f"{one.fold}/{one.phrase.voice}"),
        score_danger(judged),
        pairs,
        both,
        cut,
    )
