"""``/maps/{building}/{floor}.svg|png``: a floor, with the way drawn where ``to`` (and ``from``) are given."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.errors import ApiError
from bot.api.refusals import refusing
from knowledge import Hospital
from services.drawing import NoFont
from services.errors import NotFound
from services.floormaps import Drawing, draw_floor
from services.wayfinding import find_route

PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}, "image/png": {}}}}
router = APIRouter(tags=["maps"], responses=refusing(404, 422, 501))

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@router.get("/maps/{area}/{floor}.{kind}", response_class=Response, responses=PICTURE)
async def floor_map(
    request: Request,
    area: str,
    floor: str,
    kind: Literal["svg", "png"],
    start: str | None = Query(None, alias="from", max_length=80, description="place, by id or name"),
    to: str | None = Query(None, max_length=80, description="place, by id or name"),
    step_free: bool = Query(False, description="without stairs and escalators"),
    lang: Literal["zh", "vi"] = Query(
        "zh", description="language of what is said on it; names stand as on the signs"
    ),
) -> Response:
    """A floor's map. It holds nothing personal, so it is served to everybody and may be kept."""
    hospital: Hospital = request.app.state.house.hospital
    wanted = (_Key(hospital), area, floor, kind, start or None, to or None, step_free, lang)
    try:
        content = await asyncio.to_thread(_draw, *wanted)
    except NotFound as error:
        field = {"origin": "from", "destination": "to"}.get(error.field or "", error.field)
        raise ApiError(error.code, f"{field}：地图上没有", status=404, field=field) from None
    except NoFont:
        raise ApiError("no_font", "这台机器没有中文字体，只能画 SVG", status=501) from None
    headers = {"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"}
    return Response(content, media_type=_TYPES[kind], headers=headers)


class _Key:
    """A hospital as a cache key: by identity, for hashing all its data would cost more than drawing."""

    def __init__(self, hospital: Hospital):
        self.hospital = hospital

    def __hash__(self) -> int:
        return id(self.hospital)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.hospital is other.hospital


@lru_cache(maxsize=64)
def _draw(
    key: _Key, area: str, floor: str, kind: str, start: str | None, to: str | None, step_free: bool, lang: str
) -> bytes:
    """Raises ``NotFound`` (``unknown_floor``, ``unknown_place``, ``no_route``) and ``NoFont``."""
    hospital = key.hospital
    route = (
        find_route(hospital, destination=to, origin=start, step_free=step_free, language=lang) if to else None
    )
    drawing: Drawing = draw_floor(hospital, area=area, floor=floor, route=route, language=lang)
    return drawing.png if kind == "png" else drawing.svg.encode()
