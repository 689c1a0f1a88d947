"""世界 words for people: contacts, their patients and what they have booked. Everything in it is invented."""

from __future__ import annotations

import datetime as dt

from dialogues.actions.patients import PURPOSE, WORDING
from services import Desk, messages
from services.appointments import book
from services.contacts import Contact, get_or_create_contact
from services.holds import hold_slot
from services.identity import check_digit
from services.patients import Patient, add_patient, find_patient, give_consent, list_patients
from services.phones import mark_known
from services.schedules import find_free_slots

AREA = "999999"
"""An area code that no citizen has."""


def get_contact_called(desk: Desk, name: str, *, channel: str) -> Contact:
    """``甲`` on the transcript's channel, or ``rest:a`` on its own."""
    kind, colon, sender = name.partition(":")
    if colon:
        return get_or_create_contact(desk, channel=kind, sender=sender)
    return get_or_create_contact(desk, channel=channel, sender=name)


def invent_id_number(name: str, *, birthday: dt.date, sex: str) -> str:
    """A number that passes the checksum and can be nobody's; the same name and birthday, the same number."""
    order = sum(ord(letter) * (place + 1) for place, letter in enumerate(name)) % 500 * 2 + (sex == "male")
    first = f"{AREA}{birthday:%Y%m%d}{order % 1000:03d}"
    return first + check_digit(first)


def add_known_patient(
    desk: Desk,
    contact: Contact,
    name: str,
    *,
    sex: str = "female",
    birthday: dt.date | None = None,
    relation: str | None = None,
    phone: str | None = None,
) -> Patient:
    """A 就诊人 with consent given and phone confirmed, as after a first booking; 本人 unless said, or unless there is
    one already."""
    known = find_patient(desk, contact_id=contact.id, name=name)
    if known is not None:
        return known
    if relation is None:
        others = list_patients(desk, contact_id=contact.id)
        relation = "其他亲属" if any(one.relation == "本人" for one in others) else "本人"
    give_consent(desk, contact_id=contact.id, purpose=PURPOSE, wording=WORDING)
    number = invent_id_number(name, birthday=birthday or dt.date(1980, 1, 1), sex=sex)
    patient = add_patient(
        desk,
        contact_id=contact.id,
        name=name,
        id_number=number,
        phone=phone or invent_phone(contact),
        relation=relation,
    )
    mark_known(desk, patient=patient)
    return patient


def invent_phone(contact: Contact) -> str:
    """Nobody's number, another for each contact: 甲 10000001234, 乙 10000002234 …"""
    known = "甲乙丙丁戊".find(contact.sender)
    return f"1000000{known + 1}234" if known >= 0 and contact.sender else f"1000{contact.id % 10**5:05d}34"


def book_appointment(
    desk: Desk,
    contact: Contact,
    patient: Patient,
    *,
    department: str,
    doctor: str | None,
    day: dt.date,
    period: str,
    time: str | None,
) -> None:
    """An appointment as the patient would have made it; the first free place of that session."""
    free = find_free_slots(
        desk,
        department=department,
        doctor=doctor,
        date=day.isoformat(),
        period=period or None,
        time=time,
        limit=1,
    )
    if not free:
        raise ValueError(f"{department} has no free place on {day} {period} {time or ''}")
    hold = hold_slot(desk, slot_id=free[0].id, contact_id=contact.id)
    book(desk, hold_id=hold.id, patient_id=patient.id)


def stand_at(desk: Desk, contact: Contact, code: str) -> None:
    """The contact has scanned this 吐槽码."""
    from dialogues.conversation import Conversation

    if desk.hospital.find_place_code(code) is None:
        raise ValueError(f"no place has the code {code}")
    state = messages.load_conversation(desk, contact_id=contact.id)
    conversation = (
        Conversation.from_json(state) if state else Conversation(contact.id, contact.channel, contact.sender)
    )
    told = conversation.having(slots={**conversation.slots, "place_code": code})
    messages.keep_conversation(desk, contact_id=contact.id, state=told.to_json())
