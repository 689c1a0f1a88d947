"""Staff on duty told outside the console: a gateway on loopback gets the call, a link answers it, the clock runs on."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlmodel import select

from bot.app import make_app
from bot.channels.message import Message
from bot.clock import Clock
from bot.duty import Duty, HttpDuty
from bot.hours import MovingHours
from bot.house import House
from bot.settings import Settings
from bot.transcripts import Theatre
from services import Desk
from services.alarms import list_alarms
from services.duty import DutyCall
from services.onsite_help import list_help
from tests.bot.test_console_bookings import Gateway
from tests.conftest import NOW


@pytest.fixture
def staged(theatre: Theatre) -> Iterator[tuple[House, MovingHours]]:
    with theatre.stage(NOW) as stage:
        yield stage


@asynccontextmanager
async def gateway(status: int = 200) -> AsyncIterator[tuple[Gateway, HttpDuty]]:
    taken = Gateway(status)
    server = await asyncio.start_server(taken.handle, "127.0.0.1", 0)
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        duty_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/duty",
        duty_token="a-token-for-tests",  # type: ignore[arg-type]
    )
    async with server:
        yield taken, HttpDuty(settings)


def hear(house: House, text: str, sender: str = "甲") -> list[str]:
    replies = house.writers.call(lambda: house.turns.handle(Message("rest", sender, text)))
    return [one.text for one in replies]


def calls(house: House) -> list[tuple[str, str, str]]:
    def read(desk: Desk) -> list[tuple[str, str, str]]:
        rows = desk.session.exec(select(DutyCall).order_by(DutyCall.id))  # type: ignore[arg-type]
        return [(one.kind, one.name, one.status) for one in rows]

    return house.read_now(read)


def client(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(house, delivery=False))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_who_is_asked_is_told_and_goes_by_one_press(staged: tuple[House, MovingHours]) -> None:
    house, _ = staged
    hear(house, "我在门诊二楼走不动了，快来个人")
    async with gateway() as (taken, sender):
        duty = Duty(house, sender)
        assert (await duty.send_due(), await duty.send_due()) == (1, 0)
    told = json.loads(taken.bodies[0])
    assert taken.authorised and told["name"] == "农安坪" and "门诊二楼" in told["text"]
    assert "走不动" not in taken.bodies[0]  # nothing of what the patient said leaves the house
    link = told["url"].partition("/duty/")[2]
    async with client(house) as browser:
        page = await browser.get(f"/duty/{link}")
        assert page.status_code == 200 and "门诊二楼" in page.text and "去不了" in page.text
        assert house.read_now(list_help)[0].status == "requested"  # looking is not answering
        assert "由您负责" in (await browser.post(f"/duty/{link}", data={"do": "accept"})).text
        assert "已经有人去了" in (await browser.post(f"/duty/{link}", data={"do": "accept"})).text
    (call,) = house.read_now(list_help)
    assert call.status == "accepted" and house.read_now(list_alarms) == []
    Clock(house).tick()
    assert "农安坪" in "".join(hear(house, "谢谢"))


async def test_who_cannot_go_hands_it_to_the_next_and_three_minutes_do_too(
    staged: tuple[House, MovingHours],
) -> None:
    house, hours = staged
    hear(house, "我在门诊二楼走不动了，快来个人")
    async with gateway() as (taken, sender):
        duty = Duty(house, sender)
        await duty.send_due()
        link = json.loads(taken.bodies[0])["url"].partition("/duty/")[2]
        async with client(house) as browser:
            assert "下一位" in (await browser.post(f"/duty/{link}", data={"do": "decline"})).text
        await duty.send_due()
        hours.time += dt.timedelta(minutes=3)
        Clock(house).tick()
        await duty.send_due()
    names = [json.loads(one)["name"] for one in taken.bodies]
    assert len(set(names)) == 3 and names[-1] == house.hospital.escort.help.head.name
    assert [status for _, _, status in calls(house)] == ["answered", "over", "sent"]


async def test_a_danger_calls_the_head_of_the_desk_again_until_somebody_answers(
    staged: tuple[House, MovingHours],
) -> None:
    house, hours = staged
    hear(house, "我爸胸口痛得厉害，出冷汗")
    async with gateway(status=500) as (taken, sender):
        duty = Duty(house, sender)
        await duty.send_due()
        assert [status for _, _, status in calls(house)] == ["failed"]
        taken.status = 200
        for minutes in (3, 3, 3, 3):
            hours.time += dt.timedelta(minutes=minutes)
            Clock(house).tick()
            await duty.send_due()
    assert len(taken.bodies) == 3 and "胸口" not in "".join(taken.bodies)  # three times in all
    link = json.loads(taken.bodies[-1])["url"].partition("/duty/")[2]
    async with client(house) as browser:
        await browser.post(f"/duty/{link}", data={"do": "accept"})
    assert house.read_now(list_alarms) == []


async def test_acknowledged_at_the_console_nobody_else_is_called(staged: tuple[House, MovingHours]) -> None:
    from services.alarms import acknowledge_alarm

    house, hours = staged
    hear(house, "我爸胸口痛得厉害，出冷汗")
    (alarm,) = house.read_now(list_alarms)
    await house.write(lambda desk: acknowledge_alarm(desk, alarm_id=alarm.id), actor="staff:1")
    async with gateway() as (taken, sender):
        hours.time += dt.timedelta(minutes=3)
        Clock(house).tick()
        await Duty(house, sender).send_due()
    assert taken.bodies == [] and calls(house)[0][2] == "over"


async def test_a_link_of_nobodys_making_opens_nothing(staged: tuple[House, MovingHours]) -> None:
    house, _ = staged
    hear(house, "我在门诊二楼走不动了，快来个人")
    post: Callable[..., Any]
    async with client(house) as browser:
        for key in ("1", "1-", "1-AAAAAAAAAAAAAAAAAAAAAAAA", "９-x", "x" * 500, "0-a"):
            for post in (browser.get, browser.post):
                assert (await post(f"/duty/{key}")).status_code == 404
    assert house.read_now(list_help)[0].status == "requested"
