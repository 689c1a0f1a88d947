"""A small Bot API server on loopback: it keeps what the bot sends and lets a patient write and press."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "10000000:TEST-token-of-nobody"
DATE = 1_773_190_800


@dataclass
class BotApi:
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Every call but getUpdates, in order."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    """Answers that a method gives once each instead of its own."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What a patient has sent, by its id: pictures, handed out as files."""
    port: int = 0
    acknowledged: int = 0
    """The bot has asked for updates from this number on."""
    closed: bool = False
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    _happened: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # what a patient does

    def say(self, text: str = "", *, chat: int = 5001, send: bool = True, **changes: Any) -> dict[str, Any]:
        """An update with a message of this private chat; ``changes`` replace parts of the message."""
        message: dict[str, Any] = {
            "message_id": next(self._numbers),
            "date": DATE,
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "测试", "language_code": "zh-hans"},
        }
        if text:
            message["text"] = text
        message |= changes
        self._messages[message["message_id"]] = message
        return self._update({"message": message}, send)

    def show(self, content: bytes, caption: str = "", *, chat: int = 5001, **changes: Any) -> dict[str, Any]:
        """A photo, in the sizes that Telegram makes of it."""
        file = f"f{next(self._numbers)}"
        self.files[file] = content
        sizes = [
            {"file_id": f"{file}s", "file_unique_id": "s", "width": 90, "height": 60},
            {"file_id": file, "file_unique_id": "l", "width": 1280, "height": 960},
        ]
        words = {"caption": caption} if caption else {}
        return self.say(chat=chat, **({"photo": sizes} | words | changes))

    def press(self, title: str, *, chat: int = 5001, send: bool = True) -> dict[str, Any]:
        """Presses the button of this title in the newest message that has it."""
        for number in sorted(self._messages, reverse=True):
            message = self._messages[number]
            if message["chat"]["id"] != chat:
                continue
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == title:
                        query = {
                            "id": f"q{next(self._numbers)}",
                            "from": {"id": chat, "is_bot": False, "first_name": "测试"},
                            "chat_instance": "1",
                            "message": message,
                            "data": button["callback_data"],
                        }
                        return self._update({"callback_query": query}, send)
        raise AssertionError(f"no button {title!r} in {self.titles(chat=chat)}")

    def press_newest(self, *, chat: int = 5001) -> dict[str, Any]:
        """Presses the first button of the newest keyboard."""
        for number in sorted(self._messages, reverse=True):
            message = self._messages[number]
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if rows and message["chat"]["id"] == chat:
                title: str = rows[0][0]["text"]
                return self.press(title, chat=chat)
        raise AssertionError("no keyboard")

    def _update(self, what: dict[str, Any], send: bool) -> dict[str, Any]:
        update = {"update_id": 900 + next(self._numbers), **what}
        if send:
            self.updates.append(update)
            self._ring()
        return update

    # what the bot did

    def sent(self, *, chat: int = 5001) -> list[dict[str, Any]]:
        return [
            body
            for name, body in self.calls
            if name in ("sendMessage", "sendPhoto") and str(body["chat_id"]) == str(chat)
        ]

    def texts(self, *, chat: int = 5001) -> list[str]:
        return [one.get("text") or one.get("caption", "") for one in self.sent(chat=chat)]

    def titles(self, *, chat: int = 5001) -> list[str]:
        return [
            button["text"]
            for number, message in sorted(self._messages.items())
            if message["chat"]["id"] == chat
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [body for called, body in self.calls if called == name]

    async def until(self, what: Any, *, seconds: float = 30) -> None:
        """Waits until ``what()`` is true; it is looked at after every call of the bot."""
        async with asyncio.timeout(seconds):
            while not what():
                self._happened.clear()
                await self._happened.wait()

    def _ring(self) -> None:
        self._happened.set()

    # the server

    async def answer(self, request: Request) -> JSONResponse:
        name = request.path_params["method"]
        if request.path_params["token"] != TOKEN:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        form = await request.form()
        body: dict[str, Any] = {}
        for key, value in form.items():
            body[key] = await value.read() if hasattr(value, "read") else _parse(str(value))
        if name != "getUpdates":
            self.calls.append((name, body))
        if self.faults.get(name):
            status, fault = self.faults[name].pop(0)
            self._ring()
            return JSONResponse({"ok": False, "error_code": status, **fault}, status)
        result = await self._do(name, body)
        self._ring()
        return JSONResponse({"ok": True, "result": result})

    async def _do(self, name: str, body: dict[str, Any]) -> Any:
        if name == "getFile":
            file = str(body["file_id"])
            return {
                "file_id": file,
                "file_unique_id": f"u{file}",
                "file_size": len(self.files[file]),
                "file_path": f"photos/{file}.jpg",
            }
        if name == "getUpdates":
            return await self._get_updates(int(body.get("offset", 0)))
        if name in ("sendMessage", "sendPhoto"):
            message = {
                "message_id": next(self._numbers),
                "date": DATE,
                "chat": {"id": int(body["chat_id"]), "type": "private"},
                "from": {"id": 10000000, "is_bot": True, "first_name": "问津"},
                "text": body.get("text", ""),
            }
            if "reply_markup" in body:
                message["reply_markup"] = body["reply_markup"]
            if "reply_parameters" in body:
                message["reply_to_message"] = self._messages[body["reply_parameters"]["message_id"]]
            self._messages[message["message_id"]] = message
            return message
        if name == "editMessageReplyMarkup":
            message = self._messages[int(body["message_id"])]
            message["reply_markup"] = body["reply_markup"]
            return message
        return True

    async def hand_out(self, request: Request) -> Response:
        file = request.path_params["file"].rpartition("/")[2].removesuffix(".jpg")
        self.calls.append(("file", {"file": file}))
        return Response(self.files[file], media_type="image/jpeg")

    async def _get_updates(self, offset: int) -> list[dict[str, Any]]:
        self.acknowledged = max(self.acknowledged, offset)
        while not self.closed:
            due = [one for one in self.updates if one["update_id"] >= offset]
            if due:
                return due
            await asyncio.sleep(0.01)
        return []


def _parse(value: str) -> Any:
    return json.loads(value) if value[:1] in "{[" else value


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """The server on a free port of loopback, as long as the context is open."""
    api = BotApi()
    app = Starlette(
        routes=[
            Route("/file/bot{token}/{file:path}", api.hand_out),
            Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    api.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield api
    finally:
        api.closed = True
        server.should_exit = server.force_exit = True
        await task
