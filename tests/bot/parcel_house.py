"""A parcel that the courier has, in a house of a few lines."""

from __future__ import annotations

from services import Desk
from services.contacts import get_or_create_contact
from services.herb_stages import advance_delivery
from services.herbs import register_delivery
from services.patients import add_patient
from tests.services.builders import make_id_number

NUMBER = "SF0000000001"


def send(desk: Desk, *, courier: str = "顺丰速运", number: str = NUMBER, doses: int = 7) -> None:
    contact = get_or_create_contact(desk, channel="rest", sender="a")
    patient = add_patient(
        desk, contact_id=contact.id, name="张三", id_number=make_id_number(), phone="10000001234"
    )
    made = register_delivery(
        desk, contact_id=contact.id, patient_id=patient.id, doses=doses, address="桂江市示例路 1 号"
    )
    advance_delivery(desk, delivery_id=made.id, status="handed_over", courier=courier, tracking_number=number)
