"""What a channel hands to the house: one message of one person, whatever the platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    channel: str
    """``rest``, ``web``, ``terminal``, ``telegram``, ``wechat``."""
    sender: str
    """The person's id on that platform, as the platform writes it."""
    text: str
    message_id: str | None = None
    """The platform's id of the message; the same one again is answered from the record. ``None``: never the same."""
    place_code: str | None = None
    """A 吐槽码 that the person scanned."""
    language: str | None = None
    """The language that the platform or the page says the person reads; ``None`` keeps what is known."""
    received_at: datetime | None = None
    """Hospital time; ``None`` is now."""
