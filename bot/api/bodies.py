"""What the bodies of ``POST /api/v1/…`` have in common: an ``external_id``, and only text that can be kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.api.errors import ApiError

Word = Annotated[str, Field(min_length=1, max_length=100)]
BIGGEST = 2**31 - 1


D = TypeVar("D", bound=dt.date)


def _check_year(day: D) -> D:
    """Years in which nothing of ours can lie would overflow the sums done with them."""
    if not 1900 <= day.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return day


Day = Annotated[dt.date, AfterValidator(_check_year)]
Moment = Annotated[dt.datetime, AfterValidator(_check_year)]


def to_local(at: dt.datetime, timezone: str) -> dt.datetime:
    """The hospital's local time, naive, as records hold it; a time without a zone is local already."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) if at.tzinfo else at


class Body(BaseModel):
    """A JSON object. No NUL and no half of a surrogate pair anywhere: databases and logs cannot keep them."""

    model_config = ConfigDict(str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, data: Any) -> Any:
        if not all(map(is_text, walk(data))):
            raise ValueError("a text holds characters that cannot be kept (NUL, half a surrogate pair)")
        return data


class Event(Body):
    """What another system tells, known by its own number: told again, the answer is the same and nothing happens."""

    external_id: Word


def walk(data: Any) -> list[str]:
    """Every string in JSON data, also the names; without recursion, for the depth is the caller's."""
    found, rest = [], [data]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            rest += one
    return found


def read_id(text: str) -> int | None:
    """The id of one of our records, where the text is one: an integer of four bytes, as PostgreSQL keeps it."""
    if text.isascii() and text.isdigit() and len(text) < 12 and 0 < int(text) <= BIGGEST:
        return int(text)
    return None


def is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def too_large(most: int) -> ApiError:
    return ApiError("too_large", f"the body is longer than {most} bytes", status=413)


async def read_body(request: Request, *, most: int = 1 << 20) -> bytes:
    """The body, refused with 413 as soon as it is longer than anybody's message."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise too_large(most)
        parts.append(part)
    return b"".join(parts)
