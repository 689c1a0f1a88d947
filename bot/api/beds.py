"""``POST /api/v1/beds/{bed}/events``: the hospital's system says how a bed stands that no registration of ours moves."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Event, Word, is_text, read_id
from bot.api.errors import Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from services import Desk, bed_reports
from services.beds import Bed
from services.errors import NotFound

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)


class BedEventBody(Event):
    """How a bed stands now."""

    strict = True
    status: Word = Field(description="occupied, free, cleaning or closed (out of use)")
    sex: Literal["male", "female"] | None = Field(
        None, description="of whoever lies in it now: a room is shared by one sex"
    )
    reason: str | None = Field(None, max_length=200)


@router.post("/beds/{bed}/events")
async def report_bed_event(request: Request, bed: str, body: BedEventBody) -> Response:
    """A bed (our id, or its label such as `801-2`) is taken by a direct admission, being cleaned, out of use or free again. A
    free bed goes to whoever is next on the waiting list. A bed that a registration holds moves with its events
    (`/api/v1/requests/{id}/events`): here it is `wrong_state`."""

    def work(desk: Desk) -> Bed:
        if not is_text(bed):
            raise NotFound("unknown_bed", field="bed", value=bed)
        return bed_reports.report_bed(
            desk,
            bed=bed if (number := read_id(bed)) is None else number,
            status=body.status,
            external_id=body.external_id,
            reason=body.reason,
            sex=body.sex,
        )

    told = await tell(request, work)
    return Json(
        {
            "id": told.id,
            "bed": told.label,
            "ward": told.ward,
            "department": told.department,
            "status": told.status,
        }
    )
