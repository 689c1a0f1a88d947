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


def test_several_are_asked_for_by_a_list_and_each_is_checked(client: TestClient) -> None:
    path, day = "/api/v1/lines/self_ordered_test/requests", "2026-03-12"
    body = {"external_id": "his-2", "contact": "rest:甲", "patient_name": "张三"}
    told = client.post(path, json=body | {"slots": {"examination": ["血糖", "血常规", "血糖"], "date": day}})
    assert told.status_code == 200, told.text
    (record,) = client.get("/api/v1/contacts/rest:甲/records").json()
    assert record["examination"] == "血常规、血糖", "a slot of the contract stays a text"
    wrong = body | {"external_id": "his-3", "slots": {"examination": ["血糖", "肝功"], "date": day}}
    refused = client.post(path, json=wrong)
    assert (refused.status_code, refused.json()["nearest"]) == (422, "肝功能")


def test_an_event_moves_it_on_once(client: TestClient) -> None:
    number = ask(client).json()["order_number"]
    event = {"external_id": "e1", "stage": "accepted", "slots": {"nurse": "覃护士"}}
    for _ in range(2):
        moved = client.post(f"/api/v1/requests/{number}/events", json=event).json()
        assert (moved["stage"], moved["status"]) == ("accepted", "accepted")


def refuse(client: TestClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{path}", json={"external_id": "x1"} | body)
    assert 400 <= answer.status_code < 500, answer.text
    return answer.json()


def test_a_step_is_refused_by_a_code_that_stays_with_the_steps_that_may_follow(client: TestClient) -> None:
    number = ask(client).json()["order_number"]
    early = refuse(client, f"requests/{number}/events", {"stage": "requested_", "reason": ""})
    assert (early["error"], early["field"], early["nearest"]) == ("unknown_stage", "stage", "requested")
    assert "completed" in early["allowed"]
    for stage in ("accepted", "completed"):
        body = {
            "external_id": stage,
            "stage": stage,
            "slots": {"nurse": "覃护士"} if stage == "accepted" else {},
        }
        client.post(f"/api/v1/requests/{number}/events", json=body)
    late = refuse(client, f"requests/{number}/events", {"stage": "accepted", "slots": {"nurse": "韦护士"}})
    assert (late["error"], late["state"], late["field"]) == ("wrong_state", "completed", "stage")


def test_a_name_that_none_of_the_fields_or_slots_has_is_refused_with_the_nearest(client: TestClient) -> None:
    requests = "lines/nursing_clinic/requests"
    body = {"contact": "rest:甲", "patient_name": "张三", "slots": CLINIC}
    for wrong, field, nearest in (
        ({"patient": "张三"}, "patient", "patient_name"),
        ({"values": CLINIC}, "values", None),
        ({"slots": CLINIC | {"clinics": "wound"}}, "slots.clinics", "clinic"),
    ):
        refused = refuse(client, requests, body | wrong)
        assert (refused["field"], refused.get("nearest")) == (field, nearest)
        assert refused["error"] in ("unknown_field", "unknown_slot")
    number = ask(client).json()["order_number"]
    event = {"stage": "accepted", "slots": {"nurse": "覃护士", "nurs": "覃护士"}}
    assert refuse(client, f"requests/{number}/events", event)["field"] == "slots.nurs"


def test_whom_a_request_is_for_is_asked_by_the_name_of_the_field(client: TestClient) -> None:
    body = {"contact": "rest:甲", "slots": CLINIC, "patient_name": "李四"}
    refused = refuse(client, "lines/nursing_clinic/requests", body)
    assert (refused["error"], refused["field"]) == ("unknown_patient", "patient_name")
    del body["patient_name"]
    alone = client.post("/api/v1/lines/nursing_clinic/requests", json=body | {"external_id": "x2"})
    assert alone.status_code == 200, "of one 就诊人 nobody asks the name"


def test_an_answer_that_cannot_stand_comes_with_those_that_can(client: TestClient) -> None:
    for wrong in ({"clinic": "wund"}, {"date": "2026-03-01"}, {"date": "soon"}, {"period": "evening"}):
        (field,) = wrong
        refused = ask(client, slots=CLINIC | wrong).json()
        assert refused["field"] == field and refused["allowed"], refused
    assert ask(client, slots=CLINIC | {"clinic": "wund"}).json()["nearest"] == "wound"
    assert (
        refuse(client, "lines/nursing_clinics/requests", {"contact": "rest:甲"})["nearest"]
        == "nursing_clinic"
    )


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
