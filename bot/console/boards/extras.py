"""The doctor's desk: requests for a place beyond the session's capacity 加号."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import PERIODS, say_day, say_time
from services import Desk
from services.errors import NotAllowed
from services.extras import (
    ACCEPTED,
    CANCELLED,
    REJECTED,
    REQUESTED,
    ExtraRequest,
    accept_extra,
    decline_extra,
    get_extra,
    list_extras,
)
from services.patients import Patient
from services.staff import Staff


class ExtraBoard(Board):
    name = "extras"
    title = "加号申请"
    permission = "extras"
    about = "同意就多出一个号、替患者约好；不同意写一句话。医生账号只看到自己的（姓名和出诊医生一致）。"
    quotes = True
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("today", "今天的门诊"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            Column(REQUESTED, "待答复"),
            Column(ACCEPTED, "已同意", True),
            Column(REJECTED, "没有加上", True),
            Column(CANCELLED, "患者撤回", True),
        )

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        found = list_extras(desk, doctor=_find_own_doctor(desk))
        return tuple(self._card(desk, one) for one in found if kind != "today" or one.date == desk.now.date())

    def record(self, desk: Desk, *, card_id: int) -> ExtraRequest:
        return get_extra(desk, request_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        own = _find_own_doctor(desk)
        if own not in (None, get_extra(desk, request_id=card_id).doctor):
            raise NotAllowed("role", field="extras")
        answer = str(fields.get("answer") or "")
        if stage == ACCEPTED:
            accept_extra(desk, request_id=card_id, answer=answer)
        else:
            decline_extra(desk, request_id=card_id, answer=answer)

    def _card(self, desk: Desk, one: ExtraRequest) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        waiting = one.status == REQUESTED
        minutes = int((one.due_at - desk.now).total_seconds() // 60)
        facts = (
            ("门诊", f"{say_day(one.date)}{PERIODS[one.period]}　{one.department}　{one.doctor}"),
            ("就诊人", f"{patient.masked_name}，{patient.age(desk.now.date())} 岁"),
            ("答复", one.answer or ""),
        )
        moves = (
            Move(ACCEPTED, "同意加号", (Field("answer", "给患者的话"),)),
            Move(
                REJECTED, "不同意", (Field("answer", "给患者的话", required=True, kind="text"),), grave=True
            ),
        )
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{one.doctor}　{say_day(one.date)}{PERIODS[one.period]}",
            text=one.reason,
            facts=tuple((label, value) for label, value in facts if value),
            at=one.created_at,
            due=f"{say_time(one.due_at, desk.now)}前答复" if waiting else "",
            tone=DONE if not waiting else LATE if minutes < 60 else SOON if minutes < 240 else CALM,
            contact_id=one.contact_id,
            moves=moves if waiting else (),
        )


def _find_own_doctor(desk: Desk) -> str | None:
    """The doctor whose requests are shown; ``None``: all, for those who serve every clinic."""
    kind, _, number = desk.actor.partition(":")
    staff = desk.session.get(Staff, int(number)) if kind == "staff" and number.isdecimal() else None
    return staff.name if staff is not None and staff.role == "doctor" else None
