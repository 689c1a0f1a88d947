"""``loans.yml``: what may be borrowed, where how many stand, the deposit and until when."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from knowledge.schema.base import Entry, Id, Need, Text, Words


class LoanPoint(Entry):
    place: Text
    """Id or name of a place; after loading the name."""
    count: int = Field(ge=1)
    """Pieces that belong there when the hospital begins."""


class LoanKind(Entry):
    id: Id
    name: Text
    names: dict[str, Text] = {}
    aliases: Words = ()
    """What the patient says: 推车, 轮子椅."""
    need: Need | None = None
    """The special need that asks for it."""
    measure: str = "件"
    """How it is counted: 辆, 把."""
    deposit: int = Field(default=0, ge=0)
    """Yuan, given back with the piece; 0: none."""
    same_day: bool = True
    """Due the same day at ``closes``; else after ``days``."""
    days: int = Field(default=0, ge=0)
    points: tuple[LoanPoint, ...] = Field(min_length=1)


class LoanRules(Entry):
    kinds: tuple[LoanKind, ...] = Field(min_length=1)
    opens: time
    closes: time
    """The points hand out and take back between these hours; what is due the same day is due at ``closes``."""
    keep_minutes: int = Field(ge=5)
    """A piece asked for in the chat stands ready so long; then it goes back to the stock."""
    most: int = Field(default=1, ge=1)
    """Pieces of one kind that one account may have at once."""
    any_point: bool = True
    """Given back at any point of its kind, not only where it was handed out."""
    phone: Text
