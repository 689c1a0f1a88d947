"""The hospital's system reports beds: the pool follows, and what cannot be is refused by a code that stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.app import make_app
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import bed_calls, beds, line_states, lines, patients
from services.contacts import find_contact
from tests.conftest import NOW


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


@pytest.fixture
def client(house: House) -> TestClient:
    return TestClient(make_app(house), base_url="http://127.0.0.1", client=("127.0.0.1", 5000))


def report(client: TestClient, bed: str, status: str, event: str = "", **more: str) -> Any:
    body = {"external_id": event or f"{bed}-{status}", "status": status, **more}
    return client.post(f"/api/v1/beds/{bed}/events", json=body)


def count(house: House, ward: str) -> dict[str, int]:
    counts = house.read_now(beds.count_beds)
    return next(numbers for one, numbers in counts if one.id == ward)


def wait_for_a_bed(house: House) -> int:
    """Somebody of 骨科 waits; returns the request."""

    def work(session: Any) -> int:
        desk = house.desk(session, actor="staff:1")
        change_world(desk, "甲 就诊人 张三 男 1960-05-05", channel="rest")
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        [patient] = patients.list_patients(desk, contact_id=contact.id)
        told = {"paper": "given", "department": "骨科", "priority": "usual", "phone": "10000001234"}
        one = lines.request_line(
            desk, contact_id=contact.id, line="pre_admission", patient_id=patient.id, values=told
        )
        line_states.advance_line(desk, request_id=one.id, stage="waiting")
        return one.id

    return house.writers.transaction(work)


def test_a_bed_taken_by_a_direct_admission_is_out_of_the_pool_until_it_is_free(
    house: House, client: TestClient
) -> None:
    taken = report(client, "801-2", "occupied", sex="male", reason="急诊收治").json()
    assert (taken["bed"], taken["ward"], taken["status"]) == ("801-2", "IPD-8F-ORTH", "occupied")
    assert count(house, "IPD-8F-ORTH")[beds.OCCUPIED] == 1
    assert report(client, "801-2", "cleaning").json()["status"] == "cleaning"
    assert report(client, str(taken["id"]), "free").json()["bed"] == "801-2"
    assert count(house, "IPD-8F-ORTH") == {
        "free": 10,
        "reserved": 0,
        "occupied": 0,
        "cleaning": 0,
        "closed": 0,
    }


def test_the_same_event_told_again_changes_nothing(house: House, client: TestClient) -> None:
    report(client, "801-2", "occupied", "e1")
    report(client, "801-2", "free", "e2")
    assert report(client, "801-2", "occupied", "e1").json()["status"] == "free"


def test_a_bed_that_is_none_and_a_state_that_is_none_are_answered_with_the_nearest(
    client: TestClient,
) -> None:
    unknown = report(client, "801-12", "occupied")
    assert (unknown.status_code, unknown.json()["error"], unknown.json()["field"]) == (
        404,
        "unknown_bed",
        "bed",
    )
    assert unknown.json()["nearest"].startswith("801-")
    odd = report(client, "801-2", "ocupied").json()
    assert (odd["error"], odd["nearest"]) == ("unknown_status", "occupied")


def test_a_bed_that_a_registration_holds_moves_only_with_it(house: House, client: TestClient) -> None:
    wait_for_a_bed(house)
    assert house.writers.transaction(lambda session: bed_calls.call_next(house.desk(session))) == 1
    held = next(one for one in house.read_now(beds.list_beds) if one.status == beds.RESERVED)
    refused = report(client, held.label, "occupied")
    assert refused.status_code == 409
    assert (refused.json()["error"], refused.json()["state"]) == ("wrong_state", "reserved")


def test_a_bed_reported_free_goes_to_whoever_is_next(house: House, client: TestClient) -> None:
    every = [one.label for one in house.read_now(beds.list_beds)] or []
    if not every:
        house.writers.transaction(lambda session: beds.make_beds(house.desk(session)))
        every = [one.label for one in house.read_now(beds.list_beds)]
    for label in every:
        report(client, label, "occupied")
    wait_for_a_bed(house)
    assert house.writers.transaction(lambda session: bed_calls.call_next(house.desk(session))) == 0
    report(client, "801-1", "free")
    assert house.writers.transaction(lambda session: bed_calls.call_next(house.desk(session))) == 1
    assert count(house, "IPD-8F-ORTH")[beds.RESERVED] == 1
