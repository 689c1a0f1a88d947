"""The console as one ASGI application, opened when the first of the staff comes.

NiceGUI costs a second and some memory to import; patients' first answer does not wait for it. Every response
carries a policy that lets the browser load from this server only.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.house import House

POLICY = (
    # NiceGUI compiles its components in the browser: it needs inline scripts and eval, from this server alone
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'{sockets}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


_HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?")


class Door:
    def __init__(self, house: House):
        self.house = house
        self._inside: ASGIApp | None = None
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = (
                    b"content-security-policy",
                    make_policy(Headers(scope=scope).get("host", "")).encode(),
                )
                message["headers"] = [*message["headers"], policy, *HEADERS]
            await send(message)

        inside = self._inside or await self._open()
        await inside(scope, receive, send_guarded if scope["type"] == "http" else send)

    async def _open(self) -> ASGIApp:
        async with self._opening:
            if self._inside is None:
                shell = await asyncio.to_thread(_build, self.house)
                await self._stack.enter_async_context(shell.router.lifespan_context(shell))
                self._inside = shell
            return self._inside

    async def close(self) -> None:
        await self._stack.aclose()


def make_policy(host: str) -> str:
    """The socket's address is named beside ``'self'``: older Safari does not take ``'self'`` for it."""
    return POLICY.format(sockets=f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else "")


def _build(house: House) -> FastAPI:
    folder = house.settings.data_dir.resolve() / "console"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["NICEGUI_STORAGE_PATH"] = str(folder)  # read when NiceGUI is imported
    from bot.console.pages import build

    return build(house, secret=read_secret(folder / "session.key"))


def read_secret(file: Path) -> str:
    """The key that signs the session cookies, made once; whoever deletes the file logs everybody out."""
    if not file.exists():
        draft = file.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(32) + "\n")
        try:
            os.link(draft, file)  # whole or not at all, and only for the first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text("ascii").strip()
