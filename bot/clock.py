"""Only a clock: every few seconds it asks the services what is due and starts the flow for each.

What is due lies in the tables, claimed row by row; so two clocks, a restart or a day of downtime neither lose nor
repeat anything. Each promise is kept in the transaction that writes its message.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Counter
from sqlmodel import Session

from bot.house import House, open_days
from bot.writers import Busy
from services import Desk, promises
from services.absences import end_past_visits
from services.assignments import assign_due_escorts
from services.bed_calls import call_next
from services.duty import repeat_calls
from services.errors import WrongState
from services.escalation import escalate_overdue
from services.extras import expire_extras
from services.handling import close_answered
from services.herb_stages import settle_delivered, tell_late_deliveries
from services.holds import expire_holds
from services.line_lateness import alarm_late_requests
from services.loans import follow_loans
from services.offers import offer_freed_slots
from services.onsite_help import escalate_help
from services.parcels import escalate_tickets
from services.phones import expire_codes
from services.pictures import drop_unclaimed
from services.reviews import settle_reviews
from services.rounds import remind_unanswered, send_due
from services.schedules import open_reserves
from services.suspensions import call_unanswered
from services.webhooks import forget_delivered

log = structlog.get_logger()

KEPT = Counter("wenjin_promises", "Promises that came due", ["kind", "outcome"])
T = TypeVar("T")
BATCH = 20
MOST_FAILURES = 5
AGAIN = timedelta(minutes=5)


def end_holds(desk: Desk) -> int:
    return len(expire_holds(desk))


CHORES: tuple[Callable[[Desk], int], ...] = (
    alarm_late_requests,
    call_next,
    escalate_help,
    repeat_calls,
    end_holds,
    end_past_visits,
    settle_reviews,
    open_reserves,
    expire_extras,
    expire_codes,
    offer_freed_slots,
    call_unanswered,
    escalate_overdue,
    close_answered,
    drop_unclaimed,
    tell_late_deliveries,
    settle_delivered,
    escalate_tickets,
    assign_due_escorts,
    follow_loans,
    send_due,
    remind_unanswered,
)
"""What the services do when its time has come, each in a transaction of its own; the promises they give are kept
in the same tick."""


class Clock:
    """Asks what is due. ``tick`` may be called by anybody at any time, also by several processes at once."""

    def __init__(self, house: House):
        self.house = house
        self._failures: Tally[int] = Tally()

    def tick(self) -> int:
        """Does what is due now; returns how much that was. Faults are logged and tried again, never raised."""
        done = 0
        for chore in CHORES:
            done += self._try(chore.__name__, partial(self._do_chore, chore))
        done += self._try("keep_promises", self._keep_promises)
        if done:
            self.house.bell.ring()
        return done

    def _do_chore(self, chore: Callable[[Desk], int]) -> int:
        return self._do(lambda session: chore(self._desk(session)))

    def _try(self, name: str, work: Callable[[], int]) -> int:
        try:
            return work()
        except Busy:
            log.warning("clock_busy", work=name)
        except Exception as error:
            log.error("clock_failed", work=name, exc_info=error)
        return 0

    def _keep_promises(self) -> int:
        kept = 0
        while due := self._do(self._claim):
            for promise_id, kind in due:
                kept += self._keep(promise_id, kind)
        return kept

    def _claim(self, session: Session) -> list[tuple[int, str]]:
        return [(one.id, one.kind) for one in promises.claim_due(self._desk(session), limit=BATCH)]

    def _keep(self, promise_id: int, kind: str) -> bool:
        """One promise, one transaction: the flow is started, its message queued, the promise kept."""

        def work(session: Session) -> None:
            desk = self._desk(session)
            one = promises.get_promise(desk, promise_id=promise_id)
            promises.keep(desk, promise_id=promise_id)
            self.house.turns.start(desk, contact_id=one.contact_id, flow=kind, slots=one.slots)

        try:
            self._do(work)
        except WrongState:  # cancelled or kept by another between claiming and now
            KEPT.labels(kind, "overtaken").inc()
            return False
        except Busy:
            KEPT.labels(kind, "busy").inc()  # its lease ends and it is claimed again
            return False
        except Exception as error:
            log.error("promise_failed", kind=kind, promise=promise_id, exc_info=error)
            self._put_off(promise_id, kind, error)
            return False
        self._failures.pop(promise_id, None)
        KEPT.labels(kind, "kept").inc()
        return True

    def _put_off(self, promise_id: int, kind: str, error: Exception) -> None:
        """What failed is tried again in a while; what fails always is dropped, and staff see it with its reason."""
        self._failures[promise_id] += 1
        given_up = self._failures[promise_id] >= MOST_FAILURES

        def work(session: Session) -> None:
            desk = self._desk(session)
            if given_up:
                promises.drop(desk, promise_id=promise_id, reason=f"failed: {type(error).__name__}")
            else:
                promises.postpone(desk, promise_id=promise_id, due_at=desk.now + AGAIN)

        try:
            self._do(work)
        except (WrongState, Busy):
            return
        KEPT.labels(kind, "dropped" if given_up else "postponed").inc()

    def _desk(self, session: Session) -> Desk:
        return self.house.desk(session, actor="clock")

    def _do(self, work: Callable[[Session], T]) -> T:
        # piece by piece through the writing thread, so that patients' turns come in between
        return self.house.writers.call(lambda: self.house.writers.transaction(work, patience=1))


@asynccontextmanager
async def running_clock(house: House) -> AsyncIterator[Clock]:
    """Ticks every ``clock_seconds`` and opens another day's slots each night, as long as the context is open."""
    clock = Clock(house)
    scheduler = AsyncIOScheduler(timezone=house.hospital.timezone)
    options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}

    async def tick() -> None:
        await asyncio.to_thread(clock.tick)

    async def open_another_day() -> None:
        await house.writers.run(lambda: open_days(house))
        await house.write(forget_delivered, actor="clock")

    scheduler.add_job(tick, "interval", seconds=house.settings.clock_seconds, id="tick", **options)
    scheduler.add_job(open_another_day, "cron", hour="0,6", minute=2, id="slots", **options)
    scheduler.start()
    try:
        await tick()
        yield clock
    finally:
        scheduler.shutdown(wait=False)
