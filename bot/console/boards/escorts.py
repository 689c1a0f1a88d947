"""The board of escorts: who goes with whom, where they meet, and how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import NEEDS, STATES, say_day
from bot.masks import mask_text
from services import Desk
from services.errors import Invalid
from services.escorts import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NEXT,
    OPEN,
    REJECTED,
    REQUESTED,
    Escort,
    advance_escort,
    get_escort,
    list_escorts,
)
from services.identity import mask_phone, parse_phone
from services.patients import Patient

SHOWN = dt.timedelta(days=2)
REASON = Field("reason", "原因（会告诉患者）", required=True, kind="text")
WHO = (
    Field("companion", "谁来陪（患者会看到）", required=True),
    Field("companion_phone", "陪诊员电话（患者会看到）"),
)
MOVES = {
    ACCEPTED: Move(ACCEPTED, "安排陪诊员", WHO),
    IN_PROGRESS: Move(IN_PROGRESS, "已碰头，出发"),
    COMPLETED: Move(COMPLETED, "陪诊完成"),
    REJECTED: Move(REJECTED, "不能受理", (REASON,), grave=True),
    FAILED: Move(FAILED, "没有陪成", (REASON,), grave=True),
    CANCELLED: Move(CANCELLED, "取消", (REASON,), grave=True),
}


class EscortBoard(Board):
    name = "escorts"
    title = "陪诊"
    permission = "escorts"
    about = "按碰头时间排。安排陪诊员、碰头、完成，患者都会收到消息。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("today", "今天"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        order = (REQUESTED, ACCEPTED, IN_PROGRESS, COMPLETED, FAILED, REJECTED, CANCELLED)
        return tuple(Column(one, STATES[one], one not in OPEN) for one in order)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        shown = [
            one
            for one in list_escorts(desk, limit=400)
            if (one.status in OPEN or one.start > desk.now - SHOWN)
            and (kind != "today" or one.start.date() == desk.now.date())
        ]
        return tuple(self._card(desk, one) for one in sorted(shown, key=lambda one: (one.start, one.id)))

    def record(self, desk: Desk, *, card_id: int) -> Escort:
        return get_escort(desk, escort_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        wanted = MOVES.get(stage)
        given = {one.name: (fields.get(one.name) or "").strip() for one in (wanted.fields if wanted else ())}
        for one in wanted.fields if wanted else ():
            if one.required and not given[one.name]:
                raise Invalid("missing", field=one.name)
        phone = given.get("companion_phone")
        advance_escort(
            desk,
            escort_id=card_id,
            status=stage,
            companion=given.get("companion") or None,
            companion_phone=parse_phone(phone) if phone else None,
            reason=given.get("reason") or None,
        )

    def _card(self, desk: Desk, one: Escort) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        needs = [NEEDS.get(need, need) for need in one.special_need.split(",") if need]
        due, tone = _deadline(desk, one)
        facts = [
            ("碰头时间", f"{say_day(one.start.date())} {one.start:%H:%M}"),
            ("碰头地点", one.place),
            ("去的科室", one.department or ""),
            ("就诊人", f"{patient.masked_name}，{patient.age(desk.now.date())} 岁"),
            ("需要", "、".join(needs)),
            ("备注", mask_text(one.note or "")),
            ("陪诊员", one.companion or ""),
            ("陪诊员电话", mask_phone(one.companion_phone) if one.companion_phone else ""),
        ]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{one.start.month}月{one.start.day}日 {one.start:%H:%M}　{patient.masked_name}",
            text=one.place,
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(needs),
            at=one.start,
            due=due,
            tone=tone,
            holder=one.companion or "",
            contact_id=one.contact_id,
            secrets=(("联系电话", "phone", mask_phone(one.phone)),) if one.phone else (),
            moves=tuple(MOVES[following] for following in NEXT.get(one.status, ())),
        )


def _deadline(desk: Desk, one: Escort) -> tuple[str, str]:
    if one.status not in OPEN:
        return "", DONE
    minutes = int((one.start - desk.now).total_seconds() // 60)
    if one.status == IN_PROGRESS:
        return "", CALM
    if minutes < 0:
        return "碰头时间已过", LATE
    if minutes < 120:
        return f"{minutes} 分钟后碰头", LATE if one.status == REQUESTED else SOON
    if one.start.date() == desk.now.date():
        return f"今天 {one.start:%H:%M} 碰头", SOON if one.status == REQUESTED else CALM
    return f"{(one.start.date() - desk.now.date()).days} 天后", CALM
