"""Replies on Telegram: text with inline buttons, pictures as photos, errors told apart."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
from fastapi import FastAPI
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.abroad import Border
from bot.channels.channel import TryLater, Undeliverable
from dialogues.reply import Reply
from services.errors import Invalid

os.environ.setdefault(
    "PTB_TIMEDELTA", "1"
)  # the library's own switch: spans of time as timedelta, without a warning

NAME = "telegram"
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024

FetchPicture = Callable[[str], Awaitable[bytes]]


class TelegramChannel:
    name = NAME
    direct = False

    def __init__(self, bot: Bot, *, border: Border, fetch_picture: FetchPicture):
        self.bot, self.border, self.fetch_picture = bot, border, fetch_picture
        self._half_sent: set[int] = set()
        """Replies whose picture went out and whose text did not: a new attempt begins with the text."""

    async def send(self, sender: str, reply: Reply, *, number: int, author: str = "assistant") -> None:
        text = (self.border.say("person") if author.startswith("staff") else "") + reply.text
        keyboard = _keyboard(reply, number)
        try:
            if reply.image and number not in self._half_sent:
                whole = len(text) <= LONGEST_CAPTION
                picture = await self.fetch_picture(reply.image)
                await self.bot.send_photo(
                    sender,
                    picture,
                    filename="map.png",
                    caption=text if whole and text else None,
                    reply_markup=keyboard if whole else None,
                )
                if whole:
                    return
                self._half_sent.add(number)
            await self._send_text(sender, text, keyboard, reply.custom.get("reply_to"))
            self._half_sent.discard(number)
        except TelegramError as error:
            raise explain(error) from error

    async def _send_text(
        self, sender: str, text: str, keyboard: InlineKeyboardMarkup | None, reply_to: int | None
    ) -> None:
        if not text and keyboard is None:
            return
        about = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        await self.bot.send_message(
            sender, text[:LONGEST_TEXT] or "…", reply_markup=keyboard, reply_parameters=about
        )


async def fetch_picture(app: FastAPI, path: str) -> bytes:
    """A picture of our own server, drawn in this process; Telegram shows no SVG, so the PNG of it."""
    address, mark, query = path.partition("?")
    address = f"{address.removesuffix('.svg')}.png" if address.endswith(".svg") else address
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wenjin") as client:
        response = await client.get(address + mark + query)
    response.raise_for_status()
    return response.content


async def fetch_file(bot: Bot, file: str, *, most: int) -> bytes:
    """What a patient sent, by its id; raises ``Invalid("too_large")`` with field ``picture`` before it is fetched, and
    what Telegram raises (it hands out at most 20 MB)."""
    found = await bot.get_file(file)
    if found.file_size is not None and found.file_size > most:
        raise Invalid("too_large", field="picture", limit=most)
    return bytes(await found.download_as_bytearray())


def _keyboard(reply: Reply, number: int) -> InlineKeyboardMarkup | None:
    buttons = [
        InlineKeyboardButton(one.title[:64], callback_data=f"p:{number}:{index}")
        for index, one in enumerate(reply.buttons)
    ]
    width = 2 if buttons and max(len(one.title) for one in reply.buttons) <= 8 else 1
    return (
        InlineKeyboardMarkup([buttons[at : at + width] for at in range(0, len(buttons), width)])
        if buttons
        else None
    )


def explain(error: TelegramError) -> Exception:
    """Whether another attempt may help: a blocked bot or a chat that is gone never, a busy network soon."""
    if isinstance(error, RetryAfter):
        return TryLater("rate limit", seconds=seconds(error.retry_after))
    if isinstance(error, Forbidden | BadRequest | ChatMigrated):
        return Undeliverable(f"{type(error).__name__}: {error.message}")
    if isinstance(error, InvalidToken):
        return TryLater("the bot's token is refused", seconds=60)
    return TryLater(type(error).__name__)


def seconds(value: int | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
