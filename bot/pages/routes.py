"""The patient's pages over HTTP: filled from templates, locked down by a content security policy.

The pages load scripts, styles and pictures from this server only, and no script stands in the HTML itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from bot.pages.doors import DOORS, PLACE_DOORS, TILES, Door
from bot.settings import Settings
from knowledge import Hospital

router = APIRouter(tags=["patients"], include_in_schema=False)

FOLDER = Path(__file__).parent
ASSETS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
SWITCHES = '<script type="module" src="/pages/door.js"></script>'
NOINDEX = '<meta name="robots" content="noindex">'
_HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?")


@router.api_route("/", methods=["GET", "HEAD"])
async def chat_page(request: Request) -> Response:
    house = request.app.state.house
    body = fill(
        "index.html",
        house.hospital,
        tiles="\n".join(_tile(door) for door in TILES),
        chips="\n".join(_chip(door) for door in TILES),
        doors=escape(
            json.dumps(
                {door.name: [door.payload, door.said, door.vi[2] or door.said] for door in DOORS.values()},
                ensure_ascii=False,
            )
        ),
        places=escape(json.dumps(_place_names(house.hospital), ensure_ascii=False)),
    )
    return page(body, request, house.settings)


@router.api_route("/t/{place_code}", methods=["GET", "HEAD"])
async def place_page(request: Request, place_code: str) -> Response:
    """The page behind a 吐槽码. It needs no script: its doors are a plain form that opens the chat."""
    house = request.app.state.house
    known = house.hospital.find_place_code(place_code[:80])
    if known is None:
        body = fill_door("unknown_place.html", house.hospital, title="没有找到这个位置")
        return page(body, request, house.settings, status=404)
    place = escape(known.name)
    doors = "\n".join(_door(door) for door in PLACE_DOORS)
    body = fill_door(
        "place.html", house.hospital, title=place, place=place, code=escape(known.code), doors=doors
    )
    return page(body, request, house.settings)


@router.api_route("/pages/{name}", methods=["GET", "HEAD"])
async def asset(name: str) -> Response:
    path = FOLDER / name
    kind = ASSETS.get(path.suffix)
    if kind is None or path.parent != FOLDER or not path.is_file():
        return Response(status_code=404)
    return FileResponse(
        path, media_type=kind, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    )


@router.get("/favicon.ico")
async def favicon() -> Response:
    return await asset("mark.svg")


def security_policy(host: str, embed_origins: Iterable[str]) -> str:
    """The Content-Security-Policy of a patient's page.

    The WebSocket's address is named beside ``'self'``: older Safari does not take ``'self'`` for it.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    ancestors = " ".join(["'self'", *embed_origins])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )


def page(body: str, request: Request, settings: Settings, *, status: int = 200) -> Response:
    policy = security_policy(request.headers.get("host", ""), settings.embed_origins)
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    }
    return HTMLResponse(body, status_code=status, headers=headers)


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def fill(name: str, hospital: Hospital, **parts: str) -> str:
    """``parts`` are HTML already."""
    title, _, note = hospital.name.partition("（")
    return _template(name).substitute(
        hospital=escape(title),
        badge=f'<span class="badge">{escape(note.rstrip("）"))}医院，虚构</span>' if "示例" in note else "",
        phone=escape(hospital.phone),
        **parts,
    )


def fill_door(name: str, hospital: Hospital, *, title: str, spoken: bool = True, **parts: str) -> str:
    """A page beside the chat: ``name`` in the frame that they share. ``spoken``: with the switches of language and size,
    which the staff's have not. The rest as for ``fill``."""
    head = SWITCHES if spoken else NOINDEX
    main = fill(name, hospital, title=title, **parts)
    return fill("door.html", hospital, title=title, head=f"\n{head}", main=main.rstrip())


def _icon(name: str) -> str:
    return f'<svg class="icon" aria-hidden="true"><use href="/pages/icons.svg#{name}"/></svg>'


def _tile(door: Door) -> str:
    return (
        f'<li><button type="button" class="tile tile-{door.name}" data-door="{door.name}">{_icon(door.name)}'
        f"<strong{_vi(door.vi[0])}>{escape(door.title)}</strong><span{_vi(door.vi[1])}>{escape(door.hint)}</span>"
        "</button></li>"
    )


def _chip(door: Door) -> str:
    return f'<li><button type="button" class="chip" data-door="{door.name}"{_vi(door.vi[0])}>{escape(door.title)}</button></li>'


def _vi(words: str) -> str:
    return f' data-vi="{escape(words)}"' if words else ""


def _door(door: Door) -> str:
    return (
        f'<button class="tile tile-{door.name}" name="do" value="{door.name}">{_icon(door.name)}'
        f"<strong{_vi(door.vi[0])}>{escape(door.title)}</strong><span{_vi(door.vi[1])}>{escape(door.hint)}</span></button>"
    )


def _place_names(hospital: Hospital) -> dict[str, str]:
    return {code.code: code.name for code in hospital.place_codes}
