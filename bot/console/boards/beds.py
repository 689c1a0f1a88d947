"""The hospital's beds: which are free, called for, taken or out of use; the ward marks what no registration tells us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, Board, Card, Column, Field, Move
from knowledge import Hospital
from services import Desk
from services.beds import CLEANING, CLOSED, FREE, OCCUPIED, RESERVED, Bed, list_beds, mark_bed
from services.finding import get_record
from services.requests import ServiceRequest

WHY = Field("reason", "谁住、为什么（如：急诊收治、消毒、留给抢救）", required=True)
WHY_EMPTY = Field("reason", "怎么空的（如：已出院、转科）", required=True)
SEX = Field("sex", "住的是", kind="choice", choices=("男", "女"))
MOVES = {
    FREE: (Move(OCCUPIED, "住上了别的病人", (WHY, SEX)), Move(CLOSED, "先不用", (WHY,))),
    OCCUPIED: (Move(FREE, "空出来了"), Move(CLEANING, "人走了，在打扫", (WHY_EMPTY,))),
    CLEANING: (Move(FREE, "打扫好了"), Move(CLOSED, "先不用", (WHY,))),
    CLOSED: (Move(FREE, "可以用了"),),
}
SEXES = {"男": "male", "女": "female"}


class BedBoard(Board):
    name = "beds"
    title = "床位"
    permission = "requests"
    about = "空床由系统按顺序叫：加急的在前，再按登记先后。急诊直接收治、打扫、停用的，在这里标，或由医院系统报来。要先叫别人，在「服务单」里叫并写原因。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"),)

    def list_kinds(self, hospital: Hospital) -> tuple[tuple[str, str], ...]:
        return (*self.kinds, *((ward.id, ward.department) for ward in hospital.wards))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        named = (
            (FREE, "空床"),
            (RESERVED, "已叫，等入院"),
            (OCCUPIED, "住着"),
            (CLEANING, "打扫中"),
            (CLOSED, "停用"),
        )
        return tuple(Column(stage, name) for stage, name in named)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        return tuple(_draw(desk, one) for one in list_beds(desk, ward=None if kind == "all" else kind))

    def record(self, desk: Desk, *, card_id: int) -> Bed:
        return get_record(desk, Bed, card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        reason, sex = str(fields.get("reason") or "") or None, SEXES.get(str(fields.get("sex")))
        mark_bed(desk, bed_id=card_id, status=stage, reason=reason, sex=sex)


def _draw(desk: Desk, one: Bed) -> Card:
    request = desk.session.get(ServiceRequest, one.request_id) if one.request_id else None
    return Card(
        id=one.id,
        stage=one.status,
        number=one.label,
        title=f"{one.label} 床　{one.department}",
        text=request.order_number if request else "",
        tags=tuple(word for sex, word in (("male", "男"), ("female", "女")) if one.sex == sex),
        tone=DONE if one.status in (CLEANING, CLOSED) else CALM,
        moves=MOVES.get(one.status, ()) if request is None else (),
    )
