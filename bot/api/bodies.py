"""What the bodies of ``POST /api/v1/…`` have in common: an ``external_id``, and only text that can be kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.api.errors import ApiError
from services.errors import describe_known

Word = Annotated[str, Field(min_length=1, max_length=100)]
BIGGEST = 2**31 - 1
SLIP = 0.85
"""Names so alike are one, written wrongly; 1 is the same."""


D = TypeVar("D", bound=dt.date)


def _check_year(day: D) -> D:
    """Years in which nothing of ours can lie would overflow the sums done with them."""
    if not 1900 <= day.year <= 2200:
        raise ValueError("年份要在 1900 到 2200 之间")
    return day


def _check_written(given: Any) -> Any:
    """A bare number would be taken for seconds since 1970: 2026 is no time, and not half past midnight of that year."""
    if isinstance(given, int | float) or (isinstance(given, str) and re.fullmatch(r"\s*-?[\d.]+\s*", given)):
        raise ValueError("要写 2026-03-10 这样的日期，时间写 2026-03-11T09:00:00")
    return given


Day = Annotated[dt.date, BeforeValidator(_check_written), AfterValidator(_check_year)]
Moment = Annotated[dt.datetime, BeforeValidator(_check_written), AfterValidator(_check_year)]


def to_local(at: dt.datetime, timezone: str) -> dt.datetime:
    """The hospital's local time, naive, as records hold it; a time without a zone is local already."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) if at.tzinfo else at


class Body(BaseModel):
    """A JSON object. No NUL and no half of a surrogate pair anywhere: databases and logs cannot keep them."""

    model_config = ConfigDict(str_strip_whitespace=True)
    strict: ClassVar[bool] = False
    """Whether every name that is none of ours is refused."""

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, data: Any) -> Any:
        if not all(map(is_text, walk(data))):
            raise ValueError("里面有不能保存的字符（NUL 或半个代理对）")
        return data

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        """A system may send more than we take; a slip of the pen in a name is refused, for it would be lost unseen."""
        if isinstance(data, dict):
            names = set(_list_names(cls))
            for name in data.keys() - names:
                if cls.strict or any(_is_slip(str(name), one) for one in names - data.keys()):
                    raise unknown_field(str(name), sorted(names))
        return data


def _is_slip(name: str, meant: str) -> bool:
    """Nearly the same letters, or the same in another order: departement, peroid."""
    return sorted(name) == sorted(meant) or bool(get_close_matches(name, [meant], cutoff=SLIP))


def _list_names(model: type[BaseModel]) -> Iterator[str]:
    """The fields by every name under which they are taken."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        yield from alias.choices if isinstance(alias, AliasChoices) else (name,)  # type: ignore[misc]


def unknown_field(name: str, known: list[str]) -> PydanticCustomError:
    """A name that stands in no body like this one."""
    context = {"name": name[:100], **describe_known(name, known)}
    near = "，是不是 {nearest}？" if context["nearest"] else ""
    return PydanticCustomError("unknown_field", f"没有字段 {{name}}{near}", context)


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
    return ApiError("too_large", f"请求体最多 {most} 字节", status=413)


async def read_body(request: Request, *, most: int = 1 << 20) -> bytes:
    """The body, refused with 413 as soon as it is longer than anybody's message."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise too_large(most)
        parts.append(part)
    return b"".join(parts)
