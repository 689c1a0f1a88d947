"""Puts the pages together into one application that can be mounted."""

from __future__ import annotations

import logging
from hashlib import sha256
from pathlib import Path

import structlog
from fastapi import FastAPI
from nicegui import app, ui

import bot.pages
from bot.console.pages import entrance, frame
from bot.console.pages.here import Desks
from bot.house import House

ASSETS = Path(__file__).parent / "assets"
MARK = Path(bot.pages.__file__).parent / "mark.svg"
log = structlog.get_logger()


class Discreet(logging.Filter):
    """Of a fault only its type and place are logged: its message may quote what a patient wrote."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info is None:
            return record.levelno >= logging.WARNING
        log.error("console_failed", exc_info=record.exc_info[1])
        return False


def build(house: House, *, secret: str) -> FastAPI:
    """The console of this house. NiceGUI is one application a process, so this is called once."""
    logging.getLogger("nicegui").addFilter(Discreet())
    desks = Desks(house)
    app.add_static_files("/assets", ASSETS)
    for name in ("/mark.svg", "/favicon.ico"):
        app.add_static_file(url_path=name, local_file=MARK)
    ui.add_head_html(_head(), shared=True)
    entrance.register(desks)
    frame.register(desks)
    shell = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        shell,
        mount_path="/",
        title=f"工作台 · {house.hospital.short_name}",
        language="zh-CN",
        favicon=MARK,
        storage_secret=secret,
        session_middleware_kwargs={
            "session_cookie": "wenjin_console",
            "path": "/console",
            "max_age": None,  # ends with the browser; how long it holds otherwise is the visitor's rule
            "same_site": "lax",
            "https_only": house.settings.public_url.startswith("https:"),
        },
        reconnect_timeout=20,
        show_welcome_message=False,
        tailwind=False,
    )
    return shell


def _head() -> str:
    parts = []
    for name, tag in (
        ("console.css", '<link rel="stylesheet" href="{}">'),
        ("console.js", '<script defer src="{}"></script>'),
    ):
        stamp = sha256((ASSETS / name).read_bytes()).hexdigest()[:10]
        parts.append(tag.format(f"/console/assets/{name}?{stamp}"))
    return "\n".join(parts)
