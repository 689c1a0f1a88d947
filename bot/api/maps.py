"""``/maps/{building}/{floor}.svg|png``: a floor, with the way drawn where ``from`` and ``to`` are given."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.errors import ApiError
from knowledge import Hospital
from knowledge.schema import Place
from services.floormaps import draw_floor, draw_route
from services.wayfinding import find_route

router = APIRouter(tags=["maps"])

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@router.get("/maps/{area}/{floor}.{kind}")
async def floor_map(
    request: Request,
    area: str,
    floor: str,
    kind: Literal["svg", "png"],
    start: str | None = Query(None, alias="from", max_length=80, description="place id or name"),
    to: str | None = Query(None, max_length=80, description="place id or name"),
    step_free: bool = Query(False, description="without stairs and escalators"),
) -> Response:
    """A floor's map. It holds nothing personal, so it is served to everybody and may be cached."""
    hospital: Hospital = request.app.state.house.hospital
    content = await asyncio.to_thread(draw, hospital, area, floor, kind, start, to, step_free)
    return Response(content, media_type=_TYPES[kind], headers={"cache-control": "public, max-age=3600"})


def draw(
    hospital: Hospital, area: str, floor: str, kind: str, start: str | None, to: str | None, step_free: bool
) -> bytes:
    raise NotImplementedError


def _place(hospital: Hospital, words: str, field: str) -> Place:
    found = hospital.find_places(words)
    if not found:
        raise ApiError("unknown_place", f"no place is called {words[:40]!r}", status=404, field=field)
    return found[0]
