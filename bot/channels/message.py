"""What a channel hands to the house: one message of one person, whatever the platform."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.pictures import Picture


@dataclass(frozen=True, slots=True)
class Message:
    channel: str
    """``rest``, ``web``, ``terminal``, ``telegram``, ``wechat``."""
    sender: str
    """The person's id on that platform, as the platform writes it."""
    text: str
    message_id: str | None = None
    """The platform's id of the message; the same one again is answered from the record. ``None``: no two are the same."""
    place_code: str | None = None
    """A 吐槽码 that the person scanned."""
    language: str | None = None
    """The language that the platform or the page says the person reads; ``None`` keeps what is known."""
    large_type: bool | None = None
    """The page's switch; ``None`` keeps what is known."""
    anonymous: bool | None = None
    """不留名, as the page behind a 吐槽码 offers it; ``None`` keeps what is known."""
    pictures: tuple[Picture, ...] = ()
    """Already looked at and cleaned."""

    def named(self, message_id: str) -> Message:
        return replace(self, message_id=message_id)
