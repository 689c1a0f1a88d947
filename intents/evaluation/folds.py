"""Which phrases are held back together: a hand's, for wording is one person's, or a voice's, for a manner is too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intents.phrases import Phrase

LITTLE = 0.05
"""A hand with less than this share of the phrases is held back together with the smallest of the others."""


@dataclass(frozen=True, slots=True)
class Fold:
    name: str
    tested: tuple[int, ...]
    trained: tuple[int, ...]


def fold_by_hand(phrases: Sequence[Phrase], spelt: Sequence[Phrase] = ()) -> list[Fold]:
    """One fold a hand. ``spelt`` phrases (their numbers follow those
    of ``phrases``) are trained on but never tested, and held back with the hand that wrote them.
    """
    sizes = Counter(phrase.hand for phrase in phrases)
    large = [hand for hand in sorted(sizes) if sizes[hand] >= LITTLE * len(phrases)] or sorted(sizes)
    smallest = min(large, key=lambda hand: sizes[hand])

    def name(phrase: Phrase) -> str:
        return phrase.hand if phrase.hand in large else smallest

    return _fold(phrases, spelt, name)


def fold_by_voice(phrases: Sequence[Phrase], spelt: Sequence[Phrase] = ()) -> list[Fold]:
    """One fold a voice."""
    return _fold(phrases, spelt, lambda phrase: phrase.voice)


def _fold(phrases: Sequence[Phrase], spelt: Sequence[Phrase], name: Callable[[Phrase], str]) -> list[Fold]:
    names = [name(phrase) for phrase in (*phrases, *spelt)]
    tested: defaultdict[str, list[int]] = defaultdict(list)
    for number, _ in enumerate(phrases):
        tested[names[number]].append(number)
    return [
        Fold(one, tuple(tested[one]), tuple(i for i, other in enumerate(names) if other != one))
        for one in sorted(tested)
    ]
