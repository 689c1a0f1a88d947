"""A complaint taken back at another door (the hotline, the office): told by that system, and the patient hears that it is
done."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Event, is_text, read_id
from bot.api.errors import Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from services import Desk
from services.afterthoughts import withdraw_complaint
from services.complaints import Complaint, find_complaint, get_complaint
from services.errors import NotFound
from services.events import take_event

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)


class WithdrawalBody(Event):
    """The patient has said elsewhere that it need not be dealt with any more."""

    reason: str | None = Field(None, max_length=150, description="in the patient's words, for staff")


@router.post("/complaints/{complaint}/withdrawn")
async def withdraw(request: Request, complaint: str, body: WithdrawalBody) -> Response:
    """The complaint (our id or its number) is closed, nobody is owed an answer, and the patient is told. Refused with
    `wrong_state` where it is closed otherwise or its answer is confirmed."""

    def work(desk: Desk) -> Complaint:
        found = _find_complaint(desk, complaint)
        if not take_event(desk, kind="complaint_withdrawn", external_id=body.external_id):
            return found
        return withdraw_complaint(desk, complaint_id=found.id, reason=body.reason)

    done = await tell(request, work)
    return Json(
        {
            "id": done.id,
            "external_id": body.external_id,
            "order_number": done.order_number,
            "status": done.status,
        }
    )


def _find_complaint(desk: Desk, name: str) -> Complaint:
    if (number := read_id(name)) is not None:
        return get_complaint(desk, complaint_id=number)
    found = find_complaint(desk, order_number=name) if is_text(name) else None
    if found is None:
        raise NotFound(field="id", value=name)
    return found
