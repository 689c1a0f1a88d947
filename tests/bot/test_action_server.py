"""Our actions for a hospital that runs Rasa: the same classes, each request in a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.action_server import make_action_server
from bot.house import House
from bot.transcripts import Theatre
from tests.bot.faults import snapshot
from tests.conftest import NOW


@pytest.fixture
async def house(theatre: Theatre) -> AsyncIterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


@pytest.fixture
async def rasa(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(
        make_action_server(house), client=("127.0.0.1", 1), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield http


def call(action: str, **slots: Any) -> dict[str, Any]:
    tracker = {
        "sender_id": "a",
        "slots": slots,
        "latest_message": {"text": "我要人工", "intent": {"name": "talk_to_human"}, "entities": []},
        "latest_input_channel": "rest",
        "events": [],
        "paused": False,
        "active_loop": {},
    }
    return {"next_action": action, "sender_id": "a", "tracker": tracker, "domain": {}}


async def test_every_action_is_listed(rasa: httpx.AsyncClient, house: House) -> None:
    names = {one["name"] for one in (await rasa.get("/actions")).json()}
    assert names == set(house.assistant.book.actions)


async def test_an_action_does_its_work_and_says_it_in_our_words(
    rasa: httpx.AsyncClient, house: House
) -> None:
    answer = await rasa.post("/webhook", json=call("action_find_route", place="OPD-2F-US"))
    assert answer.status_code == 200, answer.text
    said = answer.json()["responses"]
    assert any("彩超" in one.get("text", "") for one in said)
    assert not any("response" in one for one in said)
    assert all({"event", "name", "value"} <= set(one) for one in answer.json()["events"])
    assert len(snapshot(house.engine)["contact"]) == 1


async def test_an_action_that_fails_leaves_nothing(
    rasa: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(house.assistant.book.actions["action_find_route"]), "perform", break_down)
    before = snapshot(house.engine)
    assert (await rasa.post("/webhook", json=call("action_find_route"))).status_code == 500
    assert snapshot(house.engine) == before


async def test_what_is_no_call_is_refused_clearly(rasa: httpx.AsyncClient) -> None:
    assert (await rasa.post("/webhook", content=b"{")).status_code == 400
    assert (await rasa.post("/webhook", json={"next_action": "action_nope"})).json()["field"] == "next_action"
    assert (await rasa.post("/webhook", json={"next_action": "action_find_route"})).json()[
        "field"
    ] == "tracker"


@pytest.mark.parametrize(
    ("part", "value"),
    [("slots", [1]), ("latest_message", "x"), ("sender_id", "a" * 201), ("latest_input_channel", "a" * 21)],
)
async def test_a_broken_tracker_is_refused_with_the_part_at_fault(
    rasa: httpx.AsyncClient, part: str, value: Any
) -> None:
    broken = call("action_find_route")
    broken["tracker"][part] = value
    answer = await rasa.post("/webhook", json=broken)
    assert (answer.status_code, answer.json()["field"]) == (422, f"tracker.{part}")


async def test_what_a_service_refuses_is_a_rejected_action_and_leaves_nothing(
    rasa: httpx.AsyncClient, house: House
) -> None:
    before = snapshot(house.engine)
    answer = await rasa.post("/webhook", json=call("action_cancel_appointment", record=99))
    assert answer.status_code == 400
    assert answer.json()["action_name"] == "action_cancel_appointment"
    assert answer.json()["error"] == "not_found"
    assert snapshot(house.engine) == before
