"""``GET /api/v1/{type}`` and ``/{type}/{id}``: every record, by type, for the hospital's own systems.

Paged by a cursor (the answer's ``next``, and a ``Link`` header as in RFC 8288), the newest first, so that what is
added meanwhile moves no page. Identity is masked; ``POST …/reveal`` gives one field in full and writes down who asked
and why.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import BIGGEST, Body, Moment, is_text, read_id, to_local
from bot.api.errors import ApiError, Json
from bot.api.fhir import describe_fhir, get_mapping, list_states
from bot.api.parameters import refuse_unknown
from bot.api.refusals import refusing, show_value, unknown_department
from bot.api.telling import tell
from bot.house import House
from knowledge.errors import find_nearest
from services import Desk, history
from services.errors import Invalid
from services.resources import (
    MOST,
    Page,
    describe_records,
    get_one,
    get_resource,
    list_page,
    list_resources,
)

router = APIRouter(
    prefix="/api/v1",
    tags=["records"],
    dependencies=[Depends(require_access), Depends(refuse_unknown)],
    responses=refusing(401, 403, 413, 422),
)

Status = Annotated[list[str], Query(max_length=20, description="one or more states, repeated")]
Word = Annotated[str | None, Query(min_length=1, max_length=200)]


@router.get("/types")
async def show_types(request: Request) -> Response:
    """Every type of record: its name, what FHIR R4 calls it, its states and what it can be filtered by."""
    house: House = request.app.state.house
    names: dict[str, str] = {}
    for line in house.hospital.lines:
        names[line.kind] = "、".join(filter(None, (names.get(line.kind), line.name["zh"])))

    def read(desk: Desk) -> list[dict[str, Any]]:
        return [
            {
                "type": one.type,
                "name": names.get(one.type) or get_mapping(one.type).name,
                "resource": get_mapping(one.type).resource,
                "states": list_states(house.hospital, one.type),
                "fields": list(one.shown),
                "masked": list(one.sealed),
                "filters": list(one.filters),
            }
            for one in list_resources(desk)
        ]

    return Json({"data": await house.read(read)})


@router.get("/{type}", responses=refusing(404))
async def list_records(
    request: Request,
    type: str,
    status: Status = [],  # noqa: B006  # FastAPI copies it
    since: Annotated[Moment | None, Query(description="made then or later, ISO 8601")] = None,
    department: Word = None,
    external_id: Word = None,
    patient_id: Annotated[int | None, Query(ge=1, le=BIGGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    order: Literal["newest", "oldest"] = "newest",
    cursor: Annotated[str | None, Query(max_length=40, description="`next` of the page before")] = None,
) -> Response:
    """`{"data": […], "next": cursor or null}`; the same cursor stands in `Link: <…>; rel="next"`."""
    house: House = request.app.state.house
    after = _read_cursor(cursor)
    for name, text in (("external_id", external_id), ("type", type), ("status", "".join(status))):
        if text is not None and not is_text(text):
            raise ApiError("invalid", "里面有不能保存的字符", status=422, field=name)
    if since is not None:
        since = to_local(since, house.hospital.timezone)

    def read(desk: Desk) -> Page:
        resource = get_resource(desk, type)
        return list_page(
            desk,
            resource=resource,
            after=after,
            limit=limit,
            status=_read_states(house, resource.type, status),
            since=since,
            department=_find_department(house, department),
            external_id=external_id,
            patient_id=patient_id,
            oldest_first=order == "oldest",
        )

    page = await house.read(read)
    following = None if page.next is None else _write_cursor(page.next)
    answer = Json({"data": [_show(one) for one in page.entries], "next": following})
    if following is not None:
        answer.headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
    return answer


@router.get("/{type}/{id}", responses=refusing(404))
async def show_record(request: Request, type: str, id: str) -> Response:
    """One record with its history: `steps`, each with state, time and who (a reason is told by reveal only)."""
    house: House = request.app.state.house

    def read(desk: Desk) -> dict[str, Any]:
        resource = get_resource(desk, type)
        record = get_one(desk, resource=resource, record_id=_get_id(id))
        (entry,) = describe_records(desk, resource=resource, records=[record])
        steps = [
            {
                "id": one.id,
                "at": one.created_at.isoformat(timespec="seconds"),
                "old": one.old or None,
                "new": one.new,
                "actor": one.actor,
                "reasoned": one.reason is not None,
            }
            for one in history.list_changes(desk, record=record)
        ]
        return _show(entry) | {"steps": steps}

    return Json(await house.read(read))


class RevealBody(Body):
    field: Annotated[str, Field(min_length=1, max_length=40)]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


@router.post("/{type}/{id}/reveal", responses=refusing(400, 404))
async def reveal(request: Request, type: str, id: str, body: RevealBody) -> Response:
    """One field in full (`masked` of a record names those there are), for tokens with the scope `reveal`; audited."""

    def work(desk: Desk) -> str | None:
        resource = get_resource(desk, type)
        record = get_one(desk, resource=resource, record_id=_get_id(id))
        if body.field not in resource.sealed:
            raise Invalid("unsupported", field="field", value=body.field, allowed=resource.sealed)
        return history.reveal(desk, record=record, field=body.field, reason=body.reason)

    value = await tell(request, work)
    answer = Json({"type": type, "id": int(id), "field": body.field, "value": value})
    answer.headers["cache-control"] = "no-store"
    return answer


def _show(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"fhir": describe_fhir(entry)}


def _read_states(house: House, type: str, given: list[str]) -> list[str]:
    """States of this type; one that it never has is refused, for it would find nothing and look like an answer."""
    known = list_states(house.hospital, type)
    wanted = [one for group in given for one in group.split(",")]
    for one in wanted:
        if known and one not in known:
            raise ApiError(
                "unknown_status",
                f"没有这个状态；可以写：{'、'.join(known)}",
                status=422,
                field="status",
                value=show_value("status", one),
                nearest=find_nearest(one, known),
                allowed=known,
            )
    return wanted


def _find_department(house: House, name: str | None) -> str | None:
    """By its standard name or any other it has; an unknown one is refused, not answered with nothing."""
    if name is None:
        return None
    found = house.hospital.find_department(name)
    if found is None:
        raise unknown_department(house.hospital, name)
    return found.name


def _get_id(text: str) -> int:
    if (number := read_id(text)) is None:
        raise ApiError("not_found", "编号是数字", status=404, field="id", value=show_value("id", text))
    return number


def _write_cursor(last: int) -> str:
    """Opaque: what stands in it may change."""
    return base64.urlsafe_b64encode(f"id:{last}".encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        kind, _, number = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
        )
        if kind == "id" and number.isdigit() and int(number) <= BIGGEST:
            return int(number)
    except ValueError:
        pass
    raise ApiError("invalid", "不是上一页给的 next", status=422, field="cursor")
