"""What did not reach its patient: messages that failed or were dropped, promises that came too late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.console.names import name_contact
from bot.console.veil import find_veil
from bot.console.words import CHANNELS, PROMISES
from services import Desk
from services.contacts import get_contact
from services.promises import DROPPED, list_promises
from services.talk import list_unsent


@dataclass(frozen=True, slots=True)
class Unsent:
    key: str
    at: dt.datetime
    what: str
    contact_id: int
    name: str
    channel: str
    text: str
    why: str


def list_undelivered(desk: Desk, *, limit: int = 100) -> tuple[Unsent, ...]:
    """Newest first."""
    found = []
    for line in list_unsent(desk, limit=limit):
        contact = get_contact(desk, contact_id=line.contact_id)
        found.append(
            Unsent(
                f"message:{line.id}",
                line.at,
                "工作人员的话" if line.author.startswith("staff") else "消息",
                contact.id,
                name_contact(desk, contact.id),
                CHANNELS.get(contact.channel, contact.channel),
                find_veil(desk, contact_id=contact.id).cover(str(line.body.get("text", ""))),
                _explain(line.error or "", line.attempts),
            )
        )
    for one in list_promises(desk, status=DROPPED, limit=limit):
        contact = get_contact(desk, contact_id=one.contact_id)
        found.append(
            Unsent(
                one.subject,
                one.ended_at or one.due_at,
                PROMISES.get(one.kind, one.kind),
                contact.id,
                name_contact(desk, contact.id),
                CHANNELS.get(contact.channel, contact.channel),
                f"应在 {one.due_at:%m-%d %H:%M} 发出",
                _explain(one.reason or "", 0),
            )
        )
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])


def _explain(reason: str, attempts: int) -> str:
    if reason == "too_late":
        return "到时候没能发出，过了有用的时间，按规定不再发"
    if reason.startswith("undeliverable"):
        return f"平台拒收（{reason.partition(': ')[2][:80]}）"
    if reason.startswith("given up"):
        return f"试了 {attempts} 次都没有送到"
    if reason.startswith("failed"):
        return "系统出错，试了几次都没有办成"
    return reason[:100] or "没有写明原因"
