"""Staff on duty told outside the console: help on the spot and dangers go to the hospital's own gateway.

On where ``WENJIN_DUTY_URL`` is set. One POST ``{"phone", "name", "text", "url"}`` a call: the gateway makes of it a text
message or a word in the staff's messenger. ``url`` opens ``/duty/{key}``, where the person says 我去 or 去不了; the clock
that calls the next runs in the services either way. Nothing of the patient leaves the house.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.bell import woken_by
from bot.house import House
from bot.settings import Settings
from services.duty import DutyCall, claim_calls, mark_unsent

ACTOR = "delivery"
log = structlog.get_logger()
IDLE_SECONDS = 1.0
SEND_SECONDS = 10.0
T = TypeVar("T")
KINDS = {
    "onsite_help": "现场求助",
    "onsite_help_late": "现场求助没人接",
    "emergency": "急危重症",
    "crisis": "轻生念头",
    "red_flag": "出院后危险信号",
    "parcel_drunk": "寄错或破损的药已经喝了",
}


class DutySender(Protocol):
    async def send(self, *, phone: str, name: str, text: str, url: str) -> None:
        """Hands a call over; raises ``ConnectionError`` with a short reason."""


class HttpDuty:
    """One POST to the hospital's gateway, with a bearer token."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.duty_url
        token = settings.duty_token.get_secret_value() if settings.duty_token else ""
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    async def send(self, *, phone: str, name: str, text: str, url: str) -> None:
        import httpx  # only houses with a gateway need it

        body = {"phone": phone, "name": name, "text": text, "url": url}
        try:
            async with httpx.AsyncClient(timeout=SEND_SECONDS) as client:
                answer = await client.post(self._url, json=body, headers=self._headers)
        except httpx.HTTPError as error:
            raise ConnectionError(type(error).__name__) from None  # its message may quote the request
        if answer.status_code >= 300:
            raise ConnectionError(f"status {answer.status_code}")


def say_call(call: DutyCall, *, minutes: int) -> str:
    """What the person reads first."""
    what = KINDS.get(call.kind, call.kind)
    if call.kind.startswith("onsite_help"):
        return f"{what}：{call.place or '地点不明，请看工作台'}。请 {minutes} 分钟内点开链接，告诉我们去不去得了。"
    return f"{what}：请马上看工作台，或点开链接说由您负责。{minutes} 分钟没有回音会再叫。"


class Duty:
    """Sends what is queued, each call once; what the gateway refuses stands in the history, and the clock goes on."""

    def __init__(self, house: House, sender: DutySender | None = None):
        self.house = house
        self.sender = sender or HttpDuty(house.settings)

    async def send_due(self) -> int:
        claimed = await self.house.write(claim_calls, actor=ACTOR, ring=False)
        minutes = self.house.hospital.escort.help.accept_minutes
        for call in claimed:
            link = f"{self.house.settings.address}/duty/{call.key}"
            try:
                text = say_call(call, minutes=minutes)
                await self.sender.send(phone=call.phone, name=call.name, text=text, url=link)
            except Exception as error:
                reason = str(error) if isinstance(error, ConnectionError) else type(error).__name__
                log.warning("duty_not_told", call=call.id, reason=reason)
                await self.house.write(
                    partial(mark_unsent, call_id=call.id, reason=reason), actor=ACTOR, ring=False
                )
        return len(claimed)


@asynccontextmanager
async def running_duty(house: House) -> AsyncIterator[Duty]:
    """Tells staff as long as the context is open."""
    duty = Duty(house)

    async def look() -> None:  # whom nobody could tell is not tried again at once
        await duty.send_due()

    async with woken_by(house.bell, look, name="duty", seconds=IDLE_SECONDS, discreet=True):
        yield duty
