"""The Rasa REST channel: a message in, the answers back in the same response.

What was queued for a contact meanwhile (a reminder) comes first with the next answer, and stands in the tracker's
events at once. The route reads the plain request: at 400 messages a second, validation layers cost more than
the database.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.bodies import read_body, too_large
from bot.api.errors import ApiError, Json, parse_object
from bot.api.refusals import describe_body, refusing
from bot.channels.message import Message
from bot.pictures import read_pictures
from dialogues.reply import Reply
from knowledge import Hospital
from services.errors import Invalid
from services.pictures import Picture

router = APIRouter(tags=["rasa"])

MAX_BODY = 1 << 20
MAX_PICTURE_BODY = 24 << 20
"""With pictures, which JSON makes a third larger."""
MAX_TEXT = 4_000
"""Understanding reads 2,000 characters; a little more is kept, so that it can tell that there was more."""
_ID = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


class RestChannel:
    name = "rest"
    direct = True

    async def send(self, sender: str, reply: Reply, *, number: int, author: str = "assistant") -> None:
        raise AssertionError("a direct channel is never sent to")


@router.post(
    "/webhooks/rest/webhook",
    responses=refusing(400, 413, 422),
    openapi_extra=describe_body(
        {
            "sender": {
                "type": ["string", "integer"],
                "minLength": 1,
                "maxLength": 200,
                "description": "one of each patient, always the same",
            },
            "message": {"type": "string", "description": "words, or the payload of a button"},
            "message_id": {
                "type": ["string", "integer", "null"],
                "maxLength": 200,
                "description": "the same again gives the same answer",
            },
            "metadata": {"type": ["object", "null"], "description": "place_code, language, attachments"},
        },
        needed=["sender", "message"],
    ),
)
async def webhook(request: Request) -> Response:
    """One message `{"sender", "message", "message_id"?, "metadata"?: {"place_code"?, "language"?, "attachments"?}}`.

    `attachments` are pictures, at most three: `[{"data": base64 of a JPEG, PNG or WebP}]`.
    """
    house = request.app.state.house
    body = await read_body(request, most=MAX_PICTURE_BODY)
    with_pictures = b'"attachments"' in body
    if len(body) > MAX_BODY and not with_pictures:
        raise too_large(MAX_BODY)
    message = read_message(body, house.hospital)
    if with_pictures:
        message = replace(message, pictures=await read_attachments(body, house.hospital))
    replies = await house.turns.answer(message)
    return Json([{"recipient_id": message.sender, **reply.to_json()} for reply in replies])


@router.get("/webhooks/rest/")
async def status() -> Response:
    """Rasa's health check of the channel."""
    return Json({"status": "ok"})


async def read_attachments(body: bytes, hospital: Hospital) -> tuple[Picture, ...]:
    """The pictures of a message, looked at and cleaned; ``ApiError`` where one cannot be taken."""
    given = (parse_object(body).get("metadata") or {}).get("attachments") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _wrong("metadata.attachments", '要写数组，每项 {"data": base64}')
    try:
        return await read_pictures(hospital, [one.get("data") for one in given])
    except Invalid as error:
        status = 413 if error.code == "too_large" else 422
        message = "图片要是 JPEG、PNG 或 WebP 的 base64，不能太大，最多三张"
        raise ApiError(error.code, message, status=status, field="metadata.attachments") from None


def read_message(body: bytes, hospital: Hospital) -> Message:
    """Checks the request; raises ``ApiError`` (4xx) with the field at fault."""
    data = parse_object(body)
    metadata = data.get("metadata")
    metadata = {} if metadata is None else metadata
    if not isinstance(metadata, dict):
        raise _wrong("metadata", "要写 JSON 对象")
    text = data.get("message")
    if not isinstance(text, str):
        raise _wrong("message", "要写文字")
    code = _read_word(metadata.get("place_code"), "metadata.place_code")
    if code is not None and hospital.find_place_code(code) is None:
        raise ApiError(
            "unknown_place_code",
            f"没有这个地点编码：{code[:40]}",
            status=422,
            field="metadata.place_code",
        )
    language = _read_word(metadata.get("language"), "metadata.language")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise _wrong("metadata.language", "要写语言代码，如 zh、vi")
    message_id = data.get("message_id")
    if isinstance(message_id, int) and not isinstance(message_id, bool):
        message_id = str(message_id)
    sender = data.get("sender")
    if isinstance(sender, int) and not isinstance(sender, bool):
        sender = str(sender)
    if not isinstance(sender, str) or not _ID.fullmatch(sender):
        # Rasa calls whoever says nothing "default": here two patients would read each other's records.
        raise _wrong("sender", "要写 1–200 个看得见的字符")
    return Message(
        channel=RestChannel.name,
        sender=sender,
        text=text[:MAX_TEXT],
        message_id=_read_word(message_id, "message_id"),
        place_code=code,
        language=language.split("-")[0].split("_")[0].lower() if language else None,
    )


def _read_word(value: Any, field: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _wrong(field, "要写 1–200 个看得见的字符")
    return value


def _wrong(field: str, message: str) -> ApiError:
    return ApiError("invalid", f"{field}：{message}", status=422, field=field)
