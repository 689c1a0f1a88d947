"""Traditional characters made simplified, one for one, so that positions in a text stay."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import opencc


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """Traditional → simplified for characters that change alone, for ``str.translate``; from OpenCC's own table."""
    table = {}
    source = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    for line in source.read_text(encoding="utf-8").splitlines():
        old, _, new = line.partition("\t")
        if len(old) == 1 and new:
            table[ord(old)] = new.split()[0][0]
    return table
