"""Telegram: updates by long polling or webhook, replies with inline buttons and pictures.

Telegram sends an update again until it is acknowledged, so it is acknowledged only when its turn has committed;
what comes twice is known by its number. A button carries the outbox number of its reply and its place there: 64
bytes hold no payload, and nobody can press what was not offered to them.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.api.bodies import read_body
from bot.api.errors import ApiError, Json, parse_object
from bot.channels.abroad import NO, YES, Border, says_yes, takes_back
from bot.channels.message import Message
from bot.channels.rest import MAX_TEXT
from bot.channels.telegram_sending import NAME, TelegramChannel, fetch_file, fetch_picture, seconds
from bot.channels.telegram_updates import SPENT, Incoming, Kind, read_update
from bot.pictures import clean_pictures
from bot.sentences import say
from bot.writers import Busy
from services import Desk
from services.contacts import find_contact
from services.errors import Invalid
from services.talk import find_line

if TYPE_CHECKING:
    from bot.house import House

log = structlog.get_logger()
router = APIRouter(tags=["channels"])

UPDATES = ["message", "callback_query"]
POLL_SECONDS = 25


class Telegram:
    """What Telegram sends, on its way into the house."""

    def __init__(self, house: House, bot: Bot, border: Border):
        self.house, self.bot, self.border = house, bot, border
        self.account = bot.token.partition(":")[0]
        self._tasks: set[asyncio.Task[None]] = set()
        self._told_groups: set[str] = set()

    async def take(self, update: Update) -> bool:
        """Handles an update; false where it must come again, for nothing of it was kept."""
        try:
            incoming = read_update(update)
            return incoming is None or await self._handle(incoming)
        except Busy:
            return False
        except Exception as error:  # ours: the same update would fail for ever and hold up everybody's
            log.error("telegram_update_failed", exc_info=error)
            return True

    async def _handle(self, one: Incoming) -> bool:
        if one.kind is Kind.GROUP:
            if one.sender not in self._told_groups:
                self._told_groups.add(one.sender)
                self._aside(self.bot.send_message(one.sender, self.border.say("group")))
            return True
        if one.kind is Kind.SPENT:
            self._aside(self.bot.answer_callback_query(one.callback_id, self.border.say("already")))
            return True
        if one.kind is Kind.PRESS:
            return await self._press(one)
        return await self._hear(one)

    async def _hear(self, one: Incoming) -> bool:
        message = self._message(one, one.text)
        stands = await self.border.stands(one.sender)
        if stands != "open":
            if stands == "asked" and says_yes(one.text):
                await self.border.agree(message)
                return await self._answer(self._message(one, "/greet", message_id=f"{one.update_id}:first"))
            await self.border.ask(message, reply_to=one.message_number)
            return True
        if takes_back(one.text):
            await self.border.withdraw(message)
            return True
        if one.kind is Kind.UNREADABLE:
            await self.border.say_text_only(message.named(f"{message.message_id}:seen"))
            if not one.text:
                return True
        return await self._answer(await self._with_picture(one, message))

    async def _with_picture(self, one: Incoming, message: Message) -> Message | None:
        """The message with the picture it came with; ``None`` where that cannot be had, and then it was said so."""
        if one.kind is not Kind.PICTURE:
            return message
        hospital = self.house.hospital
        try:
            content = await fetch_file(self.bot, one.file, most=hospital.complaints.pictures.megabytes << 20)
            return replace(message, pictures=await clean_pictures(hospital, [content]))
        except (Invalid, TelegramError) as error:
            log.info("telegram_picture_refused", reason=type(error).__name__)
            sorry = say("picture_refused", hospital=hospital, language=message.language)
            await self.border.reply(message.named(f"{message.message_id}:seen"), sorry)
            return message if message.text else None

    async def _press(self, one: Incoming) -> bool:
        button = await self.house.read(lambda desk: _find_button(desk, one))
        if button is None:  # not offered to this contact, or of a database gone by
            self._aside(self.bot.answer_callback_query(one.callback_id))
            return True
        # the same button is one message, however often and however fast it is pressed
        message = self._message(one, button["payload"], message_id=f"press:{one.outbox_id}:{one.choice}")
        taken = True
        if button["payload"] == YES:
            await self.border.agree(message)
            first = one.first_words
            if first is not None and first.kind in (Kind.TEXT, Kind.PICTURE):
                told = self._message(first, first.text, message_id=f"{one.outbox_id}:first")
                taken = await self._answer(await self._with_picture(first, told))
            else:
                taken = await self._answer(self._message(one, "/greet", message_id=f"{one.outbox_id}:first"))
        elif button["payload"] == NO:
            await self.border.decline(message)
        elif await self.border.stands(one.sender) == "open":
            taken = await self._answer(message)
        else:
            await self.border.ask(message)
        if taken:
            self._aside(self.bot.answer_callback_query(one.callback_id))
            self._aside(self._mark(one, button["title"]))
        return taken

    async def _answer(self, message: Message | None) -> bool:
        if message is None:
            return True
        replies = await self.house.turns.answer(message)
        return say("busy", hospital=self.house.hospital, language=message.language) not in replies

    async def _mark(self, one: Incoming, title: str) -> None:
        """The keyboard shows what was chosen, and can choose no more."""
        if one.message_number is None:
            return
        chosen = InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {title}"[:64], callback_data=SPENT)]])
        await self.bot.edit_message_reply_markup(
            chat_id=one.sender, message_id=one.message_number, reply_markup=chosen
        )

    def _message(self, one: Incoming, text: str, *, message_id: str = "") -> Message:
        code = self.house.hospital.find_place_code(one.place_code) if one.place_code else None
        return Message(
            channel=NAME,
            sender=one.sender,
            text=text[:MAX_TEXT],
            message_id=f"{self.account}:{message_id or one.update_id}",
            place_code=code.code if code else None,
            language=one.language,
        )

    def _aside(self, work: Coroutine[Any, Any, Any]) -> None:
        """A courtesy (the spinner on a button, a marked keyboard): never waited for, its failure changes nothing."""

        async def run() -> None:
            with suppress(TelegramError):
                await work

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def poll(self) -> None:
        """Long polling, until cancelled."""
        offset, wait = None, 1.0
        ready = False
        while True:
            try:
                if not ready:
                    await self.bot.delete_webhook()  # Telegram gives no updates to a poller while one is set
                    ready = True
                updates = await self.bot.get_updates(
                    offset=offset, timeout=POLL_SECONDS, allowed_updates=UPDATES
                )
                wait = 1.0
                for update in updates:
                    if not await self.take(update):
                        await asyncio.sleep(1)
                        break
                    offset = update.update_id + 1
            except TelegramError as error:
                wait = await _pause(error, wait)

    async def set_webhook(self, secret: str) -> None:
        wait = 1.0
        while True:
            try:
                await self.bot.set_webhook(
                    f"{self.house.settings.address}/webhooks/telegram",
                    secret_token=secret,
                    allowed_updates=UPDATES,
                )
                log.info("telegram_webhook_set")
                return
            except TelegramError as error:
                wait = await _pause(error, wait)


@router.post("/webhooks/telegram")
async def webhook(request: Request) -> Response:
    """Telegram's updates; 503 where one must come again."""
    telegram: Telegram | None = getattr(request.app.state, "telegram", None)
    secret = request.app.state.house.settings.telegram_webhook_secret
    if telegram is None or secret is None:
        raise ApiError("not_found", "没有设 Telegram 的 webhook", status=404)
    given = request.headers.get("x-telegram-bot-api-secret-token", "")
    if not hmac.compare_digest(given.encode(), secret.get_secret_value().encode()):
        raise ApiError("forbidden", "没有带 X-Telegram-Bot-Api-Secret-Token，或者不对", status=403)
    data = parse_object(await read_body(request))
    try:
        update = Update.de_json(data, telegram.bot)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApiError("invalid", "不是 Bot API 的 update", status=422) from None
    if not await telegram.take(update):
        raise ApiError("unavailable", "正忙，请再发一次", status=503)
    return Json({"ok": True})


