"""Hands that build what a test needs: times, patients with impossible ID numbers, slots."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services import Desk
from services.contacts import Contact, get_or_create_contact
from services.identity import check_digit
from services.patients import Patient, add_patient
from services.slots import Slot

NOW = dt.datetime(2026, 3, 11, 9, 0)
"""A Wednesday."""


def at(desk: Desk, *, hour: float = 0, days: float = 0, actor: str | None = None) -> Desk:
    """The same unit of work, hours and days later."""
    later = desk.now + dt.timedelta(hours=hour, days=days)
    return replace(desk, now=later, actor=actor or desk.actor)


def make_id_number(birthday: dt.date = dt.date(1985, 6, 1), *, sex: str = "male", serial: int = 1) -> str:
    """A number with a right checksum from an area that does not exist (999999)."""
    number = f"999999{birthday:%Y%m%d}{serial:02d}{1 if sex == 'male' else 2}"
    return number + check_digit(number)


def make_contact(desk: Desk, sender: str = "a") -> Contact:
    return get_or_create_contact(desk, channel="rest", sender=sender)


def make_patient(
    desk: Desk,
    contact: Contact | None = None,
    *,
    name: str = "张三",
    birthday: dt.date = dt.date(1985, 6, 1),
    sex: str = "male",
    serial: int = 1,
    relation: str = "本人",
) -> Patient:
    contact = contact or make_contact(desk)
    number = make_id_number(birthday, sex=sex, serial=serial)
    return add_patient(
        desk, contact_id=contact.id, name=name, id_number=number, phone="10000001234", relation=relation
    )


def make_slot(
    desk: Desk,
    start: dt.datetime = dt.datetime(2026, 3, 13, 8, 30),
    *,
    department: str = "骨科",
    doctor_id: str = "ortho-01",
    doctor: str = "韦建江",
    capacity: int = 1,
) -> Slot:
    slot = Slot(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        doctor_id=doctor_id,
        doctor=doctor,
        title="主任医师",
        department=department,
        date=start.date(),
        period="morning" if start.hour < 12 else "afternoon",
        start=start,
        end=start + dt.timedelta(minutes=30),
        clinic="expert",
        fee=30,
        place="门诊五楼骨科候诊区",
        campus="江滨院区",
        capacity=capacity,
    )
    desk.session.add(slot)
    desk.session.flush()
    return slot


def make_child(desk: Desk, contact_id: int, *, guardian: str) -> Patient:
    """A child of two without a document, registered with the guardian's ID number."""
    return add_patient(
        desk,
        contact_id=contact_id,
        name="赵小满",
        id_number=None,
        id_kind="child",
        birthday=dt.date(2024, 5, 1),
        sex="female",
        guardian_name="赵大满",
        guardian_id_number=guardian,
        phone="10000001234",
        relation="孩子",
    )
