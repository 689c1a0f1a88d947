"""What other systems tell us: whatever is sent, the answer is a result or a 4xx that names the field; twice is once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from bot.api.refusals import Refusal
from bot.app import make_app
from bot.house import House
from services import Desk, herbs
from services.complaints import file_complaint
from services.handling import advance_complaint
from services.history import StateChange
from services.patients import give_consent
from tests.bot.small_house import small_house
from tests.services.builders import make_patient, make_slot

DISCHARGE = {
    "external_id": "Z1",
    "patient_name": "张三",
    "phone": "10000001234",
    "date": "2026-03-10",
    "department": "骨科",
}
SUSPENSION = {"external_id": "T1", "doctor": "韦建江", "date": "2026-03-13", "period": "morning"}
HERB = {"external_id": "E1", "status": "checked"}
READY = {
    "external_id": "R1",
    "examination": "血常规",
    "patient_name": "张三",
    "phone": "10000001234",
    "department": "骨科",
}
QUEUE = {
    "external_id": "Q1",
    "patient_name": "张三",
    "phone": "10000001234",
    "department": "骨科",
    "number": "12",
    "ahead": 3,
}
SAMPLED = {
    "external_id": "S1",
    "patient_name": "张三",
    "phone": "10000001234",
    "date": "2026-03-10",
    "items": [{"name": "血糖", "value": "9.1", "unit": "mmol/L", "range": "3.9–6.1", "abnormal": True}],
}
LINE = {
    "external_id": "L1",
    "contact": "rest:a",
    "patient_name": "张三",
    "slots": {
        "stay": "last",
        "content": "summary",
        "use": "self",
        "needed": "usual",
        "delivery": "pickup",
        "phone": "10000001234",
    },
}
TOLD = {
    "discharges": DISCHARGE,
    "suspensions": SUSPENSION,
    "herb-deliveries/1/events": HERB,
    "reports/ready": READY,
    "reports/expected": READY | {"external_id": "R2", "due_at": "2026-03-11T12:00:00+08:00"},
    "queue": QUEUE,
    "sampling-results": SAMPLED,
    "complaints/1/withdrawn": {"external_id": "W1", "reason": "电话里说解决了"},
    "lines/record_copy/requests": LINE,
}
ODD: list[Any] = [
    None, True, -1, 0, 10**30, 1.5, float("1e300"), "", " ", "\x00", "\ud800", "x" * 5000, "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59+08:00", "2026-02-30", [], {}, [[]], {"a": 1}, "骨科", "'; drop table patient; --", "１２３",
]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path) as house:
        house.writers.transaction(lambda session: furnish(house.desk(session)))
        yield house


def furnish(desk: Desk) -> None:
    patient = make_patient(desk)
    make_slot(desk)
    give_consent(desk, contact_id=patient.contact_id, purpose="identity")
    herbs.register_delivery(
        desk,
        contact_id=patient.contact_id,
        patient_id=patient.id,
        doses=7,
        decoction="decoct",
        delivery_mode="pickup",
    )
    file_complaint(desk, contact_id=patient.contact_id, text="等了三个小时")


@pytest.fixture
def http(house: House) -> httpx.AsyncClient:
    app = make_app(house, delivery=False)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 4000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api/v1/")


def write_json(body: Any) -> bytes:
    """Also what no decent client sends: NaN, halves of surrogate pairs."""
    import json

    return json.dumps(body).encode()


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        refusal = answer.json()
        assert {"error", "message"} <= set(refusal) <= set(Refusal.model_fields), refusal
        assert isinstance(refusal["message"], str)


@pytest.mark.parametrize("path", TOLD)
async def test_told_twice_is_told_once(house: House, http: httpx.AsyncClient, path: str) -> None:
    first = await http.post(path, json=TOLD[path])
    assert first.status_code == 200, first.text
    changes = await house.read(count_changes)
    again = await http.post(path, json=TOLD[path])
    assert again.status_code == 200
    assert again.json() | {"new": None} == first.json() | {"new": None}
    assert await house.read(count_changes) == changes


def count_changes(desk: Desk) -> int:
    return desk.session.exec(select(func.count()).select_from(StateChange)).one()


async def test_the_same_told_at_once_by_eight_is_told_once(house: House, http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(http.post("discharges", json=DISCHARGE) for _ in range(8)))
    assert [one.status_code for one in answers] == [200] * 8
    assert [one.json()["new"] for one in answers].count(True) == 1
    assert len({one.json()["id"] for one in answers}) == 1


@pytest.mark.parametrize("path", TOLD)
async def test_no_odd_value_of_any_field_is_a_fault_of_ours(http: httpx.AsyncClient, path: str) -> None:
    for name in TOLD[path]:
        for number, value in enumerate(ODD):
            body = {**TOLD[path], "external_id": f"{name} {number}", name: value}
            check(await http.post(path, content=write_json(body)))


@pytest.mark.parametrize("path", TOLD)
async def test_a_body_that_is_no_object_is_refused(http: httpx.AsyncClient, path: str) -> None:
    for content in (b"", b"{", b"[]", b"null", b'"a"', b"\xff\xfe", b"{" * 100_000, b"[" * 100_000, b"NaN"):
        answer = await http.post(path, content=content)
        assert answer.status_code in (400, 422), answer.text
        check(answer)
    for missing in TOLD[path]:
        check(await http.post(path, json={key: one for key, one in TOLD[path].items() if key != missing}))
    too_large = await http.post(path, content=b" " * ((1 << 20) + 1))
    assert (too_large.status_code, too_large.json()["error"]) == (413, "too_large")


async def test_what_is_not_sent_as_json_is_refused(http: httpx.AsyncClient) -> None:
    for path, body in TOLD.items():
        check(await http.post(path, data={key: str(one) for key, one in body.items()}))


def test_no_body_at_all_is_a_fault_of_ours(house: House, http: httpx.AsyncClient) -> None:
    """A property: known fields with any JSON in them, any fields with anything."""
    names = sorted(
        {name for body in TOLD.values() for name in body} | {"calling", "plan", "id_number", "period"}
    )
    leaves = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD)
    )
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
    bodies = st.dictionaries(st.sampled_from(names) | st.text(max_size=10), values, max_size=8)

    @given(path=st.sampled_from(sorted(TOLD)), some=bodies, right=st.booleans())
    @settings(
        max_examples=100,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def tell(path: str, some: dict[str, Any], right: bool) -> None:
        body = TOLD[path] | some if right else some
        check(loop.run_until_complete(http.post(path, content=write_json(body))))

    loop = asyncio.new_event_loop()
    try:
        tell()
    finally:
        loop.close()


async def test_a_complaint_closed_otherwise_is_not_withdrawn(house: House, http: httpx.AsyncClient) -> None:
    def close(desk: Desk) -> None:
        advance_complaint(desk, complaint_id=1, status="closed", answer="已经加开一个窗口")

    await house.write(close, actor="staff:1")
    refused = await http.post("complaints/1/withdrawn", json={"external_id": "W1"})
    assert refused.status_code == 409 and refused.json()["error"] == "wrong_state"
    assert refused.json()["state"] == "closed"
    for name in ("999", "TC-20260311-0009", "无"):
        missing = await http.post(f"complaints/{name}/withdrawn", json={"external_id": "W2"})
        assert (missing.status_code, missing.json()["error"]) == (404, "not_found")


async def test_an_event_for_a_delivery_that_does_not_exist_is_not_found(http: httpx.AsyncClient) -> None:
    for name in ("999", "0", "-1", "ZY-20260311-0000", "%00", "9" * 40, "无"):
        answer = await http.post(f"herb-deliveries/{name}/events", json=HERB)
        assert answer.status_code in (404, 422), (name, answer.text)
        check(answer)


@pytest.mark.parametrize(
    ("path", "body", "field", "named"),
    [
        ("queue", {}, "order_number", ("order_number", "id_number", "phone", "patient_name")),
        ("queue", {"phone": "10000001234", "ahead": 2}, "patient_name", ("patient_name",)),
        ("queue", {"patient_name": "张三", "id_number": ""}, "phone", ("phone",)),
        ("queue", {"calling": 7}, "doctor", ("doctor",)),
        ("reports/ready", {"examination": "血常规"}, "order_number", ("order_number", "id_number")),
        ("discharges", {"department": "骨科"}, "patient_name", ("patient_name", "phone", "date")),
        ("suspensions", {}, "doctor", ("doctor", "date")),
        ("sampling-results", {"date": "2026-03-10"}, "patient_name", ("patient_name", "items")),
    ],
)
async def test_what_is_missing_is_named_all_at_once_and_nothing_is_kept(
    house: House, http: httpx.AsyncClient, path: str, body: dict[str, Any], field: str, named: tuple[str, ...]
) -> None:
    changes = await house.read(count_changes)
    answer = await http.post(path, json={"external_id": "M1", **body})
    refusal = answer.json()
    assert (answer.status_code, refusal["error"], refusal["field"]) == (422, "missing", field)
    assert all(name in refusal["message"] for name in named), refusal
    assert await house.read(count_changes) == changes


async def test_what_cannot_be_done_as_things_stand_says_why_with_field_and_value(
    http: httpx.AsyncClient,
) -> None:
    given_up = {"external_id": "E8", "status": "cancelled", "reason": "病人不要了"}
    assert (await http.post("herb-deliveries/1/events", json=given_up)).status_code == 200
    answer = await http.post("herb-deliveries/1/events", json={"external_id": "E9", "status": "checked"})
    refusal = answer.json()
    assert (answer.status_code, refusal["field"], refusal["value"]) == (409, "status", "checked")
    assert "cancelled" in refusal["message"], refusal


async def test_a_slip_in_a_fields_name_is_refused_and_more_than_we_take_is_not(
    http: httpx.AsyncClient,
) -> None:
    body = {"external_id": "F1", "examination": "血常规", "phone": "10000001234", "patient_name": "张三"}
    slip = (await http.post("reports/ready", json=body | {"departement": "骨科"})).json()
    assert (slip["error"], slip["field"], slip["nearest"]) == ("unknown_field", "departement", "department")
    session = {"external_id": "F2", "doctor": "101", "date": "2026-03-12", "reason": "会议"}
    slip = (await http.post("suspensions", json=session | {"peroid": "morning"})).json()  # not the whole day
    assert (slip["error"], slip["field"], slip["nearest"]) == ("unknown_field", "peroid", "period")
    more = await http.post("reports/ready", json=body | {"ward": "3", "phone2": "10000001235"})
    assert more.status_code == 200


@pytest.mark.parametrize("number", ["²", "٣", "1e3", "-1", "99999999999", "x" * 3000, "\x00"])
@pytest.mark.parametrize("path", ["herb-deliveries/{}/events", "requests/{}/events", "appointment/{}/reveal"])
async def test_a_number_of_no_record_is_not_found(http: httpx.AsyncClient, path: str, number: str) -> None:
    body = {"external_id": "N1", "status": "checked", "stage": "accepted", "field": "phone", "reason": "核对"}
    answer = await http.post(path.format(quote(number, safe="")), json=body)
    assert answer.status_code in (403, 404), answer.text
    check(answer)
