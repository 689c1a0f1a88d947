"""How a phone code reaches its phone: a pluggable sender, beside the outbox because a code is no message to keep.

``console`` sends nothing: staff see the code (demonstration, tests). ``http`` posts ``{"phone", "code", "minutes"}`` to the
hospital's gateway, which knows the text approved for it. A hospital adds another by a class with ``send`` in `SENDERS`.
The code never enters a log: neither here nor in an error that is raised.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.bell import woken_by
from bot.house import House
from bot.settings import Settings
from services import phones

ACTOR = "delivery"
log = structlog.get_logger()
IDLE_SECONDS = 1.0
SEND_SECONDS = 10.0
T = TypeVar("T")


class NotSent(Exception):
    """The gateway did not take it; the message is a short reason without the code."""


class CodeSender(Protocol):
    async def send(self, *, phone: str, code: str, minutes: int) -> None:
        """Hands a code over; raises ``NotSent``."""


class ConsoleSender:
    """Nothing goes out: the console shows the code to staff."""

    def __init__(self, settings: Settings) -> None:
        pass

    async def send(self, *, phone: str, code: str, minutes: int) -> None:
        return


class HttpSender:
    """One POST to the hospital's text message gateway, with a bearer token."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.code_url
        token = settings.code_token.get_secret_value() if settings.code_token else ""
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    async def send(self, *, phone: str, code: str, minutes: int) -> None:
        import httpx  # only houses with a gateway need it

        body = {"phone": phone, "code": code, "minutes": minutes}
        try:
            async with httpx.AsyncClient(timeout=SEND_SECONDS) as client:
                answer = await client.post(self._url, json=body, headers=self._headers)
        except httpx.HTTPError as error:
            raise NotSent(type(error).__name__) from None  # its message may quote the request
        if answer.status_code >= 300:
            raise NotSent(f"status {answer.status_code}")


SENDERS: dict[str, Callable[[Settings], CodeSender]] = {"console": ConsoleSender, "http": HttpSender}


class Codes:
    """Sends what is queued, each code at most once: a second text message would only confuse."""

    def __init__(self, house: House, sender: CodeSender | None = None):
        self.house = house
        self.sender = sender or SENDERS[house.settings.code_sender](house.settings)

    async def send_due(self) -> int:
        if not await self.house.read(phones.count_queued):
            return 0  # an idle sender takes no writer's turn
        claimed = await self.house.write(phones.claim_codes, actor=ACTOR, ring=False)
        minutes = self.house.hospital.registration.phone_code.valid_minutes
        for code_id, phone, code in claimed:
            try:
                await self.sender.send(phone=phone, code=code, minutes=minutes)
            except Exception as error:
                reason = str(error) if isinstance(error, NotSent) else type(error).__name__
                log.warning("code_not_sent", code=code_id, reason=reason)
                await self.house.write(
                    partial(phones.mark_failed, code_id=code_id, reason=reason), actor=ACTOR, ring=False
                )
        return len(claimed)


@asynccontextmanager
async def running_codes(house: House) -> AsyncIterator[Codes]:
    """Sends codes as long as the context is open."""
    codes = Codes(house)
    async with woken_by(house.bell, codes.send_due, name="codes", seconds=IDLE_SECONDS, discreet=True):
        yield codes
