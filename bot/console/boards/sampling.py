"""Abnormal results of blood taken in the villages: whom a nurse telephones, until a doctor has seen the patient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, Board, Card, Column, Field, Move
from bot.console.words import say_day, say_time
from services import Desk
from services.finding import get_record
from services.identity import mask_name, mask_phone
from services.sampling import ASK_AFTER, LOST, SEEN, TO_SEE, SamplingResult, list_abnormal, note_call

SHOWN = dt.timedelta(days=14)
SAID = Field("said", "电话里说了什么", required=True, kind="text")
MOVES = (
    Move("called", "电话通知了，还没看医生", (SAID,)),
    Move(SEEN, "看过医生了", (SAID,)),
    Move(LOST, "联系不上", (Field("said", "打过几次、找过谁", required=True, kind="text"),), grave=True),
)


class SamplingBoard(Board):
    name = "sampling"
    title = "村采结果"
    permission = "followups"
    about = "只列不在参考范围的。有账号的由助手通知、过三天问看了没有；没有账号、问了没回音的，请打电话。不说是什么病，只请去看医生。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("call", "要打电话"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (Column(TO_SEE, "还没看医生"), Column(SEEN, "看过医生", True), Column(LOST, "联系不上", True))

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        found = list_abnormal(desk, since=desk.now - SHOWN)
        return tuple(self._card(desk, one) for one in found if kind == "all" or _is_to_call(one))

    def record(self, desk: Desk, *, card_id: int) -> SamplingResult:
        return get_record(desk, SamplingResult, card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        said = str(fields.get("said") or "")
        note_call(desk, result_id=card_id, said=said, seen=stage == SEEN, lost=stage == LOST)

    def _card(self, desk: Desk, one: SamplingResult) -> Card:
        call = _is_to_call(one)
        facts = (
            ("采样", f"{say_day(one.sampled_on)}　{one.point}"),
            ("看哪个科", one.department),
            (
                "不在范围",
                "\n".join(
                    f"{item['name']} {item.get('value', '')}{item.get('unit') or ''}（参考 {item.get('range') or '—'}）"
                    for item in one.values
                    if item.get("abnormal")
                ),
            ),
            ("通知到", say_time(one.told_at, desk.now) if one.told_at else "还没有"),
            ("助手问过", f"{one.asked} 次" if one.asked else ""),
        )
        return Card(
            id=one.id,
            stage=one.status,
            number=f"{one.sampled_on:%m-%d}",
            title=f"{mask_name(one.name)}　{one.department}",
            text=one.point,
            facts=tuple((label, value) for label, value in facts if value),
            tags=("要打电话",) if call else (),
            at=one.created_at,
            tone=LATE if call else CALM if one.status == TO_SEE else DONE,
            contact_id=one.contact_id,
            patient_id=one.patient_id,
            secrets=(
                ("姓名", "name", mask_name(one.name)),
                *((("电话", "phone", mask_phone(one.phone)),) if one.phone else ()),
            ),
            moves=MOVES if one.status == TO_SEE else (),
        )


def _is_to_call(one: SamplingResult) -> bool:
    """Nobody could be told, or the assistant has asked all it may."""
    return one.status == TO_SEE and (
        (one.contact_id is None and one.told_at is None) or one.asked >= len(ASK_AFTER)
    )
