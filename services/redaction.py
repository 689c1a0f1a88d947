"""Taking names, numbers and addresses out of free text in which somebody wrote them.

Numbers are found however they were typed: 100 0000 1234, 100-0000-1234, １０００００１２３４.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

STAR = "＊"
CODE = re.compile(r"[a-z][a-z_]*(:[A-Za-z_]+)?|changed [a-z_,]+")
"""A reason that the program wrote (``patient``, ``turn_failed:KeyError``); anything else is somebody's words."""
_SHORTEST = 2


class Redaction:
    """Replaces each of the values; without values it changes nothing."""

    def __init__(self, values: Iterable[str | None]) -> None:
        wanted = sorted(
            {one.strip() for one in values if one and len(one.strip()) >= _SHORTEST}, key=len, reverse=True
        )
        self._pattern = re.compile("|".join(map(_spell, wanted)), re.IGNORECASE) if wanted else None

    def finds(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def clean(self, text: str) -> str:
        return self._pattern.sub(STAR, text) if self._pattern else text

    def clean_reason(self, text: str | None) -> str | None:
        """A reason in the history: codes stay, somebody's words go."""
        return text if text and CODE.fullmatch(text) else None


def _spell(value: str) -> str:
    if not re.fullmatch(r"[\dXx]{6,}", value):
        return re.escape(value)
    return r"[\s\-－—]*".join(f"[{one}{chr(ord(one) + 0xFEE0)}]" for one in value)
