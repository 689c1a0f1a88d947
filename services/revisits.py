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
from services.errors import Invalid
from services.line_answers import list_open_days
from services.line_records import get_line, list_line_requests
from services.lines import request_line
from services.patients import Patient, list_patients
from services.registration import ARRIVED, BOOKED, FULFILLED, Appointment
from services.requests import ServiceRequest

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


def find_booked_revisit(desk: Desk, *, visit: Visit) -> Appointment | None:
    """The appointment that uses the visit's number, still to come."""
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.revisit_of_id == visit.appointment.id,
        Appointment.start >= desk.now,
        col(Appointment.status) == BOOKED,
    )
    return desk.session.exec(query.order_by(col(Appointment.start))).first()


def book_previsit(
    desk: Desk, *, contact_id: int, patient_id: int, department: str, day: dt.date
) -> ServiceRequest:
    """Books what is examined before a follow-up in the department, by the hospital's own line; the same again is the
    same. Raises ``Invalid`` where nothing is done that day, ``Taken`` where all places are."""
    rules = desk.hospital.outpatients
    rule = rules.find_previsit(department)
    if rule is None:
        raise Invalid("no_previsit", field="department", value=department)
    return request_line(
        desk,
        contact_id=contact_id,
        line=rules.previsit_line,
        patient_id=patient_id,
        values={
            "department": department,
            "examination": "、".join(rule.examinations),
            "date": day.isoformat(),
        },
    )


def list_examination_days(desk: Desk, *, limit: int) -> list[dt.date]:
    """The next days with a place left."""
    line = get_line(desk, desk.hospital.outpatients.previsit_line)
    question = line.find_question("date")
    assert question is not None
    return list_open_days(desk, line=line, question=question, values={}, limit=limit)


def find_results_day(desk: Desk, *, patient_id: int, department: str) -> dt.date | None:
    """When the results of examinations booked for a follow-up are out; ``None`` where none are under way."""
    rules = desk.hospital.outpatients
    rule = rules.find_previsit(department)
    patient = desk.session.get_one(Patient, patient_id)
    found = list_line_requests(
        desk, contact_id=patient.contact_id, line=rules.previsit_line, under_way=True, limit=20
    )
    days = [
        dt.date.fromisoformat(one.slots["date"])
        for one in found
        if one.patient_id == patient_id and one.slots.get("department") == department
    ]
    return max(days) + dt.timedelta(days=rule.result_days) if days and rule is not None else None


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
