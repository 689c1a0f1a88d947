"""The board of transfers: which ride, when, how many sit and lie, who drives, what is left in that hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import NEEDS, say_day
from bot.masks import mask_text
from services import Desk
from services.errors import Invalid
from services.identity import mask_phone, parse_phone
from services.patients import Patient
from services.transfers import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NEXT,
    OPEN,
    REJECTED,
    REQUESTED,
    SEAT,
    STRETCHER,
    Transfer,
    advance_transfer,
    count_left,
    get_ride,
    get_transfer,
    list_transfers,
)

SHOWN = dt.timedelta(days=2)
NAMES = {
    REQUESTED: "待安排",
    ACCEPTED: "已安排车",
    IN_PROGRESS: "在路上",
    COMPLETED: "已送到",
    FAILED: "未成行",
    REJECTED: "未受理",
    CANCELLED: "已取消",
}
REASON = Field("reason", "原因（会告诉患者）", required=True, kind="text")
DRIVER = (
    Field("driver", "司机和车（患者会看到）", required=True),
    Field("driver_phone", "司机电话（患者会看到）", required=True),
)
MOVES = {
    ACCEPTED: Move(ACCEPTED, "安排车和司机", DRIVER),
    IN_PROGRESS: Move(IN_PROGRESS, "已出发"),
    COMPLETED: Move(COMPLETED, "已送到"),
    REJECTED: Move(REJECTED, "派不出车", (REASON,), grave=True),
    FAILED: Move(FAILED, "没有成行", (REASON,), grave=True),
    CANCELLED: Move(CANCELLED, "取消", (REASON,), grave=True),
}


class TransferBoard(Board):
    name = "transfers"
    title = "接送"
    permission = "escorts"
    about = "院区之间、家和医院之间。每个钟头的座位和平车位按当时出车的车算，约满就不收。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("today", "今天"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(one, name, one not in OPEN) for one, name in NAMES.items())

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        shown = [
            one
            for one in list_transfers(desk, limit=400)
            if (one.status in OPEN or one.start > desk.now - SHOWN)
            and (kind != "today" or one.start.date() == desk.now.date())
        ]
        return tuple(self._card(desk, one) for one in sorted(shown, key=lambda one: (one.start, one.id)))

    def record(self, desk: Desk, *, card_id: int) -> Transfer:
        return get_transfer(desk, transfer_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        wanted = MOVES.get(stage)
        given = {
            one.name: str(fields.get(one.name) or "").strip() for one in (wanted.fields if wanted else ())
        }
        for one in wanted.fields if wanted else ():
            if one.required and not given[one.name]:
                raise Invalid("missing", field=one.name)
        phone = given.get("driver_phone")
        advance_transfer(
            desk,
            transfer_id=card_id,
            status=stage,
            driver=given.get("driver") or None,
            driver_phone=parse_phone(phone) if phone else None,
            reason=given.get("reason") or None,
        )

    def _card(self, desk: Desk, one: Transfer) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        ride = get_ride(desk, one.ride)
        left = count_left(desk, ride=one.ride, start=one.start)
        needs = [NEEDS.get(need, need) for need in one.special_need.split(",") if need]
        due, tone = _deadline(desk, one)
        facts = [
            ("哪一程", ride.name),
            ("出发", f"{say_day(one.start.date())} {one.start:%H:%M}"),
            ("从", one.origin or "家里"),
            ("到", one.destination or "家里"),
            ("就诊人", f"{patient.masked_name}，{patient.age(desk.now.date())} 岁"),
            ("几位", f"坐 {one.seats} 位" + (f"，躺 {one.stretchers} 位" if one.stretchers else "")),
            ("费用", f"{one.fee} 元" if one.fee else "免费"),
            ("司机", one.driver or ""),
            ("这个钟头还有", f"座位 {left[SEAT]}，平车位 {left[STRETCHER]}"),
        ]
        secrets = []
        if one.phone:
            secrets.append(("联系电话", "phone", mask_phone(one.phone)))
        if one.address:
            secrets.append(("地址", "address", mask_text(one.address)[:6] + "…"))
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{one.start.month}月{one.start.day}日 {one.start:%H:%M}　{patient.masked_name}",
            text=ride.name,
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(needs),
            at=one.start,
            due=due,
            tone=tone,
            holder=one.driver or "",
            contact_id=one.contact_id,
            secrets=tuple(secrets),
            moves=tuple(MOVES[following] for following in NEXT.get(one.status, ())),
        )


def _deadline(desk: Desk, one: Transfer) -> tuple[str, str]:
    if one.status not in OPEN:
        return "", DONE
    minutes = int((one.start - desk.now).total_seconds() // 60)
    if one.status == IN_PROGRESS:
        return "", CALM
    if minutes < 0:
        return "出发时间已过", LATE
    if minutes < 120:
        return f"{minutes} 分钟后出发", LATE if one.status == REQUESTED else SOON
    return f"{say_day(one.start.date())} {one.start:%H:%M}", CALM
