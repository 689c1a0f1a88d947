"""The board of escorts: who goes with whom and why, where they meet, the visit step by step, and how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import NEEDS, STATES, say_day
from bot.masks import mask_text
from services import Desk
from services.assignments import (
    Candidate,
    assign_escort,
    list_assignments,
    list_candidates,
    release_companions,
)
from services.errors import Invalid
from services.escort_needs import choose_plan
from services.escort_stages import find_step, list_steps, take_back_step, tick_step
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
    read_needs,
)
from services.identity import mask_phone, parse_phone
from services.patients import Patient

SHOWN = dt.timedelta(days=2)
STEP = "step:"
"""Begins the stage of a move that ticks a step of the visit."""
BY_RULE, OTHERS, BACK = "assign:rule", "assign:others", "back"
REASON = Field("reason", "原因（会告诉患者）", required=True, kind="text")
WHY = Field("reason", "为什么这样派（记下来，不告诉患者）", required=True, kind="text")
RATINGS = {4: "很好", 3: "还可以", 2: "一般", 1: "不满意"}
SLIP = Field("reason", "怎么点错的（记下来，不告诉患者）", required=True, kind="text")
OBSTACLES = {
    "closed": "停用或请假",
    "training": "培训过期",
    "shift": "不当班",
    "campus": "在另一个院区",
    "busy": "那个时间在陪别人",
    "full_day": "当天已排满",
}
MOVES = {
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
    about = "按碰头时间排。开始前一天按规则派人（培训有效、当班、有空、会说患者的话），改派要写原因；陪到哪一步就勾哪一步。"
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
        given = {name: str(value or "").strip() for name, value in fields.items()}
        reason = given.get("reason") or None
        if stage.startswith(STEP):
            tick_step(desk, escort_id=card_id, step=stage.removeprefix(STEP), reason=reason)
        elif stage == IN_PROGRESS:
            tick_step(desk, escort_id=card_id, step=desk.hospital.escort.stages[0].id, reason=reason)
        elif stage == BACK:
            take_back_step(desk, escort_id=card_id, reason=reason or "")
        elif stage == BY_RULE:
            assign_escort(desk, escort_id=card_id)
        elif stage == ACCEPTED:
            escort = get_escort(desk, escort_id=card_id)
            chosen = _read_chosen(desk, escort, given)
            assign_escort(desk, escort_id=card_id, companion_ids=chosen, reason=reason)
        elif stage == OTHERS:
            self._send_other(desk, card_id=card_id, given=given)
        else:
            wanted = MOVES.get(stage)
            if wanted is not None and REASON in wanted.fields and not reason:
                raise Invalid("missing", field="reason")
            advance_escort(desk, escort_id=card_id, status=stage, reason=reason)

    def _send_other(self, desk: Desk, *, card_id: int, given: Mapping[str, str]) -> None:
        """Somebody who is not on the roster: named by a person, who answers for him."""
        for name in ("companion", "reason"):
            if not given.get(name):
                raise Invalid("missing", field=name)
        phone = given.get("companion_phone")
        release_companions(desk, escort=get_escort(desk, escort_id=card_id), reason=given["reason"])
        advance_escort(
            desk,
            escort_id=card_id,
            status=ACCEPTED,
            companion=given["companion"],
            companion_phone=parse_phone(phone) if phone else None,
            reason=given["reason"],
        )

    def _card(self, desk: Desk, one: Escort) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        rules = desk.hospital.escort
        needs = [NEEDS.get(need, need) for need in one.special_need.split(",") if need]
        plan = choose_plan(rules, needs=read_needs(one.special_need), answers=one.risks)
        risks = [risk.name for risk in rules.risks if one.risks.get(risk.id)]
        speech = next((word.name for word in rules.speeches if word.id == one.speech), "")
        due, tone = _deadline(desk, one)
        steps = list_steps(desk, escort_id=one.id) if one.status in (IN_PROGRESS, COMPLETED) else []
        facts = [
            ("碰头时间", f"{say_day(one.start.date())} {one.start:%H:%M}"),
            ("碰头地点", one.place),
            ("去的科室", one.department or ""),
            ("就诊人", f"{patient.masked_name}，{patient.age(desk.now.date())} 岁"),
            ("需要", "、".join([*needs, *risks])),
            ("怎么陪", f"{plan.means.name}，{one.staff_count} 位"),
            ("要带", "、".join(plan.bring)),
            ("希望会说", speech),
            ("费用", f"{one.fee} 元" if one.fee else "免费"),
            ("备注", mask_text(one.note or "")),
            ("陪诊员", one.companion or ""),
            ("陪诊员电话", mask_phone(one.companion_phone) if one.companion_phone else ""),
            ("走到", "　".join(f"{step.at:%H:%M} {step.stage.name}" for step in steps)),
            ("评价", RATINGS.get(one.rating or 0, "")),
            ("评价的话", mask_text(one.rating_text or "")),
        ]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{one.start.month}月{one.start.day}日 {one.start:%H:%M}　{patient.masked_name}",
            text=steps[-1].stage.name if steps and one.status == IN_PROGRESS else one.place,
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(needs),
            at=one.start,
            due=due,
            tone=tone,
            holder=one.companion or "",
            contact_id=one.contact_id,
            secrets=(("联系电话", "phone", mask_phone(one.phone)),) if one.phone else (),
            moves=_moves(desk, one),
        )


def _moves(desk: Desk, one: Escort) -> tuple[Move, ...]:
    early = one.start.date() > desk.now.date()  # nobody has met yet
    following = [name for name in NEXT.get(one.status, ()) if not (early and name == IN_PROGRESS)]
    moves = [MOVES[name] for name in following if name in MOVES]
    if one.status in (REQUESTED, ACCEPTED):
        # names are offered for what comes soon; working them out for a fortnight would cost every open page
        candidates = list_candidates(desk, escort=one) if one.start < desk.now + SHOWN else []
        names = tuple(_title(candidate) for candidate in candidates)
        known = {row.companion_id for row in list_assignments(desk, escort_id=one.id)}
        lead = next((_title(each) for each in candidates if each.companion.id in known), "")
        who = [
            Field(
                "companion",
                "派谁（按规则排好了先后）",
                required=True,
                kind="choice" if names else "line",
                choices=names,
                value=lead,
            )
        ]
        if one.staff_count > 1:
            who += [
                Field(f"companion_{number}", f"第 {number} 位", kind="choice", choices=names)
                for number in range(2, one.staff_count + 1)
            ]
        by_hand = Move(ACCEPTED, "指定陪诊员" if one.status == REQUESTED else "改派", (*who, WHY))
        other = Move(
            OTHERS,
            "名册外的人",
            (
                Field("companion", "谁来陪（患者会看到）", required=True),
                Field("companion_phone", "电话（患者会看到）"),
                WHY,
            ),
        )
        rule = [Move(BY_RULE, "按规则派人")] if one.status == REQUESTED else []
        moves = [*rule, by_hand, *moves, other] if rule else [*moves, by_hand, other]
    if one.status == IN_PROGRESS:
        latest = find_step(desk, escort_id=one.id)
        steps = [
            Move(STEP + stage.id, stage.name)
            for stage in desk.hospital.escort.stages
            if latest is None or stage.id != latest.step
        ]
        begun = latest is None or latest.step == desk.hospital.escort.stages[0].id
        return (*steps, *moves, Move(BACK, "点错了，还没碰头" if begun else "点错了，退回上一步", (SLIP,)))
    if one.status == COMPLETED and one.rating is None and one.start.date() == desk.now.date():
        moves.append(Move(BACK, "点错了，还在陪", (SLIP,)))
    return tuple(moves)


def _title(one: Candidate) -> str:
    """韦春禾（志愿者，会说，当天 0 单） · or why the rule would not send him."""
    kind = {"volunteer": "志愿者", "staff": "陪诊员", "nurse": "护士"}[one.companion.kind]
    told = [kind, *(["会说患者的话"] if one.speaks else []), f"当天 {one.load} 单"]
    told += [OBSTACLES[word] for word in one.obstacles]
    return f"{one.companion.name} #{one.companion.id}（{'，'.join(told)}）"


def _read_chosen(desk: Desk, escort: Escort, given: Mapping[str, str]) -> list[int]:
    """The ids of those chosen by title or by name, in order, each once."""
    candidates = list_candidates(desk, escort=escort)
    chosen: dict[int, None] = {}
    for name in ("companion", *(f"companion_{number}" for number in range(2, escort.staff_count + 1))):
        word = given.get(name)
        if not word:
            continue
        found = [one for one in candidates if word.startswith(f"{one.companion.name} #{one.companion.id}（")]
        found = found or [one for one in candidates if one.companion.name == word]
        if not found:
            raise Invalid("unknown", field="companion", value=word)
        chosen[found[0].companion.id] = None
    if not chosen:
        raise Invalid("missing", field="companion")
    return list(chosen)


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
