"""世界 words for the outpatient day: visits of the past, who waits where in which queue, reports, how full it usually is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col, select

from bot.transcripts.dates import read_day
from knowledge.schema import Doctor
from services import Desk, queues
from services.appointments import advance_appointment, list_appointments
from services.arrivals import CALLED, PASSED, SERVED, list_arrivals
from services.contacts import Contact
from services.database import insert_new
from services.history import record_change
from services.numbers import order_number
from services.patients import Patient
from services.registration import BOOKED, CANCELLED, FULFILLED, Appointment
from services.results import announce_report
from services.slots import Slot

CALLS = {"叫号": CALLED, "过号": PASSED, "看完": SERVED}


OF_SLOT = (
    "department", "doctor_id", "doctor", "title", "clinic", "date", "period", "start", "end", "place", "campus", "fee",
)  # fmt: skip
"""What an appointment takes over from its slot."""


def visit(
    desk: Desk, contact: Contact, patient: Patient, *, department: str, doctor: str | None, day: dt.date
) -> Appointment:
    """A visit that was kept, on a day of the past (or today, before now)."""
    known = [one for one in desk.hospital.list_doctors(department) if doctor in (None, one.name)]
    if not known:
        raise ValueError(f"{department} has no such doctor")
    start = dt.datetime.combine(day, dt.time(8, 30))
    slot = take_past_places(desk, known[0], start=start)
    made = Appointment(
        hospital_id=desk.hospital_id,
        created_at=min(start, desk.now) - dt.timedelta(days=1),
        slot_id=slot.id,
        patient_id=patient.id,
        contact_id=contact.id,
        person=patient.person,
        status=FULFILLED,
        **{name: getattr(slot, name) for name in OF_SLOT},
    )
    desk.session.add(made)
    desk.session.flush()
    made.order_number = order_number("GH", day, made.id)
    desk.session.add(made)
    record_change(desk, record=made, old="", new=FULFILLED)
    desk.session.flush()
    return made


def take_past_places(desk: Desk, doctor: Doctor, *, start: dt.datetime, count: int = 1) -> Slot:
    """A slot of a day gone by, with places taken for so many more: it holds whoever was given one."""
    known = desk.session.exec(
        select(Slot).where(
            Slot.hospital_id == desk.hospital_id, Slot.doctor_id == doctor.id, Slot.start == start
        )
    ).first()
    slot = known or _make_slot(desk, doctor, start=start)
    seen = select(sa.func.count(col(Appointment.id))).where(
        Appointment.slot_id == slot.id, Appointment.status != CANCELLED
    )
    taken = desk.session.exec(seen).one() + count
    slot.taken = max(slot.taken, taken)
    slot.capacity = max(slot.capacity, slot.taken)
    slot.status = "busy" if slot.taken == slot.capacity else slot.status
    desk.session.add(slot)
    desk.session.flush()
    return slot


def _make_slot(desk: Desk, doctor: Doctor, *, start: dt.datetime) -> Slot:
    session = doctor.sessions[0] if doctor.sessions else None
    slot = Slot(
        hospital_id=desk.hospital_id,
        created_at=min(start, desk.now) - dt.timedelta(days=14),
        doctor_id=doctor.id,
        doctor=doctor.name,
        title=doctor.title,
        department=doctor.department,
        date=start.date(),
        period="morning" if start.hour < 12 else "afternoon",
        start=start,
        end=start + dt.timedelta(minutes=30),
        clinic="general",
        fee=session.fee if session else 10,
        place=session.place if session else None,
        campus=session.campus if session else None,
        capacity=1,
    )
    desk.session.add(slot)
    desk.session.flush()
    return slot


def read_past_day(text: str, today: dt.date) -> dt.date:
    """As ``read_day``; a day of the month is the last one gone by."""
    day = read_day(text, today)
    return day.replace(year=day.year - 1) if day > today and "-" not in text else day


def stand_in_queue(
    desk: Desk, contact: Contact, patient: Patient, *, department: str, number: str | None, ahead: int | None
) -> None:
    """Checked in today, with so many ahead as the hospital's queue system says."""
    due = queues.find_due(desk, patient=patient, department=department)
    arrival = queues.admit(desk, appointment=due, patient=patient, department=department)
    queues.report_position(desk.acting_as("api"), arrival=arrival, number=number, ahead=ahead)


def call(desk: Desk, contact: Contact, *, word: str) -> None:
    """The contact's newest arrival is called, passed or seen."""
    found = list_arrivals(desk, contact_id=contact.id, date=desk.now.date(), limit=1)
    if not found:
        raise ValueError(f"{contact.sender} has not arrived")
    queues.move_on(desk.acting_as("staff:0"), arrival_id=found[0].id, status=CALLS[word])


def see(desk: Desk, contact: Contact) -> None:
    """The contact's appointment today is kept, whether or not he checked in here."""
    for one in list_appointments(desk, contact_id=contact.id, date=desk.now.date(), statuses=(BOOKED,)):
        advance_appointment(desk.acting_as("staff:0"), appointment_id=one.id, status=FULFILLED)


def report(
    desk: Desk, patient: Patient, *, examination: str, state: str, department: str, due: dt.datetime | None
) -> None:
    """已出, or 未出 with the hour at which it should be out."""
    announce_report(
        desk.acting_as("api"),
        external_id=f"BG-{patient.id}-{examination}",
        examination=examination,
        patient=patient,
        ready=state == "已出",
        department=department,
        due_at=due,
    )


def remember_crowds(
    desk: Desk, patient: Patient, *, department: str, weekday: int, hours: Sequence[str]
) -> None:
    """So many visits at each hour of this weekday, in each of the last weeks: ``8点9人``."""
    doctor = desk.hospital.list_doctors(department)[0]
    last = desk.now.date() - dt.timedelta(days=1)
    last -= dt.timedelta(days=(last.isoweekday() - weekday) % 7)
    rows = []
    for week in range(desk.hospital.outpatients.crowding.weeks):
        day = last - dt.timedelta(weeks=week)
        for hour, count in (map(int, re.findall(r"\d+", text)) for text in hours):
            start = dt.datetime.combine(day, dt.time(hour))
            slot = take_past_places(desk, doctor, start=start, count=count)
            one = {
                "hospital_id": desk.hospital_id,
                "created_at": start - dt.timedelta(days=1),
                "slot_id": slot.id,
                "patient_id": patient.id,
                "contact_id": patient.contact_id,
                "person": f"crowd-{week}-{hour}",
                "order_number": "",
                "status": FULFILLED,
                "department": department,
                "doctor_id": doctor.id,
                "doctor": doctor.name,
                "title": doctor.title,
                "clinic": slot.clinic,
                "date": day,
                "period": slot.period,
                "start": start,
                "end": slot.end,
                "fee": slot.fee,
                "extra": False,
                "reserved": False,
                "excused": False,
            }
            rows += [one] * count
    insert_new(desk.session, Appointment, rows)
