"""``/crowding/{department}/{day}.svg|png``: how many come at which hour of that weekday."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.errors import ApiError
from bot.api.refusals import refusing
from bot.house import House
from services.crowdcharts import draw_crowding
from services.crowding import find_crowding
from services.drawing import NoFont

PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}, "image/png": {}}}}
router = APIRouter(tags=["maps"], responses=refusing(404, 422, 501))


@router.get("/crowding/{department}/{day}.{kind}", response_class=Response, responses=PICTURE)
async def show_crowding(
    request: Request,
    department: str,
    day: dt.date,
    kind: Literal["svg", "png"],
    lang: Literal["zh", "vi"] = Query("zh", description="language of what is said on it"),
) -> Response:
    """How many come at which hour of that weekday. It holds nothing personal, so everybody may see it."""
    house: House = request.app.state.house
    known = house.hospital.find_department(department)
    if known is None:
        raise ApiError("unknown_department", "医院没有这个科室", status=404, field="department")
    found = await house.read(lambda desk: find_crowding(desk, department=known.name, day=day))
    if found is None:
        raise ApiError("no_history", "就诊的人太少，看不出规律", status=404)
    try:
        chart = draw_crowding(found, department=known.title(lang), language=lang)
        content = await asyncio.to_thread(lambda: chart.png if kind == "png" else chart.svg.encode())
    except NoFont:
        raise ApiError("no_font", "这台机器没有中文字体，只能画 SVG", status=501) from None
    headers = {"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"}
    return Response(content, media_type={"svg": "image/svg+xml", "png": "image/png"}[kind], headers=headers)
