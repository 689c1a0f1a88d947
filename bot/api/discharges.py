"""``POST /api/v1/discharges``: a discharge told by the hospital's own system is enrolled in its follow-up."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Day, Event, Word
from bot.api.errors import Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from services import Desk, followups
from services.followups import Enrolment, list_tasks

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)


class DischargeBody(Event):
    """One discharge. Whoever registered this person (by ID number, else phone and name) is asked on the plan's days."""

    patient_name: Word = Field(validation_alias=AliasChoices("patient_name", "name"))
    phone: Word
    date: Day = Field(validation_alias=AliasChoices("date", "discharged_on", "discharge_date"))
    id_number: str | None = Field(None, max_length=40)
    department: str = Field("", max_length=40)
    diagnosis: str = Field("", max_length=500)
    plan: str | None = Field(
        None, max_length=60, description="id or name of a plan; else chosen by diagnosis"
    )


@router.post("/discharges")
async def enrol(request: Request, body: DischargeBody) -> Response:
    """Idempotent by `external_id`: told again, `new` is false and nothing changes."""

    def work(desk: Desk) -> tuple[Enrolment, list[dict[str, object]]]:
        done = followups.enrol(
            desk,
            external_id=body.external_id,
            name=body.patient_name,
            phone=body.phone,
            discharged_on=body.date,
            id_number=body.id_number or None,
            department=body.department,
            diagnosis=body.diagnosis,
            plan=body.plan,
        )
        tasks = list_tasks(desk, follow_up_id=done.follow_up.id)
        return done, [{"day": one.day, "due_at": one.due_at, "status": one.status} for one in tasks]

    done, tasks = await tell(request, work)
    return Json(
        {
            "id": done.follow_up.id,
            "external_id": body.external_id,
            "status": done.follow_up.status,
            "plan": done.follow_up.plan,
            "new": done.new,
            "reachable": done.follow_up.contact_id is not None,
            "tasks": tasks,
        }
    )
