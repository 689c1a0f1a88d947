"""What a turn gives back."""

from __future__ import annotations

from dataclasses import dataclass

from dialogues.conversation import Conversation
from dialogues.reply import Reply


@dataclass(frozen=True, slots=True)
class Alarm:
    """What staff must see at once; the turn runner records it (``services.alarms``)."""

    kind: str
    """``emergency`` or ``crisis``."""
    words: tuple[str, ...]
    """What the patient said that made it one."""
    flow: str | None = None
    """The flow it interrupted."""


@dataclass(frozen=True, slots=True)
class Turn:
    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    flow: str | None = None
    """The flow that now waits, else the last that ended."""
