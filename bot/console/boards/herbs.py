"""The board of decocted herbs: from the prescription's check to the courier and the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.lists import DELIVERIES
from bot.console.words import say_span
from bot.masks import mask_value
from knowledge.schema import Stage
from services import Desk
from services.herb_stages import advance_delivery
from services.herbs import (
    COURIER,
    ENDED,
    HerbDelivery,
    get_delivery,
    list_deliveries,
)
from services.identity import mask_phone
from services.patients import Patient
from services.stages import check_next, get_stage

SHOWN = dt.timedelta(days=2)
SOON_MINUTES = 120


class HerbBoard(Board):
    name = "herbs"
    title = "中药配送"
    permission = "herbs"
    about = "从审方、煎药到交快递。交快递时填单号，患者就能自己查。"
    hatch = DELIVERIES
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("courier", "快递"), ("pickup", "自取"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        stages = desk.hospital.herbs.stages
        return tuple(Column(one.id, one.name.partition("，")[0], one.id in ENDED) for one in stages)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        shown = [
            one
            for one in list_deliveries(desk, limit=400)
            if (one.status not in ENDED or one.stage_at > desk.now - SHOWN)
            and kind in ("all", one.delivery_mode)
        ]
        return tuple(self._card(desk, one) for one in sorted(shown, key=lambda one: (one.stage_at, one.id)))

    def record(self, desk: Desk, *, card_id: int) -> HerbDelivery:
        return get_delivery(desk, delivery_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        """Only to the very next stages: a person at the board has seen each."""
        delivery = get_delivery(desk, delivery_id=card_id)
        check_next(desk.hospital.herbs.stages, delivery.status, stage)
        given = {name: str(value).strip() for name, value in fields.items() if value}
        advance_delivery(
            desk,
            delivery_id=card_id,
            status=stage,
            courier=given.get("courier"),
            tracking_number=given.get("tracking_number"),
            reason=given.get("reason"),
        )

    def _card(self, desk: Desk, one: HerbDelivery) -> Card:
        rules, patient = desk.hospital.herbs, desk.session.get_one(Patient, one.patient_id)
        decoction = next((d.name for d in rules.decoctions if d.id == one.decoction), one.decoction)
        facts = [
            ("就诊人", patient.masked_name),
            ("剂数", f"{one.doses} 剂，{decoction}"),
            (
                "取药方式",
                next((name for mode, name in rules.delivery_modes.items() if mode == one.delivery_mode), ""),
            ),
            ("取药地点", one.place or ""),
            ("费用", f"{one.fee} 元" if one.fee else "免费"),
            ("快递", " ".join(part for part in (one.courier, one.tracking_number) if part)),
            ("快递消息", _courier_words(one)),
            ("补寄", "顶替之前出问题的一份，不收费" if one.replaces_id else ""),
            ("就诊", "" if one.appointment_id else "近日没有在这里挂的号，请核对处方"),
            ("处方号", one.external_id or ""),
        ]
        hidden = [("电话", "phone", mask_phone(one.phone))] if one.phone else []
        if one.address:
            hidden.append(("收件地址", "address", mask_value("address", one.address)))
        due, tone = _deadline(desk, one)
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{patient.masked_name}　{one.doses} 剂",
            text=decoction.partition("（")[0],
            facts=tuple((label, value) for label, value in facts if value),
            tags=("快递" if one.delivery_mode == COURIER else "自取",),
            at=one.stage_at,
            due=due,
            tone=tone,
            holder=one.courier or "",
            contact_id=one.contact_id,
            secrets=tuple(hidden),
            moves=tuple(
                _move(get_stage(rules.stages, next_), one, tuple(courier.name for courier in rules.couriers))
                for next_ in _next(desk, one)
            ),
        )


def _next(desk: Desk, one: HerbDelivery) -> list[str]:
    """What may follow; of courier and fetching only the way the patient chose."""
    following = get_stage(desk.hospital.herbs.stages, one.status).next
    other = {"ready" if one.delivery_mode == COURIER else "handed_over"}
    if one.decoction != "decoct":
        other.add("decocting")
    return [stage for stage in following if stage not in other]


FAULTS = {
    "no_result": "单号还查不到",
    "phone": "收件人手机尾号和快递登记的不符",
    "abandoned": "三天查不到这个单号",
    "unknown": "快递公司查不了这个单号",
}


def _courier_words(one: HerbDelivery) -> str:
    """What the courier said last, or why it said nothing."""
    if one.track_fault:
        return FAULTS.get(one.track_fault, one.track_fault)
    if not one.track_note:
        return ""
    return f"{one.track_at:%m-%d %H:%M} {one.track_note}" if one.track_at else one.track_note


def _move(stage: Stage, one: HerbDelivery, couriers: tuple[str, ...]) -> Move:
    fields: tuple[Field, ...] = ()
    if stage.id == "handed_over":
        fields = (
            Field(
                "courier", "快递公司", kind="choice", choices=couriers, value=couriers[0] if couriers else ""
            ),
            Field("tracking_number", "快递单号（患者会看到）", required=True),
        )
    elif stage.id in ("returned", "cancelled"):
        fields = (Field("reason", "原因", required=stage.id == "cancelled", kind="text"),)
    return Move(stage.id, stage.name.partition("，")[0], fields, grave=stage.id in ("returned", "cancelled"))


def _deadline(desk: Desk, one: HerbDelivery) -> tuple[str, str]:
    if one.status in ENDED:
        return "", DONE
    if one.expected_at is None:
        return "", CALM
    left = int((one.expected_at - desk.now).total_seconds() // 60)
    if left < 0:
        return f"超时 {say_span(-left)}", LATE
    return f"{say_span(left)}内到下一步", SOON if left < SOON_MINUTES else CALM
