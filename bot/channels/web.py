"""The web chat: one WebSocket a page. What is said goes to the house, what the outbox holds comes back.

The page keeps a random key and proves with it who it is; the house knows only its fingerprint, so nobody who reads
the database can speak for a patient. A page that was away says which line it saw last and gets the rest; a line
sent twice carries the same number, a message sent twice the same id.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.channels.channel import Away
from bot.channels.message import Message
from bot.pages.doors import SAID
from bot.pictures import MOST, SHOWN, read_pictures
from bot.sentences import say
from bot.writers import Busy
from dialogues.reply import Reply
from services import Desk
from services.contacts import find_contact
from services.errors import Invalid
from services.messages import load_conversation
from services.outbox import release_queued
from services.talk import Line, list_lines

if TYPE_CHECKING:
    from bot.house import House

router = APIRouter()

MAX_TEXT = 4_000
MAX_PAGES = 6
"""Pages of one person open at once; the oldest is closed for a seventh."""
HISTORY = 60
SLOW_SECONDS = 10.0


class Hello(BaseModel):
    type: Literal["hello"]
    key: str = Field(pattern=r"^[A-Za-z0-9_-]{32,100}$")
    after: int = Field(0, ge=0, le=1 << 62)
    """The highest line number the page shows; 0 asks for the history."""


class Say(BaseModel):
    type: Literal["say"]
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    text: str
    shown: str = Field("", max_length=400)
    """How the page shows it, where the text is a payload: told to the person's other pages."""
    place_code: str | None = Field(None, max_length=80)
    anonymous: bool | None = None
    large_type: bool | None = None
    language: str | None = Field(None, pattern=r"^[a-z]{2,3}$")
    pictures: list[str] = Field([], max_length=MOST)
    """Base64; the page makes them small, the house looks at each."""


class Ping(BaseModel):
    type: Literal["ping"]


Frame = TypeAdapter[Hello | Say | Ping](Annotated[Hello | Say | Ping, Field(discriminator="type")])


class WebChannel:
    """The open pages of this process, by sender."""

    name = "web"
    direct = False

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._pages: dict[str, list[WebSocket]] = {}

    async def send(self, sender: str, reply: Reply, *, number: int, author: str = "assistant") -> None:
        at = _minute(self.now())
        line = {"type": "line", "id": number, "author": _speaker(author), "at": at, **reply.to_json()}
        if not await self.tell(sender, line):
            raise Away

    async def tell(self, sender: str, frame: Mapping[str, Any], *, but: WebSocket | None = None) -> int:
        """Sends to all pages of one person; returns how many took it."""
        pages = [page for page in self._pages.get(sender, ()) if page is not but]
        taken = await asyncio.gather(*(_send(page, frame) for page in pages))
        for page, took in zip(pages, taken, strict=True):
            if not took:
                self.leave(sender, page)
        return sum(taken)

    async def enter(self, sender: str, page: WebSocket) -> None:
        pages = self._pages.setdefault(sender, [])
        pages.append(page)
        if len(pages) > MAX_PAGES:
            await _close(pages.pop(0), 4000)

    def leave(self, sender: str, page: WebSocket) -> None:
        pages = self._pages.get(sender, [])
        if page in pages:
            pages.remove(page)
        if not pages:
            self._pages.pop(sender, None)


@router.websocket("/chat")
async def chat(socket: WebSocket) -> None:
    """Frames in: hello, say, ping. Frames out: history, line, heard, taken, refused, pong."""
    house: House = socket.app.state.house
    if not is_own_origin(socket.headers, house.settings.public_url):
        await socket.close(1008)  # before it is accepted: the browser sees 403
        return
    await socket.accept()
    await Page(house, socket).serve()


def is_own_origin(headers: Mapping[str, str], public_url: str = "") -> bool:
    """The page that opens the socket is ours: its origin is the host it calls, or the hospital's public address."""
    origin = urlsplit(headers.get("origin", "")).netloc.lower()
    return bool(origin) and origin in (headers.get("host", "").lower(), urlsplit(public_url).netloc.lower())


def fingerprint(key: str) -> str:
    """The sender behind a page's key."""
    return urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode().rstrip("=")


