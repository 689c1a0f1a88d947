"""``POST /api/v1/couriers/kuaidi100``: the courier reports by itself; its signature is what lets it in."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.errors import ApiError, Json
from bot.couriers.asking import ACTOR, CALLBACK, keep_report
from bot.couriers.kuaidi100 import NoReport, read_report
from bot.house import House

log = structlog.get_logger()
router = APIRouter(tags=["hospital systems"])

MOST_BYTES = 512 * 1024


@router.post(CALLBACK)
async def take_report(request: Request) -> Response:
    """kuaidi100's form fields ``param`` and ``sign``; anything but its own answer makes it push again later."""
    house: House = request.app.state.house
    salt = house.settings.kuaidi100_salt
    if salt is None:
        raise ApiError("not_found", "no WENJIN_KUAIDI100_SALT is set", status=404)
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        raise ApiError("too_large", "a report is smaller than that", status=413)
    body = await request.body()
    form = parse_qs(body[:MOST_BYTES].decode("utf-8", "replace"), keep_blank_values=True)
    param, sign = form.get("param", [""])[0], form.get("sign", [""])[0]
    try:
        report = read_report(param, sign, salt=salt.get_secret_value())
    except NoReport as error:
        log.warning("courier_report_refused", reason=str(error))
        return Json({"result": False, "returnCode": "400", "message": str(error)}, status_code=403)
    await house.write(partial(keep_report, report=report), actor=ACTOR)
    return Json({"result": True, "returnCode": "200", "message": "成功"})
