"""Is what was said what the transcript expects? ``…`` stands for any text; a line of only ``…`` for one or more lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogues.reply import Reply

ANY = "…"


def spoken_lines(reply: Reply) -> list[str]:
    """A reply as a transcript shows it: its text line by line, then its buttons, then its picture."""
    lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
    if reply.buttons:
        lines.append(" ".join(f"[{button.title}]" for button in reply.buttons))
    if reply.image:
        lines.append(f"(图 {reply.image})")
    return lines


def is_ornament(line: str) -> bool:
    """Buttons and pictures: compared only where the transcript shows some."""
    return bool(re.fullmatch(r"([乙丙丁戊] )?((\[[^\]]+\] ?)+|\(图 .*\))", line))


def matches(expected: Sequence[str], said: Sequence[str]) -> bool:
    """True where every line is as expected, in order.

    >>> matches(["已预约：…"], ["已预约：骨科"])
    True
    """
    if not any(is_ornament(line) for line in expected):
        said = [line for line in said if not is_ornament(line)]
    pattern = ""
    for line in expected:
        if line.strip() == ANY:
            pattern += r"(?:.*\n)+"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split(ANY)) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in said)) is not None
