"""Reading routes: every type of record, paged, filtered, masked; what is asked wrongly is refused with the field's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.api.fhir import read_codes, read_types, write_page
from bot.api.refusals import Refusal
from bot.app import make_app
from bot.house import House
from services import Desk, api_clients, appointments, complaints, herbs, holds
from services.api_clients import READ, REVEAL, WRITE
from services.history import list_reveals
from services.patients import give_consent
from services.resources import get_resource, list_resources
from tests.bot.small_house import small_house
from tests.services.builders import make_contact, make_patient, make_slot

MASTER = "the token of whoever runs the house"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path) as house:
        yield house


def client(house: House, token: str = "", caller: str = "127.0.0.1") -> httpx.AsyncClient:
    app = make_app(house, delivery=False)
    transport = httpx.ASGITransport(app=app, client=(caller, 4000), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with client(house) as http:
        yield http


def book_some(desk: Desk, count: int = 5) -> list[int]:
    """Each in its own department; the second is cancelled."""
    made = []
    for number, department in zip(range(count), ("骨科", "眼科", "皮肤科", "消化内科", "骨科"), strict=False):
        patient = make_patient(desk, make_contact(desk, f"p{number}"), name="欧阳小明", serial=number)
        slot = make_slot(
            desk, dt.datetime(2026, 3, 13, 9, 0), department=department, doctor_id=f"doctor-{number}"
        )
        hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
        made.append(appointments.book(desk, hold_id=hold.id, patient_id=patient.id).id)
    appointments.cancel(desk, appointment_id=made[1], reason="有事")
    return made


async def get(http: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await http.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_pages_are_walked_by_the_link_header_and_nothing_is_missed_or_doubled(
    house: House, http: httpx.AsyncClient
) -> None:
    made = await house.write(book_some, actor="staff:1")
    seen: list[int] = []
    url: str | None = "/api/v1/appointments?limit=2"
    while url is not None:
        answer = await http.get(url)
        seen += [one["id"] for one in answer.json()["data"]]
        url = answer.links["next"]["url"] if "next" in answer.links else None
        assert (url is None) == (answer.json()["next"] is None)
    assert seen == sorted(made, reverse=True)


async def test_what_is_booked_while_pages_are_walked_moves_none_of_them(
    house: House, http: httpx.AsyncClient
) -> None:
    made = await house.write(lambda desk: book_some(desk, 4), actor="staff:1")
    first = await get(http, "appointment", limit=2)

    def book_another(desk: Desk) -> None:
        patient = make_patient(desk, make_contact(desk, "late"), serial=9)
        hold = holds.hold_slot(
            desk, slot_id=make_slot(desk, doctor_id="late").id, contact_id=patient.contact_id
        )
        appointments.book(desk, hold_id=hold.id, patient_id=patient.id)

    await house.write(book_another, actor="staff:1")
    second = await get(http, "appointment", limit=2, cursor=first["next"])
    assert [one["id"] for one in first["data"] + second["data"]] == sorted(made, reverse=True)


async def test_records_are_filtered_by_state_department_and_time(
    house: House, http: httpx.AsyncClient
) -> None:
    made = await house.write(book_some, actor="staff:1")

    async def ids(**params: Any) -> list[int]:
        return [one["id"] for one in (await get(http, "appointment", order="oldest", **params))["data"]]

    assert await ids(status="cancelled") == [made[1]]
    assert await ids(status="cancelled,booked") == made
    assert await ids(department="骨科门诊") == [made[0], made[4]]
    assert await ids(since="2026-03-11T09:00:00") == made
    assert await ids(since="2026-03-11T01:00:00Z") == made
    assert await ids(since="2026-03-11T09:00:01+08:00") == []


async def test_a_delivery_is_found_by_the_pharmacys_own_number(house: House, http: httpx.AsyncClient) -> None:
    def register(desk: Desk) -> None:
        patient = make_patient(desk)
        give_consent(desk, contact_id=patient.contact_id, purpose="identity")
        for number in ("A1", "A2"):
            made = herbs.register_delivery(
                desk,
                contact_id=patient.contact_id,
                patient_id=patient.id,
                doses=7,
                decoction="decoct",
                delivery_mode="pickup",
            )
            made.external_id = number
            desk.session.add(made)

    await house.write(register, actor="api")
    (found,) = (await get(http, "herb-deliveries", external_id="A2"))["data"]
    assert (found["external_id"], found["doses"]) == ("A2", 7)
    assert found["fhir"] == {"resourceType": "MedicationDispense", "status": "preparation"}


async def test_a_record_comes_masked_with_its_history_and_its_name_in_fhir(
    house: House, http: httpx.AsyncClient
) -> None:
    made = await house.write(book_some, actor="staff:1")
    answer = await http.get(f"/api/v1/appointment/{made[1]}")
    record = answer.json()
    assert record["patient_name"] == "欧**明"
    assert record["fhir"] == {"resourceType": "Appointment", "status": "cancelled"}
    assert [(one["old"], one["new"], one["actor"]) for one in record["steps"]] == [
        (None, "booked", "staff:1"),
        ("booked", "cancelled", "staff:1"),
    ]
    assert "有事" not in answer.text
    patient = await get(http, f"patient/{record['patient_id']}")
    assert patient["phone"] == "100****1234"
    assert patient["id_number"].startswith("9***")
    assert {"name", "phone", "id_number"} <= set(patient["masked"])


async def test_no_type_shows_what_lies_encrypted(house: House) -> None:
    hidden = {"text", "diagnosis", "address", "answers", "values", "complaint", "examination", "evidence"}
    for one in await house.read(list_resources):
        assert not hidden & set(one.shown), one.type
        assert not {"person", "phone_index", "token_hash", "secret", "password_hash"} & set(one.shown), (
            one.type
        )


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("nope", 404, "type"),
        ("staff", 404, "type"),
        ("webhook_endpoint", 404, "type"),
        ("appointment/0", 404, "id"),
        ("appointment/x", 404, "id"),
        ("appointment/99999999999999999999999", 404, "id"),
        ("appointment/7", 404, "appointment"),
        ("appointment?limit=0", 422, "limit"),
        ("appointment?limit=201", 422, "limit"),
        ("appointment?limit=many", 422, "limit"),
        ("appointment?cursor=nonsense", 422, "cursor"),
        ("appointment?cursor=%00", 422, "cursor"),
        ("appointment?since=yesterday", 422, "since"),
        ("appointment?since=2026", 422, "since"),
        ("herb_delivery?status=nope", 422, "status"),
        ("parcel_ticket?status=nope", 422, "status"),
        ("complaint?status=nope", 422, "status"),
        ("refill?status=nope", 422, "status"),
        ("appointment?department=%E6%97%A0", 422, "department"),
        ("appointment?external_id=A", 422, "external_id"),
        ("patient?status=active", 422, "status"),
        ("appointment?order=odd", 422, "order"),
        ("appointment?patient_id=99999999999", 422, "patient_id"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_with_the_fields_name(
    http: httpx.AsyncClient, path: str, status: int, field: str
) -> None:
    answer = await http.get(f"/api/v1/{path}")
    refusal = answer.json()
    assert answer.status_code == status, refusal
    assert {"error", "message", "field"} <= set(refusal) <= set(Refusal.model_fields)
    assert refusal["field"] == field


@pytest.mark.parametrize(
    ("path", "error", "field", "nearest"),
    [
        ("appointment?statu=booked", "unknown_parameter", "statu", "status"),
        ("complaint?Since=2026-03-01", "unknown_parameter", "Since", "since"),
        ("types?limit=5", "unknown_parameter", "limit", None),
        ("lines?page=2", "unknown_parameter", "page", None),
        ("appointment/7?detail=1", "unknown_parameter", "detail", None),
        ("contacts/rest:a/records?limits=5", "unknown_parameter", "limits", "limit"),
        ("appointment?status=boked", "unknown_status", "status", "booked"),
        ("appointmens", "unknown_type", "type", "appointment"),
        ("appointment?department=骨课", "unknown_department", "department", "骨科"),
    ],
)
async def test_a_slip_of_the_pen_is_refused_with_the_nearest_right_name(
    http: httpx.AsyncClient, path: str, error: str, field: str, nearest: str | None
) -> None:
    answer = await http.get(f"/api/v1/{path}")
    refusal = answer.json()
    assert answer.status_code in (404, 422), refusal
    assert (refusal["error"], refusal["field"], refusal.get("nearest")) == (error, field, nearest)
    assert refusal["value"]


async def test_a_contacts_records_are_walked_in_pages_or_read_at_once(
    house: House, http: httpx.AsyncClient
) -> None:
    def register(desk: Desk) -> None:
        for number in range(5):
            complaints.file_complaint(desk, contact_id=make_contact(desk).id, text=f"第 {number} 次说")

    await house.write(register, actor="api")
    path = "/api/v1/contacts/rest:a/records"
    everything = (await http.get(path)).json()
    seen, url = [], f"{path}?limit=2"
    while url:
        answer = await http.get(url)
        assert len(answer.json()) <= 2
        seen += answer.json()
        url = answer.links.get("next", {}).get("url", "")
    assert seen == everything
    assert len(seen) == 5
    assert (await http.get(path, params={"cursor": "x"})).json()["field"] == "cursor"


async def test_every_type_answers_and_says_what_it_can_be_filtered_by(http: httpx.AsyncClient) -> None:
    types = (await get(http, "types"))["data"]
    assert {"appointment", "slot", "patient", "consent", "complaint", "praise"} <= {
        one["type"] for one in types
    }
    for one in types:
        assert await get(http, one["type"]) == {"data": [], "next": None}


async def make_token(house: House, *scopes: str, name: str = "lis") -> str:
    _, token = await house.write(
        lambda desk: api_clients.add_client(desk, name=name, scopes=scopes), actor="command"
    )
    return token


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path, api_token=SecretStr(MASTER)) as house:
        yield house


async def test_a_field_is_revealed_to_who_may_with_a_reason_and_written_down(guarded: House) -> None:
    patient = await guarded.write(lambda desk: make_patient(desk).id, actor="staff:1")
    token = await make_token(guarded, READ, REVEAL)
    async with client(guarded, token, caller="192.0.2.7") as http:
        path = f"/api/v1/patients/{patient}/reveal"
        refused = await http.post(path, json={"field": "phone", "reason": " "})
        assert (refused.status_code, refused.json()["field"]) == (422, "reason")
        refused = await http.post(path, json={"field": "person", "reason": "核对身份"})
        assert (refused.status_code, refused.json()["field"]) == (422, "field")
        shown = await http.post(path, json={"field": "phone", "reason": "核对身份"})
    assert shown.json()["value"] == "10000001234"
    assert shown.headers["cache-control"] == "no-store"
    audit = await guarded.read(list_reveals)
    assert [(one.record, one.field, one.actor, one.reason) for one in audit] == [
        (f"patient:{patient}", "phone", "api:lis", "核对身份")
    ]


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ((READ,), "GET", "patient", 200),
        ((WRITE,), "GET", "patient", 403),
        ((READ,), "POST", "discharges", 403),
        ((WRITE,), "POST", "discharges", 422),
        ((READ, WRITE), "POST", "patient/1/reveal", 403),
        ((READ, WRITE, REVEAL), "POST", "patient/1/reveal", 404),
    ],
)
async def test_a_token_may_do_what_its_scopes_say(
    guarded: House, scopes: tuple[str, ...], method: str, path: str, status: int
) -> None:
    token = await make_token(guarded, *scopes)
    async with client(guarded, token) as http:
        body = {"field": "phone", "reason": "核对身份"} if path.endswith("reveal") else {}
        answer = await http.request(method, f"/api/v1/{path}", json=body if method == "POST" else None)
    assert answer.status_code == status, answer.text


async def test_a_token_taken_back_opens_nothing(guarded: House) -> None:
    token = await make_token(guarded, READ)
    await guarded.write(lambda desk: api_clients.remove_client(desk, name="lis"), actor="command")
    for wrong in (token, "wj_guess", "guess", ""):
        async with client(guarded, wrong) as http:
            assert (await http.get("/api/v1/patient")).status_code == 401


async def test_without_a_token_nobody_is_revealed_anything(house: House, http: httpx.AsyncClient) -> None:
    patient = await house.write(lambda desk: make_patient(desk).id, actor="staff:1")
    answer = await http.post(
        f"/api/v1/patient/{patient}/reveal", json={"field": "phone", "reason": "核对身份"}
    )
    assert answer.status_code == 403
    assert await house.read(list_reveals) == []


async def test_every_type_of_record_is_in_the_map_to_fhir(house: House) -> None:
    known = read_types()
    found = await house.read(list_resources)
    kinds = {line.kind for line in house.hospital.lines}  # each is a Task, as service_request is
    assert {one.type for one in found} - kinds <= set(known)


def test_every_state_of_the_map_is_one_that_fhir_allows() -> None:
    codes = read_codes()
    for kind, one in read_types().items():
        assert {code for code in one.states.values() if code} <= set(codes[one.resource]), kind
        assert not one.other or one.other in codes[one.resource], kind


async def test_every_field_of_the_map_is_one_of_the_record(house: House) -> None:
    for kind, one in read_types().items():
        try:
            resource = await house.read(lambda desk, kind=kind: get_resource(desk, kind))
        except Exception:
            continue  # a kind of request with no record yet
        assert set(one.fields) <= set(resource.columns), kind


def test_the_page_about_fhir_is_what_the_map_says(root: Path) -> None:
    assert (root / "docs" / "fhir.md").read_text(encoding="utf-8") == write_page()
