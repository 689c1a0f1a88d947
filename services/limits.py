"""The rules of registration that say no: fit of patient and department, limits by person and account, no-shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import col, select

from services.contacts import Contact
from services.desk import Desk
from services.errors import NotAllowed
from services.ledger import Entry, Ledger, read_ledger
from services.patients import Patient
from services.referrals import list_referred
from services.registration import NOSHOW, OPEN, Appointment
from services.slots import Slot


def check_booking(
    desk: Desk,
    *,
    patient: Patient,
    slot: Slot,
    moving: Appointment | None = None,
    ledger: Ledger | None = None,
) -> None:
    """Raises ``NotAllowed`` with code ``sex``, ``too_young``, ``too_old``, ``no_shows`` (``until``), ``too_many_open``,
    ``too_many_that_day``, ``duplicate`` (same department, same day) or ``same_time``; ``moving`` is not counted.

    For what a contact books himself also ``too_many_of_contact``, ``too_many_today`` and ``phone_unconfirmed``; at the
    counter a person stands before staff, so they and the block by no-shows do not hold there.
    """
    check_fit(desk, patient=patient, department=slot.department, day=slot.date)
    rules = desk.hospital.registration
    ledger = ledger or read_ledger(desk, patient=patient)
    if moving is None and books_online(desk):
        _check_contact(desk, patient, ledger)
    absent = [one.date for one in ledger.of_person if one.status == NOSHOW and not one.excused]
    blocked_until = None if desk.actor.startswith("staff") else judge_absences(desk, days=absent)
    if blocked_until is not None:
        raise NotAllowed("no_shows", field="patient", until=blocked_until, limit=rules.no_show_limit)
    others = [
        one
        for one in ledger.of_person
        if one.status in OPEN and one.end > desk.now and (moving is None or one.id != moving.id)
    ]
    that_day = [one for one in others if one.date == slot.date]
    same = [one for one in that_day if one.department == slot.department]
    if len(same) >= rules.max_per_department_per_day:
        raise NotAllowed("duplicate", field="department", value=slot.department, appointment_id=same[0].id)
    meanwhile = [one for one in that_day if one.start < slot.end and slot.start < one.end]
    if meanwhile:
        raise NotAllowed("same_time", field="time", value=slot.start, appointment_id=meanwhile[0].id)
    if len(that_day) >= rules.max_per_patient_per_day:
        raise NotAllowed(
            "too_many_that_day", field="date", value=slot.date, limit=rules.max_per_patient_per_day
        )
    if len(others) >= rules.max_open_per_patient:
        raise NotAllowed("too_many_open", field="patient", limit=rules.max_open_per_patient)


def books_online(desk: Desk) -> bool:
    """Whether a patient acts for himself, by whatever channel; staff, tests and the clock are no dealers."""
    return desk.actor.startswith(("contact:", "api"))


def _check_contact(desk: Desk, patient: Patient, ledger: Ledger) -> None:
    try:
        _judge_contact(desk, patient, ledger.of_contact)
    except (
        NotAllowed
    ):  # a village doctor books for those whom his institution refers: they are not his account's
        referred = list_referred(desk, persons={one.person for one in ledger.of_contact} | {patient.person})
        if patient.person in referred:
            return
        _judge_contact(desk, patient, [one for one in ledger.of_contact if one.person not in referred])


def _judge_contact(desk: Desk, patient: Patient, mine: Sequence[Entry]) -> None:
    rules = desk.hospital.registration
    today = dt.datetime.combine(desk.now.date(), dt.time.min)
    waiting = sum(one.status in OPEN and one.end > desk.now for one in mine)
    if waiting >= rules.max_open_per_contact:
        raise NotAllowed("too_many_of_contact", field="contact", limit=rules.max_open_per_contact)
    if patient.phone_confirmed_at is None and waiting >= rules.phone_code.unconfirmed_open:
        raise NotAllowed("phone_unconfirmed", field="phone", limit=rules.phone_code.unconfirmed_open)
    made = sum(one.created_at >= today and one.replaces_id is None for one in mine)
    if made >= rules.max_per_contact_per_day:
        raise NotAllowed("too_many_today", field="contact", limit=rules.max_per_contact_per_day)


def check_fit(desk: Desk, *, patient: Patient, department: str, day: dt.date) -> None:
    """Whether the department sees a patient of this sex and age."""
    rules = desk.hospital.get_department(department)
    age = patient.age(day)
    if rules.sex is not None and rules.sex != patient.sex:
        raise NotAllowed("sex", field="department", value=department, wanted=rules.sex)
    if rules.min_age is not None and age < rules.min_age:
        raise NotAllowed("too_young", field="department", value=department, limit=rules.min_age, age=age)
    if rules.max_age is not None and age > rules.max_age:
        raise NotAllowed("too_old", field="department", value=department, limit=rules.max_age, age=age)


def find_block(desk: Desk, *, person: str) -> dt.date | None:
    """Until when this person cannot book online, by ``judge_absences``; ``None``: he can."""
    rules = desk.hospital.registration
    behind = dt.timedelta(days=rules.no_show_days + rules.no_show_block_days)
    query = select(col(Appointment.date)).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == person,
        Appointment.status == NOSHOW,
        col(Appointment.excused).is_(False),
        Appointment.date >= desk.now.date() - behind,
    )
    return judge_absences(desk, days=desk.session.exec(query))


def judge_absences(desk: Desk, *, days: Iterable[dt.date]) -> dt.date | None:
    """``no_show_limit`` absences within ``no_show_days`` block for ``no_show_block_days`` after the last of them; ``days``
    are those that count.
    """
    rules = desk.hospital.registration
    today = desk.now.date()
    days = sorted(days, reverse=True)
    for last, first in zip(days, days[rules.no_show_limit - 1 :], strict=False):
        until = last + dt.timedelta(days=rules.no_show_block_days)
        if (last - first).days <= rules.no_show_days and until > today:
            return until
    return None


def lock_person(desk: Desk, *, person: str, contact_id: int | None = None) -> bool:
    """Two bookings of one person, from whatever contact, or of one contact, are judged one after the other.

    On PostgreSQL the person's rows are locked, then the contact's, and what was read before may be old: True. SQLite
    has one writer anyway.
    """
    if desk.session.get_bind().dialect.name == "sqlite":
        return False
    query = sa.select(col(Patient.id)).where(
        col(Patient.hospital_id) == desk.hospital_id, col(Patient.person) == person
    )
    desk.session.execute(query.order_by(col(Patient.id)).with_for_update())
    if contact_id is not None:
        account = sa.select(col(Contact.id)).where(col(Contact.id) == contact_id)
        desk.session.execute(account.with_for_update())
    return True
