"""How staff tell people apart: colleagues by name, contacts by the masked name of their patient."""

from __future__ import annotations

from services import Desk
from services.patients import list_patients
from services.staff import list_staff


def name_staff(desk: Desk) -> dict[str, str]:
    """``staff:3`` → the name colleagues know."""
    return {f"staff:{one.id}": one.name for one in list_staff(desk)}


def name_contact(desk: Desk, contact_id: int) -> str:
    """By the masked name of the patient, else by a number."""
    patients = list_patients(desk, contact_id=contact_id)
    return patients[0].masked_name if patients else f"访客 {contact_id}"
