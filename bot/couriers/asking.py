"""The round that asks couriers where the parcels are. Without an account there is none: the pharmacy's events are used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import structlog
from prometheus_client import Counter

from bot.couriers.kuaidi100 import AccountRefused, Fault, Kuaidi100, Report, TryAgain
from bot.house import House
from bot.settings import Settings
from services import Desk
from services.alarms import raise_alarm
from services.couriers import (
    Question,
    Tracking,
    claim_questions,
    claim_subscriptions,
    correct_courier,
    give_subscription_back,
    note_fault,
    take_tracking,
)

log = structlog.get_logger()

ASKED = Counter("wenjin_courier_questions", "Questions to the courier's service", ["kind", "outcome"])
CALLBACK = "/api/v1/couriers/kuaidi100"
ACTOR = "courier"
SECONDS = 60


def is_set(settings: Settings) -> bool:
    return bool(settings.kuaidi100_customer and settings.kuaidi100_key)


def is_pushed(settings: Settings) -> bool:
    """Reports come by themselves where they can reach us and be told from forged ones."""
    return is_set(settings) and bool(settings.kuaidi100_salt and settings.public_url)


class Asking:
    """One round at a time; rounds of several processes share the numbers among them by claiming."""

    def __init__(self, house: House, client: Kuaidi100):
        self.house, self.client = house, client

    async def ask_due(self) -> int:
        """Asks for every number that is due; returns how many answers came."""
        settings = self.house.settings
        answered = 0
        if is_pushed(settings):
            for question in await self.house.write(claim_subscriptions, actor=ACTOR):
                answered += await self._subscribe(question)
        for question in await self.house.write(claim_questions, actor=ACTOR):
            answered += await self._query(question)
        return answered

    async def _query(self, question: Question) -> bool:
        try:
            found = await self.client.query(question)
        except TryAgain as error:
            ASKED.labels("query", "unreachable").inc()
            log.warning("courier_unreachable", error=str(error))
            return False
        except AccountRefused as error:
            await self._tell_refused(error)
            return False
        ASKED.labels("query", found.code if isinstance(found, Fault) else "found").inc()
        await self.house.write(partial(_keep, question=question, found=found), actor=ACTOR)
        return True

    async def _subscribe(self, question: Question) -> bool:
        assert self.house.settings.kuaidi100_salt is not None
        salt = self.house.settings.kuaidi100_salt.get_secret_value()
        callback = self.house.settings.address + CALLBACK
        try:
            fault = await self.client.subscribe(question, callback=callback, salt=salt)
        except (TryAgain, AccountRefused) as error:
            await self.house.write(partial(give_subscription_back, number=question.number), actor=ACTOR)
            ASKED.labels("subscribe", "unreachable").inc()
            if isinstance(error, AccountRefused):
                await self._tell_refused(error)
            return False
        ASKED.labels("subscribe", fault.code if fault else "accepted").inc()
        if fault:
            await self.house.write(partial(_keep, question=question, found=fault), actor=ACTOR)
        return True

    async def _tell_refused(self, error: AccountRefused) -> None:
        log.error("courier_account_refused", code=str(error))
        await self.house.write(lambda desk: raise_alarm(desk, kind="courier_refused"), actor=ACTOR)


def _keep(desk: Desk, *, question: Question, found: Tracking | Fault) -> None:
    if isinstance(found, Fault):
        note_fault(desk, number=question.number, fault=found.code)
        return
    if found.code and found.code != question.code:
        correct_courier(desk, number=question.number, code=found.code)
    take_tracking(desk, found)


def keep_report(desk: Desk, report: Report) -> None:
    """What was pushed: another courier's number is corrected, a number nobody knows goes to the pharmacy, news are
    taken. Pushed twice it changes nothing twice."""
    result = report.last_result
    tracking = result.to_tracking()
    if not tracking.number:
        return
    if report.com_new:
        correct_courier(desk, number=tracking.number, code=report.com_new)
    if tracking.state and result.data:
        take_tracking(desk, tracking)
    elif report.status == "abort" and not report.com_new:
        note_fault(desk, number=tracking.number, fault="abandoned")


@asynccontextmanager
async def running_couriers(house: House) -> AsyncIterator[Asking | None]:
    """A round every minute as long as the context is open; ``None`` without an account."""
    settings = house.settings
    if not is_set(settings) or settings.kuaidi100_key is None:
        yield None
        return
    async with httpx.AsyncClient() as http:
        client = Kuaidi100(
            http,
            customer=settings.kuaidi100_customer,
            key=settings.kuaidi100_key.get_secret_value(),
            base_url=settings.kuaidi100_base_url,
        )
        asking = Asking(house, client)
        task = asyncio.create_task(_go_round(asking))
        try:
            yield asking
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _go_round(asking: Asking) -> None:
    while True:
        try:
            await asking.ask_due()
        except Exception as error:  # a fault of one round is logged, and the next round comes
            log.error("courier_round_failed", exc_info=error)
        await asyncio.sleep(SECONDS)
