"""The queue of a doctor's session: how many are ahead, how long it will take, who is called, who was passed.

What the hospital's own queue system says goes before what is counted here. Where it says nothing, the order is that of
the hours booked; who comes more than ``late_minutes`` after his hour is put behind the present half hour.

A little over 300 lines: what staff do and what the queue system says change the same order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from services.arrivals import (
    CALLED,
    PASSED,
    WAITING,
    Arrival,
    add_arrival,
    find_arrival,
    move_arrival,
    opening,
)
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, WrongState
from services.finding import get_record
from services.patients import Patient
from services.promises import promise
from services.registration import ARRIVED, BOOKED, NOSHOW, Appointment, get_appointment
from services.slots import get_slot

TURN = 1e9
"""Ranks are minutes of the day times this, plus the arrival's id: by the hour, then by who came first."""
USEFUL = dt.timedelta(minutes=30)
"""Told later than this, the news of a queue helps nobody."""
USUAL_MINUTES = 8
"""For one patient, where neither the system nor a slot says it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an arrival stands in its queue."""

    arrival: Arrival
    ahead: int | None
    """Empty where only the hospital's queue system would know, and has not said."""
    minutes: int
    """Expected wait; 0 where it is his turn, or nobody knows."""


def check_in(desk: Desk, *, appointment_id: int, contact_id: int | None = None) -> Arrival:
    """The patient is there: into the queue, by the hour booked, behind the present half hour if he is too late. Again,
    the same arrival; after having been passed, back into the queue (``rejoin``).

    Raises ``NotAllowed`` with code ``too_early`` (``opens``) or ``another_day``, ``WrongState`` for a number that is
    cancelled or used.
    """
    appointment = get_record(desk, Appointment, appointment_id, contact_id=contact_id, lock=True)
    known = find_arrival(desk, appointment_id=appointment.id)
    if known is not None:
        return rejoin(desk, arrival_id=known.id) if known.status == PASSED else known
    if appointment.status not in (BOOKED, ARRIVED, NOSHOW):
        raise WrongState(appointment.status, field="appointment", value=appointment.id)
    if appointment.date != desk.now.date():
        raise NotAllowed("another_day", field="appointment", value=appointment.date)
    opens = opening(desk, appointment)
    if desk.now < opens:
        raise NotAllowed("too_early", field="appointment", value=appointment.id, opens=opens)
    arrival = _enter(desk, appointment)
    if _is_near(desk, arrival):
        _note_told(desk, arrival)  # he hears it now, as the answer to his arrival
    return arrival


def _enter(desk: Desk, appointment: Appointment) -> Arrival:
    rules = desk.hospital.registration
    turn = appointment.start
    if desk.now > turn + dt.timedelta(minutes=rules.late_minutes):
        turn = _end_of_piece(desk.now, rules.slot_minutes)
    arrival = add_arrival(
        desk, patient=desk.session.get_one(Patient, appointment.patient_id), appointment=appointment
    )
    arrival.rank = (turn.hour * 60 + turn.minute) * TURN + arrival.id
    desk.session.add(arrival)
    desk.session.flush()
    return arrival


def _end_of_piece(now: dt.datetime, minutes: int) -> dt.datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    pieces = (now - midnight) // dt.timedelta(minutes=minutes) + 1
    return min(
        midnight + pieces * dt.timedelta(minutes=minutes), midnight + dt.timedelta(hours=23, minutes=59)
    )


