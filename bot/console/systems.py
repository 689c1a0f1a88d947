"""Other systems as the console shows them: who is told of changes, and what could not be delivered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.console.words import RECORDS
from services import Desk
from services.endpoints import EVERY, list_endpoints
from services.webhooks import list_failed


@dataclass(frozen=True, slots=True)
class Endpoint:
    id: int
    url: str
    what: str
    detail: bool
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: int
    at: dt.datetime
    what: str
    """挂号 12"""
    url: str
    why: str


def list_addresses(desk: Desk) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(
            one.id,
            one.url,
            "全部记录"
            if one.types == EVERY
            else "、".join(RECORDS.get(name, name) for name in one.types.split()),
            one.detail,
            one.created_at,
        )
        for one in list_endpoints(desk)
    )


def list_dead_letters(desk: Desk) -> tuple[DeadLetter, ...]:
    """The latest first."""
    return tuple(
        DeadLetter(
            one.id,
            one.ended_at or one.created_at,
            f"{RECORDS.get(one.type, one.type)} {one.record.rpartition(':')[2]}",
            endpoint.url,
            f"试了 {one.attempts} 次：{_explain(one.error or '')}",
        )
        for one, endpoint in list_failed(desk)
    )


def _explain(error: str) -> str:
    if error.startswith("HTTP "):
        return f"对方回答 {error[5:]}"
    if "Timeout" in error:
        return "对方没有按时回答"
    return "连不上对方" if error.startswith("Connect") else error or "没有写明原因"
