"""A parcel on its way, for tests of couriers, tickets and lists."""

from __future__ import annotations

from typing import Any

from services import Desk, herb_stages
from services.herbs import HerbDelivery, register_delivery
from services.patients import Patient
from tests.services.builders import make_patient

ADDRESS = "桂江市示例路 1 号 2 栋 301"
NUMBER = "SF0000000001"


def sent(desk: Desk, patient: Patient | None = None, **details: Any) -> HerbDelivery:
    """A delivery that the courier has since this moment."""
    patient = patient or make_patient(desk)
    wanted = {"courier": "顺丰", "tracking_number": NUMBER, "doses": 7} | details
    made = register_delivery(
        desk,
        contact_id=patient.contact_id,
        patient_id=patient.id,
        doses=wanted["doses"],
        address=ADDRESS,
        phone="10000005678",
    )
    return herb_stages.advance_delivery(
        desk,
        delivery_id=made.id,
        status="handed_over",
        courier=wanted["courier"],
        tracking_number=wanted["tracking_number"],
    )
