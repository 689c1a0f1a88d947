"""Webhooks out: every change is told once it is committed, signed, in order, again after a failure, never silently lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from bot import webhooks as sending
from bot.commands import app as commands
from bot.console.systems import list_addresses, list_dead_letters
from bot.hours import MovingHours
from bot.house import House
from services import Desk, complaints, endpoints, handling, webhooks
from services.complaints import Complaint
from services.contacts import get_or_create_contact
from services.errors import ServiceError
from services.history import list_changes
from services.requests import request_service
from services.webhooks import WebhookDelivery, WebhookEndpoint
from tests.bot.small_house import small_house

URL = "https://his.example/hook"
TEXT = "候诊区的空调坏了，老人热得难受"


class Receiver:
    """Another system: keeps what it was told and answers as a test wants."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[int] = []
        self.refuses: set[int] = set()
        """Ids of records whose next event is refused once, in whatever order events arrive."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.answers.pop(0) if self.answers else 200
        if self.refuses and (record := json.loads(request.content)["data"]["id"]) in self.refuses:
            self.refuses.remove(record)
            status = 503
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for one in self.requests]

    @property
    def told(self) -> list[str]:
        return [one["type"] for one in self.events]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path) as house:
        yield house


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@asynccontextmanager
async def messenger(house: House, receiver: Receiver) -> AsyncIterator[sending.Messenger]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as client:
        yield sending.Messenger(house, client)


async def send_all(house: House, receiver: Receiver) -> None:
    async with messenger(house, receiver) as one:
        while await one.send_due():
            await one.finish()


async def register(house: House, **more: Any) -> WebhookEndpoint:
    return await house.write(lambda desk: endpoints.add_endpoint(desk, url=URL, **more), actor="staff:1")


async def complain(house: House, text: str = TEXT) -> Complaint:
    def work(desk: Desk) -> Complaint:
        contact = get_or_create_contact(desk, channel="rest", sender="a")
        own = desk.acting_as(f"contact:{contact.id}")
        return complaints.file_complaint(own, contact_id=contact.id, text=text, category="environment")

    return await house.write(work, actor="api")


async def move(house: House, one: Complaint, status: str) -> None:
    await house.write(
        lambda desk: handling.advance_complaint(desk, complaint_id=one.id, status=status), actor="staff:1"
    )


def pass_hours(house: House, hours: float) -> None:
    assert isinstance(house.now, MovingHours)
    house.now.time += timedelta(hours=hours)


async def read_deliveries(house: House) -> list[WebhookDelivery]:
    return await house.read(
        lambda desk: list(desk.session.exec(select(WebhookDelivery).order_by(col(WebhookDelivery.id))))
    )


async def test_a_change_is_told_with_ids_and_states_and_no_word_of_the_patient(
    house: House, receiver: Receiver
) -> None:
    await register(house, types=("complaint",))
    filed = await complain(house)
    await send_all(house, receiver)
    (event,) = receiver.events
    assert event["type"] == "complaint.received"
    assert event["timestamp"] == "2026-03-11T09:00:00+08:00"
    assert event["data"] == {
        "type": "complaint",
        "id": filed.id,
        "status": "received",
        "previous": None,
        "actor": "contact",
        "order_number": filed.order_number,
    }
    assert "空调" not in receiver.requests[0].content.decode()


async def test_an_endpoint_that_is_allowed_is_told_the_record_masked(
    house: House, receiver: Receiver
) -> None:
    await register(house, detail=True)
    await complain(house)
    await send_all(house, receiver)
    record = receiver.events[0]["data"]["record"]
    assert record["category"] == "environment"
    assert "text" in record["masked"]
    assert "空调" not in receiver.requests[0].content.decode()


async def test_the_receiver_can_check_the_signature_by_the_published_recipe(
    house: House, receiver: Receiver
) -> None:
    endpoint = await register(house)
    await complain(house)
    await send_all(house, receiver)
    request = receiver.requests[0]
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    signed = b".".join(
        [
            request.headers["webhook-id"].encode(),
            request.headers["webhook-timestamp"].encode(),
            request.content,
        ]
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["webhook-id"] == receiver.events[0]["id"]


async def test_only_the_types_asked_for_are_told(house: House, receiver: Receiver) -> None:
    await register(house, types=("herb-deliveries",))
    await complain(house)
    await send_all(house, receiver)
    assert receiver.told == []
    assert await read_deliveries(house) == []


async def test_service_request_means_every_service_line(house: House, receiver: Receiver) -> None:
    await register(house, types=("service_request",))

    def ask(desk: Desk) -> None:
        contact = get_or_create_contact(desk, channel="rest", sender="a")
        request_service(desk, contact_id=contact.id, kind="record_copy", slots={})

    await house.write(ask, actor="contact")
    await complain(house)
    await send_all(house, receiver)
    assert receiver.told == ["record_copy.requested"]


async def test_what_is_rolled_back_is_told_to_nobody(house: House, receiver: Receiver) -> None:
    await register(house)

    def work(desk: Desk) -> None:
        contact = get_or_create_contact(desk, channel="rest", sender="a")
        complaints.file_complaint(desk, contact_id=contact.id, text=TEXT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await house.write(work, actor="api")
    await send_all(house, receiver)
    assert receiver.told == []


async def test_a_failure_is_tried_again_and_later_changes_of_the_record_wait_behind_it(
    house: House, receiver: Receiver
) -> None:
    await register(house)
    first, other = await complain(house), await complain(house, "食堂的汤是凉的")
    await move(house, first, "first_contact")
    receiver.refuses = {first.id}
    await send_all(house, receiver)
    assert sorted(event["data"]["id"] for event in receiver.events) == [first.id, other.id]
    pass_hours(house, 0.1)
    await send_all(house, receiver)
    mine = [event for event in receiver.events if event["data"]["id"] == first.id]
    assert [event["data"]["status"] for event in mine] == ["received", "received", "first_contact"]
    assert mine[0]["id"] == mine[1]["id"] != mine[2]["id"]


async def test_what_never_arrives_is_given_up_shown_to_staff_and_sent_again_at_their_word(
    house: House, receiver: Receiver
) -> None:
    await register(house)
    filed = await complain(house)
    receiver.answers = [0] * webhooks.MOST_ATTEMPTS
    for _ in range(webhooks.MOST_ATTEMPTS):
        await send_all(house, receiver)
        pass_hours(house, 16)
    ((dead, endpoint),) = await house.read(webhooks.list_failed)
    assert (dead.record, dead.error, endpoint.url) == (filed.subject, "ConnectError", URL)
    assert dead.attempts == webhooks.MOST_ATTEMPTS == len(receiver.requests)
    await send_all(house, receiver)
    assert len(receiver.requests) == webhooks.MOST_ATTEMPTS
    await house.write(lambda desk: webhooks.send_again(desk, delivery_id=dead.id), actor="staff:1")
    await send_all(house, receiver)
    assert len({event["id"] for event in receiver.events}) == 1
    assert await house.read(webhooks.list_failed) == []


async def test_a_worker_that_died_while_sending_sends_again_with_the_same_id(
    house: House, receiver: Receiver
) -> None:
    await register(house)
    await complain(house)
    claimed = await house.write(webhooks.claim_deliveries, actor="delivery")
    assert len(claimed) == 1
    await send_all(house, receiver)
    assert receiver.told == []
    pass_hours(house, 0.1)
    await send_all(house, receiver)
    assert receiver.told == ["complaint.received"]


async def test_a_receiver_that_is_gone_for_good_is_told_nothing_more(
    house: House, receiver: Receiver
) -> None:
    endpoint = await register(house)
    await complain(house)
    receiver.answers = [410]
    await send_all(house, receiver)
    await complain(house, "又来一次")
    pass_hours(house, 1)
    await send_all(house, receiver)
    assert len(receiver.requests) == 1

    def read(desk: Desk) -> list[tuple[str, str, str | None]]:
        one = endpoints.get_endpoint(desk, endpoint_id=endpoint.id)
        return [(step.new, step.actor, step.reason) for step in list_changes(desk, record=one)]

    assert await house.read(read) == [("active", "staff:1", None), ("off", "delivery", "gone")]


@pytest.mark.parametrize("url", ["", "ftp://a/b", "https://", "http://user:word@a/", "notanaddress"])
async def test_an_address_that_cannot_be_called_is_refused(house: House, url: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        await house.write(lambda desk: endpoints.add_endpoint(desk, url=url), actor="staff:1")
    assert refusal.value.field == "url"


async def test_a_type_that_nobody_knows_is_refused(house: House) -> None:
    with pytest.raises(ServiceError) as refusal:
        await register(house, types=("apointment",))
    assert (refusal.value.code, refusal.value.value) == ("unknown_type", "apointment")


async def test_what_was_delivered_long_ago_is_forgotten(house: House, receiver: Receiver) -> None:
    await register(house)
    await complain(house)
    await send_all(house, receiver)
    pass_hours(house, 24 * (webhooks.KEPT_DAYS + 1))
    await complain(house, "新的")
    assert await house.write(webhooks.forget_delivered, actor="clock") == 1
    assert [one.status for one in await read_deliveries(house)] == ["queued"]


def test_an_address_is_added_listed_tried_and_removed_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            heard.append({key.lower(): value for key, value in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    for name in ("WENJIN_ENV", "WENJIN_NOW", "WENJIN_DATABASE_URL", "WENJIN_DATA_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENJIN_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner().invoke
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hook"
        added = run(commands, ["webhooks", "add", url, "--types", "appointment,herb-deliveries"])
        assert added.exit_code == 0, added.output
        assert "whsec_" in added.stdout and "(appointment herb_delivery)" in added.stdout
        tried = run(commands, ["webhooks", "test", "1"])
        assert (tried.exit_code, tried.stdout.strip()) == (0, f"{url}: HTTP 204")
        server.shutdown()
    assert heard[0]["webhook-signature"].startswith("v1,")
    assert "herb_delivery" in run(commands, ["webhooks", "list"], env={"COLUMNS": "200"}).stdout
    assert run(commands, ["webhooks", "test", "1"]).exit_code == 1
    assert run(commands, ["webhooks", "remove", "1"]).exit_code == 0
    refused = run(commands, ["webhooks", "remove", "1"])
    assert (refused.exit_code, refused.stdout.strip()) == (1, "webhook_endpoint「1」：没有找到")
    token = run(commands, ["tokens", "add", "lis", "--scopes", "read"])
    assert token.exit_code == 0 and "wj_" in token.stdout
    assert run(commands, ["tokens", "add", "lis"]).stdout.strip() == "name「lis」：这个名字已经有人用了"


async def test_the_console_shows_what_was_given_up_and_why(house: House, receiver: Receiver) -> None:
    await register(house, types=("complaint",))
    filed = await complain(house)
    receiver.answers = [500] * webhooks.MOST_ATTEMPTS
    for _ in range(webhooks.MOST_ATTEMPTS):
        await send_all(house, receiver)
        pass_hours(house, 16)
    (letter,) = await house.read(list_dead_letters)
    assert (letter.what, letter.url) == (f"投诉 {filed.id}", URL)
    assert letter.why == f"试了 {webhooks.MOST_ATTEMPTS} 次：对方回答 500"
    (address,) = await house.read(list_addresses)
    assert (address.what, address.detail) == ("投诉", False)
