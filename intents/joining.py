"""How the boundary between two requests is learnt: two people's phrases put together, against one person's clauses.

The phrases put together are made only here and only for these sixteen weights; none is kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from intents.classifier import Classifier
from intents.normalise import normalise
from intents.phrases import Phrase
from intents.requests import NOT_SECOND, NOT_TASKS, SIGNS, find_boundaries, read_clauses, split_clauses

LINKS = ("，", "，", "，", "。", "？", "，还有", "，另外", "，顺便", " ", "，再", "。还有", "，然后")
SHORT = 26
"""Who asks two things at once asks them briefly."""
SAMPLE = 2000
"""So many pairs and so many single messages of each fold; twice as many change no weight by a tenth."""
Sample = tuple[list[float], bool]
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
    return samples


def _read(classifier: Classifier, text: str, name: Name, wanted: tuple[int, str, str] | None) -> list[Sample]:
    """All boundaries of a single message, none of them real; of a pair the one where its phrases meet."""
    plain = normalise(text).text
    part = name(plain)
    clauses = read_clauses(classifier, plain, part)
    whole = classifier.odds(classifier.score(classifier.find(part(0, len(plain)))))
    boundaries = find_boundaries(classifier, plain, clauses, whole)
    if wanted is None:
        return [(one.signs, False) for one in boundaries]
    meeting, first, second = wanted
    return [
        (one.signs, True)
        for one in boundaries
        if abs(clauses[one.index].start - meeting) <= 3 and (one.first, one.second) == (first, second)
    ]


def learn_joints(samples: Sequence[Sample]) -> tuple[float, ...]:
    """A weight for each of ``SIGNS``, and the one that stands alone; none where nothing was seen."""
    if len({real for _, real in samples}) < 2:
        return ()
    signs = np.array([one for one, _ in samples])
    real = np.array([one for _, one in samples])
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    machine = LogisticRegression(max_iter=2000).fit((signs - middle) / spread, real)
    weights = machine.coef_[0] / spread
    alone = float(machine.intercept_[0] - weights @ middle)
    assert len(weights) == len(SIGNS)
    return (*(round(float(one), 4) for one in weights), round(alone, 4))
