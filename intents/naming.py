"""From a message and the slots found in it to the names of its features, for all of it or for a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intents.denial import set_aside
from intents.features import features
from intents.slots.found import Found
from intents.tokens import Segmenter


def name_parts(segmenter: Segmenter, text: str, found: Sequence[Found]) -> Callable[[int, int], list[str]]:
    """The features of any stretch of a normalised text, which is cut into words once."""
    words = segmenter.cut(text)

    def name(start: int, end: int) -> list[str]:
        wanted, denied = set_aside(text[start:end])
        inside = segmenter.cut(wanted) if denied else [one for one in words if start <= one.start < end]
        held = [one for one in found if start <= one.start < end]
        return features(wanted, [one.text for one in inside], evidence(held), denied)

    return name


def evidence(found: Sequence[Found]) -> list[str]:
    """The slots found for sure, as features of the classifier."""
    return sorted({one.slot for one in found if not one.weak})
