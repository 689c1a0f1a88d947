"""What is held of several after the patient's second thought: more, less, or one for another."""

from __future__ import annotations

from typing import Any

from dialogues.choosing import changes_several, read_choices, read_items
from dialogues.line_starts import is_asking
from knowledge.schema import LineQuestion

LONGEST = 40
"""Letters up to which words of the patient's own are one more item."""


def read_change(question: LineQuestion, text: str, *, held: Any) -> list[str] | None:
    """What is held after words that add to it, take from it or put one for another; ``None`` where they do not, where they
    ask, and where nothing would be left."""
    if is_asking(text) or not changes_several(question, text, held=held):
        return None
    if question.choices:
        return read_choices(question, text, held=held)
    return (read_items(text, held=held) or None) if held and len(text) <= LONGEST else None
