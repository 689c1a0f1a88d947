"""The outbox reaches the platform in order, is tried again where that helps, and what cannot be sent is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.channel import Away, TryLater, Undeliverable
from bot.channels.message import Message
from bot.delivery import LONGEST_AWAY_SECONDS, MOST_ATTEMPTS, Delivery, running_delivery
from bot.house import House
from dialogues.reply import Reply
from services import outbox, talk
from tests.bot.small_house import small_house


class Platform:
    """Where the outside world begins: takes what it is given, or fails as it is told."""

    name = "telegram"
    direct = False

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.tried = 0
        self.took = asyncio.Event()

    async def send(self, sender: str, reply: Reply, *, number: int, author: str = "assistant") -> None:
        self.tried += 1
        if self.failures:
            raise self.failures.pop(0)
        await asyncio.sleep(0)
        self.taken.append((sender, reply.text))
        self.took.set()


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def house(tmp_path: Path, platform: Platform) -> Iterator[House]:
    with small_house(tmp_path) as house:
        house.channels["telegram"] = platform
        yield house


def say(house: House, text: str, sender: str = "a") -> None:
    house.writers.call(lambda: house.turns.handle(Message("telegram", sender, text)))


async def send_all(house: House) -> None:
    """Everything due now, as a process does that is stopped afterwards."""
    delivery = Delivery(house)
    while await delivery.send_due():
        await delivery.finish()


def later(house: House, seconds: float) -> None:
    house.now.time += timedelta(seconds=seconds)  # type: ignore[attr-defined]


async def test_replies_reach_each_contact_in_order(house: House, platform: Platform) -> None:
    for text in ("一", "二", "三"):
        say(house, text, "a")
        say(house, text, "b")
    await send_all(house)
    for sender in "ab":
        assert [text for who, text in platform.taken if who == sender] == [
            "听到了：一",
            "听到了：二",
            "听到了：三",
        ]


async def test_what_is_sent_is_not_sent_again(house: House, platform: Platform) -> None:
    say(house, "一")
    await send_all(house)
    later(house, 7200)
    await send_all(house)
    assert len(platform.taken) == 1


async def test_a_fault_that_may_pass_is_waited_out_and_later_replies_wait_too(
    house: House, platform: Platform
) -> None:
    say(house, "一")
    say(house, "二")
    platform.failures = [TryLater("rate limit", seconds=30), ConnectionError()]
    await send_all(house)
    assert platform.taken == []
    later(house, 29)
    await send_all(house)
    assert platform.tried == 1
    later(house, 2)
    await send_all(house)
    later(house, 60)
    await send_all(house)
    assert [text for _, text in platform.taken] == ["听到了：一", "听到了：二"]


async def test_a_fault_for_good_is_shown_to_staff_and_the_next_reply_goes_on(
    house: House, platform: Platform
) -> None:
    say(house, "一")
    say(house, "二")
    platform.failures = [Undeliverable("blocked by the user")]
    await send_all(house)
    assert [text for _, text in platform.taken] == ["听到了：二"]
    unsent = house.read_now(lambda desk: talk.list_unsent(desk))
    assert [line.body["text"] for line in unsent] == ["听到了：一"]


async def test_after_many_tries_it_is_given_up_and_shown(house: House, platform: Platform) -> None:
    say(house, "一")
    platform.failures = [TryLater("down") for _ in range(MOST_ATTEMPTS + 5)]
    for _ in range(MOST_ATTEMPTS + 5):
        await send_all(house)
        later(house, 5000)
    assert platform.tried == MOST_ATTEMPTS
    assert len(house.read_now(lambda desk: talk.list_unsent(desk))) == 1


async def test_who_is_away_loses_nothing_however_long(house: House, platform: Platform) -> None:
    say(house, "一")
    platform.failures = [Away() for _ in range(MOST_ATTEMPTS + 5)]
    for _ in range(MOST_ATTEMPTS + 6):
        await send_all(house)
        later(house, LONGEST_AWAY_SECONDS)
    assert [text for _, text in platform.taken] == ["听到了：一"]


async def test_a_process_that_died_while_sending_is_followed_by_one_that_sends(
    house: House, platform: Platform
) -> None:
    say(house, "一")
    claimed = house.writers.call(
        lambda: house.writers.transaction(
            lambda session: outbox.claim_outbox(house.desk(session), channels=["telegram"])
        )
    )
    assert len(claimed) == 1  # … and dies
    await send_all(house)
    assert platform.taken == []
    later(house, outbox.LEASE.total_seconds() + 1)
    await send_all(house)
    assert len(platform.taken) == 1


async def test_two_processes_send_each_reply_once(house: House, platform: Platform) -> None:
    for number in range(20):
        say(house, "一", f"contact-{number}")
    await asyncio.gather(*(send_all(house) for _ in range(4)))
    assert len(platform.taken) == len(set(platform.taken)) == 20


async def test_a_running_delivery_hears_the_bell_and_finishes_what_it_began(
    house: House, platform: Platform
) -> None:
    async with running_delivery(house):
        await house.turns.answer(Message("telegram", "a", "一"))
        await asyncio.wait_for(platform.took.wait(), 10)
    assert [text for _, text in platform.taken] == ["听到了：一"]
