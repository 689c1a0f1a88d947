"""A patient 就诊人: real-name, kept under one contact with a relation; and consents 知情同意 by purpose.

Identity data is encrypted in its column. Whoever is one person under two contacts (a child registered by both
parents) has two records with the same ``person``, by which the limits of registration are counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import NaiveDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Encrypted, Record, blind
from services.desk import Desk
from services.documents import CHILD, CITIZEN, HONGKONG_MACAU, name_person, parse_document
from services.errors import Invalid, NotAllowed, NotFound
from services.history import record_change
from services.identity import (
    IdNumber,
    count_years,
    mask_id_number,
    mask_name,
    mask_phone,
    parse_id_number,
    parse_name,
    parse_phone,
)

__all__ = ["Consent", "IdNumber", "Patient", "parse_id_number"]

RELATIONS = ("本人", "母亲", "父亲", "配偶", "孩子", "祖辈", "兄弟姐妹", "其他亲属", "朋友", "其他")


class Patient(Record, table=True):
    __table_args__ = (UniqueConstraint("contact_id", "person"),)

    contact_id: int = Field(foreign_key="contact.id", index=True)
    relation: str = Field(max_length=20)
    name: str = Field(sa_type=Encrypted("patient.name"))
    id_number: str | None = Field(default=None, sa_type=Encrypted("patient.id_number"))
    phone: str | None = Field(default=None, sa_type=Encrypted("patient.phone"))
    person: str = Field(max_length=40, index=True)
    """Blind index of the ID number: one human being, under however many contacts."""
    phone_index: str | None = Field(default=None, max_length=40, index=True)
    sex: str = Field(max_length=6)
    birth: str = Field(sa_type=Encrypted("patient.birth"))
    """Birthday, ISO 8601."""
    active: bool = True
    id_kind: str = Field(default=CITIZEN, max_length=20)
    """Which document the number is of (``documents.KINDS``); ``child``: none yet, the guardian's stands for it."""
    guardian_name: str | None = Field(default=None, sa_type=Encrypted("patient.guardian_name"))
    guardian_id_number: str | None = Field(default=None, sa_type=Encrypted("patient.guardian_id_number"))
    phone_confirmed_at: NaiveDatetime | None = None
    """When the contact said the code that was sent to the phone."""

    @property
    def birthday(self) -> dt.date:
        return dt.date.fromisoformat(self.birth)

    def age(self, today: dt.date) -> int:
        return count_years(self.birthday, today)

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number) if self.id_number else ""


