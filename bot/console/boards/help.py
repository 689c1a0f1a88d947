"""The board of help on the spot: who was asked, until when, who goes; the clock of three minutes runs on the card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import NEEDS, say_span
from bot.masks import mask_text
from services import Desk
from services.companions import get_companion
from services.errors import Invalid
from services.identity import mask_phone
from services.onsite_help import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    IN_PROGRESS,
    OPEN,
    REQUESTED,
    OnsiteHelp,
    accept_help,
    advance_help,
    decline_help,
    get_help,
    list_help,
    list_nearest,
)

SHOWN = dt.timedelta(hours=12)
DECLINE = "decline"
NAMES = {
    REQUESTED: "叫人中",
    ACCEPTED: "已有人去",
    IN_PROGRESS: "已到现场",
    COMPLETED: "办完",
    CANCELLED: "不用了",
}
WHY = Field("reason", "原因", required=True, kind="text")


class HelpBoard(Board):
    name = "help"
    title = "现场求助"
    permission = "escorts"
    about = (
        "有人走不动、摔了：先叫离得最近的当班人员，三分钟没人接就叫下一位，再没人接请组长。谁去谁点「我去」。"
    )
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("open", "没办完"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(one, name, one not in OPEN) for one, name in NAMES.items())

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        shown = [
            one
            for one in list_help(desk, limit=200)
            if one.status in OPEN or (kind == "all" and one.created_at > desk.now - SHOWN)
        ]
        return tuple(self._card(desk, one) for one in sorted(shown, key=lambda one: one.id))

    def record(self, desk: Desk, *, card_id: int) -> OnsiteHelp:
        return get_help(desk, help_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        reason = str(fields.get("reason") or "").strip() or None
        if stage in (DECLINE, CANCELLED) and not reason:
            raise Invalid("missing", field="reason")
        if stage == ACCEPTED:
            word = str(fields.get("companion") or "")
            near = list_nearest(desk, place=get_help(desk, help_id=card_id).place)
            other = next((one.companion.id for one in near if word.startswith(one.companion.name)), None)
            accept_help(desk, help_id=card_id, companion_id=other, reason=reason)
        elif stage == DECLINE:
            decline_help(desk, help_id=card_id, reason=reason or "")
        else:
            advance_help(desk, help_id=card_id, status=stage, reason=reason)

    def _card(self, desk: Desk, one: OnsiteHelp) -> Card:
        head = desk.hospital.escort.help.head
        who = get_companion(desk, companion_id=one.companion_id) if one.companion_id else None
        asked = [get_companion(desk, companion_id=int(word)).name for word in one.asked.split(",") if word]
        needs = [NEEDS.get(need, need) for need in one.special_need.split(",") if need]
        facts = [
            ("在哪", one.place or "没说清，请先打电话"),
            ("说的话", mask_text(one.words or "")),
            ("需要", "、".join(needs)),
            ("现在叫的", head.name if one.to_head else who.name if who else ""),
            ("值班在", who.post if who else ""),
            ("走过去", f"{one.minutes} 分钟" if one.minutes else ""),
            ("电话", head.phone if one.to_head else mask_phone(who.phone) if who else ""),
            ("叫过", "、".join(asked)),
        ]
        due, tone = _deadline(desk, one)
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=one.place or "地点不明",
            text=(who.name if who else head.name) if one.status in OPEN else "",
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(needs),
            urgent=one.status == REQUESTED,
            at=one.created_at,
            due=due,
            tone=tone,
            holder=who.name if who and one.status != REQUESTED else "",
            contact_id=one.contact_id,
            moves=_moves(desk, one),
        )


def _moves(desk: Desk, one: OnsiteHelp) -> tuple[Move, ...]:
    if one.status == REQUESTED:
        asked = get_companion(desk, companion_id=one.companion_id).name if one.companion_id else ""
        near = [
            f"{each.companion.name}（{each.minutes} 分钟）" for each in list_nearest(desk, place=one.place)
        ]
        names = tuple([asked, *near] if asked else near)
        return (
            Move(ACCEPTED, "我去", (Field("companion", "谁去", kind="choice", choices=names, value=asked),)),
            Move(DECLINE, "去不了，叫下一位", (WHY,)),
            Move(CANCELLED, "不用去了", (WHY,), grave=True),
        )
    if one.status == ACCEPTED:
        return (
            Move(IN_PROGRESS, "已到现场"),
            Move(COMPLETED, "办完"),
            Move(DECLINE, "去不了，叫下一位", (WHY,)),
        )
    return (Move(COMPLETED, "办完"),) if one.status == IN_PROGRESS else ()


def _deadline(desk: Desk, one: OnsiteHelp) -> tuple[str, str]:
    if one.status not in OPEN:
        return "", DONE
    if one.status != REQUESTED:
        return "", CALM
    waited = int((desk.now - one.created_at).total_seconds() // 60)
    if one.to_head:
        return f"没人接，已等 {say_span(waited)}", LATE
    left = max(0, int((one.due_at - desk.now).total_seconds()))
    return f"{left // 60}:{left % 60:02d} 后叫下一位", SOON
