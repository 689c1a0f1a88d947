"""``POST /api/v1/suspensions``, ``suspensions/lifted``, ``queue``, ``reports/ready`` and ``reports/expected``: what the hospital's own systems tell
us of the outpatient day. Each is idempotent by the caller's ``external_id``: told again, the answer is the same and
nobody hears of it a second time.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, BeforeValidator, Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Day, Event, Moment, Word, to_local
from bot.api.errors import ApiError, Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing, show_value, unknown_department
from bot.api.telling import tell
from bot.house import House
from knowledge.errors import find_nearest
from services import Desk, queues, results, resumptions, suspensions
from services.arrivals import Arrival
from services.events import take_event
from services.patients import Patient
from services.registration import find_appointment
from services.results import DiagnosticReport, find_owner
from services.resumptions import ResumedSession
from services.suspensions import SuspendedSession, find_suspension

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)

Number = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class SuspensionBody(Event):
    """停诊: a doctor does not hold a session. Without a period the whole day."""

    doctor: Word = Field(description="name or id")
    date: Day
    period: Literal["morning", "noon", "afternoon", "evening"] | None = None
    reason: str = Field("", max_length=200)


@router.post("/suspensions")
async def suspend(request: Request, body: SuspensionBody) -> Response:
    """Closes the session, cancels what was booked in it and tells each patient once, with other numbers to choose."""
    house: House = request.app.state.house
    doctor_id, doctor = _find_doctor(house, body.doctor)

    def work(desk: Desk) -> SuspendedSession:
        known = find_suspension(desk, external_id=body.external_id)
        if known is None and body.date < desk.now.date():
            raise ApiError("past", "日期已经过去了", status=422, field="date", value=body.date.isoformat())
        if (
            known is not None and known.lifted_at is not None
        ):  # an old message sent again suspends nothing anew
            return SuspendedSession(known, suspensions.list_cancelled(desk, suspension_id=known.id))
        return suspensions.suspend_session(
            desk,
            doctor_id=known.doctor_id if known else doctor_id,
            date=known.date if known else body.date,
            period=known.period if known else body.period or "",
            reason=known.reason if known else body.reason,
            external_id=body.external_id,
        )

    done = await tell(request, work)
    return Json(
        {
            "id": done.suspension.id,
            "external_id": body.external_id,
            "doctor": doctor,
            "date": done.suspension.date,
            "period": done.suspension.period or None,
            "cancelled": [one.order_number for one in done.appointments],
        }
    )


@router.post("/suspensions/lifted")
async def lift(request: Request, body: SuspensionBody) -> Response:
    """恢复出诊: the session is held after all. Who has not chosen another number keeps his and is told; who has moved
    keeps the move. Without a period the whole day; of a whole day suspended one half-day may come back alone."""
    house: House = request.app.state.house
    doctor_id, doctor = _find_doctor(house, body.doctor)

    def work(desk: Desk) -> ResumedSession:
        session: dict[str, Any] = {"doctor_id": doctor_id, "date": body.date, "period": body.period or ""}
        if not take_event(desk, kind="suspension_lifted", external_id=body.external_id):
            return resumptions.find_resumed(desk, **session)
        return resumptions.resume_session(desk, **session, reason=body.reason)

    done = await tell(request, work)
    return Json(
        {
            "id": done.suspensions[-1].id,
            "external_id": body.external_id,
            "doctor": doctor,
            "date": body.date,
            "period": body.period,
            "booked": [one.order_number for one in done.appointments],
        }
    )


def _find_doctor(house: House, name: str) -> tuple[str, str]:
    found = house.hospital.find_doctors(name)
    exact = [one for one in house.hospital.doctors if name in (one.id, one.name)]
    if len(exact or found) != 1:
        known = [one.name for one in house.hospital.doctors]
        raise ApiError(
            "unknown_doctor",
            "不止一位医生叫这个，请写编号" if found else "医院没有这位医生",
            status=422,
            field="doctor",
            value=show_value("doctor", name),
            nearest=None if found else find_nearest(name, known),
            allowed=[one.id for one in found],
        )
    one = (exact or found)[0]
    return one.id, one.name


class PersonBody(Event):
    """Somebody, by the number of an appointment, by ID number, or by phone and name."""

    order_number: str | None = Field(
        None, max_length=40, validation_alias=AliasChoices("order_number", "appointment")
    )
    id_number: str | None = Field(None, max_length=40)
    phone: str | None = Field(None, max_length=40)
    patient_name: str | None = Field(
        None, max_length=100, validation_alias=AliasChoices("patient_name", "name")
    )

    def require_person(self) -> None:
        """Raises ``ApiError("missing")`` with the field that would name somebody."""
        if self.order_number or self.id_number or (self.phone and self.patient_name):
            return
        lacking = "patient_name" if self.phone else "phone" if self.patient_name else "order_number"
        raise ApiError(
            "missing",
            f"认不出是谁，没有填：{'order_number，或 id_number，或 phone 和 patient_name' if lacking == 'order_number' else lacking}",
            status=422,
            field=lacking,
            allowed=["order_number", "id_number", "phone", "patient_name"],
        )

    def find_owner(self, desk: Desk) -> Patient | None:
        return find_owner(
            desk,
            order_number=self.order_number,
            id_number=self.id_number or None,
            phone=self.phone or None,
            name=self.patient_name or None,
        )


def _read_number(given: Any) -> Any:
    """The digits of a ticket: A012 is 12."""
    found = re.fullmatch(r"\s*[A-Za-z]{1,3}-?(\d{1,5})\s*", given) if isinstance(given, str) else None
    return found[1] if found else given


class QueueBody(PersonBody):
    """One patient's place in a queue, or (``doctor`` and ``calling`` alone) the number a room's screen shows."""

    department: str | None = Field(None, max_length=40)
    doctor: str | None = Field(None, max_length=100, description="name or id")
    number: Number | None = Field(None, max_length=20, description="on the patient's ticket")
    ahead: int | None = Field(None, ge=0, le=9999)
    wait_minutes: int | None = Field(
        None,
        ge=0,
        le=1440,
        validation_alias=AliasChoices("wait_minutes", "expected_minutes", "expected_wait"),
    )
    status: Literal["waiting", "called", "passed", "served", "left"] | None = None
    calling: Annotated[int | None, BeforeValidator(_read_number)] = Field(
        None,
        ge=0,
        le=99999,
        description="the number being called in the doctor's room: 12, or A012 as on the ticket",
    )


@router.post("/queue")
async def report_queue(request: Request, body: QueueBody) -> Response:
    """Checks the patient in where he is not, keeps his place, and tells him once that it is nearly his turn. Somebody who
    is nobody's patient here is answered with `known: false`."""
    house: House = request.app.state.house
    doctor_id, doctor = _find_doctor(house, body.doctor) if body.doctor else ("", "")
    department = _find_department(house, body.department)
    if body.calling is not None and not doctor_id:
        raise ApiError("missing", "叫到几号，要写是哪位医生：没有填 doctor", status=422, field="doctor")
    if body.calling is None:
        body.require_person()

    def work(desk: Desk) -> dict[str, object]:
        new = take_event(desk, kind="queue", external_id=body.external_id)
        if body.calling is not None:
            count = queues.call_number(desk, doctor_id=doctor_id, number=body.calling) if new else 0
            return {"known": True, "new": new, "waiting": count}
        patient = body.find_owner(desk)
        if patient is None:
            return {"known": False, "new": new}
        appointment = (
            find_appointment(desk, order_number=body.order_number)
            if body.order_number
            else queues.find_due(desk, patient=patient, department=department, doctor_id=doctor_id)
        )
        arrival = queues.admit(
            desk,
            appointment=appointment,
            patient=patient,
            department=department,
            doctor_id=doctor_id,
            doctor=doctor,
        )
        if new:
            queues.report_position(
                desk,
                arrival=arrival,
                number=body.number,
                ahead=body.ahead,
                wait_minutes=body.wait_minutes,
                status=body.status,
            )
        return {"known": True, "new": new} | _show_arrival(desk, arrival)

    return Json({"external_id": body.external_id} | await tell(request, work))