def rejoin(desk: Desk, *, arrival_id: int) -> Arrival:
    """过号: back into the queue behind so many as the rule says, the third time behind all."""
    arrival = get_record(desk, Arrival, arrival_id, lock=True)
    move_arrival(desk, arrival=arrival, status=WAITING, reason="rejoined")
    rules = desk.hospital.outpatients.queue
    others = [one for one in list_queue(desk, arrival=arrival) if one.id != arrival.id]
    place = len(others) if arrival.passed >= rules.passed_most else min(rules.passed_behind, len(others))
    if arrival.ahead is not None:  # until the queue system says better
        arrival.ahead = rules.passed_behind
        arrival.wait_minutes = None
    after = others[place].rank if place < len(others) else None
    before = others[place - 1].rank if place else None
    if before is not None:
        arrival.rank = (before + after) / 2 if after is not None else before + TURN
    desk.session.add(arrival)
    desk.session.flush()
    if _is_near(desk, arrival):
        _note_told(desk, arrival)
    return arrival


def list_queue(desk: Desk, *, arrival: Arrival) -> list[Arrival]:
    """Who waits for the same doctor that day (of the department, where no doctor is named), the next one first."""
    query = select(Arrival).where(
        Arrival.hospital_id == desk.hospital_id,
        Arrival.department == arrival.department,
        Arrival.doctor_id == arrival.doctor_id,
        Arrival.date == arrival.date,
        Arrival.status == WAITING,
    )
    return list(desk.session.exec(query.order_by(col(Arrival.rank), col(Arrival.id))))


def find_standing(desk: Desk, *, arrival: Arrival) -> Standing:
    """How many are ahead and how long it will take."""
    if arrival.status != WAITING:
        return Standing(arrival, 0, 0)
    ahead = arrival.ahead
    if ahead is None:
        if not desk.hospital.outpatients.queue.all_check_in_here:
            return Standing(arrival, None, 0)
        ahead = sum(one.rank < arrival.rank for one in list_queue(desk, arrival=arrival))
    if arrival.wait_minutes is not None:
        return Standing(arrival, ahead, arrival.wait_minutes)
    each, begins = float(USUAL_MINUTES), desk.now
    if arrival.appointment_id is not None:
        booked = get_appointment(desk, appointment_id=arrival.appointment_id)
        slot = get_slot(desk, slot_id=booked.slot_id)
        each = (slot.end - slot.start) / dt.timedelta(minutes=1) / max(slot.capacity, 1)
        if arrival.ahead is None:
            begins = max(begins, booked.start)  # nobody is called before his hour by us
    wait = (begins - desk.now) / dt.timedelta(minutes=1)
    return Standing(arrival, ahead, round(max(wait, ahead * each)))


def report_position(
    desk: Desk,
    *,
    arrival: Arrival,
    number: str | None = None,
    ahead: int | None = None,
    wait_minutes: int | None = None,
    status: str | None = None,
) -> Arrival:
    """What the queue system says of one patient. He is told once that it is nearly his turn, and when he is called or
    was passed. Raises ``Invalid``, ``WrongState``.
    """
    if ahead is not None and ahead < 0:
        raise Invalid("ahead", field="ahead", value=ahead)
    if number:
        arrival.number = number[:20]
    if ahead is not None:
        arrival.ahead, arrival.wait_minutes = ahead, None
    if wait_minutes is not None:
        arrival.wait_minutes = max(wait_minutes, 0)
    arrival.reported_at = desk.now
    desk.session.add(arrival)
    desk.session.flush()
    if status is not None and status != arrival.status:
        _move(desk, arrival, status)
    tell_near(desk, arrival=arrival)
    return arrival


def move_on(desk: Desk, *, arrival_id: int, status: str, reason: str | None = None) -> Arrival:
    """Staff call, pass, see or let go; everybody behind moves up, and who comes near is told."""
    arrival = get_record(desk, Arrival, arrival_id, lock=True)
    if status == WAITING and arrival.status == PASSED:
        return rejoin(desk, arrival_id=arrival.id)
    _move(desk, arrival, status, reason)
    return arrival


