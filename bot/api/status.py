"""``/health``, ``/ready`` and ``/metrics``: for whoever watches over the process."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import PlainTextResponse, Response

from bot.api.access import require_access
from bot.api.errors import Json, error_response
from bot.api.refusals import refusing
from services.database import connect_reading

router = APIRouter(tags=["status"])


@router.get("/health")
async def health() -> Response:
    """The process answers."""
    return Json({"status": "ok"})


@router.get("/ready", responses=refusing(503))
async def ready(request: Request) -> Response:
    """The database answers too: patients can be served."""
    house = request.app.state.house

    def ask() -> None:
        with connect_reading(house.engine) as connection:
            connection.execute(text("SELECT 1"))

    try:
        await asyncio.wait_for(asyncio.to_thread(ask), timeout=3)
    except Exception:
        return error_response("unavailable", "数据库没有回答", status=503)
    return Json({"status": "ready", "hospital": house.hospital.name})


@router.get(
    "/metrics",
    dependencies=[Depends(require_access)],
    response_class=PlainTextResponse,
    responses=refusing(401, 403, 413),
)
async def metrics() -> Response:
    """Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
