"""The HTTP API: the contract's shapes, and a clear 4xx or a warm sentence for whatever is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.app import make_app
from bot.house import House
from bot.transcripts import Theatre
from services.identity import check_digit
from tests.conftest import NOW

HERE = ("127.0.0.1", 4000)
ELSEWHERE = ("192.0.2.7", 4000)
WEBHOOK = "/webhooks/rest/webhook"


@asynccontextmanager
async def client(
    house: House, *, caller: tuple[str, int] = HERE, host: str = "http://127.0.0.1"
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(house), client=caller, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=host) as http:
        yield http


@pytest.fixture
async def house(theatre: Theatre) -> AsyncIterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with client(house) as http:
        yield http


async def say(http: httpx.AsyncClient, message: str, **more: Any) -> list[dict[str, Any]]:
    answer = await http.post(WEBHOOK, json={"sender": "a", "message": message, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_first_message_of_the_issue_is_carried_to_a_booked_appointment(
    http: httpx.AsyncClient,
) -> None:
    replies = await say(http, "我妈想挂明天上午的骨科")
    for _ in range(12):
        if any("已预约" in one.get("text", "") for one in replies):
            break
        text = replies[-1]["text"]
        if "姓名" in text and "buttons" not in replies[-1]:
            replies = await say(http, "张三")
        elif text.startswith("请发就诊人的"):  # the buttons are for other documents
            replies = await say(http, "99999919500203002" + check_digit("99999919500203002"))
        elif "手机号" in text and "buttons" not in replies[-1]:
            replies = await say(http, "10000001234")
        else:
            replies = await say(http, replies[-1]["buttons"][0]["payload"])
    records = (await http.get("/api/v1/contacts/rest:a/records")).json()
    booked = [one for one in records if one["type"] == "appointment"]
    assert [(one["status"], one["department"], one["date"], one["period"]) for one in booked] == [
        ("booked", "骨科", "2026-03-12", "morning")
    ]
    assert booked[0]["patient_name"] == "张三"


async def test_the_same_message_id_gives_the_same_answer(http: httpx.AsyncClient) -> None:
    first = await say(http, "彩超室怎么走", message_id="1")
    assert await say(http, "彩超室怎么走", message_id="1") == first
    events = (await http.get("/conversations/a/tracker")).json()["events"]
    assert [one["event"] for one in events].count("user") == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"\xff\xfe\x00", 400, None),
        (b"[]", 400, None),
        (b'"a"', 400, None),
        (b'{"sender": "a"}', 422, "message"),
        (b'{"sender": "a", "message": null}', 422, "message"),
        (b'{"sender": "a", "message": 7}', 422, "message"),
        (b'{"message": "x"}', 422, "sender"),
        (b'{"sender": null, "message": "x"}', 422, "sender"),
        (b'{"sender": "", "message": "x"}', 422, "sender"),
        (b'{"sender": {"a": 1}, "message": "x"}', 422, "sender"),
        (b'{"sender": "\\u0000", "message": "x"}', 422, "sender"),
        (b'{"sender": "a", "message": "x", "message_id": []}', 422, "message_id"),
        (b'{"sender": "a", "message": "x", "metadata": []}', 422, "metadata"),
        (b'{"sender": "a", "message": "x", "metadata": {"language": "12"}}', 422, "metadata.language"),
        (b'{"sender": "a", "message": "x", "metadata": {"place_code": "NO"}}', 422, "metadata.place_code"),
        (b'{"sender": "a", "message": "' + b"x" * (1 << 21) + b'"}', 413, None),
    ],
)
async def test_what_cannot_be_read_is_refused_clearly(
    http: httpx.AsyncClient, body: bytes, status: int, field: str | None
) -> None:
    answer = await http.post(WEBHOOK, content=body)
    refusal = answer.json()
    assert answer.status_code == status, refusal
    assert set(refusal) == ({"error", "message", "field"} if field else {"error", "message"})
    assert refusal.get("field") == field


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀😀", "\u0000\u0007", "x" * 5000, "我想挂号" * 1000, "/SetSlots(", "/nope"]
)
async def test_odd_messages_get_a_warm_sentence(http: httpx.AsyncClient, text: str) -> None:
    replies = await say(http, text)
    assert replies
    assert all(one["recipient_id"] == "a" for one in replies)
    assert replies[0]["text"]


async def test_a_very_long_message_is_read_in_part_and_the_patient_is_told(http: httpx.AsyncClient) -> None:
    replies = await say(http, "我想投诉，" + "等了很久。" * 800)
    assert "2000" in replies[0]["text"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", WEBHOOK, 405),
        ("POST", "/health", 405),
        ("GET", "/maps/OPD/2F.gif", 422),
    ],
)
async def test_every_error_has_the_one_shape(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert {"error", "message"} <= set(answer.json())


async def test_the_tracker_tells_slots_stack_events_and_the_slot_asked_for(http: httpx.AsyncClient) -> None:
    await say(http, "我想挂骨科的号")
    tracker = (await http.get("/conversations/a/tracker")).json()
    assert tracker["sender_id"] == "a"
    assert tracker["slots"]["department"] == "骨科"
    assert tracker["slots"]["requested_slot"]
    assert tracker["latest_message"]["intent"]["name"] == "book_appointment"
    assert [one["event"] for one in tracker["events"]][:2] == ["user", "bot"]
    assert tracker["stack"][0]["flow_id"] == "book_appointment"
    assert tracker["active_loop"]["name"]
    assert tracker["paused"] is False


async def test_an_unknown_sender_has_an_empty_tracker_and_no_records(http: httpx.AsyncClient) -> None:
    tracker = (await http.get("/conversations/nobody/tracker")).json()
    assert (tracker["events"], tracker["stack"], tracker["slots"]) == ([], [], {"requested_slot": None})
    assert (await http.get("/api/v1/contacts/rest:nobody/records")).json() == []


async def test_identity_numbers_are_masked_in_the_tracker(http: httpx.AsyncClient) -> None:
    number = "99999919500203002" + check_digit("99999919500203002")
    await say(http, f"我的身份证{number}，电话10000001234")
    text = (await http.get("/conversations/a/tracker")).text
    assert number not in text
    assert "10000001234" not in text


async def test_parse_answers_as_rasa_does(http: httpx.AsyncClient) -> None:
    body = {"text": "我妈想挂明天上午的骨科", "reference_time": "2026-03-11T09:00:00"}
    parsed = (await http.post("/model/parse", json=body)).json()
    assert parsed["intent"]["name"] == "book_appointment"
    assert parsed["slots"] == {
        "date": "2026-03-12",
        "period": "morning",
        "department": "骨科",
    }
    one = next(entity for entity in parsed["entities"] if entity["entity"] == "department")
    assert parsed["text"][one["start"] : one["end"]] == "骨科"


async def test_parse_refuses_a_slot_that_no_flow_asks_for(http: httpx.AsyncClient) -> None:
    body = {"text": "明天", "context": {"requested_slot": "perod"}}
    answer = await http.post("/model/parse", json=body)
    assert answer.status_code == 422
    told = answer.json()
    assert (told["error"], told["field"], told["nearest"]) == (
        "unknown_slot",
        "context.requested_slot",
        "period",
    )


async def test_triage_of_chest_pain_is_critical_and_of_small_talk_nothing(http: httpx.AsyncClient) -> None:
    found = (await http.post("/triage/assess", json={"text": "胸口压榨样疼，出大汗", "age": 60})).json()
    assert found["level"] == "critical"
    assert found["red_flags"][0]["evidence"]
    assert (await http.post("/triage/assess", json={"text": "今天天气真好"})).json()["level"] is None
    assert (await http.post("/triage/assess", json={"text": "疼", "age": []})).status_code == 422


async def test_without_a_token_the_api_answers_on_this_machine_only(house: House) -> None:
    async with client(house, caller=ELSEWHERE) as http:
        assert (await http.get("/api/v1/contacts/rest:a/records")).status_code == 403
        assert (await http.get("/health")).status_code == 200
        assert await say(http, "你好")
    async with client(house, host="http://evil.example") as http:  # a name of its own for 127.0.0.1
        assert (await http.get("/conversations/a/tracker")).status_code == 403


async def test_with_a_token_it_is_wanted_everywhere(house: House) -> None:
    guarded = replace(
        house, settings=house.settings.model_copy(update={"api_token": SecretStr("long-secret")})
    )
    async with client(guarded, caller=ELSEWHERE) as http:
        path = "/api/v1/contacts/rest:a/records"
        assert (await http.get(path)).status_code == 401
        assert (await http.get(path, headers={"authorization": "Bearer wrong"})).status_code == 401
        assert (await http.get(path, headers={"authorization": "Bearer long-secret"})).status_code == 200


async def test_a_suspension_is_idempotent_and_names_what_it_cannot_read(http: httpx.AsyncClient) -> None:
    doctor = "韦建江"
    body = {"external_id": "s1", "doctor": doctor, "date": "2026-03-12", "period": "morning"}
    first = await http.post("/api/v1/suspensions", json=body)
    assert first.status_code == 200
    assert (await http.post("/api/v1/suspensions", json=body)).json()["id"] == first.json()["id"]
    for change, field in (
        ({"doctor": "无此人"}, "doctor"),
        ({"date": "2025-01-01"}, "date"),
        ({"date": "x"}, "date"),
    ):
        refused = await http.post("/api/v1/suspensions", json=body | change | {"external_id": f"{change}"})
        assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_map_is_drawn_and_an_unknown_place_is_named(http: httpx.AsyncClient) -> None:
    drawn = await http.get("/maps/OPD/2F.svg", params={"to": "OPD-2F-US"})
    assert drawn.headers["content-type"] == "image/svg+xml"
    lost = await http.get("/maps/OPD/2F.svg", params={"to": "没有的地方"})
    assert (lost.status_code, lost.json()["field"]) == (404, "to")


async def test_the_reference_page_lists_every_route_and_loads_nothing_from_outside(
    http: httpx.AsyncClient,
) -> None:
    page = (await http.get("/docs")).text
    assert WEBHOOK in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


async def test_metrics_tell_routes_by_pattern_and_never_a_sender(http: httpx.AsyncClient) -> None:
    await http.get("/conversations/somebody-secret/tracker")
    text = (await http.get("/metrics")).text
    assert "wenjin_http_requests" in text
    assert "somebody-secret" not in text
