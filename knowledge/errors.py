"""What is wrong with a hospital's files, and a name nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend, for whoever edits the files: where, what, and the nearest right name if there is one."""

    file: str
    """Relative to the hospital's folder."""
    line: int
    """Counted from 1; 0 where the whole file is meant."""
    text: str
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.text}" + (f"，是不是「{self.hint}」？" if self.hint else "")


class KnowledgeError(Exception):
    """The hospital's files contradict the schema or each other; all problems at once, by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.text)))
        super().__init__("\n".join(map(str, self.problems)))


class UnknownName(LookupError):
    """Nothing of this kind has this name; ``nearest`` is the most similar right one, or ``None``."""

    def __init__(self, kind: str, name: str, nearest: str | None = None) -> None:
        self.kind = kind
        self.name = name
        self.nearest = nearest
        super().__init__(f"no {kind} named {name!r}" + (f"; did you mean {nearest!r}?" if nearest else ""))


def find_nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of the names, or ``None`` where none is similar enough to be meant."""
    found = get_close_matches(name, list(names), n=1, cutoff=0.5)
    return found[0] if found else None
