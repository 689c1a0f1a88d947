"""The web chat's WebSocket and pages without a browser: identity, repeats, what was missed, what is refused."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs

from bot.app import make_app
from bot.channels.web import fingerprint
from bot.house import House
from bot.pages.routes import security_policy
from services.contacts import find_contact
from services.outbox import post
from services.talk import list_lines
from tests.bot.small_house import BOOKED, small_house

KEY, OTHER = "a" * 43, "b" * 43
ORIGIN = {"origin": "http://testserver"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path, embed_origins=["https://hospital.example"]) as house:
        yield house


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(make_app(house)) as client:
        yield client


def hello(socket: WebSocketTestSession, *, key: str = KEY, after: int = 0) -> list[dict[str, Any]]:
    socket.send_json({"type": "hello", "key": key, "after": after})
    early = []
    while (frame := socket.receive_json())["type"] != "history":  # what is sent meanwhile may come before it
        early.append(frame)
    return [*frame["lines"], *early]


def say(socket: WebSocketTestSession, text: str, *, id: str = "message-1", **more: Any) -> None:
    socket.send_json({"type": "say", "id": id, "text": text, **more})


def receive(socket: WebSocketTestSession, *types: str) -> list[dict[str, Any]]:
    """Frames until each of these types has come; in the order of ``types``."""
    found: dict[str, dict[str, Any]] = {}
    while set(types) - set(found):
        frame = socket.receive_json()
        found[frame["type"]] = frame
    return [found[one] for one in types]


def test_a_message_is_taken_and_answered(client: TestClient) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        assert hello(socket) == []
        say(socket, "你好")
        taken, line = receive(socket, "taken", "line")
        assert taken["id"] == "message-1"
        assert (line["text"], line["author"]) == ("听到了：你好", "assistant")


def test_the_same_message_id_acts_once(client: TestClient, house: House) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        for _ in range(3):
            say(socket, "挂号")
            receive(socket, "taken")
    assert house.assistant.heard == ["挂号"]  # type: ignore[attr-defined]


def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_else(
    client: TestClient, house: House
) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "一")
        _, line = receive(socket, "taken", "line")
    _post(house, "您的报告出来了")
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        missed = hello(socket, after=line["id"]) or receive(socket, "line")  # or delivery brings it
        assert {one["text"] for one in missed} == {"您的报告出来了"}
        assert len({one["id"] for one in missed}) == 1  # the page knows by the number what comes twice


def test_what_waited_for_a_closed_page_is_sent_when_it_opens(client: TestClient, house: House) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "一")
        receive(socket, "taken", "line")
    _post(house, "等您回来")
    while not any(one.attempts for one in _lines(house) if one.body["text"] == "等您回来"):
        time.sleep(0.01)  # until delivery has found nobody
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        waited = [one for one in hello(socket) if one["text"] == "等您回来"]
        assert len({one["id"] for one in waited}) == 1
        say(socket, "二", id="message-2")
        texts = [receive(socket, "line")[0]["text"]]
        while texts[-1] != "听到了：二":  # not held up by what waited
            texts.append(receive(socket, "line")[0]["text"])


def test_the_history_shows_presses_by_their_words(client: TestClient) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "/book_appointment", id="message-1")
        _, line = receive(socket, "taken", "line")
        say(socket, line["buttons"][0]["payload"], id="message-2")
        receive(socket, "taken", "line")
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        lines = hello(socket)
        assert [one["text"] for one in lines if "mine" in one] == ["我想挂号", "上午 08:30–09:00"]
        assert [one["mine"] for one in lines if "mine" in one] == ["message-1", "message-2"]
        assert lines[-1]["text"] == BOOKED.text


def test_nobody_sees_the_conversation_of_another_key(client: TestClient) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as mine:
        hello(mine)
        say(mine, "我的事")
        receive(mine, "taken", "line")
        with client.websocket_connect("/chat", headers=ORIGIN) as other:
            assert hello(other, key=OTHER) == []


def test_the_database_holds_no_key_with_which_one_could_speak(client: TestClient, house: House) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "你好")
        receive(socket, "taken")
    sender = fingerprint(KEY)
    assert KEY not in sender and house.read_now(lambda desk: find_contact(desk, channel="web", sender=sender))
    assert house.read_now(lambda desk: find_contact(desk, channel="web", sender=KEY)) is None


def test_two_pages_of_one_person_show_the_same(client: TestClient) -> None:
    with (
        client.websocket_connect("/chat", headers=ORIGIN) as one,
        client.websocket_connect("/chat", headers=ORIGIN) as two,
    ):
        hello(one)
        hello(two)
        say(one, "/book_appointment", shown="我想挂号")
        heard, line = receive(two, "heard", "line")
        assert heard["text"] == "我想挂号"
        assert line["id"] == receive(one, "line")[0]["id"]


def test_place_anonymity_and_large_type_reach_the_dialogue_and_can_be_taken_back(client: TestClient) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "我在哪", place_code="opd-2f-us", anonymous=True, large_type=True)
        assert receive(socket, "line")[0]["text"] == "OPD-2F-US 不留名=True 大字=True"
        say(socket, "我在哪", id="message-2", anonymous=False, large_type=False)
        assert receive(socket, "line")[0]["text"] == "OPD-2F-US 不留名=False 大字=False"


def test_a_person_of_the_hospital_is_shown_as_one_and_not_by_name(client: TestClient, house: House) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "你好")
        receive(socket, "taken", "line")
        _post(house, "我是值班的", author="staff:3")
        (line,) = receive(socket, "line")
        assert (line["text"], line["author"]) == ("我是值班的", "person")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "broken_json"),
        ("[]", "invalid"),
        ('{"type":"shout"}', "invalid"),
        ('{"type":"hello","key":"short"}', "invalid"),
        ('{"type":"say","id":"message-1","text":7}', "invalid"),
        ('{"type":"say","id":"message-1","text":"x"}', "hello_first"),
    ],
)
def test_a_frame_that_is_none_is_refused_and_the_line_holds(
    client: TestClient, frame: str, reason: str
) -> None:
    with client.websocket_connect("/chat", headers=ORIGIN) as socket:
        socket.send_text(frame)
        assert socket.receive_json()["reason"] == reason
        socket.send_bytes(b"\x00\xff")
        assert socket.receive_json()["type"] == "refused"
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}


@pytest.mark.parametrize("headers", [{"origin": "http://elsewhere.example"}, {"origin": "null"}, {}])
def test_a_page_of_another_origin_cannot_open_the_line(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/chat", headers=headers):
        pass


def test_a_failed_turn_gives_an_honest_sentence(client: TestClient) -> None:
    with capture_logs(), client.websocket_connect("/chat", headers=ORIGIN) as socket:
        hello(socket)
        say(socket, "坏掉")
        assert "对不起" in receive(socket, "line")[0]["text"]


def test_pages_allow_no_script_in_the_html_and_nothing_from_outside(client: TestClient) -> None:
    for path in ("/", "/t/OPD-2F-US", "/t/NOWHERE"):
        response = client.get(path)
        policy = response.headers["content-security-policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy and "default-src 'none'" in policy
        assert "frame-ancestors 'self' https://hospital.example" in policy
        assert not re.search(r"<script(?![^>]*\ssrc=)", response.text)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", response.text)
        assert not re.search(r"\son\w+=|style=", response.text)


def test_a_strange_host_does_not_get_into_the_policy() -> None:
    assert "evil" not in security_policy("x; script-src evil", ())
    assert "wss://ask.example:8443" in security_policy("ask.example:8443", ())


def test_the_page_behind_a_code_names_the_place_and_works_as_a_plain_form(
    client: TestClient, house: House
) -> None:
    text = client.get("/t/opd-2f-us").text
    assert "<h1>门诊二楼彩超候诊区</h1>" in text and house.hospital.phone in text and "120" in text
    assert '<form action="/" method="get">' in text and 'name="place" value="OPD-2F-US"' in text
    assert re.findall(r'name="do" value="(\w+)"', text) == ["complain", "ask", "suggest", "praise"]
    assert 'name="anonymous"' in text


@pytest.mark.parametrize("code", ["NOWHERE", "%00", "<script>alert(1)</script>", "x" * 3000])
def test_an_unknown_code_is_a_404_with_a_way_on(client: TestClient, code: str) -> None:
    response = client.get(f"/t/{code}")
    assert response.status_code == 404
    if "/" not in code:
        assert "没有找到这个位置" in response.text and 'href="/"' in response.text
        assert "alert(1)" not in response.text


def test_assets_are_served_and_nothing_else_is(client: TestClient) -> None:
    assert client.get("/pages/chat.js").headers["content-type"].startswith("text/javascript")
    for path in ("/pages/routes.py", "/pages/index.html", "/pages/..%2fapp.py", "/pages/missing.js"):
        assert client.get(path).status_code == 404


def _post(house: House, text: str, *, author: str = "clock") -> None:
    def work(session: Any) -> None:
        desk = house.desk(session)
        contact = find_contact(desk, channel="web", sender=fingerprint(KEY))
        assert contact and contact.id
        post(desk, contact_id=contact.id, replies=[{"text": text}], author=author)

    house.writers.call(lambda: house.writers.transaction(work))
    house.bell.ring()


def _lines(house: House) -> list[Any]:
    def read(desk: Any) -> list[Any]:
        contact = find_contact(desk, channel="web", sender=fingerprint(KEY))
        return list_lines(desk, contact_id=contact.id) if contact and contact.id else []

    return house.read_now(read)
