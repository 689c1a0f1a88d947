"""Rung after a commit that left something to send, so that whoever sends need not wait for the next look."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Thread-safe; a ring while nobody listens is remembered by the listener's next ``wait``."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        for event, loop in list(self._listeners.items()):
            if not event.is_set() and not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def listen(self) -> asyncio.Event:
        """An event of the running loop that every ring sets; ``leave`` it when done."""
        event = asyncio.Event()
        self._listeners[event] = asyncio.get_running_loop()
        return event

    def leave(self, event: asyncio.Event) -> None:
        self._listeners.pop(event, None)


async def wait_ring(event: asyncio.Event, *, seconds: float) -> None:
    """Returns at the next ring, or after ``seconds``."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    event.clear()
