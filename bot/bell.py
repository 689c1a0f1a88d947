"""Rung after a commit that left something to send, so that whoever sends need not wait for the next look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger()
Work = Callable[[], Awaitable[object]]
"""Truthy: there may be more to do."""


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


@asynccontextmanager
async def woken_by(
    bell: Bell, work: Work, *, name: str, seconds: float, discreet: bool = False
) -> AsyncIterator[None]:
    """Does ``work`` as long as the context is open: again at once where it found something to do, else at the next ring or
    after ``seconds``. What it raises is logged and tried again; of ``discreet`` work by its kind alone."""
    stop, ring = asyncio.Event(), bell.listen()

    async def loop() -> None:
        while not stop.is_set():
            try:
                if await work():
                    continue
            except Exception as error:
                log.error(f"{name}_failed", kind=type(error).__name__, exc_info=None if discreet else error)
            await wait_ring(ring, seconds=seconds)

    task = asyncio.create_task(loop(), name=name)
    try:
        yield
    finally:
        stop.set()
        ring.set()
        await task
        bell.leave(ring)


async def wait_ring(event: asyncio.Event, *, seconds: float) -> None:
    """Returns at the next ring, or after ``seconds``."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    event.clear()
