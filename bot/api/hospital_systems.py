"""``POST /api/v1/…``: what the hospital's own systems tell us. Each is idempotent by the caller's ``external_id``."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import get_caller, require_access
from bot.api.bodies import Event, Word
from bot.api.errors import Json
from bot.house import House
from services import Desk
from services.errors import NotFound
from services.herb_stages import advance_delivery
from services.herbs import HerbDelivery, find_delivery, get_delivery

router = APIRouter(prefix="/api/v1", tags=["hospital systems"], dependencies=[Depends(require_access)])


class HerbEventBody(Event):
    """A stage of a herb delivery, as the pharmacy or the courier reports it."""

    status: Word = Field(description="a stage of the hospital's herbs.yml")
    courier: str | None = Field(None, max_length=40)
    tracking_number: str | None = Field(None, max_length=60)
    reason: str | None = Field(None, max_length=200)


@router.post("/herb-deliveries/{delivery}/events")
async def report_herb_event(request: Request, delivery: str, body: HerbEventBody) -> Response:
    """The delivery (our id, its order number or the pharmacy's) moves on, and the patient is told where the rule says so."""
    house: House = request.app.state.house

    def work(desk: Desk) -> HerbDelivery:
        found = _find_delivery(desk, delivery)
        return advance_delivery(
            desk,
            delivery_id=found.id,
            status=body.status,
            courier=body.courier,
            tracking_number=body.tracking_number,
            reason=body.reason,
            external_id=body.external_id,
        )

    moved = await house.write(work, actor=get_caller(request).actor)
    return Json({"id": moved.id, "order_number": moved.order_number, "status": moved.status})


def _find_delivery(desk: Desk, name: str) -> HerbDelivery:
    if name.isdigit() and len(name) < 10:
        return get_delivery(desk, delivery_id=int(name))
    found = find_delivery(desk, number=name)
    if found is None:
        raise NotFound("not_found", field="id", value=name)
    return found
