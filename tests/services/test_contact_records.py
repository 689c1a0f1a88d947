from __future__ import annotations

import datetime as dt

import orjson

from services import Desk, appointments, complaints, escorts, handovers, herbs, holds, requests, waitlist
from services.records import list_records
from tests.services.builders import at, make_contact, make_patient, make_slot


def test_everything_a_contact_has_is_listed_newest_first_by_the_contracts_names(desk: Desk) -> None:
    patient = make_patient(desk, birthday=dt.date(1940, 1, 1))
    contact_id = patient.contact_id
    hold = holds.hold_slot(desk, slot_id=make_slot(desk).id, contact_id=contact_id)
    appointments.book(desk, hold_id=hold.id, patient_id=patient.id, special_need="wheelchair")
    waitlist.join_waitlist(
        at(desk, hour=1),
        contact_id=contact_id,
        patient_id=patient.id,
        department="眼科",
        date="2026-03-14/2026-03-15",
    )
    escorts.request_escort(
        at(desk, hour=2), contact_id=contact_id, patient_id=patient.id, start=dt.datetime(2026, 3, 13, 8)
    )
    herbs.register_delivery(
        at(desk, hour=3), contact_id=contact_id, patient_id=patient.id, doses=7, address="桂江市示例路 1 号"
    )
    complaints.file_complaint(at(desk, hour=4), contact_id=contact_id, text="厕所脏", place_code="OPD-3F-WC")
    requests.request_service(
        at(desk, hour=5),
        contact_id=contact_id,
        kind="onsite_help",
        slots={"place": "门诊一楼大厅", "phone": "10000001234"},
    )
    handovers.call_person(at(desk, hour=6), contact_id=contact_id, reason="asked")

    found = list_records(desk, contact_id=contact_id)
    assert [one["type"] for one in found] == [
        "handover",
        "onsite_help",
        "complaint",
        "herb_delivery",
        "escort",
        "waitlist",
        "appointment",
    ]
    assert orjson.loads(orjson.dumps(found)) == found
    by_type = {one["type"]: one for one in found}
    appointment = by_type["appointment"]
    assert appointment["created_at"] == "2026-03-11T09:00:00"
    assert {
        name: appointment[name]
        for name in (
            "status",
            "department",
            "doctor",
            "date",
            "period",
            "time",
            "patient_name",
            "special_need",
        )
    } == {
        "status": "booked",
        "department": "骨科",
        "doctor": "韦建江",
        "date": "2026-03-13",
        "period": "morning",
        "time": "08:30",
        "patient_name": "张三",
        "special_need": "wheelchair",
    }
    assert by_type["waitlist"]["date"] == "2026-03-14/2026-03-15"
    assert by_type["escort"]["time"] == "08:00"
    assert by_type["herb_delivery"]["address"] == "桂江市示例路 1 号"
    assert by_type["complaint"]["complaint_category"] == "environment"
    assert by_type["complaint"]["order_number"] == "TC-20260311-0001"


def test_phones_are_masked_and_id_numbers_do_not_appear(desk: Desk) -> None:
    patient = make_patient(desk)
    herbs.register_delivery(
        desk, contact_id=patient.contact_id, patient_id=patient.id, doses=7, address="桂江市示例路 1 号"
    )
    requests.request_service(
        desk, contact_id=patient.contact_id, kind="transfer", slots={"phone": "10000001234"}
    )
    text = orjson.dumps(list_records(desk, contact_id=patient.contact_id)).decode()
    assert "100****1234" in text
    assert "10000001234" not in text
    assert patient.id_number is not None and patient.id_number not in text


def test_a_contact_sees_nothing_of_another(desk: Desk) -> None:
    complaints.file_complaint(desk, contact_id=make_contact(desk, "a").id, text="脏")
    assert list_records(desk, contact_id=make_contact(desk, "b").id) == []


def test_suggestions_and_praise_are_types_of_their_own(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    complaints.file_complaint(desk, contact_id=contact_id, text="多放椅子", kind="suggestion")
    complaints.file_complaint(desk, contact_id=contact_id, text="护士真好", kind="praise")
    assert {one["type"] for one in list_records(desk, contact_id=contact_id)} == {"suggestion", "praise"}