class Page:
    """One open page, from its hello to its end."""

    def __init__(self, house: House, socket: WebSocket):
        channel = house.channels[WebChannel.name]
        assert isinstance(channel, WebChannel)
        self.house, self.socket, self.channel = house, socket, channel
        self.sender: str | None = None

    async def serve(self) -> None:
        try:
            while True:
                await self._take(await self.socket.receive())
        except (WebSocketDisconnect, RuntimeError):  # gone, or closed by us
            pass
        finally:
            if self.sender:
                self.channel.leave(self.sender, self.socket)

    async def _take(self, event: Mapping[str, Any]) -> None:
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        try:
            frame = Frame.validate_python(orjson.loads(event.get("text") or b""))
        except orjson.JSONDecodeError:
            await _send(self.socket, {"type": "refused", "reason": "broken_json"})
        except ValidationError as error:
            fields = [str(part) for part in error.errors()[0]["loc"][1:]]
            await _send(self.socket, {"type": "refused", "reason": "invalid", "field": ".".join(fields)})
        else:
            if isinstance(frame, Hello):
                await self._greet(frame)
            elif isinstance(frame, Say):
                await self._hear(frame)
            else:
                await _send(self.socket, {"type": "pong"})

    async def _greet(self, hello: Hello) -> None:
        if self.sender:
            self.channel.leave(self.sender, self.socket)
        sender = self.sender = fingerprint(hello.key)
        # entered before the history is read: what is sent meanwhile comes twice rather than never
        await self.channel.enter(sender, self.socket)
        found = await self.house.read(lambda desk: _read_history(desk, sender, hello.after))
        contact_id, lines, language = found or (None, [], None)
        greeting = {"type": "history", "lines": lines, "now": _minute(self.house.now())}
        await _send(self.socket, greeting | ({"language": language} if language else {}))
        if contact_id is not None:
            running = self.house.now.running()  # what waits, waits by hours that never stand still
            with suppress(Busy):  # then it comes a minute later
                await self.house.write(
                    lambda desk: release_queued(replace(desk, now=running), contact_id=contact_id),
                    actor="delivery",
                )

    async def _hear(self, said: Say) -> None:
        if self.sender is None:
            await _send(self.socket, {"type": "refused", "id": said.id, "reason": "hello_first"})
            return
        try:
            pictures = await read_pictures(self.house.hospital, said.pictures)
        except Invalid:
            sorry = say("picture_refused", hospital=self.house.hospital, language=said.language)
            refusal = {"type": "refused", "id": said.id, "reason": "picture", "text": sorry.text}
            await _send(self.socket, refusal)
            return
        code = said.place_code and self.house.hospital.find_place_code(said.place_code)
        message = Message(
            channel=WebChannel.name,
            sender=self.sender,
            text=said.text[:MAX_TEXT],
            message_id=said.id,
            place_code=code.code if code else None,
            language=said.language,
            large_type=said.large_type,
            anonymous=said.anonymous,
            pictures=pictures,
        )
        told = said.shown or said.text[:MAX_TEXT] or (SHOWN if pictures else "")
        heard = {"type": "heard", "id": said.id, "text": told}
        await self.channel.tell(self.sender, heard, but=self.socket)
        replies = await self.house.turns.answer(message)
        busy = say("busy", hospital=self.house.hospital, language=said.language)
        if busy in replies:  # nothing of it was kept: the page holds it for another try
            await _send(self.socket, {"type": "refused", "id": said.id, "reason": "busy", "text": busy.text})
        else:
            language = await self.house.read(lambda desk: _find_language(desk, self.sender or ""))
            await _send(self.socket, {"type": "taken", "id": said.id, "language": language})


def _find_language(desk: Desk, sender: str) -> str:
    """The one the talk is held in: also what was only heard, and not chosen."""
    contact = find_contact(desk, channel=WebChannel.name, sender=sender)
    kept = load_conversation(desk, contact_id=contact.id) if contact and contact.id else None
    return str((kept or {}).get("language") or "zh")


def _read_history(desk: Desk, sender: str, after: int) -> tuple[int, list[dict[str, Any]], str | None] | None:
    contact = find_contact(desk, channel=WebChannel.name, sender=sender)
    if contact is None:
        return None
    assert contact.id is not None
    lines = list_lines(desk, contact_id=contact.id, after=after, limit=HISTORY)
    return contact.id, _show_lines(lines), _find_language(desk, sender) if lines else None


def _show_lines(lines: list[Line]) -> list[dict[str, Any]]:
    """What a page shows of the record: what was sent or tried, and payloads by the words that stood on the button."""
    titles = dict(SAID)
    shown = []
    for line in lines:
        if line.direction == "out":
            if line.status != "sent" and not line.attempts:
                continue  # not due yet, or dropped by rule
            titles.update((one["payload"], one["title"]) for one in line.body.get("buttons", ()))
            shown.append(
                {
                    "id": line.id,
                    "author": _speaker(line.author),
                    "at": _minute(line.at),
                    **line.body,
                }
            )
        else:
            text = line.body.get("text", "")
            text = titles.get(text, "（点选）" if text.startswith("/") else text)
            text = text or (SHOWN if line.body.get("pictures") else "")
            shown.append({"mine": line.message_id, "at": _minute(line.at), "text": text})
    return shown


def _minute(at: datetime) -> str:
    return at.isoformat("T", "minutes")


def _speaker(author: str) -> str:
    """Who speaks, as the patient may know it: the assistant or a person; never which one."""
    return "person" if author.startswith("staff") else "assistant"


async def _send(page: WebSocket, frame: Mapping[str, Any]) -> bool:
    if (
        page.application_state is not WebSocketState.CONNECTED
        or page.client_state is not WebSocketState.CONNECTED
    ):
        return False
    try:
        async with asyncio.timeout(SLOW_SECONDS):
            await page.send_text(orjson.dumps(frame).decode())
    except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
        return False
    return True


async def _close(page: WebSocket, code: int) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        await page.close(code)
