"""The board of parcels gone wrong: what is wrong, until when it is answered, and what is done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.names import name_staff
from bot.console.words import say_day, say_span
from bot.masks import mask_text
from knowledge.schema import Stage
from services import Desk
from services.errors import Invalid
from services.herbs import HerbDelivery
from services.parcels import (
    CLOSED,
    SETTLED,
    ParcelTicket,
    advance_ticket,
    get_problem,
    get_ticket,
    list_tickets,
    take_ticket,
)
from services.patients import Patient
from services.pictures import list_pictures, open_picture
from services.stages import get_stage

SOON_MINUTES = 120
CLOSED_SHOWN = dt.timedelta(days=7)
HEADS = ("admin", "manager")
TOLD_BY = {"contact": "患者", "courier": "快递消息"}
NOT_OF_STAFF = ("closed", "reopened")
"""Only the patient says whether an answer settles it; the courier's own news are closed by staff."""


class ParcelBoard(Board):
    name = "parcels"
    title = "包裹问题"
    permission = "herbs"
    takes = True
    quotes = True
    about = "破损、寄错、少了、没收到、退回的药。先点开的人接手，到期前要答复；答复会原样发给患者。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (
        ("all", "全部"),
        ("contact", "患者说的"),
        ("courier", "快递消息"),
    )

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        stages = desk.hospital.herbs.ticket_stages
        return tuple(Column(one.id, one.name.partition("，")[0], one.id == CLOSED) for one in stages)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        names = name_staff(desk)
        shown = [
            one
            for one in list_tickets(desk, limit=400)
            if (one.status != CLOSED or (one.answered_at or one.created_at) > desk.now - CLOSED_SHOWN)
            and kind in ("all", one.told_by)
        ]
        ordered = sorted(shown, key=lambda one: (not one.drunk, one.due_at, one.id))
        pictures = list_pictures(desk, ticket_ids=[one.id for one in ordered]) if ordered else {}
        return tuple(self._card(desk, one, names, tuple(pictures.get(one.id, ()))) for one in ordered)

    def open_picture(self, desk: Desk, *, picture_id: int) -> bytes:
        return open_picture(desk, picture_id=picture_id, of="ticket")

    def record(self, desk: Desk, *, card_id: int) -> ParcelTicket:
        return get_ticket(desk, ticket_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        """Whoever moves it takes it; ``stage`` ``""`` only takes it. A head may take it from a colleague."""
        instead = bool(fields.get("instead")) and role in HEADS
        take_ticket(desk, ticket_id=card_id, staff_id=staff_id, instead=instead)
        if not stage:
            return
        remedies = {one.name: one.id for one in desk.hospital.herbs.remedies}
        doses = str(fields.get("doses") or "").strip()
        if doses and not doses.isdecimal():
            raise Invalid("doses", field="doses", value=doses)
        advance_ticket(
            desk,
            ticket_id=card_id,
            status=stage,
            answer=fields.get("answer"),
            remedy=remedies.get(str(fields.get("remedy") or "")),
            doses=int(doses) if doses else None,
            reason=(fields.get("reason") or "").strip() or None,
        )

    def _card(
        self, desk: Desk, one: ParcelTicket, names: Mapping[str, str], pictures: tuple[int, ...]
    ) -> Card:
        rules = desk.hospital.herbs
        delivery = desk.session.get_one(HerbDelivery, one.delivery_id)
        patient = desk.session.get_one(Patient, one.patient_id)
        problem = get_problem(desk, one.kind).name
        facts = [
            ("就诊人", patient.masked_name),
            ("配送单", f"{delivery.order_number}，{delivery.doses} 剂"),
            ("配送到哪了", get_stage(rules.stages, delivery.status).name),
            ("快递", " ".join(part for part in (delivery.courier, delivery.tracking_number) if part)),
            ("谁说的", TOLD_BY.get(one.told_by, one.told_by)),
            ("喝过没有", "已经喝了" if one.drunk else ""),
            ("提出时间", _moment(one.created_at)),
            ("答复期限", _moment(one.due_at)),
            ("已给答复", one.answer or ""),
            ("处理", next((r.name for r in rules.remedies if r.id == one.remedy), "")),
        ]
        due, tone = _deadline(desk, one)
        moves = [
            _move(get_stage(rules.ticket_stages, next_), rules, one, delivery)
            for next_ in get_stage(rules.ticket_stages, one.status).next
            if next_ not in NOT_OF_STAFF or (next_ == CLOSED and one.told_by == "courier")
        ]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{problem}　{patient.masked_name}",
            text=mask_text(one.text),
            facts=tuple((label, value) for label, value in facts if value),
            tags=(problem, *(("已喝过",) if one.drunk else ())),
            urgent=one.drunk,
            at=one.created_at,
            due=due,
            tone=tone,
            holder=names.get(f"staff:{one.staff_id}", "") if one.staff_id else "",
            holder_id=one.staff_id,
            contact_id=one.contact_id,
            moves=tuple(moves),
            pictures=pictures,
        )


def _move(stage: Stage, rules: Any, one: ParcelTicket, delivery: HerbDelivery) -> Move:
    if stage.id != "answered":
        return Move(stage.id, stage.name.partition("，")[0], (Field("reason", "内部说明", kind="text"),))
    names = tuple(remedy.name for remedy in rules.remedies)
    fields = (
        Field("answer", "给患者的答复（会原样发给患者）", required=True, kind="text"),
        Field("remedy", "怎么处理", required=True, kind="choice", choices=names),
        Field("doses", f"补寄几剂（不填补全部 {delivery.doses} 剂）"),
    )
    return Move(stage.id, stage.name, fields)


def _moment(at: dt.datetime) -> str:
    return f"{say_day(at.date())} {at:%H:%M}"


def _deadline(desk: Desk, one: ParcelTicket) -> tuple[str, str]:
    if one.status in SETTLED:
        return "", DONE if one.status == CLOSED else CALM
    left = int((one.due_at - desk.now).total_seconds() // 60)
    if left < 0:
        return f"超时 {say_span(-left)}", LATE
    return f"{say_span(left)}内答复", SOON if left < SOON_MINUTES else CALM