def _move(desk: Desk, arrival: Arrival, status: str, reason: str | None = None) -> None:
    before = arrival.status
    move_arrival(desk, arrival=arrival, status=status, reason=reason)
    if status == CALLED:
        _tell(desk, arrival, "queue_called")
    elif status == PASSED:
        arrival.passed += 1
        arrival.told_near = False
        _tell(desk, arrival, "queue_passed")
    desk.session.flush()
    if before == WAITING:
        for one in list_queue(desk, arrival=arrival)[: desk.hospital.outpatients.queue.near + 1]:
            tell_near(desk, arrival=one)


def tell_near(desk: Desk, *, arrival: Arrival) -> None:
    """Promises 「前面还有两位」, once for each time in the queue."""
    if arrival.status != WAITING or arrival.told_near:
        return
    if _is_near(desk, arrival):
        _note_told(desk, arrival)
        _tell(desk, arrival, "queue_near")


def _is_near(desk: Desk, arrival: Arrival) -> bool:
    ahead = find_standing(desk, arrival=arrival).ahead
    return ahead is not None and ahead <= desk.hospital.outpatients.queue.near


def _note_told(desk: Desk, arrival: Arrival) -> None:
    arrival.told_near = True
    desk.session.add(arrival)
    desk.session.flush()


def _tell(desk: Desk, arrival: Arrival, kind: str) -> None:
    promise(
        desk,
        contact_id=arrival.contact_id,
        kind=kind,
        due_at=desk.now,
        drop_after=desk.now + USEFUL,
        urgent=True,  # he sits there and waits, also in the evening clinic
        subject=arrival.subject,
        slots={"record": arrival.id},
    )


def call_number(desk: Desk, *, doctor_id: str, number: int) -> int:
    """The screen of a doctor's room shows this number: who has it is called, and everybody's places ahead follow from
    it. For systems that say no more; returns how many of ours wait there.
    """
    query = select(Arrival).where(
        Arrival.hospital_id == desk.hospital_id,
        Arrival.doctor_id == doctor_id,
        Arrival.date == desk.now.date(),
        Arrival.status == WAITING,
    )
    waiting = list(desk.session.exec(query.order_by(col(Arrival.id))))
    for one in waiting:
        digits = "".join(sign for sign in one.number if sign.isdecimal())
        if not digits or int(digits) < number:
            continue
        if int(digits) == number:
            report_position(desk, arrival=one, ahead=0, status=CALLED)
        else:
            report_position(desk, arrival=one, ahead=int(digits) - number - 1)
    return len(waiting)


def find_due(
    desk: Desk, *, patient: Patient, department: str = "", doctor_id: str = ""
) -> Appointment | None:
    """The person's appointment today that a queue may speak of, the next one first."""
    query = select(Appointment).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.person == patient.person,
        Appointment.date == desk.now.date(),
        col(Appointment.status).in_((BOOKED, ARRIVED, NOSHOW)),
    )
    if department:
        query = query.where(Appointment.department == department)
    if doctor_id:
        query = query.where(Appointment.doctor_id == doctor_id)
    found = desk.session.exec(query.order_by(col(Appointment.start)))
    return min(found, key=lambda one: abs(one.start - desk.now), default=None)


def admit(
    desk: Desk,
    *,
    appointment: Appointment | None = None,
    patient: Patient | None = None,
    department: str = "",
    doctor_id: str = "",
    doctor: str = "",
) -> Arrival:
    """The arrival that the queue system speaks of: the appointment's, or the patient's of that department today; a new
    one where he has checked in at its machines."""
    if appointment is not None:
        return find_arrival(desk, appointment_id=appointment.id) or _enter(desk, appointment)
    if patient is None:
        raise NotFound(field="patient")
    query = select(Arrival).where(
        Arrival.hospital_id == desk.hospital_id,
        Arrival.patient_id == patient.id,
        Arrival.date == desk.now.date(),
    )
    if department:
        query = query.where(Arrival.department == department)
    known = desk.session.exec(query.order_by(col(Arrival.id).desc())).first()
    return known or add_arrival(
        desk, patient=patient, department=department, doctor_id=doctor_id, doctor=doctor
    )
