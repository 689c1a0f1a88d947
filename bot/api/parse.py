"""``POST /model/parse``: the understanding in the shape that Rasa's NLU server answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.bodies import read_body
from bot.api.errors import ApiError, Json, parse_object
from bot.api.refusals import describe_body, refusing
from intents import Interpreter
from intents.understanding import Context, Option, Understanding
from knowledge import Hospital
from knowledge.errors import find_nearest

router = APIRouter(tags=["rasa"])

OURS = frozenset({"relation", "step_free"})
"""Read for the dialogues only; no slots of the contract, so they stand apart."""


@dataclass(frozen=True, slots=True)
class ParseRequest:
    text: str
    reference_time: datetime | None = None
    context: Context | None = None


def read_request(
    data: dict[str, Any], *, hospital: Hospital, slots: Callable[[], Iterable[str]]
) -> ParseRequest:
    """Checks the request; raises ``ApiError`` with the field at fault.

    ``slots`` tells the names that may be asked for; it is called only where the request names one.
    """
    text = data.get("text")
    if not isinstance(text, str):
        raise ApiError("invalid", "text：要写文字", status=422, field="text")
    return ParseRequest(
        text=text,
        reference_time=_read_time(data.get("reference_time"), hospital.timezone),
        context=_read_context(data.get("context"), slots),
    )


def parse_one(interpreter: Interpreter, request: ParseRequest, *, now: datetime) -> dict[str, Any]:
    """One answer of ``POST /model/parse``."""
    understanding = interpreter.understand(
        request.text, now=request.reference_time or now, context=request.context
    )
    return to_rasa(understanding)


def to_rasa(understanding: Understanding) -> dict[str, Any]:
    return {
        "text": understanding.text,
        "intent": {"name": understanding.intent.name, "confidence": understanding.intent.confidence},
        "intent_ranking": [{"name": one.name, "confidence": one.confidence} for one in understanding.ranking],
        "entities": [
            {
                "entity": one.slot,
                "value": one.value,
                "start": one.start,
                "end": one.end,
                "text": one.text,
                "extractor": "wenjin",
            }
            for one in understanding.entities
            if one.slot not in OURS
        ],
        "slots": _contract(understanding.slots),
        "also": {name: value for name, value in understanding.slots.items() if name in OURS},
        "requests": [
            {
                "intent": one.intent,
                "confidence": one.confidence,
                "slots": _contract(one.slots),
                "text": one.text,
            }
            for one in understanding.requests
        ],
        "answer": dict(understanding.answer),
        "danger": list(understanding.danger),
        "faq": [{"id": one.id, "score": one.score} for one in understanding.faq],
        "language": understanding.language,
        "truncated": understanding.truncated,
    }


def _contract(slots: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in slots.items() if name not in OURS}


@router.post(
    "/model/parse",
    dependencies=[Depends(require_access)],
    responses=refusing(400, 401, 403, 413, 422),
    openapi_extra=describe_body(
        {
            "text": {"type": "string"},
            "reference_time": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "the now of 明天; else the hospital's",
            },
            "context": {
                "type": ["object", "null"],
                "description": "what was asked: requested_slot (a slot of the flows; another is refused), flow, "
                "options, language",
            },
        },
        needed=["text"],
    ),
)
async def parse(request: Request) -> Response:
    """What a message means: intent, slots and where they stand in the text."""
    house = request.app.state.house
    asked = read_request(
        parse_object(await read_body(request)),
        hospital=house.hospital,
        slots=lambda: house.assistant.book.slots,
    )
    return Json(await run_in_threadpool(parse_one, house.interpreter, asked, now=house.now()))


def _read_time(value: Any, timezone: str) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ApiError(
            "invalid",
            "reference_time：要写 2026-03-11T09:00:00 这样的时间",
            status=422,
            field="reference_time",
        ) from None
    return time.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) if time.tzinfo else time


def _read_context(value: Any, slots: Callable[[], Iterable[str]]) -> Context | None:
    """``{"requested_slot"?, "flow"?, "options"?: ["title" | {"title", "payload"}], "language"?}``."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ApiError("invalid", "context：要写 JSON 对象", status=422, field="context")
    words = {}
    for name in ("requested_slot", "flow", "language"):
        word = value.get(name)
        if word is not None and not isinstance(word, str):
            raise ApiError("invalid", f"{name}：要写文字", status=422, field=f"context.{name}")
        words[name] = word
    _check_slot(words["requested_slot"], slots)
    options = value.get("options") or ()
    if not isinstance(options, list | tuple):
        raise ApiError("invalid", "options：要写数组", status=422, field="context.options")
    return Context(options=tuple(_read_option(one) for one in options), **words)


def _check_slot(name: str | None, slots: Callable[[], Iterable[str]]) -> None:
    """A slot nobody asks for would be answered with nothing, and look like a message that is no answer."""
    if name is None or name in (known := sorted(slots())):
        return
    raise ApiError(
        "unknown_slot",
        f"没有哪件事会问 {name[:100]}",
        status=422,
        field="context.requested_slot",
        value=name,
        nearest=find_nearest(name, known),
    )


def _read_option(value: Any) -> Option:
    if isinstance(value, str):
        return Option(title=value, payload=value)
    if isinstance(value, dict) and isinstance(value.get("title"), str):
        return Option(title=value["title"], payload=str(value.get("payload", value["title"])))
    raise ApiError(
        "invalid", 'options：每项写标题，或 {"title", "payload"}', status=422, field="context.options"
    )
