"""The board of complaints, suggestions and praise. Who takes one first keeps it; an anonymous one stays anonymous."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.names import name_staff
from bot.console.words import say_day
from bot.masks import mask_text
from services import Desk
from services.complaints import OWED, Complaint, get_complaint, list_complaints
from services.errors import Invalid
from services.escalation import list_escalations
from services.handling import advance_complaint, take_complaint, transfer_complaint, turn_into_question
from services.identity import mask_name, mask_phone
from services.pictures import list_pictures, open_picture
from services.stages import check_next, get_stage

ANSWER = Field("answer", "给患者的答复（会原样发给患者）", required=True, kind="text")
REASON = Field("reason", "内部说明（患者看不到）", kind="text")
WHY = Field("reason", "为什么（患者看不到）", required=True, kind="text")
TRANSFER, QUESTION = "transfer", "question"
"""Moves that change no stage."""
TOLD = {"duty": "值班主任", "lead": "院领导"}
OVER = ("answered", "confirmed", "closed")
HEADS = ("admin", "manager")
CLOSED_SHOWN = dt.timedelta(days=7)


class ComplaintBoard(Board):
    name = "complaints"
    title = "投诉"
    permission = "complaints"
    takes = True
    quotes = True
    about = "患者从吐槽码和对话里提的意见。先点开的人接手；每走一步，患者都会收到消息。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (
        ("complaint", "投诉"),
        ("late", "超时"),
        ("question", "咨询"),
        ("suggestion", "建议"),
        ("praise", "表扬"),
    )

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        stages = desk.hospital.complaints.stages
        return tuple(Column(one.id, one.name.partition("，")[0], one.id == "closed") for one in stages)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        names = name_staff(desk)
        if kind == "late":
            found = [one for kind in OWED for one in list_complaints(desk, kind=kind, limit=400)]
            shown = [one for one in found if _deadline(desk, one)[1] == LATE]
        else:
            shown = [
                one
                for one in list_complaints(desk, kind=kind, limit=400)
                if one.status != "closed" or (one.answered_at or one.created_at) > desk.now - CLOSED_SHOWN
            ]
        ids = [one.id for one in shown]
        pictures = list_pictures(desk, complaint_ids=ids)
        told: dict[int, list[str]] = {}
        for one in list_escalations(desk, complaint_ids=ids):
            when = f"{say_day(one.created_at.date())} {one.created_at:%H:%M}"
            told.setdefault(one.complaint_id, []).append(f"{TOLD[one.told]}（{when}）")
        return tuple(
            self._card(desk, one, names, tuple(pictures.get(one.id, ())), "，".join(told.get(one.id, ())))
            for one in sorted(shown, key=_by_deadline)
        )

    def open_picture(self, desk: Desk, *, picture_id: int) -> bytes:
        return open_picture(desk, picture_id=picture_id)

    def record(self, desk: Desk, *, card_id: int) -> Complaint:
        return get_complaint(desk, complaint_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        """Whoever moves it takes it; ``stage`` ``""`` only takes it. A head may take it from a colleague with ``instead``
        among the fields.

        Where a colleague was quicker and it stands elsewhere now, ``WrongState``.
        """
        instead = bool(fields.get("instead")) and role in HEADS
        take_complaint(desk, complaint_id=card_id, staff_id=staff_id, instead=instead)
        if not stage:
            return
        reason = (fields.get("reason") or "").strip()
        if stage == TRANSFER:
            teams = {one.name: one.id for one in desk.hospital.complaints.teams}
            team = teams.get(str(fields.get("team")), "")
            transfer_complaint(desk, complaint_id=card_id, team=team, reason=reason)
            return
        if stage == QUESTION:
            turn_into_question(desk, complaint_id=card_id, reason=reason)
            return
        complaint = get_complaint(desk, complaint_id=card_id)
        check_next(desk.hospital.complaints.stages, complaint.status, stage)
        owed = stage == "closed" and complaint.kind in OWED and not complaint.answer
        if (stage == "answered" or owed) and not (fields.get("answer") or "").strip():
            raise Invalid("missing", field="answer")
        advance_complaint(
            desk,
            complaint_id=card_id,
            status=stage,
            answer=fields.get("answer"),
            reason=reason or None,
        )

    def _card(
        self, desk: Desk, one: Complaint, names: Mapping[str, str], pictures: tuple[int, ...], told: str
    ) -> Card:
        rules = desk.hospital.complaints
        category = next((c.name for c in rules.categories if c.id == one.category), one.category)
        team = next((t.name for t in rules.teams if t.id == one.team), one.team)
        due, tone = _deadline(desk, one)
        owed = one.kind in OWED and not one.answer
        where = "，".join(part for part in (one.place, one.department) if part)
        facts = [
            ("类别", category),
            ("责任部门", team),
            ("发生地点", where),
            ("提出时间", f"{say_day(one.created_at.date())} {one.created_at:%H:%M}"),
            ("首次联系期限", f"{say_day(one.contact_due_at.date())} {one.contact_due_at:%H:%M}"),
            ("答复期限", say_day(one.answer_due_on)),
            ("已给答复", one.answer or ""),
            ("超时上报", told),
            ("不满意重办", f"{one.reopened} 次" if one.reopened else ""),
            ("患者打分", f"{one.satisfaction} 分（满分 5）" if one.satisfaction else ""),
        ]
        tags = [category, *(["匿名"] if one.anonymous else []), *(["严重"] if one.serious else [])]
        if one.filed_as != one.kind:
            tags.append("投诉转咨询")
        hidden = []
        if not one.anonymous and one.patient_name:
            hidden.append(("姓名", "patient_name", mask_name(one.patient_name)))
        if not one.anonymous and one.phone:
            hidden.append(("电话", "phone", mask_phone(one.phone)))
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=where or "没说地点",
            text=mask_text(one.text),
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(tags),
            urgent=one.serious,
            at=one.created_at,
            due=due,
            tone=tone,
            holder=names.get(f"staff:{one.staff_id}", "") if one.staff_id else "",
            holder_id=one.staff_id,
            contact_id=None if one.anonymous else one.contact_id,
            secrets=tuple(hidden),
            moves=tuple(
                Move(
                    following,
                    get_stage(rules.stages, following).name.partition("，")[0],
                    (ANSWER,) if following == "answered" or (following == "closed" and owed) else (REASON,),
                )
                for following in get_stage(rules.stages, one.status).next
                if following != "confirmed"  # only the patient can say so
            )
            + self._asides(desk, one),
            pictures=pictures,
        )

    def _asides(self, desk: Desk, one: Complaint) -> tuple[Move, ...]:
        if one.status == "closed" or one.kind not in OWED:
            return ()
        teams = tuple(team.name for team in desk.hospital.complaints.teams if team.id != one.team)
        which = Field("team", "转给哪个部门", required=True, kind="choice", choices=teams)
        moves = (Move(TRANSFER, "转办别的部门", (which, WHY)),)
        return moves if one.kind == "question" else (*moves, Move(QUESTION, "谈过了，转为咨询", (REASON,)))


def _deadline(desk: Desk, one: Complaint) -> tuple[str, str]:
    if one.status in OVER or one.kind not in OWED:
        return "", DONE if one.status == "closed" else CALM
    if one.status == "received":
        left = one.contact_due_at - desk.now
        if left < dt.timedelta():
            return "超过首次联系时间", LATE
        hours = int(left.total_seconds() // 3600)
        return f"{hours} 小时内联系" if hours else "1 小时内联系", SOON if hours < 4 else CALM
    days = (one.answer_due_on - desk.now.date()).days
    if days < 0:
        return f"答复超期 {-days} 天", LATE
    return ("今天要答复" if days == 0 else f"{say_day(one.answer_due_on)}前答复"), SOON if days <= 1 else CALM


def _by_deadline(one: Complaint) -> tuple[bool, dt.date, int]:
    return not one.serious, one.answer_due_on, one.id
