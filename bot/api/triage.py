"""``POST /triage/assess``: level, departments and red flags for a described complaint. Changes nothing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import read_body
from bot.api.errors import ApiError, Json, parse_object
from bot.api.refusals import describe_body, refusing
from knowledge import Hospital
from services.errors import Invalid
from services.reasons import explain
from services.triage import assess

router = APIRouter(tags=["triage"])


@router.post(
    "/triage/assess",
    dependencies=[Depends(require_access)],
    responses=refusing(400, 401, 403, 413, 422),
    openapi_extra=describe_body(
        {
            "text": {"type": "string", "description": "what troubles somebody, in his words"},
            "age": {"type": ["number", "string", "null"], "description": "years, or P8M for months"},
            "sex": {"enum": ["male", "female", None]},
            "answers": {
                "type": ["object", "null"],
                "additionalProperties": {"type": "string"},
                "description": "to `questions` of the answer before, by id",
            },
        },
        needed=["text"],
    ),
)
async def assess_complaint(request: Request) -> Response:
    """`{"text", "age"?, "sex"?, "answers"?}`: level, departments, red flags, advice and what to ask next."""
    data = parse_object(await read_body(request))
    return Json(await run_in_threadpool(assess_one, request.app.state.house.hospital, data))


def assess_one(hospital: Hospital, data: dict[str, Any]) -> dict[str, Any]:
    """One answer of ``POST /triage/assess``; raises ``ApiError`` with the field at fault."""
    text = data.get("text")
    if not isinstance(text, str):
        raise ApiError("invalid", "text：要写文字", status=422, field="text")
    age, sex, answers = data.get("age"), data.get("sex"), data.get("answers")
    if isinstance(age, bool) or not isinstance(age, int | float | str | None):
        raise ApiError("invalid", "age：要写几岁（数字），几个月写 P8M", status=422, field="age")
    if not isinstance(sex, str | None):
        raise ApiError("invalid", "sex：要写 male 或 female", status=422, field="sex")
    if not isinstance(answers, dict | None):
        raise ApiError("invalid", "answers：要写 JSON 对象", status=422, field="answers")
    try:
        found = assess(
            hospital,
            text=text[:2000],
            age=age,
            sex=sex or None,
            answers={str(key): str(value) for key, value in (answers or {}).items()} or None,
        )
    except Invalid as error:
        raise ApiError("invalid", f"{error.field}：{explain(error)}", status=422, field=error.field) from None
    return found.to_json()
