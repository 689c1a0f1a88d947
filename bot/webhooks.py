"""Tells other systems what changed: signed, in order for each record, again where that may help, at least once.

Headers and signature are those of Standard Webhooks (standardwebhooks.com), so that a receiver may use any library:
``webhook-id`` (the event's, the same at every attempt), ``webhook-timestamp`` (seconds, of this attempt) and
``webhook-signature``: ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import random
import time
from collections import Counter as Tally
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import orjson
import structlog
from prometheus_client import Counter

from bot.bell import woken_by
from bot.house import House
from services import endpoints, webhooks

log = structlog.get_logger()

TOLD = Counter("wenjin_webhooks", "Events told to other systems", ["outcome"])
IDLE_SECONDS = 2.0
AT_ONCE, AT_ONCE_EACH = 16, 4
"""One slow receiver never holds up the others."""
SEND_SECONDS = 10.0
LONGEST_WAIT = 12 * 3600.0
GONE = 410
"""The receiver says: never again. Its endpoint is switched off."""


def next_wait(attempts: int) -> float:
    """Seconds until the next attempt: 5, 20, 80 … at most twelve hours, spread so that not all come at once.

    >>> 5 <= next_wait(1) <= 6.25, next_wait(20) <= 15 * 3600
    (True, True)
    """
    return min(5.0 * 4 ** min(attempts - 1, 9), LONGEST_WAIT) * random.uniform(1, 1.25)


def sign(secret: str, *, event_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``; ``secret`` is ``whsec_`` and the key in base64.

    >>> sign("whsec_c2VjcmV0", event_id="e", timestamp=1, body=b"{}")
    'v1,8tTrXef/WZK7qE6N8th5ifHZcgZxIeO26FEUe/+szxo='
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def make_headers(secret: str, *, event_id: str, body: bytes) -> dict[str, str]:
    timestamp = int(time.time())
    return {
        "content-type": "application/json",
        "user-agent": "wenjin-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, event_id=event_id, timestamp=timestamp, body=body),
    }


def make_client() -> httpx.AsyncClient:
    """Follows no redirect: what was allowed is one address, and no proxy of the environment is asked."""
    return httpx.AsyncClient(timeout=SEND_SECONDS, follow_redirects=False, trust_env=False)


class Messenger:
    """Sends what is due to every endpoint."""

    def __init__(self, house: House, client: httpx.AsyncClient):
        self.house = house
        self.client = client
        self._sending: set[asyncio.Task[None]] = set()
        self._under_way: Tally[int] = Tally()

    async def send_due(self) -> int:
        """Begins to send what is due; returns how many deliveries that are."""
        free = AT_ONCE - len(self._sending)
        if free <= 0 or not await self.house.read(lambda desk: webhooks.any_due(self.house.running(desk))):
            return 0
        busy = [one for one, count in self._under_way.items() if count >= AT_ONCE_EACH]
        claimed = await self.house.mark(
            lambda desk: webhooks.claim_deliveries(desk, busy=busy, limit=min(free, AT_ONCE_EACH))
        )
        for one in claimed:
            self._under_way[one.endpoint_id] += 1
            task = asyncio.create_task(self._send(one))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(claimed)

    async def finish(self) -> None:
        while self._sending:
            await asyncio.wait(self._sending)

    async def _send(self, one: webhooks.Outgoing) -> None:
        try:
            await self._try(one)
        except Exception as error:  # its lease ends and it is claimed again
            log.error("webhook_failed", delivery=one.id, exc_info=error)
        finally:
            self._under_way[one.endpoint_id] -= 1

    async def _try(self, one: webhooks.Outgoing) -> None:
        event = await self.house.read(lambda desk: endpoints.describe_event(desk, one))
        body = orjson.dumps(event)
        headers = make_headers(one.secret, event_id=event["id"], body=body)
        try:
            answer = await self.client.post(one.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            await self._again(one, type(error).__name__)
            return
        if answer.is_success:
            TOLD.labels("sent").inc()
            await self.house.mark(lambda desk: webhooks.mark_delivered(desk, delivery_id=one.id))
            self.house.bell.ring()  # the record's next change waited for this one
        elif answer.status_code == GONE:
            TOLD.labels("gone").inc()
            await self.house.mark(
                lambda desk: endpoints.remove_endpoint(desk, endpoint_id=one.endpoint_id, reason="gone")
            )
        else:
            await self._again(one, f"HTTP {answer.status_code}")

    async def _again(self, one: webhooks.Outgoing, why: str) -> None:
        if one.attempts >= webhooks.MOST_ATTEMPTS:
            TOLD.labels("failed").inc()
            log.warning("webhook_given_up", delivery=one.id, why=why)
            await self.house.mark(lambda desk: webhooks.give_up(desk, delivery_id=one.id, error=why))
            return
        TOLD.labels("again").inc()
        pause = dt.timedelta(seconds=next_wait(one.attempts))
        await self.house.mark(
            lambda desk: webhooks.put_off(desk, delivery_id=one.id, at=desk.now + pause, error=why)
        )


@asynccontextmanager
async def running_webhooks(house: House) -> AsyncIterator[Messenger]:
    """Tells as long as the context is open; what is being sent when it closes is finished."""
    async with make_client() as client:
        messenger = Messenger(house, client)
        try:
            async with woken_by(house.bell, messenger.send_due, name="webhooks", seconds=IDLE_SECONDS):
                yield messenger
        finally:
            await messenger.finish()


async def send_test(url: str, secret: str, *, hospital_id: str, client: httpx.AsyncClient) -> int:
    """A signed ``ping``, at once; the status of the answer. Raises ``httpx.HTTPError``."""
    event_id = f"{hospital_id}-ping-{time.time_ns()}"
    body = orjson.dumps({"id": event_id, "type": "ping", "data": {}})
    answer = await client.post(url, content=body, headers=make_headers(secret, event_id=event_id, body=body))
    return answer.status_code
