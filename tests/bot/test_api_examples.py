"""The examples of the API's description are true: played one after the other on a fresh demonstration hospital."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.api.description import read_examples
from bot.app import make_app
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services.api_clients import SCOPES, add_client
from tests.conftest import NOW

UNSHOWN = ("/couriers/", "/crowding/", "/maps/", "/metrics", "/webhooks/rest/")
"""Another's own format, pictures, text, and the route by which Rasa's clients look whether we are there."""


@pytest.fixture(scope="module")
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> TestClient:
    _, token = house.writers.transaction(
        lambda session: add_client(house.desk(session), name="his", scopes=SCOPES)
    )
    return TestClient(
        make_app(house, delivery=False),
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 5000),
        headers={"authorization": f"Bearer {token}"},
    )


def differs(shown: Any, told: Any, where: str = "answer") -> list[str]:
    """Where an answer has other names or types than its example; of a list the first entry."""
    if isinstance(shown, dict) and isinstance(told, dict):
        odd = [f"{where}.{name}" for name in shown.keys() ^ told.keys()]
        return odd + [
            one
            for name in shown.keys() & told.keys()
            for one in differs(shown[name], told[name], f"{where}.{name}")
        ]
    if isinstance(shown, list) and isinstance(told, list):
        return differs(shown[0], told[0], f"{where}[]") if shown and told else []
    return [] if None in (shown, told) or type(shown) is type(told) else [where]


def test_every_example_is_answered_as_it_says(house: House, client: TestClient) -> None:
    for one in read_examples():
        if one.world:
            house.writers.transaction(
                lambda session, line=one.world: change_world(house.desk(session), line, channel="rest")
            )
        answer = client.request(one.method, one.path, json=one.body)
        assert answer.status_code == 200, (one.route, answer.text)
        odd = differs(one.answer, answer.json())
        assert [name for name in odd if ".slots" not in name] == [], (
            one.route
        )  # which slots are set is the model's


def test_a_route_that_tells_something_told_again_gives_the_same_answer(client: TestClient) -> None:
    told = [one for one in read_examples() if one.body and "external_id" in one.body]
    assert len(told) >= 10
    for one in told:
        first, again = (client.post(one.path, json=one.body) for _ in range(2))
        assert (first.status_code, first.json()) == (200, again.json()), one.route


def test_every_route_has_an_example_and_names_its_token(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    lacking = [
        f"{method.upper()} {path}"
        for path, methods in description["paths"].items()
        for method, one in methods.items()
        if not any(part in path for part in UNSHOWN)
        and "example" not in one["responses"]["200"].get("content", {}).get("application/json", {})
    ]
    assert [one for one in lacking if one != "POST /webhooks/rest/webhook"] == []
    assert description["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert description["paths"]["/api/v1/discharges"]["post"]["security"] == [{"bearer": []}]
    assert "security" not in description["paths"]["/webhooks/rest/webhook"]["post"]
    assert (
        "image/png"
        in description["paths"]["/maps/{area}/{floor}.{kind}"]["get"]["responses"]["200"]["content"]
    )
    shown = {one.route for one in read_examples()}
    assert len(shown) == len(read_examples()) and "POST /webhooks/rest/webhook" in shown


def test_a_type_of_a_service_line_is_read_before_anybody_asked_for_it(client: TestClient) -> None:
    types = {one["type"] for one in client.get("/api/v1/types").json()["data"]}
    assert {"record_copy", "certificate", "examination", "pre_admission", "refill"} <= types
    assert client.get("/api/v1/record-copies").json() == {"data": [], "next": None}


def test_a_state_from_which_it_cannot_go_on_is_a_code_that_stays(client: TestClient) -> None:
    body = {"external_id": "FW-9", "stage": "rejected", "slots": {"why": "今天停诊"}}
    refused = client.post("/api/v1/requests/1/events", json=body)
    assert refused.status_code == 409
    assert (refused.json()["error"], refused.json()["state"]) == ("wrong_state", "accepted")
