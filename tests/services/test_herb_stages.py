from __future__ import annotations

import pytest
import sqlalchemy as sa

from services import Desk, Invalid, NotAllowed, WrongState, alarms, herb_stages, herbs, promises
from services.herbs import HerbDelivery, register_delivery
from services.patients import Patient
from tests.services.builders import at, make_contact, make_patient

ADDRESS = "桂江市示例路 1 号 2 栋 301"


def registered(desk: Desk, patient: Patient | None = None, **more: object) -> HerbDelivery:
    patient = patient or make_patient(desk)
    wanted = {"doses": 5, "address": ADDRESS} | more
    return register_delivery(desk, contact_id=patient.contact_id, patient_id=patient.id, **wanted)  # type: ignore[arg-type]


def moved(desk: Desk, delivery: HerbDelivery, *stages: str, **more: str) -> HerbDelivery:
    for stage in stages:
        herb_stages.advance_delivery(
            desk.acting_as("api"),
            delivery_id=delivery.id,
            status=stage,
            **more,  # type: ignore[arg-type]
        )
    return delivery


def news(desk: Desk, delivery: HerbDelivery) -> list[str]:
    found = promises.list_promises(desk, subject=delivery.subject, status="waiting")
    return [one.slots["status"] for one in found]


def test_a_registration_has_a_number_a_fee_and_the_patients_phone(desk: Desk) -> None:
    made = registered(desk)
    rules = desk.hospital.herbs
    per_dose = next(one.fee_per_dose for one in rules.decoctions if one.id == "decoct")
    assert made.order_number.startswith("ZY260311-")
    assert (made.status, made.phone, made.fee) == (
        "registered",
        "10000001234",
        5 * per_dose + rules.courier_fee,
    )
    many = registered(desk, doses=rules.free_from_doses, decoction="raw")
    assert many.fee == 0


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"doses": 0}, "doses"),
        ({"doses": 999}, "doses"),
        ({"decoction": "fried"}, "decoction"),
        ({"delivery_mode": "drone"}, "delivery_mode"),
        ({"address": "家里"}, "address"),
        ({"address": "123456789"}, "address"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_what_a_courier_could_not_use_is_refused(desk: Desk, wanted: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as error:
        registered(desk, **wanted)
    assert error.value.field == field


def test_fetching_needs_no_address_and_names_the_place(desk: Desk) -> None:
    made = registered(desk, delivery_mode="pickup", address=None)
    assert (made.address, made.place) == (None, desk.hospital.herbs.pickup_place)


@pytest.mark.parametrize("status", ["handed_over", "in_transit", "delivered"])
def test_what_is_fetched_is_never_with_a_courier(desk: Desk, status: str) -> None:
    made = registered(desk, delivery_mode="pickup", address=None)
    before = made.status
    with pytest.raises(Invalid) as error:
        herb_stages.advance_delivery(
            desk, delivery_id=made.id, status=status, courier="顺丰速运", tracking_number="SF1"
        )
    assert error.value.field == "delivery_mode"
    assert (made.status, made.courier, made.tracking_number) == (before, None, None)


@pytest.mark.parametrize("status", ["handed_over", "in_transit"])
def test_no_patient_is_told_of_a_parcel_without_a_number_to_follow(desk: Desk, status: str) -> None:
    made = moved(desk, registered(desk), "packed")
    with pytest.raises(Invalid) as error:
        moved(desk, made, status, courier="顺丰速运")
    assert (error.value.code, error.value.field) == ("missing", "tracking_number")
    assert (made.status, made.courier) == ("packed", None)


def test_a_parcel_that_came_back_goes_out_under_another_number(desk: Desk) -> None:
    made = registered(desk)
    moved(desk, made, "handed_over", tracking_number="SF000000001")
    moved(desk, made, "returning", "returned", reason="refused")
    with pytest.raises(Invalid):
        moved(desk, made, "handed_over")
    assert moved(desk, made, "handed_over", tracking_number="SF000000002").status == "handed_over"


def test_a_button_pressed_twice_registers_once_and_another_prescription_anew(desk: Desk) -> None:
    patient = make_patient(desk)
    first = registered(desk, patient)
    assert registered(desk, patient) is first
    assert registered(desk, patient, doses=6) is not first
    assert registered(at(desk, hour=1), patient) is not first
    assert registered(desk, patient, external_id="RX-1") is registered(
        at(desk, days=1), patient, external_id="RX-1"
    )


def test_address_and_phone_lie_encrypted(desk: Desk) -> None:
    registered(desk)
    row = desk.session.connection().execute(sa.text("SELECT address, phone FROM herb_delivery")).one()
    assert "示例路".encode() not in bytes(row[0])
    assert b"10000001234" not in bytes(row[1])


def test_the_pharmacys_steps_reach_the_patient_the_latest_only(desk: Desk) -> None:
    made = registered(desk)
    assert news(desk, made) == []
    moved(desk, made, "checked", "decocting")
    assert news(desk, made) == ["decocting"]
    moved(desk, made, "packed", "handed_over", courier="顺丰速运", tracking_number="SF000000001")
    assert news(desk, made) == ["handed_over"]
    (told,) = promises.list_promises(desk, subject=made.subject, status="waiting")
    assert (told.kind, told.slots["tracking_number"]) == ("herb_stage", "SF000000001")
    names = [name for _, name in herbs.list_steps(desk, delivery=made)]
    assert names[0] == "已登记，等药师审方"
    assert len(names) == 5


def test_a_pharmacy_that_reports_not_every_step_is_understood_but_none_goes_back(desk: Desk) -> None:
    made = moved(desk, registered(desk), "packed")
    assert made.status == "packed"
    with pytest.raises(WrongState):
        moved(desk, made, "checked")
    with pytest.raises(Invalid):
        moved(desk, made, "eaten")


def test_the_same_event_twice_is_taken_once(desk: Desk) -> None:
    made = registered(desk)
    for _ in range(2):
        moved(desk, made, "checked", external_id="event-1")
    moved(desk, made, "decocting", external_id="event-1")
    assert made.status == "checked"
    assert len(news(desk, made)) == 1


def test_address_and_way_can_be_changed_until_the_courier_has_it(desk: Desk) -> None:
    made = registered(desk)
    herbs.change_delivery(desk, delivery_id=made.id, address="桂江市示例路 9 号", phone="10000005678")
    assert (made.address, made.phone) == ("桂江市示例路 9 号", "10000005678")
    herbs.change_delivery(desk, delivery_id=made.id, delivery_mode="pickup")
    assert (made.address, made.place, made.fee) == (None, desk.hospital.herbs.pickup_place, 15)
    with pytest.raises(Invalid):
        herbs.change_delivery(desk, delivery_id=made.id, delivery_mode="courier")
    herbs.change_delivery(desk, delivery_id=made.id, address=ADDRESS)
    assert made.delivery_mode == "courier"
    moved(desk, made, "handed_over", tracking_number="SF000000001")
    with pytest.raises(NotAllowed) as error:
        herbs.change_delivery(desk, delivery_id=made.id, address=ADDRESS)
    assert (error.value.code, error.value.details["status"]) == ("too_late", "handed_over")


def test_it_can_be_cancelled_until_the_herbs_are_on_the_fire(desk: Desk) -> None:
    made = moved(desk, registered(desk), "checked")
    assert herbs.cancel_delivery(desk, delivery_id=made.id).status == "cancelled"
    assert herbs.cancel_delivery(desk, delivery_id=made.id).status == "cancelled"
    assert news(desk, made) == []
    other = moved(desk, registered(desk, doses=6), "decocting")
    with pytest.raises(NotAllowed):
        herbs.cancel_delivery(desk, delivery_id=other.id)


def test_what_is_too_long_on_its_way_is_told_honestly_once(desk: Desk) -> None:
    made = moved(desk, registered(desk), "in_transit", tracking_number="SF000000001")
    hours = desk.hospital.herbs.late_hours
    assert herb_stages.tell_late_deliveries(at(desk, hour=hours - 1)) == 0
    assert herb_stages.tell_late_deliveries(at(desk, hour=hours)) == 1
    assert herb_stages.tell_late_deliveries(at(desk, hour=hours + 1)) == 0
    assert [one.kind for one in alarms.list_alarms(desk)] == ["herb_delivery_late"]
    assert "herb_late" in [one.kind for one in promises.list_promises(desk, subject=made.subject)]


def test_a_delivery_is_found_by_any_of_its_numbers_for_its_own_contact(desk: Desk) -> None:
    made = registered(desk, external_id="RX-77")
    moved(desk, made, "handed_over", tracking_number="SF000000002")
    for number in (made.order_number.lower(), "SF000000002", "RX-77", f" {made.order_number} "):
        assert herbs.find_delivery(desk, number=number) is made
    assert herbs.find_delivery(desk, number="RX-77", contact_id=make_contact(desk, "b").id) is None
    assert herbs.list_deliveries(desk, contact_id=made.contact_id, under_way=True) == [made]
    moved(desk, made, "delivered", "signed")
    assert herbs.list_deliveries(desk, contact_id=made.contact_id, under_way=True) == []
