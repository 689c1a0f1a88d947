"""``POST /api/v1/…``: what the hospital's own systems tell us. Each is idempotent by the caller's ``external_id``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import Body, Day, Event, Word, is_text, read_id
from bot.api.errors import Json
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing
from bot.api.telling import tell
from services import Desk, sampling
from services.errors import NotFound
from services.herb_stages import advance_delivery
from services.herbs import HerbDelivery, find_delivery, get_delivery
from services.sampling import SamplingResult, find_result

router = APIRouter(
    prefix="/api/v1",
    tags=["hospital systems"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(400, 401, 403, 404, 409, 413, 422),
)


class HerbEventBody(Event):
    """A stage of a herb delivery, as the pharmacy or the courier reports it."""

    status: Word = Field(description="a stage of the hospital's herbs.yml")
    courier: str | None = Field(None, max_length=40)
    tracking_number: str | None = Field(None, max_length=60)
    reason: str | None = Field(None, max_length=200)


@router.post("/herb-deliveries/{delivery}/events")
async def report_herb_event(request: Request, delivery: str, body: HerbEventBody) -> Response:
    """The delivery (our id, its order number or the pharmacy's) moves on, and the patient is told where the rule says so."""

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

    moved = await tell(request, work)
    return Json({"id": moved.id, "order_number": moved.order_number, "status": moved.status})


class SampledItem(Body):
    """One value, as the laboratory's sheet has it."""

    name: Word
    value: Annotated[str, Field(max_length=60)]
    unit: Annotated[str, Field(max_length=30)] = ""
    range: Annotated[
        str, Field(max_length=60, description="reference range as printed: 3.9–6.1, <5.2, ≥1.0, 阴性")
    ] = ""
    abnormal: Annotated[
        bool | None,
        Field(
            description="left out: compared with `range`; a value outside it is abnormal whatever is said here"
        ),
    ] = None


class SamplingBody(Event):
    """村采乡检: the results of one person's samples, taken in the village. Told to whoever has this person as a 就诊人."""

    patient_name: Word = Field(validation_alias=AliasChoices("patient_name", "name"))
    phone: str | None = Field(None, max_length=40)
    id_number: str | None = Field(None, max_length=40)
    date: Day = Field(
        validation_alias=AliasChoices("date", "sampled_on"), description="when the samples were taken"
    )
    point: str = Field("", max_length=80, description="where: a sampling point's name")
    department: str | None = Field(None, max_length=40, description="whom to see with an abnormal one")
    items: Annotated[list[SampledItem], Field(min_length=1, max_length=100)]


@router.post("/sampling-results")
async def take_sampling_result(request: Request, body: SamplingBody) -> Response:
    """The patient is told once; of an abnormal result that nobody can be told of, staff are alarmed. `unclear` names the
    items of which neither `abnormal` nor a readable `range` says whether they are normal: the patient is not told they are.
    """

    def work(desk: Desk) -> tuple[SamplingResult, bool]:
        new = find_result(desk, external_id=body.external_id) is None
        return sampling.take_result(
            desk,
            external_id=body.external_id,
            name=body.patient_name,
            phone=body.phone or None,
            id_number=body.id_number or None,
            sampled_on=body.date,
            point=body.point,
            department=body.department or None,
            items=[one.model_dump() for one in body.items],
        ), new

    result, new = await tell(request, work)
    return Json(
        {
            "id": result.id,
            "external_id": body.external_id,
            "status": result.status,
            "abnormal": result.abnormal,
            "unclear": result.unclear,
            "new": new,
            "known": result.contact_id is not None,
        }
    )


def _find_delivery(desk: Desk, name: str) -> HerbDelivery:
    if (number := read_id(name)) is not None:
        return get_delivery(desk, delivery_id=number)
    found = find_delivery(desk, number=name) if is_text(name) else None
    if found is None:
        raise NotFound("not_found", field="id", value=name)
    return found