@asynccontextmanager
async def running_telegram(house: House, app: FastAPI) -> AsyncIterator[Telegram | None]:
    """The Telegram channel as long as the context is open; nothing where no token is set."""
    settings = house.settings
    if settings.telegram_token is None:
        yield None
        return
    async with (
        HTTPXRequest(connection_pool_size=32, read_timeout=15, connect_timeout=5) as sending,
        HTTPXRequest(connection_pool_size=1, read_timeout=10, connect_timeout=5) as polling,
    ):
        server = (settings.telegram_base_url or "https://api.telegram.org").rstrip("/")
        bot = Bot(
            settings.telegram_token.get_secret_value(),
            base_url=f"{server}/bot",
            base_file_url=f"{server}/file/bot",
            request=sending,
            get_updates_request=polling,
        )
        border = Border(house, channel=NAME, platform="Telegram")
        house.channels[NAME] = TelegramChannel(
            bot, border=border, fetch_picture=lambda path: fetch_picture(app, path)
        )
        telegram = app.state.telegram = Telegram(house, bot, border)
        secret = settings.telegram_webhook_secret
        intake = telegram.set_webhook(secret.get_secret_value()) if secret else telegram.poll()
        task = asyncio.create_task(intake, name="telegram")
        try:
            yield telegram
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await telegram.finish()


def _find_button(desk: Desk, one: Incoming) -> dict[str, str] | None:
    contact = find_contact(desk, channel=NAME, sender=one.sender)
    if contact is None or contact.id is None:
        return None
    line = find_line(desk, outbox_id=one.outbox_id, contact_id=contact.id)
    buttons = line.body.get("buttons", []) if line else []
    return buttons[one.choice] if one.choice < len(buttons) else None


async def _pause(error: TelegramError, wait: float) -> float:
    """Waits before the next try and says how long to wait after that."""
    if isinstance(error, InvalidToken):
        log.error("telegram_token_refused", hint="WENJIN_TELEGRAM_TOKEN")
        wait = 60.0
    elif isinstance(error, Conflict):
        log.error(
            "telegram_conflict", hint="another process polls with this token; use the webhook for several"
        )
    elif isinstance(error, RetryAfter):
        wait = seconds(error.retry_after)
    elif not isinstance(error, NetworkError) or isinstance(error, BadRequest):
        log.error("telegram_refused", reason=error.message)
    await asyncio.sleep(wait)
    return min(wait * 2, 60.0)
