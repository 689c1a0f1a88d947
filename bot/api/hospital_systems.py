"""``POST /api/v1/…``: what the hospital's own systems tell us. Each is idempotent by the caller's ``external_id``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.errors import ApiError, Json
from bot.house import House
from services import appointments

router = APIRouter(prefix="/api/v1", tags=["hospital systems"], dependencies=[Depends(require_access)])

Word = Annotated[str, Field(min_length=1, max_length=100)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SuspensionBody(Body):
    """停诊: a doctor does not hold a session. Without a period the whole day."""

    external_id: Word
    doctor: Word = Field(description="name or id")
    date: dt.date
    period: Literal["morning", "noon", "afternoon", "evening"] | None = None
    reason: str = Field("", max_length=200)


@router.post("/suspensions")
async def suspend(request: Request, body: SuspensionBody) -> Response:
    """Closes the session, cancels what was booked in it and tells the patients."""
    house: House = request.app.state.house
    found = house.hospital.find_doctors(body.doctor)
    if len(found) != 1:
        what = "no doctor" if not found else "more than one doctor"
        raise ApiError("unknown_doctor", f"{what} is called {body.doctor!r}", status=422, field="doctor")
    if body.date < house.now().date():
        raise ApiError("invalid", "the date is past", status=422, field="date")
    done = await house.write(
        lambda desk: appointments.suspend_session(
            desk,
            doctor_id=found[0].id,
            date=body.date,
            period=body.period or "",
            reason=body.reason,
            external_id=body.external_id,
        ),
        actor="api",
    )
    return Json(
        {
            "id": done.suspension.id,
            "external_id": body.external_id,
            "doctor": found[0].name,
            "date": body.date,
            "period": body.period,
            "cancelled": [one.order_number for one in done.appointments],
        }
    )
