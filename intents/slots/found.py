"""What a reader returns."""

from __future__ import annotations

from dataclasses import dataclass

from intents.understanding import SlotValue


@dataclass(frozen=True, slots=True)
class Found:
    """A value between ``start`` and ``end`` of the normalised text."""

    slot: str
    value: SlotValue
    start: int
    end: int
    weak: bool = False
    """Holds only where the intent makes it likely: 「抽血」 is a place for who asks the way (`settling.py`)."""

    @property
    def bits(self) -> int:
        """One bit for each character that it covers."""
        return ((1 << max(0, self.end - self.start)) - 1) << max(0, self.start)

    def overlaps(self, other: Found) -> bool:
        return self.start < other.end and other.start < self.end


def longest(found: list[Found]) -> list[Found]:
    """Of overlapping finds keeps the longer, of equal ones the earlier listed; in order of place."""
    if len(found) < 2:
        return found
    kept: list[Found] = []
    taken = 0  # a bit for each character: two finds are compared in one step, however many there are
    for one in sorted(found, key=lambda f: f.start - f.end):
        if not one.bits & taken:
            taken |= one.bits
            kept.append(one)
    return sorted(kept, key=lambda f: f.start)


def free(found: list[Found], taken: list[Found]) -> list[Found]:
    """Those that stand where nothing else was found."""
    bits = 0
    for other in taken:
        bits |= other.bits
    return [one for one in found if not one.bits & bits] if bits else list(found)
