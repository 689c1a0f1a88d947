"""Suspensions as staff begin them, and whom they have to telephone: who was told and has not answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.console.words import say_day
from knowledge import Hospital
from knowledge.schema import Doctor
from services import Desk, resumptions
from services.appointments import get_appointment
from services.errors import Invalid
from services.history import reveal
from services.identity import mask_phone
from services.patients import Patient
from services.suspensions import (
    TO_CALL,
    UNSETTLED,
    find_alternatives,
    get_notice,
    list_notices,
    suspend_session,
    tick_off,
)

PERIODS = {"全天": "", "上午": "morning", "中午": "noon", "下午": "afternoon", "晚上": "evening"}
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whose number was withdrawn and of whom nobody knows yet that he knows."""

    id: int
    name: str
    phone: str
    about: str
    to_call: bool
    attempts: int
    call_at: dt.datetime
    contact_id: int
    others: str
    """The numbers that may be offered on the telephone."""


def list_doctors(hospital: Hospital) -> tuple[str, ...]:
    """To choose from: name and department, for two may share a name."""
    return tuple(sorted(_name_doctor(one) for one in hospital.doctors))


def _name_doctor(doctor: Doctor) -> str:
    return f"{doctor.name}　{doctor.department}"


def suspend(desk: Desk, *, doctor: str, date: str, period: str, reason: str) -> str:
    """Closes the session; says how many are told of it, this time.

    ``doctor`` as ``list_doctors`` names him, or the name alone. Raises ``Invalid`` with field ``doctor`` or ``date``
    (``date``, ``past_day``, ``too_far``).
    """
    wanted = doctor.strip()
    found = [one for one in desk.hospital.doctors if wanted in (one.id, one.name, _name_doctor(one))]
    if len(found) != 1:
        raise Invalid("unknown_doctor", field="doctor", value=doctor)
    try:
        day = dt.date.fromisoformat(date.strip())
    except ValueError:
        raise Invalid("date", field="date", value=date) from None
    if day < desk.now.date():
        raise Invalid("past_day", field="date", value=date)
    done = suspend_session(
        desk, doctor_id=found[0].id, date=day, period=PERIODS.get(period, ""), reason=reason.strip()
    )
    when = f"{say_day(day, desk.now.date())}{period}"
    if done.new:
        return f"{when}停诊登记好了，{done.new} 位患者会收到通知和能改约的号。"
    if done.appointments:
        return f"{when}停诊早就登记过了，没有新的患者要通知。"
    return f"{when}停诊登记好了，还没有人约。"


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that is suspended, and may be held after all."""

    id: int
    about: str
    doctor_id: str
    date: dt.date
    period: str


def list_standing(desk: Desk) -> tuple[Standing, ...]:
    """Today's and those ahead, the soonest first."""
    names = {period: name for name, period in PERIODS.items()}
    doctors = {one.id: _name_doctor(one) for one in desk.hospital.doctors}
    return tuple(
        Standing(
            one.id,
            f"{doctors.get(one.doctor_id, one.doctor_id)}　{say_day(one.date, desk.now.date())}{names[one.period]}",
            one.doctor_id,
            one.date,
            one.period,
        )
        for one in resumptions.list_standing(desk)
    )


def resume(desk: Desk, *, session: Standing, reason: str) -> str:
    """The doctor comes after all; says how many numbers stand again."""
    done = resumptions.resume_session(
        desk, doctor_id=session.doctor_id, date=session.date, period=session.period, reason=reason
    )
    count = len(done.appointments)
    return (
        f"恢复出诊了，{count} 位还没改约的患者，原来的号照旧，会收到通知。"
        if count
        else "恢复出诊了，号重新放出来。"
    )


def list_told(desk: Desk) -> tuple[Told, ...]:
    """Whom to call first, then those still asked."""
    found = list_notices(desk, statuses=UNSETTLED, limit=SHOWN)
    return tuple(
        sorted((_told(desk, one.id) for one in found), key=lambda one: (not one.to_call, one.call_at))
    )


def _told(desk: Desk, notice_id: int) -> Told:
    notice = get_notice(desk, notice_id=notice_id)
    old = get_appointment(desk, appointment_id=notice.appointment_id)
    patient = desk.session.get_one(Patient, notice.patient_id)
    to_call = notice.status == TO_CALL
    others = find_alternatives(desk, notice=notice) if to_call else []
    return Told(
        notice.id,
        patient.masked_name,
        mask_phone(patient.phone) if patient.phone else "没有留电话",
        f"{old.department}　{old.doctor}　{say_day(old.date)} {old.start:%H:%M}",
        to_call,
        notice.attempts,
        notice.call_at,
        notice.contact_id,
        "；".join(f"{say_day(one.date)} {one.start:%H:%M} {one.doctor}" for one in others),
    )


def reveal_phone(desk: Desk, *, notice_id: int, reason: str) -> str:
    """In full, written down with the reason."""
    patient = desk.session.get_one(Patient, get_notice(desk, notice_id=notice_id).patient_id)
    return reveal(desk, record=patient, field="phone", reason=reason) or ""


def tick(desk: Desk, *, notice_id: int, outcome: str, note: str) -> None:
    tick_off(desk, notice_id=notice_id, outcome=outcome, note=note)
