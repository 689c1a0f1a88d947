"""Arrival 签到: who is there and waits in which queue; called, passed (过号), seen. The order of the queue: queues.py.

States: ``waiting`` → ``called`` → ``served``; called and not come is ``passed``, and reporting again is waiting again;
``left``: went away. An arrival without an appointment is somebody whom the hospital's own queue system has announced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, select

from services.appointments import advance_appointment
from services.database import Record
from services.desk import Desk
from services.errors import WrongState
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.patients import Patient
from services.registration import ARRIVED, BOOKED, FULFILLED, NOSHOW, Appointment, get_appointment

WAITING, CALLED, PASSED, SERVED, LEFT = "waiting", "called", "passed", "served", "left"
PRESENT = (WAITING, CALLED, PASSED)
NEXT = {
    WAITING: (CALLED, PASSED, SERVED, LEFT),
    CALLED: (SERVED, PASSED, WAITING, LEFT),
    PASSED: (WAITING, CALLED, SERVED, LEFT),
}


class Arrival(Record, table=True):
    __table_args__ = (
        Index("ix_arrival_contact", "contact_id", "date"),
        Index("ix_arrival_queue", "hospital_id", "doctor_id", "date", "status"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", unique=True)
    status: str = Field(default=WAITING, max_length=10)
    department: str = Field(max_length=40)
    doctor_id: str = Field(default="", max_length=60)
    doctor: str = Field(default="", max_length=40)
    date: dt.date
    period: str = Field(default="", max_length=10)
    place: str | None = Field(default=None, max_length=80)
    number: str = Field(default="", max_length=20)
    """The number on the screens, where the hospital's queue system gives one."""
    rank: float = 0
    """The order of the queue while no system says how many are ahead."""
    ahead: int | None = None
    """As the queue system last said; empty: counted by ``rank``."""
    wait_minutes: int | None = None
    """As the queue system last said."""
    told_near: bool = False
    """Told that it is nearly his turn, since he last joined the queue."""
    passed: int = 0
    """How often he was called and not there."""
    reported_at: NaiveDatetime
    """When the queue last changed for him."""


def opening(desk: Desk, appointment: Appointment) -> dt.datetime:
    """From when one can check in."""
    return appointment.start - dt.timedelta(minutes=desk.hospital.outpatients.queue.opens_minutes_before)


def add_arrival(
    desk: Desk,
    *,
    patient: Patient,
    appointment: Appointment | None = None,
    department: str = "",
    doctor_id: str = "",
    doctor: str = "",
    rank: float = 0,
) -> Arrival:
    """Writes down that somebody is there; the appointment, if there is one, has arrived with him."""
    arrival = Arrival(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        reported_at=desk.now,
        contact_id=appointment.contact_id if appointment else patient.contact_id,
        patient_id=patient.id,
        appointment_id=appointment.id if appointment else None,
        department=appointment.department if appointment else department,
        doctor_id=appointment.doctor_id if appointment else doctor_id,
        doctor=appointment.doctor if appointment else doctor,
        date=desk.now.date(),
        period=appointment.period if appointment else "",
        place=appointment.place if appointment else None,
        rank=rank,
    )
    desk.session.add(arrival)
    desk.session.flush()
    record_change(desk, record=arrival, old="", new=WAITING)
    if appointment is not None and appointment.status in (BOOKED, NOSHOW):
        advance_appointment(desk, appointment_id=appointment.id, status=ARRIVED, reason="checked_in")
    return arrival


def move_arrival(desk: Desk, *, arrival: Arrival, status: str, reason: str | None = None) -> None:
    """The next state; who is seen has kept his appointment. Raises ``WrongState``."""
    if status == arrival.status:
        return
    if status not in NEXT.get(arrival.status, ()):
        raise WrongState(arrival.status, field="status", value=status)
    arrival.reported_at = desk.now
    change_state(desk, record=arrival, new=status, reason=reason)
    if status == SERVED and arrival.appointment_id is not None:
        appointment = get_appointment(desk, appointment_id=arrival.appointment_id)
        if appointment.status == ARRIVED:
            advance_appointment(desk, appointment_id=appointment.id, status=FULFILLED, reason="seen")


def find_arrival(desk: Desk, *, appointment_id: int) -> Arrival | None:
    query = select(Arrival).where(
        Arrival.hospital_id == desk.hospital_id, Arrival.appointment_id == appointment_id
    )
    return desk.session.exec(query.execution_options(populate_existing=True)).one_or_none()


def get_arrival(desk: Desk, *, arrival_id: int, contact_id: int | None = None) -> Arrival:
    return get_record(desk, Arrival, arrival_id, contact_id=contact_id)


def list_arrivals(
    desk: Desk,
    *,
    contact_id: int | None = None,
    date: dt.date | None = None,
    statuses: Collection[str] | None = None,
    limit: int = 200,
) -> list[Arrival]:
    """Newest first."""
    return list_records(desk, Arrival, contact_id=contact_id, date=date, status=statuses, limit=limit)


def describe_arrival(arrival: Arrival, patient: Patient) -> dict[str, Any]:
    """In the slots of the contract, with the state of the queue."""
    return {
        "record": arrival.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "department": arrival.department,
        "doctor": arrival.doctor,
        "date": arrival.date.isoformat(),
        "period": arrival.period,
        "place": arrival.place,
        "number": arrival.number,
        "ahead": arrival.ahead,
        "wait_minutes": arrival.wait_minutes,
    }
