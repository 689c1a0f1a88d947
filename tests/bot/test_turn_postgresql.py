"""The same turns on PostgreSQL, several at once: each contact's in order, the last place given once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from bot.bell import Bell
from bot.channels.message import Message
from bot.clock import Clock
from bot.hours import MovingHours
from bot.house import House, open_days
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from bot.writers import Writers
from services import Desk
from services.contacts import find_contact
from services.database import make_engine, set_cipher, upgrade
from services.messages import load_conversation
from services.records import list_records
from services.schedules import find_sessions
from services.talk import list_lines
from tests.conftest import NOW
from tests.services.conftest import postgresql  # noqa: F401

TAKERS = 12


@pytest.fixture
def house(theatre: Theatre, postgresql: Any) -> Iterator[House]:  # noqa: F811
    set_cipher(theatre.house.settings.read_key())
    postgresql.psql("DROP DATABASE IF EXISTS turns")
    postgresql.psql("CREATE DATABASE turns")
    engine = make_engine(postgresql.get_uri("turns"))
    upgrade(engine)
    house = replace(
        theatre.house,
        engine=engine,
        writers=Writers(engine, threads=6),
        now=MovingHours(NOW),
        channels={},
        bell=Bell(),
    )
    open_days(house)
    yield house
    house.close()


def world(house: House, line: str) -> None:
    house.writers.call(
        lambda: house.writers.transaction(
            lambda session: change_world(house.desk(session), line, channel="rest")
        )
    )


def count_turns(desk: Desk, sender: str) -> int:
    contact = find_contact(desk, channel="rest", sender=sender)
    assert contact is not None
    return int((load_conversation(desk, contact_id=contact.id) or {})["turns"])


async def say(house: House, text: str, sender: str, message_id: str | None = None) -> str:
    replies = await house.turns.answer(Message("rest", sender, text, message_id=message_id))
    return replies[-1].text


async def test_messages_at_once_from_one_contact_are_handled_one_after_the_other(house: House) -> None:
    await asyncio.gather(*(say(house, "你好", "a", str(number)) for number in range(20)))
    assert house.read_now(lambda desk: count_turns(desk, "a")) == 20


def test_a_message_that_meets_the_first_of_a_new_contact_loses_no_other(house: House) -> None:
    """Another worker writes the contact just after this one looked for it to lock it, and then hears a third message."""
    here = threading.current_thread()
    others = ThreadPoolExecutor(1)
    waiting = [
        Message("rest", "b", "在吗", message_id="third"),
        Message("rest", "b", "你好", message_id="first"),
    ]
    heard = []

    @event.listens_for(house.engine, "after_cursor_execute")
    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.current_thread() is here and waiting and "FROM contact" in statement:
            if len(waiting) == 1 and "JOIN" not in statement:
                return
            heard.append(others.submit(house.turns.handle, waiting.pop()))
            wait(heard, timeout=1)  # the third may have to wait for this very turn

    house.turns.handle(Message("rest", "b", "有人吗", message_id="second"))
    wait(heard)
    assert len(heard) == 2
    assert house.read_now(lambda desk: count_turns(desk, "b")) == 3


async def test_the_last_place_goes_to_one_of_many_who_want_it_at_once(house: House) -> None:
    people = [f"rest:p{number}" for number in range(TAKERS)]
    world(
        house,
        "；".join(
            [
                "骨科 3月13日下午 余1",
                *(f"{one} 就诊人 张{'甲乙丙丁戊己庚辛壬癸子丑'[n]}" for n, one in enumerate(people)),
            ]
        ),
    )

    async def book(sender: str) -> None:
        text = await say(house, "给我自己挂3月13日下午的骨科", sender)
        for _ in range(4):
            if "核对" not in text:
                return
            text = await say(house, "好的", sender)

    await asyncio.gather(*(book(one.removeprefix("rest:")) for one in people))

    def count(desk: Desk) -> list[dict[str, Any]]:
        booked = []
        for one in people:
            contact = find_contact(desk, channel="rest", sender=one.removeprefix("rest:"))
            assert contact is not None
            booked += [
                record
                for record in list_records(desk, contact_id=contact.id)
                if record["type"] == "appointment"
                and (record["date"], record["period"]) == ("2026-03-13", "afternoon")
            ]
        return booked

    assert len(house.read_now(count)) == 1
    offers = house.read_now(
        lambda desk: find_sessions(desk, department="骨科", date="2026-03-13", period="afternoon")
    )
    assert sum(one.remaining for one in offers) == 0


def test_two_clocks_at_once_remind_once(house: House) -> None:
    world(house, "骨科 3月13日下午 余5；甲 已约 张三 骨科 3月13日下午")
    assert isinstance(house.now, MovingHours)
    house.now.time = NOW.replace(day=12, hour=19)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Clock(house).tick(), range(4)))

    def said(desk: Desk) -> int:
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        return len(list_lines(desk, contact_id=contact.id))

    assert house.read_now(said) == 1