class Consent(Record, table=True):
    """What a contact agreed to, for which purpose, and until when. A purpose is a word of the caller's."""

    contact_id: int = Field(foreign_key="contact.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    purpose: str = Field(max_length=40)
    """``identity``, ``health_data``, ``platform_abroad``, ``follow_up`` …"""
    wording: str = Field(default="", max_length=40)
    """Name and version of the text that was shown, so that one can prove what was agreed to."""
    withdrawn_at: NaiveDatetime | None = None


def add_patient(
    desk: Desk,
    *,
    contact_id: int,
    name: str,
    id_number: str | None,
    phone: str,
    relation: str = "本人",
    id_kind: str | None = None,
    birthday: dt.date | None = None,
    sex: str | None = None,
    guardian_name: str | None = None,
    guardian_id_number: str | None = None,
) -> Patient:
    """Adds a 就诊人; the same document again under the contact brings the record up to date instead.

    A citizen's number tells sex and birthday; with any other document both are given. A child without a document
    (``id_kind="child"``) has its guardian's name and citizen's number instead, and is under the rule's years. Raises
    ``Invalid`` (field ``patient_name``, ``id_number``, ``phone``, ``relation``, ``birthday``, ``sex``, ``guardian``) and
    ``NotAllowed`` with code ``too_many_patients``, ``second_self``, or ``name_differs`` where another contact registered
    the document under another name: one of the two is wrong, and what is sent must not go to the wrong person.
    """
    if relation not in RELATIONS:
        raise Invalid("relation", field="relation", value=relation)
    permit = id_number if id_kind == HONGKONG_MACAU else None
    name, phone = parse_name(name), parse_phone(phone, permit=permit)
    given = _Given(id_number, id_kind, birthday, sex, guardian_name, guardian_id_number)
    proof = _prove_child(desk, name, given) if id_kind == CHILD else _prove(desk, given)
    person = proof.person
    known = desk.session.exec(
        select(Patient).where(Patient.contact_id == contact_id, Patient.person == person)
    ).one_or_none()
    if any(one.name != name and one.contact_id != contact_id for one in _list_person(desk, person)):
        raise NotAllowed("name_differs", field="patient_name")
    others = [one for one in list_patients(desk, contact_id=contact_id) if one is not known]
    limit = desk.hospital.registration.max_patients_per_contact
    if len(others) >= limit and not _is_within(desk, person, others, limit):
        raise NotAllowed("too_many_patients", field="patient_name", limit=limit)
    if relation == "本人" and any(one.relation == "本人" for one in others):
        raise NotAllowed("second_self", field="relation")
    patient = known or Patient(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        relation=relation,
        name=name,
        id_number=proof.number,
        id_kind=proof.kind,
        person=person,
        sex=proof.sex,
        birth=proof.birthday.isoformat(),
        guardian_name=proof.guardian_name,
        guardian_id_number=proof.guardian_number,
    )
    patient.name, patient.relation, patient.active = name, relation, True
    _keep_phone(desk, patient, phone)
    desk.session.add(patient)
    desk.session.flush()
    return patient


def _is_within(desk: Desk, person: str, others: list[Patient], limit: int) -> bool:
    """Whether those for whom no institution has spoken are still few enough: a village doctor brings many."""
    from services.referrals import list_referred  # which knows patients itself

    referred = list_referred(desk, persons=[person, *(one.person for one in others)])
    return person in referred or sum(one.person not in referred for one in others) < limit


@dataclass(frozen=True, slots=True)
class _Given:
    number: str | None
    kind: str | None
    birthday: dt.date | None
    sex: str | None
    guardian_name: str | None
    guardian_number: str | None


@dataclass(frozen=True, slots=True)
class _Proof:
    kind: str
    person: str
    number: str | None
    sex: str
    birthday: dt.date
    guardian_name: str | None = None
    guardian_number: str | None = None


def _prove(desk: Desk, given: _Given) -> _Proof:
    today = desk.now.date()
    document = parse_document(given.number or "", kind=given.kind, today=today)
    birthday, sex = document.birthday or given.birthday, document.sex or given.sex
    if birthday is None or birthday > today:
        raise Invalid("missing" if birthday is None else "birthday", field="birthday")
    if sex not in ("male", "female"):
        raise Invalid("missing", field="sex")
    return _Proof(document.kind, blind(name_person(document), "person"), document.text, sex, birthday)


def _prove_child(desk: Desk, name: str, given: _Given) -> _Proof:
    """The guardian's number with the child's name and birthday is the person, until it has a number of its own."""
    if not given.guardian_name or not given.guardian_number:
        raise Invalid("missing", field="guardian")
    guardian = parse_id_number(given.guardian_number)
    today, limit = desk.now.date(), desk.hospital.registration.child_without_id_under
    if given.birthday is None or given.birthday > today:
        raise Invalid("missing" if given.birthday is None else "birthday", field="birthday")
    if given.sex not in ("male", "female"):
        raise Invalid("missing", field="sex")
    if count_years(given.birthday, today) >= limit:
        raise NotAllowed("needs_document", field="id_number", limit=limit)
    if guardian.age(today) < 18:
        raise Invalid("guardian_age", field="guardian")
    whose = f"child:{guardian.text}:{name}:{given.birthday.isoformat()}"
    return _Proof(
        CHILD,
        blind(whose, "person"),
        None,
        given.sex,
        given.birthday,
        parse_name(given.guardian_name),
        guardian.text,
    )


def _keep_phone(desk: Desk, patient: Patient, phone: str) -> None:
    """Another phone is confirmed only where this contact has confirmed it for somebody else."""
    index = blind(phone, "phone")
    if patient.phone_index != index:
        same = select(Patient.phone_confirmed_at).where(
            Patient.contact_id == patient.contact_id,
            Patient.phone_index == index,
            col(Patient.phone_confirmed_at).is_not(None),
        )
        patient.phone_confirmed_at = desk.session.exec(same.limit(1)).first()
    patient.phone, patient.phone_index = phone, index


def _list_person(desk: Desk, person: str) -> list[Patient]:
    query = select(Patient).where(Patient.hospital_id == desk.hospital_id, col(Patient.active).is_(True))
    return list(desk.session.exec(query.where(Patient.person == person)))


def list_patients(desk: Desk, *, contact_id: int) -> list[Patient]:
    """本人 first, then in the order in which they were added."""
    query = select(Patient).where(
        Patient.hospital_id == desk.hospital_id,
        Patient.contact_id == contact_id,
        col(Patient.active).is_(True),
    )
    found = list(desk.session.exec(query.order_by(col(Patient.id))))
    return sorted(found, key=lambda one: one.relation != "本人")


def get_patient(desk: Desk, *, patient_id: int, contact_id: int | None = None) -> Patient:
    """Raises ``NotFound`` also where the patient is another contact's."""
    patient = desk.session.get(Patient, patient_id)
    if patient is None or patient.hospital_id != desk.hospital_id or not patient.active:
        raise NotFound(field="patient", value=patient_id)
    if contact_id is not None and patient.contact_id != contact_id:
        raise NotFound(field="patient", value=patient_id)
    return patient


def find_patient(
    desk: Desk, *, contact_id: int, name: str | None = None, relation: str | None = None
) -> Patient | None:
    """The contact's patient of this name or relation; ``None`` where none or more than one fits."""
    found = [
        one
        for one in list_patients(desk, contact_id=contact_id)
        if (name is None or one.name == name) and (relation is None or one.relation == relation)
    ]
    return found[0] if len(found) == 1 else None


def find_persons(desk: Desk, *, id_number: str | None = None, phone: str | None = None) -> list[Patient]:
    """Every active record of one human being, or of one phone, whatever the contact."""
    query = select(Patient).where(Patient.hospital_id == desk.hospital_id, col(Patient.active).is_(True))
    if id_number is not None:
        query = query.where(Patient.person == blind(parse_id_number(id_number).text, "person"))
    if phone is not None:
        query = query.where(Patient.phone_index == blind(parse_phone(phone), "phone"))
    return list(desk.session.exec(query.order_by(col(Patient.id))))


def set_phone(desk: Desk, *, patient_id: int, phone: str) -> Patient:
    patient = get_patient(desk, patient_id=patient_id)
    _keep_phone(desk, patient, parse_phone(phone))
    desk.session.add(patient)
    desk.session.flush()
    return patient


def remove_patient(desk: Desk, *, patient_id: int, contact_id: int) -> None:
    """Takes the patient off the contact's list; what was booked stays on record."""
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    patient.active = False
    desk.session.add(patient)
    record_change(desk, record=patient, old="active", new="removed")
    desk.session.flush()


def give_consent(
    desk: Desk, *, contact_id: int, purpose: str, patient_id: int | None = None, wording: str = ""
) -> Consent:
    """Given twice, the first stands."""
    consent = _find_consent(desk, contact_id=contact_id, purpose=purpose, patient_id=patient_id)
    if consent is None:
        consent = Consent(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            contact_id=contact_id,
            patient_id=patient_id,
            purpose=purpose,
            wording=wording,
        )
        desk.session.add(consent)
        desk.session.flush()
    return consent


def has_consent(desk: Desk, *, contact_id: int, purpose: str, patient_id: int | None = None) -> bool:
    return _find_consent(desk, contact_id=contact_id, purpose=purpose, patient_id=patient_id) is not None


def withdraw_consent(desk: Desk, *, contact_id: int, purpose: str, patient_id: int | None = None) -> bool:
    """True where there was one to withdraw."""
    consent = _find_consent(desk, contact_id=contact_id, purpose=purpose, patient_id=patient_id)
    if consent is None:
        return False
    consent.withdrawn_at = desk.now
    desk.session.add(consent)
    desk.session.flush()
    return True


def _find_consent(desk: Desk, *, contact_id: int, purpose: str, patient_id: int | None) -> Consent | None:
    query = select(Consent).where(
        Consent.hospital_id == desk.hospital_id,
        Consent.contact_id == contact_id,
        Consent.purpose == purpose,
        Consent.patient_id == patient_id,
        col(Consent.withdrawn_at).is_(None),
    )
    return desk.session.exec(query.limit(1)).first()
