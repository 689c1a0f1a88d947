"""``POST /api/v1/referrals``: a primary-care institution or a family doctor refers a patient into a department."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Event, Word
from bot.api.errors import Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from services import Desk, referrals
from services.referrals import Referral

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)


class ReferralBody(Event):
    """Whoever registers with this document may take a place reserved for referred patients (``quotas``)."""

    institution: Word = Field(description="id of an institution of registration.yml")
    patient_name: Word
    id_number: Word
    department: Word
    reason: str = Field("", max_length=500)


@router.post("/referrals")
async def refer(request: Request, body: ReferralBody) -> Response:
    """Idempotent by `external_id`."""

    def work(desk: Desk) -> Referral:
        return referrals.refer_patient(
            desk,
            external_id=body.external_id,
            institution=body.institution,
            name=body.patient_name,
            id_number=body.id_number,
            department=body.department,
            reason=body.reason,
        )

    made = await tell(request, work)
    return Json(
        {
            "id": made.id,
            "external_id": made.external_id,
            "order_number": made.order_number,
            "status": made.status,
            "department": made.department,
            "valid_until": made.valid_until,
        }
    )
