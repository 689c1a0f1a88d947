"""Sends the outbox through the channels: in order for each contact, again where that may help, never silently lost.

A reply is claimed for a minute, sent outside any transaction and then marked. A process killed between sending and
marking sends that one reply again: a platform offers no way to know, and a message twice is better than none.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import Counter

from bot.bell import woken_by
from bot.channels.channel import Away, TryLater, Undeliverable
from bot.house import House
from dialogues.reply import Reply
from services import outbox

log = structlog.get_logger()

SENT = Counter("wenjin_replies", "Replies given to a platform", ["channel", "outcome"])
IDLE_SECONDS = 1.0
AT_ONCE = 32
MOST_ATTEMPTS = 12
"""With the waiting times below given up after two hours; staff see it."""
SEND_SECONDS = 30.0
AWAY_SECONDS, LONGEST_AWAY_SECONDS = 30.0, 6 * 3600.0
"""Rarer and rarer, for many pages never open again; a page that does asks for what waits (``release_queued``)."""


def next_wait(attempts: int) -> float:
    """Seconds until the next attempt: 2, 4, 8 … at most an hour, spread a little so that not all come at once.

    >>> 2 <= next_wait(1) <= 2.5
    True
    """
    return min(2.0**attempts, 3600.0) * random.uniform(1, 1.25)


class Delivery:
    """Sends what is due on the channels of this process that are sent to."""

    def __init__(self, house: House):
        self.house = house
        self._sending: set[asyncio.Task[None]] = set()

    async def send_due(self) -> int:
        """Begins to send what is due and free; returns how many replies that are."""
        names = [name for name, channel in self.house.channels.items() if not channel.direct]
        free = AT_ONCE - len(self._sending)
        if not names or free <= 0:
            return 0
        claimed = await self.house.mark(lambda desk: outbox.claim_outbox(desk, channels=names, limit=free))
        for one in claimed:
            task = asyncio.create_task(self._send(one))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(claimed)

    async def finish(self) -> None:
        """Waits until everything begun is sent and written down."""
        while self._sending:
            await asyncio.wait(self._sending)

    async def _send(self, one: outbox.Outgoing) -> None:
        channel = self.house.channels[one.channel]
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(one.sender, Reply.from_json(one.reply), number=one.id, author=one.author)
        except Undeliverable as error:
            await self._give_up(one, f"undeliverable: {error}")
        except Away:
            await self._wait(one, "away", seconds=min(AWAY_SECONDS * 2**one.attempts, LONGEST_AWAY_SECONDS))
        except TryLater as error:
            await self._again(one, str(error), seconds=error.seconds)
        except Exception as error:  # ours or the network's: tried again like any other
            log.warning("send_failed", channel=one.channel, exc_info=error)
            await self._again(one, type(error).__name__)
        else:
            SENT.labels(one.channel, "sent").inc()
            await self.house.mark(lambda desk: outbox.mark_sent(desk, outbox_id=one.id))
            self.house.bell.ring()  # the contact's next reply waited for this one

    async def _again(self, one: outbox.Outgoing, reason: str, *, seconds: float | None = None) -> None:
        if one.attempts >= MOST_ATTEMPTS:
            await self._give_up(one, f"given up after {one.attempts} attempts: {reason}")
        else:
            await self._wait(one, reason, seconds=seconds or next_wait(one.attempts))

    async def _wait(self, one: outbox.Outgoing, reason: str, *, seconds: float) -> None:
        SENT.labels(one.channel, "again").inc()
        pause = dt.timedelta(seconds=seconds)
        await self.house.mark(
            lambda desk: outbox.retry_later(desk, outbox_id=one.id, at=desk.now + pause, error=reason)
        )

    async def _give_up(self, one: outbox.Outgoing, reason: str) -> None:
        SENT.labels(one.channel, "failed").inc()
        log.warning("reply_undeliverable", channel=one.channel, outbox=one.id)
        await self.house.mark(lambda desk: outbox.mark_failed(desk, outbox_id=one.id, error=reason))


@asynccontextmanager
async def running_delivery(house: House) -> AsyncIterator[Delivery]:
    """Delivers as long as the context is open; what is being sent when it closes is finished."""
    delivery = Delivery(house)
    try:
        async with woken_by(house.bell, delivery.send_due, name="delivery", seconds=IDLE_SECONDS):
            yield delivery
    finally:
        await delivery.finish()
