"""How the boundary between two requests is learnt: messages of several requests (`phrases/several`) and two people's
phrases put together, against the clauses of one who asks one thing.

The phrases put together are made only here and only for these weights; none is kept.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from intents.classifier import Classifier
from intents.normalise import normalise
from intents.phrases import FOLDER, Phrase
from intents.requests import (
    NOT_SECOND,
    NOT_TASKS,
    SIGNS,
    Boundaries,
    Boundary,
    Clause,
    part_clauses,
    read_clauses,
    split_clauses,
)

LINKS = ("，", "，", "，", "。", "？", "，还有", "，另外", "，顺便", " ", "，再", "。还有", "，然后")
SHORT = 14
"""Who asks two things at once asks them briefly."""
SAMPLE = 6000
"""So many pairs and so many single messages at most."""
WEIGHT = 10
"""How many made pairs a message counts that somebody wrote with several requests, or with one at length."""
SEVERAL = FOLDER / "several"
Sample = tuple[list[float], bool, int]
"""Signs, whether two requests meet there, how much it counts."""
Name = Callable[[str], Callable[[int, int], Sequence[str]]]
"""For a normalised text: the features of a part of it."""


def sample_boundaries(
    classifier: Classifier, phrases: Sequence[Phrase], name: Name, seed: int
) -> list[Sample]:
    """What the boundaries of ``phrases`` look like to a classifier that has not seen them."""
    draw = random.Random(seed)
    chinese = [one for one in phrases if one.language == "zh" and one.voice not in ("pinyin", "spelt")]
    stories = [one for one in chinese if one.intent not in ("report_emergency", "express_crisis")]
    stories = [one for one in stories if len(split_clauses(normalise(one.text).text)) > 1]
    brief = [one for one in chinese if len(one.text) <= SHORT and one.intent not in NOT_TASKS]
    draw.shuffle(stories)
    draw.shuffle(brief)
    samples = [sample for one in stories[:SAMPLE] for sample in _read(classifier, one.text, name, None)]
    pairs = [
        (one, two)
        for one, two in zip(brief[::2], brief[1::2], strict=False)
        if one.intent != two.intent and two.intent not in NOT_SECOND
    ]
    for one, two in pairs[:SAMPLE]:
        head = one.text.rstrip("。！!，, ")
        text = head + draw.choice(LINKS) + two.text
        wanted = (len(normalise(head).text), one.intent, two.intent)
        samples.extend(_read(classifier, text, name, wanted))
    for path in sorted(SEVERAL.glob("*.yml")):
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader):
            samples.extend(_read_several(classifier, entry["text"], name, entry["intents"]))
    return samples


def _open(classifier: Classifier, text: str, name: Name) -> tuple[Boundaries, list[Clause]]:
    plain = normalise(text).text
    part = name(plain)
    clauses = read_clauses(classifier, plain, part)
    whole = classifier.odds(classifier.score(classifier.find(part(0, len(plain)))))
    return Boundaries(classifier, plain, clauses, whole), clauses


def _read(classifier: Classifier, text: str, name: Name, wanted: tuple[int, str, str] | None) -> list[Sample]:
    """All boundaries of a single message, none of them real; of a pair the one where its phrases meet."""
    boundaries, clauses = _open(classifier, text, name)
    met = (boundaries.find(0, index, len(clauses)) for index in range(1, len(clauses)))
    if wanted is None:
        return [(one.signs, False, 1) for one in met if one]
    return [
        (one.signs, True, 1)
        for one in met
        if one
        and abs(clauses[one.index].start - wanted[0]) <= 3
        and (one.first, one.second) == tuple(wanted[1:])
    ]


def _read_several(classifier: Classifier, text: str, name: Name, intents: Sequence[str]) -> list[Sample]:
    """Where its requests meet, if they are heard; of one that asks one thing, all boundaries, none of them real."""
    boundaries, clauses = _open(classifier, text, name)
    if len(intents) == 1:
        met = (boundaries.find(0, index, len(clauses)) for index in range(1, len(clauses)))
        return [(one.signs, False, WEIGHT) for one in met if one]
    best: tuple[float, list[Boundary]] = (0.0, [])
    for parting in part_clauses(len(clauses), len(intents)):
        found = [one for place in parting if (one := boundaries.find(*place)) is not None]
        if [(one.first, one.second) for one in found] != list(itertools.pairwise(intents)):
            continue
        plain = float(np.prod([one.first_confidence * one.second_confidence for one in found]))
        best = max(best, (plain, found), key=lambda pair: pair[0])
    return [(one.signs, True, WEIGHT) for one in best[1]]


def learn_joints(samples: Sequence[Sample]) -> tuple[float, ...]:
    """A weight for each of ``SIGNS``, and the one that stands alone; none where nothing was seen."""
    if len({real for _, real, _ in samples}) < 2:
        return ()
    signs = np.array([one for one, _, _ in samples])
    real = np.array([one for _, one, _ in samples])
    counts = np.array([one for _, _, one in samples])
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    machine = LogisticRegression(max_iter=2000).fit((signs - middle) / spread, real, counts)
    weights = machine.coef_[0] / spread
    alone = float(machine.intercept_[0] - weights @ middle)
    assert len(weights) == len(SIGNS)
    return (*(round(float(one), 4) for one in weights), round(alone, 4))
