"""kuaidi100 as it speaks: asked in its fields, answered in them, its reports believed only with our salt."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import make_app
from bot.couriers.asking import CALLBACK, Asking, is_pushed, is_set
from bot.couriers.kuaidi100 import Kuaidi100, NoReport, read_report, sign_query, sign_report
from bot.house import House
from services.alarms import list_alarms
from services.herbs import HerbDelivery, find_delivery
from services.parcels import list_tickets
from tests.bot.courier_server import CUSTOMER, KEY, CourierPeer, courier_peer, make_push, make_result
from tests.bot.parcel_house import NUMBER, send
from tests.bot.small_house import small_house

SALT = "a salt of tests"
STEPS = (("2026-03-12 10:20:00", "快件在【示例转运中心】"), ("2026-03-11 19:00:00", "已揽收"))


@pytest.fixture
async def peer() -> AsyncIterator[CourierPeer]:
    async with courier_peer() as peer:
        yield peer


@asynccontextmanager
async def open_asking(folder: Path, peer: CourierPeer, **more: Any) -> AsyncIterator[tuple[House, Asking]]:
    settings = {
        "kuaidi100_customer": CUSTOMER, "kuaidi100_key": KEY, "kuaidi100_base_url": peer.url,
    } | more  # fmt: skip
    with small_house(folder, **settings) as house:
        async with httpx.AsyncClient() as http:
            yield house, Asking(house, Kuaidi100(http, customer=CUSTOMER, key=KEY, base_url=peer.url))


async def look(house: House, number: str = NUMBER) -> HerbDelivery:
    found = await house.read(lambda desk: find_delivery(desk, number=number))
    assert found is not None
    return found


def test_signatures_are_those_of_its_documentation() -> None:
    assert sign_query("{}", key="k", customer="c") == "A30F53193A8734AE7C0AAADBD0928316"
    assert sign_query("{}", key="k", customer="c") == sign_report("{}", salt="kc")
    with pytest.raises(NoReport):
        read_report("{}", "0" * 32, salt=SALT)
    with pytest.raises(NoReport):
        read_report("no json", sign_report("no json", salt=SALT), salt=SALT)


async def test_a_parcel_on_its_way_is_asked_for_with_the_phones_tail_and_moves_on(
    tmp_path: Path, peer: CourierPeer
) -> None:
    peer.put(NUMBER, "shunfeng", "0", *STEPS, phone="1234")
    async with open_asking(tmp_path, peer) as (house, asking):
        await house.write(send, actor="staff:0")
        assert await asking.ask_due() == 1
        one = await look(house)
        assert peer.asked == [
            {"com": "shunfeng", "num": NUMBER, "resultv2": "4", "show": "0", "order": "desc", "phone": "1234"}
        ]
        assert (one.status, one.track_note) == ("in_transit", "快件在【示例转运中心】")
        assert one.track_at == dt.datetime(2026, 3, 12, 10, 20)
        assert await asking.ask_due() == 0
        assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("courier", "phone", "fault", "tickets"),
    [("京东", "", "no_result", []), ("顺丰", "9999", "phone", ["untraceable"])],
)
async def test_a_wrong_courier_or_phone_is_written_down(
    tmp_path: Path, peer: CourierPeer, courier: str, phone: str, fault: str, tickets: list[str]
) -> None:
    peer.put(NUMBER, "shunfeng", "0", *STEPS, phone=phone)
    async with open_asking(tmp_path, peer) as (house, asking):
        await house.write(lambda desk: send(desk, courier=courier), actor="staff:0")
        await asking.ask_due()
        one = await look(house)
        assert (one.status, one.track_fault) == ("handed_over", fault)
        assert [t.kind for t in await house.read(list_tickets)] == tickets


async def test_an_account_that_is_refused_is_an_alarm_and_a_peer_that_is_down_a_round_lost(
    tmp_path: Path, peer: CourierPeer
) -> None:
    async with open_asking(tmp_path, peer) as (house, asking):
        await house.write(send, actor="staff:0")
        peer.down = True
        assert await asking.ask_due() == 0
        assert await house.read(list_alarms) == []
        await house.write(lambda desk: send(desk, number="SF0000000002", doses=5), actor="staff:0")
        peer.down, peer.expired = False, True
        assert await asking.ask_due() == 0
        assert [one.kind for one in await house.read(list_alarms)] == ["courier_refused"]
        assert (await look(house)).track_fault is None


async def test_it_is_asked_to_report_by_itself_once_where_it_can_reach_us(
    tmp_path: Path, peer: CourierPeer
) -> None:
    more = {"kuaidi100_salt": SALT, "public_url": "https://ask.example"}
    async with open_asking(tmp_path, peer, **more) as (house, asking):
        assert is_set(house.settings) and is_pushed(house.settings)
        await house.write(send, actor="staff:0")
        for _ in range(2):
            await asking.ask_due()
        assert peer.subscribed == [
            {
                "company": "shunfeng", "number": NUMBER, "key": KEY,
                "parameters": {
                    "callbackurl": f"https://ask.example{CALLBACK}", "salt": SALT, "resultv2": "4", "autoCom": "0",
                    "phone": "1234",
                },
            }
        ]  # fmt: skip
        assert peer.asked == []


@asynccontextmanager
async def callback(folder: Path, **settings: Any) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    with small_house(folder, **settings) as house:
        transport = httpx.ASGITransport(app=make_app(house), client=("192.0.2.7", 4000))
        async with httpx.AsyncClient(transport=transport, base_url="https://ask.example") as http:
            yield house, http


async def test_a_report_moves_the_parcel_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    steps = (("2026-03-12 09:00:00", "已放入丰巢柜"), *STEPS)
    result = make_result(NUMBER, {"com": "shunfeng", "state": "501", "steps": steps})
    async with callback(tmp_path, kuaidi100_salt=SALT) as (house, http):
        await house.write(send, actor="staff:0")
        for _ in range(2):
            answer = await http.post(CALLBACK, data=make_push(result, salt=SALT))
            assert (answer.status_code, answer.json()["returnCode"]) == (200, "200")
        one = await look(house)
        assert (one.status, one.track_state) == ("delivered", "501")


async def test_a_forged_or_broken_report_changes_nothing(tmp_path: Path) -> None:
    result = make_result(NUMBER, {"com": "shunfeng", "state": "3", "steps": STEPS})
    async with callback(tmp_path, kuaidi100_salt=SALT) as (house, http):
        await house.write(send, actor="staff:0")
        forged = make_push(result, salt="another salt")
        broken = {"param": "{", "sign": sign_report("{", salt=SALT)}
        for form in (forged, broken, {"param": forged["param"]}, {}):
            answer = await http.post(CALLBACK, data=form)
            assert (answer.status_code, answer.json()["result"]) == (403, False)
        assert (await look(house)).status == "handed_over"


async def test_without_a_salt_nobody_can_report(tmp_path: Path) -> None:
    async with callback(tmp_path) as (_, http):
        result = make_result(NUMBER, {"com": "shunfeng", "state": "3", "steps": STEPS})
        assert (await http.post(CALLBACK, data=make_push(result, salt=""))).status_code == 404


async def test_a_watch_that_ends_names_the_right_courier_or_hands_the_number_to_the_pharmacy(
    tmp_path: Path,
) -> None:
    empty = make_result(NUMBER, {"com": "shunfeng", "state": "0", "steps": ()})
    async with callback(tmp_path, kuaidi100_salt=SALT) as (house, http):
        await house.write(send, actor="staff:0")
        other = make_push(empty, salt=SALT, status="abort", comNew="ems", message="3天查询无记录")
        assert (await http.post(CALLBACK, data=other)).status_code == 200
        assert (await look(house)).courier == "中国邮政 EMS"
        lost = make_push(empty, salt=SALT, status="abort", message="3天查询无记录")
        assert (await http.post(CALLBACK, data=lost)).status_code == 200
        one = await look(house)
        assert (one.status, one.track_fault) == ("handed_over", "abandoned")
        assert [ticket.kind for ticket in await house.read(list_tickets)] == ["untraceable"]


async def test_a_number_we_do_not_know_is_no_error(tmp_path: Path) -> None:
    result = make_result("SF999", {"com": "shunfeng", "state": "3", "steps": STEPS})
    async with callback(tmp_path, kuaidi100_salt=SALT) as (_, http):
        assert (await http.post(CALLBACK, data=make_push(result, salt=SALT))).status_code == 200
