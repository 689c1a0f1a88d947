"""Requests that are not a hospital's, from a public set beside the repository: kept out of hospital flows?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from intents.evaluation.judging import NOW
from intents.interpreter import HARMLESS, Interpreter

FILE = "out_of_scope_dev.jsonl"


@dataclass(frozen=True, slots=True)
class OutsideReport:
    count: int
    kept_out: int
    as_outside: int
    """Said to be ``out_of_scope`` outright."""
    by_source: Mapping[str, float]
    let_in: Mapping[str, int]
    """The intents that the others were taken for, the most frequent first."""
    examples: tuple[tuple[str, str], ...]
    """(text, guess) of those let in."""

    @property
    def rate(self) -> float:
        return round(self.kept_out / max(1, self.count), 4)


def score_outside(interpreter: Interpreter, shared: Path) -> OutsideReport | None:
    """``None`` where the set is not there."""
    path = shared / FILE
    if not path.is_file():
        return None
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    guesses = [interpreter.understand(row["text"], now=NOW).intent.name for row in rows]
    sources, kept = Counter(row["source"] for row in rows), Counter[str]()
    let_in = []
    for row, guess in zip(rows, guesses, strict=True):
        if guess in HARMLESS:
            kept[row["source"]] += 1
        else:
            let_in.append((row["text"], guess))
    return OutsideReport(
        len(rows),
        kept.total(),
        guesses.count("out_of_scope"),
        {source: round(kept[source] / count, 4) for source, count in sorted(sources.items())},
        dict(Counter(guess for _, guess in let_in).most_common()),
        tuple(let_in),
    )
