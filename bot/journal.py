"""The log: who called which route and how long it took; never what was said, by whom, or about whom."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger()

REQUESTS = Counter("wenjin_http_requests", "HTTP requests", ["route", "method", "status"])
SECONDS = Histogram(
    "wenjin_http_seconds",
    "HTTP request duration",
    ["route"],
    buckets=(0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2.5, 5, 10),
)
_QUIET = {"/health", "/ready", "/metrics"}


class Journal:
    """Pure ASGI middleware: a request id in and out, one log line and two metrics a request.

    Routes appear by their pattern, never by their path: a path holds a sender.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self._count = 0
        self._start = f"{time.time_ns() & 0xFFFFFFFF:08x}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._count += 1
        request_id = f"{self._start}-{self._count}"
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            took = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            REQUESTS.labels(route, scope["method"], status).inc()
            SECONDS.labels(route).observe(took)
            if route not in _QUIET:
                log.debug(
                    "request", route=route, method=scope["method"], status=status, ms=round(took * 1e3, 1)
                )


class Stderr:
    """Writes to whatever stderr is now. A log that cannot be written (a closed terminal, a full disk) is lost: it must
    not break the turn of a patient."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = log = msg


def set_up_logs(level: str = "info", *, json: bool = False) -> None:
    """Structured lines on stderr, cut so that no library logs a body, an address with a token or a statement."""
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _shorten_exception,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: Stderr(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for name in ("httpx", "httpcore", "telegram", "apscheduler", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)  # httpx at INFO writes the bot's token


def _shorten_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception becomes its type and its place: its message may quote what a patient wrote."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        places = []
        trace = error.__traceback__
        while trace is not None:
            places.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["error"] = type(error).__name__
        event["where"] = " < ".join(reversed(places[-6:]))
    return event
