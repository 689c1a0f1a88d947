"""A text as the readers are given it, with the way back to the text that stood there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from intents.slots.found import Found


@dataclass(frozen=True, slots=True)
class Repaired:
    """``starts[i]`` and ``ends[i]``: the stretch of the first text that character ``i`` of ``text`` stands for."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def back(self, one: Found) -> Found:
        """The find where it stood in the first text."""
        if self.starts is None or self.ends is None or one.end <= one.start:
            return one
        return replace(one, start=self.starts[one.start], end=self.ends[one.end - 1])


class Builder:
    """Puts a repaired text together, piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, piece: str, start: int, end: int) -> None:
        """``piece`` stands for ``start:end``; character by character where it is as long."""
        self._pieces.append(piece)
        if len(piece) == end - start:
            self._starts.extend(range(start, end))
            self._ends.extend(range(start + 1, end + 1))
        else:
            self._starts.extend([start] * len(piece))
            self._ends.extend([end] * len(piece))

    def build(self) -> Repaired:
        return Repaired("".join(self._pieces), tuple(self._starts), tuple(self._ends))
