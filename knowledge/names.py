"""Who is called what: every name and alias with the line that claims it, so that a reference finds its entry and a
word claimed twice is shown with both lines."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from knowledge.errors import Problem, find_nearest


def fold(words: str) -> str:
    """The form in which names are compared: full-width as half-width, small letters, no blanks."""
    return "".join(unicodedata.normalize("NFKC", words).lower().split())


@dataclass(frozen=True, slots=True)
class Claim:
    name: str
    """The canonical name that references hold after loading."""
    file: str
    line: int


@dataclass(slots=True)
class Names:
    """The names of one kind of entry."""

    kind: str
    """In Chinese, for the problems: 科室, 地点."""
    claims: dict[str, Claim] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)

    def claim(self, word: object, name: object, file: str, line: int, problems: list[Problem]) -> None:
        """``word`` means ``name`` from now on; claimed before by another, it is a problem."""
        if not isinstance(word, str) or not isinstance(name, str):
            return  # the schema says so itself
        key = fold(word)
        other = self.claims.get(key)
        if other is None:
            self.claims[key] = Claim(name, file, line)
            self.spelled[key] = word
        elif other.line != line or other.file != file or other.name == name:
            where = f"{other.file}:{other.line}"
            problems.append(
                Problem(file, line, f"{self.kind}「{word}」重复：{where} 已经写给「{other.name}」")
            )

    def find(self, word: str) -> str | None:
        claim = self.claims.get(fold(word))
        return claim.name if claim else None

    def resolve(self, word: str, file: str, line: int, problems: list[Problem]) -> str:
        """The canonical name; unknown, a problem and the word as it is. Where nothing has a name, nothing is checked:
        a hospital may start without a map."""
        claim = self.claims.get(fold(word))
        if claim:
            return claim.name
        if self.claims:
            nearest = find_nearest(fold(word), self.claims)
            hint = None
            if nearest:  # an id is answered by an id, a word by the standard name
                hint = self.spelled[nearest] if nearest.isascii() else self.claims[nearest].name
            problems.append(Problem(file, line, f"{self.kind}「{word}」不存在", hint))
        return word
