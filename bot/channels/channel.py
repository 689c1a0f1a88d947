"""What every channel can do, and the three ways in which sending can fail."""

from __future__ import annotations

from typing import Protocol

from dialogues.reply import Reply


class Channel(Protocol):
    name: str
    direct: bool
    """True: answers go back in the very request that brought the message, and what is queued comes with the
    next one (rest, terminal). False: everything is sent by delivery."""

    async def send(self, sender: str, reply: Reply, *, number: int, author: str = "assistant") -> None:
        """Hands one reply to the platform, or raises ``Undeliverable``, ``TryLater`` or ``Away``.

        ``number`` is the reply's in the outbox: what is sent twice carries the same one. ``author`` is ``assistant``,
        ``clock`` or ``staff:3``: a patient is told when a person speaks.
        """


class Undeliverable(Exception):
    """The platform will never take it (blocked, account gone, content refused): shown to staff, not retried."""


class TryLater(Exception):
    """The platform may take it later (network, 5xx, rate limit); ``seconds`` if it said when."""

    def __init__(self, reason: str, *, seconds: float | None = None):
        self.seconds = seconds
        super().__init__(reason)


class Away(Exception):
    """Nobody is there to receive it now (a closed page): it waits, without counting a try, until they are back."""
