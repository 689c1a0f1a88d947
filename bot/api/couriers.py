"""``POST /api/v1/couriers/kuaidi100``: the courier reports by itself; its signature is what lets it in."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.bodies import read_body
from bot.api.errors import ApiError, Json
from bot.api.refusals import refusing
from bot.couriers.asking import ACTOR, CALLBACK, keep_report
from bot.couriers.kuaidi100 import NoReport, read_report
from bot.house import House

log = structlog.get_logger()
router = APIRouter(tags=["hospital systems"])

MOST_BYTES = 512 * 1024
REFUSED: dict[int | str, dict[str, Any]] = refusing(404, 413) | {
    403: {"description": "not signed with our salt"}
}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"param": {"type": "string"}, "sign": {"type": "string"}},
                    "required": ["param", "sign"],
                }
            }
        },
    }
}


@router.post(CALLBACK, responses=REFUSED, openapi_extra=FORM)
async def take_report(request: Request) -> Response:
    """kuaidi100's form fields ``param`` and ``sign``; anything but its own answer makes it push again later."""
    house: House = request.app.state.house
    salt = house.settings.kuaidi100_salt
    if salt is None:
        raise ApiError("not_found", "没有设 WENJIN_KUAIDI100_SALT", status=404)
    body = await read_body(request, most=MOST_BYTES)
    form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    param, sign = form.get("param", [""])[0], form.get("sign", [""])[0]
    try:
        report = read_report(param, sign, salt=salt.get_secret_value())
    except NoReport as error:
        log.warning("courier_report_refused", reason=str(error))
        return Json({"result": False, "returnCode": "400", "message": str(error)}, status_code=403)
    await house.write(partial(keep_report, report=report), actor=ACTOR)
    return Json({"result": True, "returnCode": "200", "message": "成功"})
