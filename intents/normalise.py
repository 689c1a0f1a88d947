"""One way of writing: full-width, traditional and capital forms made plain, what cannot be seen taken out.

Offsets into the text as the patient wrote it are kept, so that an entity can be shown where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from knowledge.characters import simplified

LONGEST = 2000
"""Characters of a message that are read; the design's rule for huge messages."""

PLAIN = re.compile(r"[\u4e00-\u9fff0-9a-z ,，。？?！!：:、]*\Z")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Normalised:
    text: str
    original: str
    offsets: tuple[int, ...] | None = None
    """Index in ``original`` for each character of ``text`` and one past the end; ``None`` where they are the same."""
    truncated: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of ``text`` stands in ``original``."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1 if end > start else self.offsets[start]


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    """What stands for one character: itself made plain, or nothing where it cannot be seen."""
    category = unicodedata.category(char)
    if char in "\n\r\t" or category == "Zs":
        return " "
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me") and not 0x0300 <= ord(char) <= 0x036F:
        return ""
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain.translate(simplified())


def normalise(text: str) -> Normalised:
    """Never fails, whatever the string; reads the first ``LONGEST`` characters."""
    truncated = len(text) > LONGEST
    original = text[:LONGEST]
    if PLAIN.match(original):
        return Normalised(original.translate(simplified()), original, None, truncated)
    composed = unicodedata.normalize("NFC", original)
    source = composed if len(composed) == len(original) else original
    chars: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(source):
        plain = _plain(char)
        chars.append(plain)
        offsets.extend([index] * len(plain))
        if len(offsets) > LONGEST:  # one character can stand for many: ﷺ for eighteen
            original, truncated = original[: index + 1], truncated or index + 1 < len(source)
            break
    offsets.append(len(original))
    return Normalised("".join(chars), original, tuple(offsets), truncated)
