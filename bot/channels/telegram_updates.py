"""What Telegram sends, read: an update becomes an ``Incoming``, or nothing where it is none of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from telegram import MaybeInaccessibleMessage, Message, Update

_COMMAND = re.compile(r"^/(start|help|cancel|stop)(?:@\w+)?(?:\s+(\S+))?\s*$")
_PRESS = re.compile(r"^p:(\d{1,18}):(\d{1,2})$")
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
SPENT = "-"
"""callback_data of a keyboard that has been pressed."""
_MEANS = {"start": "/greet", "help": "/ask_bot", "cancel": "/stop_task", "stop": "/stop_task"}


class Kind(Enum):
    TEXT = "text"
    PRESS = "press"
    SPENT = "spent"
    PICTURE = "picture"
    UNREADABLE = "unreadable"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Incoming:
    kind: Kind
    sender: str
    """The private chat's id, or the group's."""
    update_id: int
    text: str = ""
    place_code: str | None = None
    language: str | None = None
    """Only where the patient may read no Chinese; what they chose here later counts more."""
    file: str = ""
    """Of a picture: what Telegram hands it out by."""
    message_number: int | None = None
    """Of the message in its chat."""
    callback_id: str = ""
    outbox_id: int = 0
    choice: int = 0
    first_words: Incoming | None = None
    """Of a press: the patient's own message that was answered by the keyboard, if Telegram shows it."""


def read_update(update: Update) -> Incoming | None:
    """``None`` for edited messages, channel posts, reactions, members: nothing a patient asks of us."""
    if update.callback_query:
        return _read_press(update)
    if update.message:
        return _read_message(update.message, update.update_id)
    return None


def _read_message(message: Message, update_id: int) -> Incoming | None:
    chat, user = message.chat, message.from_user
    if user is not None and user.is_bot:
        return None
    words = message.text or message.caption or ""
    if chat.type != "private":
        spoken_to = words.startswith("/") or any(one.type == "mention" for one in message.entities)
        return Incoming(Kind.GROUP, str(chat.id), update_id) if spoken_to else None
    language = "vi" if user and (user.language_code or "").startswith("vi") else None
    common = {
        "sender": str(chat.id),
        "update_id": update_id,
        "message_number": message.message_id,
    }
    if message.text is None:
        if message.effective_attachment is None:
            return None  # a service message: pinned, joined …
        file = _find_picture(message)
        if file:
            return Incoming(Kind.PICTURE, text=words, language=language, file=file, **common)  # type: ignore[arg-type]
        return Incoming(Kind.UNREADABLE, text=words, language=language, **common)  # type: ignore[arg-type]
    command = _COMMAND.match(words)
    if not command:
        return Incoming(Kind.TEXT, text=words, **common)  # type: ignore[arg-type]
    code = command[2] if command[1] == "start" else None
    return Incoming(Kind.TEXT, text=_MEANS[command[1]], place_code=code, language=language, **common)  # type: ignore[arg-type]


def _find_picture(message: Message) -> str:
    """The largest size Telegram made of a photo, or a picture sent as a file."""
    if message.photo:
        return max(message.photo, key=lambda one: one.width * one.height).file_id
    file = message.document
    return file.file_id if file is not None and file.mime_type in PICTURES else ""


def _read_press(update: Update) -> Incoming | None:
    query = update.callback_query
    assert query is not None
    common = {
        "sender": str(query.from_user.id),
        "update_id": update.update_id,
        "callback_id": query.id,
        "message_number": query.message.message_id if query.message else None,
    }
    if query.message and query.message.chat.type != "private":
        return None
    pressed = _PRESS.match(query.data or "")
    if not pressed:
        return Incoming(Kind.SPENT, **common)  # type: ignore[arg-type]
    return Incoming(
        Kind.PRESS,
        outbox_id=int(pressed[1]),
        choice=int(pressed[2]),
        first_words=_read_first_words(query.message, update.update_id),
        **common,  # type: ignore[arg-type]
    )


def _read_first_words(message: MaybeInaccessibleMessage | None, update_id: int) -> Incoming | None:
    answered = message.reply_to_message if isinstance(message, Message) else None
    if answered is None or answered.from_user is None or answered.from_user.is_bot:
        return None
    return _read_message(answered, update_id)
