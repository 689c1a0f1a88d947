"""The hospital's systems and service lines: what there is, a request, its way on, a village's results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.app import make_app
from bot.transcripts import Theatre
from bot.transcripts.world import change_world

BASE = "http://127.0.0.1"
CLINIC = {"clinic": "wound", "date": "2026-03-12", "period": "morning", "phone": "10000001234"}


@pytest.fixture
def client(theatre: Theatre) -> Iterator[TestClient]:
    with theatre.stage(datetime(2026, 3, 11, 9)) as (house, _):
        house.writers.call(
            lambda: house.writers.transaction(
                lambda session: change_world(house.desk(session), "甲 就诊人 张三", channel="rest")
            )
        )
        yield TestClient(make_app(house), base_url=BASE, client=("127.0.0.1", 5000))


def ask(client: TestClient, **more: Any) -> Any:
    body = {"external_id": "his-1", "contact": "rest:甲", "patient_name": "张三", "slots": CLINIC} | more
    return client.post("/api/v1/lines/nursing_clinic/requests", json=body)


def test_each_line_is_listed_with_what_it_collects_and_its_states(client: TestClient) -> None:
    found = {one["id"]: one for one in client.get("/api/v1/lines").json()}
    assert len(found["nursing_clinic"]["collect"][0]["choices"]) == 13
    assert found["record_copy"]["states"][0]["id"] == "requested"


def test_a_request_by_another_system_is_the_same_however_often_it_is_sent(client: TestClient) -> None:
    first, again = ask(client).json(), ask(client).json()
    assert (first["type"], first["status"]) == ("nursing_service", "requested")
    assert first == again


def test_the_records_route_lists_it_with_type_and_slots(client: TestClient) -> None:
    ask(client)
    (record,) = client.get("/api/v1/contacts/rest:甲/records").json()
    assert (record["type"], record["clinic"], record["date"]) == ("nursing_service", "wound", "2026-03-12")
    assert record["phone"] == "100****1234"


def test_a_wrong_answer_names_its_slot(client: TestClient) -> None:
    refused = ask(client, slots=CLINIC | {"clinic": "nothing"})
    assert refused.status_code == 422
    assert refused.json()["field"] == "clinic"


def test_an_event_moves_it_on_once(client: TestClient) -> None:
    number = ask(client).json()["order_number"]
    event = {"external_id": "e1", "stage": "accepted", "slots": {"nurse": "覃护士"}}
    for _ in range(2):
        moved = client.post(f"/api/v1/requests/{number}/events", json=event).json()
        assert (moved["stage"], moved["status"]) == ("accepted", "accepted")


def test_an_event_for_a_state_that_may_not_follow_is_refused(client: TestClient) -> None:
    number = ask(client).json()["order_number"]
    refused = client.post(f"/api/v1/requests/{number}/events", json={"external_id": "e1", "stage": "sampled"})
    assert refused.status_code == 409


def test_a_village_result_is_taken_once_and_told(client: TestClient) -> None:
    body = {
        "external_id": "lis-7",
        "name": "张三",
        "phone": "10000001234",
        "sampled_on": "2026-03-10",
        "items": [{"name": "血糖", "value": "8.9", "abnormal": True}],
    }
    first, again = (client.post("/api/v1/sampling-results", json=body).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert first["abnormal"]
    assert client.post("/api/v1/sampling-results", json=body | {"items": []}).status_code == 422
