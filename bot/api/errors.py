"""One shape for everything that goes wrong over HTTP: ``{"error": code, "message": text, "field"?: name}``."""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.errors import ServiceError
from services.reasons import REASONS, explain

log = structlog.get_logger()

MEANINGS = {
    400: "bad_request", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 411: "length_required", 413: "too_large", 415: "unsupported_media_type", 422: "invalid",
    429: "too_many_requests", 503: "unavailable",
}  # fmt: skip


class ApiError(Exception):
    """A request is refused: ``ApiError("unknown_place_code", "no such code", status=422, field="…")``."""

    def __init__(self, code: str, message: str, *, status: int = 400, field: str | None = None):
        self.code, self.message, self.status, self.field = code, message, status, field
        super().__init__(code)

    def to_response(self) -> Response:
        return error_response(self.code, self.message, status=self.status, field=self.field)


class Json(Response):
    """JSON by orjson: on the hot path the standard encoder costs more than the route."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def error_response(code: str, message: str, *, status: int, field: str | None = None) -> Response:
    body = {"error": code, "message": message} | ({"field": field} if field else {})
    return Json(body, status_code=status)


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body, or a clear 400."""
    if not body.strip():
        raise ApiError("empty_body", "a JSON object is expected, the body is empty")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError("broken_json", f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ApiError("not_an_object", "a JSON object is expected")
    return data


def install(app: FastAPI) -> None:
    """Gives every error of the application the one shape."""

    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> Response:
        return error.to_response()

    @app.exception_handler(ServiceError)
    async def service_refused(request: Request, error: ServiceError) -> Response:
        message = explain(error) if error.code in REASONS else error.code
        message = f"{error.field}: {message}" if error.field else message
        return error_response(error.code, message, status=error.status, field=error.field)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = MEANINGS.get(error.status_code, "error")
        response = error_response(code, str(error.detail), status=error.status_code)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return error_response("broken_json", "the body is not JSON", status=400)
        path = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
        # the value itself stays out of the answer and of the log: it may be a patient's
        return error_response("invalid", first["msg"], status=422, field=".".join(path) or None)

    @app.exception_handler(IntegrityError)
    async def overtaken(request: Request, error: IntegrityError) -> Response:
        """Two told the same at the same moment and the database let one in; told again, he gets its answer."""
        log.warning("request_overtaken", path=request.scope["path"])
        return error_response("conflict", "told by another at this moment; send it again", status=409)

    @app.exception_handler(DataError)
    @app.exception_handler(OverflowError)
    async def too_much(request: Request, error: Exception) -> Response:
        """A number or a text that no column holds."""
        log.warning("value_refused", path=request.scope["path"], error=type(error).__name__)
        return error_response("invalid", "a value is out of range", status=422)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error(
            "request_failed", path=request.scope.get("path"), error=type(error).__name__, exc_info=error
        )
        return error_response("internal_error", "an unexpected error; it has been logged", status=500)
