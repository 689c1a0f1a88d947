"""一号管三天: who was seen in a department shows results there within ``revisit_days`` without a new fee; and what a
follow-up later on needs first.

The day of the visit is the first of these days. A visit that was itself free does not begin them anew.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from knowledge.schema import Previsit
from services.desk import Desk
from services.patients import Patient, list_patients
from services.registration import ARRIVED, FULFILLED, Appointment

SEEN = (ARRIVED, FULFILLED)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was paid for, and until when its number holds."""

    appointment: Appointment
    patient: Patient
    until: dt.date
    holds: bool
    """A visit today would still be free."""


def find_free_visit(desk: Desk, *, person: str, department: str, day: dt.date) -> Appointment | None:
    """The visit whose number a follow-up on this day would use, the latest one; a person may be under two contacts."""
    first = day - dt.timedelta(days=desk.hospital.registration.revisit_days - 1)
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == person,
        Appointment.date >= first,
        Appointment.date <= day,
        Appointment.department == department,
        col(Appointment.status).in_(SEEN),
        col(Appointment.revisit_of_id).is_(None),
    )
    return desk.session.exec(query.order_by(col(Appointment.start).desc())).first()


def last_free_day(desk: Desk, *, visit: Appointment) -> dt.date:
    """The last day on which the visit's number still holds."""
    return visit.date + dt.timedelta(days=desk.hospital.registration.revisit_days - 1)


def list_visits(desk: Desk, *, contact_id: int) -> list[Visit]:
    """Of the contact's patients, the latest paid visit in each department within ``known_within_days``, newest first."""
    patients = {one.person: one for one in list_patients(desk, contact_id=contact_id)}
    since = desk.now.date() - dt.timedelta(days=desk.hospital.outpatients.known_within_days)
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        col(Appointment.person).in_(sorted(patients)),
        Appointment.date >= since,
        Appointment.date <= desk.now.date(),
        col(Appointment.status).in_(SEEN),
        col(Appointment.revisit_of_id).is_(None),
    )
    found: dict[tuple[str, str], Visit] = {}
    for one in desk.session.exec(query.order_by(col(Appointment.start).desc())):
        until = last_free_day(desk, visit=one)
        visit = Visit(one, patients[one.person], until, until >= desk.now.date())
        found.setdefault((one.person, one.department), visit)
    return list(found.values())


def find_previsit(desk: Desk, *, person: str, department: str) -> Previsit | None:
    """What should be examined before a visit in this department, where it would be a follow-up of this person."""
    wanted = desk.hospital.outpatients.find_previsit(department)
    if wanted is None:
        return None
    since = desk.now.date() - dt.timedelta(days=desk.hospital.outpatients.known_within_days)
    query = select(Appointment.id).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == person,
        Appointment.date >= since,
        Appointment.department == department,
        col(Appointment.status).in_(SEEN),
    )
    return wanted if desk.session.exec(query).first() is not None else None