def _show_arrival(desk: Desk, arrival: Arrival) -> dict[str, object]:
    standing = queues.find_standing(desk, arrival=arrival)
    return {
        "id": arrival.id,
        "status": arrival.status,
        "department": arrival.department,
        "doctor": arrival.doctor or None,
        "number": arrival.number or None,
        "ahead": standing.ahead,
        "wait_minutes": standing.minutes,
    }


def _find_department(house: House, name: str | None) -> str:
    if not name:
        return ""
    found = house.hospital.find_department(name)
    if found is None:
        raise unknown_department(house.hospital, name)
    return found.name


class ReportBody(PersonBody):
    """An examination's report; ``external_id`` is the report's own number."""

    examination: Word
    department: str | None = Field(None, max_length=40, description="that asked for it")
    place: str | None = Field(None, max_length=80, description="where the paper is printed")
    due_at: Moment | None = Field(None, description="when it should be out")


@router.post("/reports/ready")
async def report_ready(request: Request, body: ReportBody) -> Response:
    """The report is out: the patient is told once. What it says is never sent here."""
    return await _announce(request, body, ready=True)


@router.post("/reports/expected")
async def report_expected(request: Request, body: ReportBody) -> Response:
    """The examination is done and its report will be out by `due_at`: who asks is told so."""
    return await _announce(request, body, ready=False)


async def _announce(request: Request, body: ReportBody, *, ready: bool) -> Response:
    house: House = request.app.state.house
    department = _find_department(house, body.department)
    body.require_person()

    def work(desk: Desk) -> tuple[DiagnosticReport, bool]:
        due = to_local(body.due_at, house.hospital.timezone) if body.due_at else None
        return results.announce_report(
            desk,
            external_id=body.external_id,
            examination=body.examination,
            patient=body.find_owner(desk),
            ready=ready,
            department=department,
            place=body.place,
            due_at=due,
        )

    report, new = await tell(request, work)
    return Json(
        {
            "id": report.id,
            "external_id": body.external_id,
            "status": report.status,
            "new": new,
            "known": report.contact_id is not None,
        }
    )
