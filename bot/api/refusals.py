"""Why a request was refused, in words that whoever connects a hospital's system can act on.

What pydantic says in English about a field is said in Chinese here, and all that is missing is named at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.api.errors import ApiError, error_response
from bot.masks import mask_text, mask_value
from knowledge import Hospital
from knowledge.errors import find_nearest
from services.errors import ServiceError, WrongState
from services.reasons import explain

log = structlog.get_logger()

LONGEST_VALUE = 100
CODES = {
    400: "bad_request", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 411: "length_required", 413: "too_large", 415: "unsupported_media_type", 422: "invalid",
    429: "too_many_requests", 503: "unavailable",
}  # fmt: skip
SENTENCES = {
    400: "请求不对", 401: "没有带令牌，或者令牌不对", 403: "不能这样做", 404: "没有这个地址", 405: "这个地址不支持这种请求方式",
    409: "和现在的状态冲突", 411: "要写 Content-Length", 413: "请求体太大", 415: "要发 application/json", 422: "写得不对",
    429: "太频繁了，请等一会儿", 503: "暂时办不了，请再发一次",
}  # fmt: skip
"""Of what the web framework refuses by itself, in English."""
KINDS = {
    "missing": "没有填",
    "string_type": "要写文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "int_type": "要写整数",
    "int_parsing": "要写整数",
    "int_from_float": "要写整数",
    "bool_type": "要写 true 或 false",
    "bool_parsing": "要写 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "只能写 {expected}",
    "list_type": "要写数组",
    "dict_type": "要写 JSON 对象",
    "model_attributes_type": "要写 JSON 对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "date_type": "要写 2026-03-10 这样的日期",
    "date_parsing": "要写 2026-03-10 这样的日期",
    "date_from_datetime_parsing": "要写 2026-03-10 这样的日期",
    "date_from_datetime_inexact": "要写 2026-03-10 这样的日期",
    "datetime_type": "要写 2026-03-11T09:00:00 这样的时间",
    "datetime_parsing": "要写 2026-03-11T09:00:00 这样的时间",
    "datetime_from_date_parsing": "要写 2026-03-11T09:00:00 这样的时间",
}


class Refusal(BaseModel):
    """Every 4xx and 5xx: a stable code, what to do about it, and which field it is about."""

    error: str = Field(description="a code that stays")
    message: str = Field(description="for people")
    field: str | None = Field(None, description="the field at fault, if one is")
    value: Any = Field(None, description="what was given, masked where it names a person")
    nearest: str | None = Field(None, description="the right name most like the one given")
    allowed: list[str] | None = Field(None, description="what may be given")
    state: str | None = Field(None, description="with wrong_state: how the record stands now")


MEANINGS = {
    400: "the body is no JSON object",
    401: "no token, or none of ours",
    403: "this token may not do that",
    404: "no such record, type or route",
    409: "not possible as things stand: taken, already decided, in another state",
    413: "too large",
    415: "another content type is wanted",
    422: "a field is missing, unknown or wrong",
    501: "this machine cannot draw it",
    503: "the database does not answer",
}


def refusing(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of the statuses with which it refuses."""
    return {one: {"model": Refusal, "description": MEANINGS[one]} for one in sorted(statuses)}


def describe_body(fields: dict[str, dict[str, Any]], *, needed: list[str]) -> dict[str, Any]:
    """The same of a JSON body that a route reads by itself."""
    schema = {"type": "object", "properties": fields, "required": needed}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def describe_faults(faults: Sequence[Mapping[str, Any]]) -> tuple[str, str | None]:
    """A sentence and the field at fault. Of values it says nothing: in a body they may be a patient's."""
    first = faults[0]
    missing = [_name(one) for one in faults if one["type"] == "missing"]
    if first["type"] == "missing" and all(missing):
        return f"没有填：{'、'.join(missing)}", missing[0]
    if first["type"] == "value_error":
        text = str(first["msg"]).removeprefix("Value error, ")
    elif first["type"] in KINDS:
        text = KINDS[first["type"]].format(**first.get("ctx", {})).replace("' or '", "'、'")
    elif first["type"] == "unknown_field":
        text = str(first["msg"])
    else:
        text = "写得不对"
    name = _name(first)
    return (f"{name}：{text}" if name else text), name or None


def _name(fault: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"] if part not in ("body", "query", "path"))


def show_value(name: str | None, value: Any) -> Any:
    """A value as an answer may repeat it: short, and nobody's name, number or address in it."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str) or not value:
        return None
    return mask_text(str(mask_value(name or "", value)))[:LONGEST_VALUE]


def unknown_department(hospital: Hospital, name: str) -> ApiError:
    return ApiError(
        "unknown_department",
        "医院没有这个科室",
        status=422,
        field="department",
        value=show_value("department", name),
        nearest=find_nearest(name, [one.name for one in hospital.departments]),
    )


def say_status(status: int) -> str:
    return SENTENCES.get(status, "系统出错了" if status >= 500 else "请求不对")


def install(app: FastAPI) -> None:
    """Gives every error of the application the one shape."""

    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> Response:
        return error.to_response()

    @app.exception_handler(ServiceError)
    async def service_refused(request: Request, error: ServiceError) -> Response:
        allowed = error.details.get("allowed")
        standing = isinstance(
            error, WrongState
        )  # its own code is the state, and a caller's program wants one that stays
        return error_response(
            WrongState.code if standing else error.code,
            f"{error.field}：{explain(error)}" if error.field else explain(error),
            status=error.status,
            field=error.field,
            value=show_value(error.field, error.value),
            nearest=error.details.get("nearest"),
            allowed=[str(one) for one in allowed] if allowed else None,
            state=error.code if standing and error.code != WrongState.code else None,
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "error")
        response = error_response(code, say_status(error.status_code), status=error.status_code)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return error_response("broken_json", "请求体不是 JSON", status=400)
        message, field = describe_faults(error.errors())
        if first["type"] == "unknown_field":
            context = first["ctx"]
            return error_response(
                "unknown_field",
                message,
                status=422,
                field=context["name"][:LONGEST_VALUE],
                nearest=context["nearest"],
                allowed=context.get("allowed"),
            )
        if first["type"] == "missing":
            return error_response("missing", message, status=422, field=field)
        value = show_value(field, first.get("input"))
        return error_response("invalid", message, status=422, field=field, value=value)

    @app.exception_handler(IntegrityError)
    async def overtaken(request: Request, error: IntegrityError) -> Response:
        """Two told the same at the same moment and the database let one in; told again, he gets its answer."""
        log.warning("request_overtaken", path=request.scope["path"])
        return error_response("conflict", "同一时刻有人也在写，请再发一次", status=409)

    @app.exception_handler(DataError)
    @app.exception_handler(OverflowError)
    async def too_much(request: Request, error: Exception) -> Response:
        """A number or a text that no column holds."""
        log.warning("value_refused", path=request.scope["path"], error=type(error).__name__)
        return error_response("invalid", "有一个值太大或太长，存不下", status=422)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error(
            "request_failed", path=request.scope.get("path"), error=type(error).__name__, exc_info=error
        )
        return error_response("internal_error", "系统出错了，已经记下", status=500)
