"""The board of improvements: what many complained of, proposed by counting, taken on by somebody until a day, and whether it
helped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import say_day
from bot.masks import mask_text
from services import Desk
from services.effectcharts import draw_effect, say_effect
from services.errors import Invalid
from services.improvements import (
    ACCEPTED,
    DISMISSED,
    NEXT,
    PROPOSED,
    Improvement,
    accept_improvement,
    dismiss_improvement,
    finish_improvement,
    get_improvement,
    list_grouped,
    list_improvements,
    measure_effect,
)
from services.improvements import (
    DONE as FINISHED,
)

STAGES = {PROPOSED: "待认领", ACCEPTED: "整改中", FINISHED: "已完成", DISMISSED: "不采纳"}
SHOWN = dt.timedelta(days=120)
QUOTED = 6
FIELDS = {
    ACCEPTED: (
        Field("owner", "谁负责（部门或姓名）", required=True),
        Field("due_on", "什么时候改好", required=True, kind="date"),
        Field("plan", "打算怎么改", kind="text"),
    ),
    FINISHED: (Field("result", "改了什么", required=True, kind="text"),),
    DISMISSED: (Field("reason", "为什么不采纳", required=True, kind="text"),),
}
LABELS = {ACCEPTED: "认领整改", FINISHED: "已经改好", DISMISSED: "不采纳"}


class ImprovementBoard(Board):
    name = "improvements"
    title = "改进"
    permission = "complaints"
    about = "同一件事反复有人说，就列在这里。认领、写期限、改好以后，看前后件数有没有少。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"),)

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(stage, name, not NEXT[stage]) for stage, name in STAGES.items())

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        found = [
            one
            for one in list_improvements(desk)
            if NEXT[one.status] or (one.done_at or one.created_at) > desk.now - SHOWN
        ]
        return tuple(self._card(desk, one) for one in found)

    def record(self, desk: Desk, *, card_id: int) -> Improvement:
        return get_improvement(desk, improvement_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        given = {name: str(value or "").strip() for name, value in fields.items()}
        if stage == ACCEPTED:
            accept_improvement(
                desk,
                improvement_id=card_id,
                owner=given.get("owner", ""),
                due_on=_read_day(given.get("due_on", "")),
                plan=given.get("plan", ""),
            )
        elif stage == FINISHED:
            finish_improvement(desk, improvement_id=card_id, result=given.get("result", ""))
        elif stage == DISMISSED:
            dismiss_improvement(desk, improvement_id=card_id, reason=given.get("reason", ""))

    def _card(self, desk: Desk, one: Improvement) -> Card:
        category = next((c.name for c in desk.hospital.complaints.categories if c.id == one.category), "")
        where = one.place or one.department or "全院"
        effect = measure_effect(desk, improvement=one)
        grouped = list_grouped(desk, improvement=one, limit=QUOTED)
        due, tone = _deadline(desk, one)
        facts = [
            ("提出时", f"{one.days} 天内 {one.count} 件"),
            ("负责", one.owner or ""),
            ("期限", say_day(one.due_on) if one.due_on else ""),
            ("措施", one.plan or ""),
            ("结果", one.result or ""),
            ("前后" if effect.turned_on else "现在", say_effect(effect)),
            *((single.order_number, mask_text(single.text)) for single in grouped),
        ]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{where}　{category}",
            text=f"提出时 {one.days} 天内 {one.count} 件",
            facts=tuple((label, value) for label, value in facts if value),
            tags=(category,),
            at=one.created_at,
            due=due,
            tone=tone,
            holder=one.owner or "",
            drawing=draw_effect(effect, title=f"{where} {category}"),
            moves=tuple(
                Move(stage, LABELS[stage], FIELDS[stage], grave=stage == DISMISSED)
                for stage in NEXT[one.status]
            ),
        )


def _read_day(text: str) -> dt.date:
    """As a browser's field for a date gives it."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid("date" if text else "missing", field="due_on", value=text) from None


def _deadline(desk: Desk, one: Improvement) -> tuple[str, str]:
    if one.status != ACCEPTED or one.due_on is None:
        return "", DONE if not NEXT[one.status] else CALM
    days = (one.due_on - desk.now.date()).days
    if days < 0:
        return f"超期 {-days} 天", LATE
    return f"{say_day(one.due_on)}前改好", SOON if days <= 3 else CALM
