"""The staff queue of all service lines: by FHIR state in columns, each card with its line's own state and moves.

One board, because a team works several lines and a hospital adds lines as files; a look at one team shows its queue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.names import name_staff
from bot.console.words import STATES, say_day, say_span, say_value
from bot.masks import mask_text, mask_value
from knowledge import Hospital
from knowledge.schema import Line, LineState
from knowledge.schema.lines import ENDED, STATUSES, LineField, LineQuestion, list_held
from services import Desk
from services.database import Record
from services.history import OWED
from services.identity import mask_phone
from services.line_answers import NO, YES, list_lacking
from services.line_records import get_line, list_line_requests
from services.line_states import WHY, advance_line
from services.patients import Patient
from services.pictures import list_pictures, open_picture
from services.requests import ServiceRequest, get_request

SHOWN = dt.timedelta(days=2)
SOON_MINUTES = 120
REASON = Field("reason", "内部说明（患者看不到）", kind="text")
OUT_OF_TURN = Field("reason", "前面还有人等着时，先叫这位的原因（患者看不到）", kind="text")
MASKED = ("address", "phone")


class RequestBoard(Board):
    name = "requests"
    title = "服务单"
    permission = "requests"
    about = "复印病历、检查预约、住院登记、上门护理……按承诺的时间排。每走一步，患者都会收到消息。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("late", "超时"), ("urgent", "加急"))

    def list_kinds(self, hospital: Hospital) -> tuple[tuple[str, str], ...]:
        """All, the late, the urgent, and each team that a line names."""
        teams = {line.team.id: line.team.name for line in hospital.lines}
        return (*self.kinds, *((f"team:{team}", name) for team, name in teams.items()))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(one, STATES[one], one in ENDED) for one in STATUSES)

    def name_stage(self, desk: Desk, *, record: Record, stage: str) -> str:
        """The line's own name for it."""
        line = desk.hospital.find_line(getattr(record, "line", None))
        state = next((one for one in line.states if one.id == stage), None) if line else None
        return _name(state) if state else STATES.get(stage, stage)

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        names = name_staff(desk)
        team = kind.removeprefix("team:") if kind.startswith("team:") else None
        found = list_line_requests(desk, team=team, since=desk.now - SHOWN, limit=400)
        if kind == "late":
            found = [one for one in found if one.due_at is not None and one.due_at <= desk.now]
        if kind == "urgent":
            found = [one for one in found if one.urgent]
        found = [one for one in found if desk.hospital.find_line(one.line) is not None]
        pictures = list_pictures(desk, request_ids=[one.id for one in found]) if found else {}
        return tuple(
            self._card(desk, one, names, tuple(pictures.get(one.id, ())))
            for one in sorted(found, key=_by_deadline)
        )

    def open_picture(self, desk: Desk, *, picture_id: int) -> bytes:
        return open_picture(desk, picture_id=picture_id, of="request")

    def record(self, desk: Desk, *, card_id: int) -> ServiceRequest:
        return get_request(desk, request_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        advance_line(
            desk,
            request_id=card_id,
            stage=stage,
            given={name: value for name, value in fields.items() if name != "reason"},
            reason=str(fields.get("reason") or "").strip() or None,
            staff_id=staff_id,
        )

    def _card(
        self, desk: Desk, one: ServiceRequest, names: Mapping[str, str], pictures: tuple[int, ...]
    ) -> Card:
        line = get_line(desk, one.line)
        state = line.get_state(one.stage)
        patient = desk.session.get(Patient, one.patient_id) if one.patient_id else None
        due, tone = _deadline(desk, one)
        tags = [_name(state), *(["加急"] if one.urgent else [])]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{line.name['zh']}{f'　{patient.masked_name}' if patient else ''}",
            text=line.team.name,
            facts=tuple(_list_facts(line, one)),
            tags=tuple(tags),
            urgent=one.urgent,
            at=one.created_at,
            due=due,
            tone=tone,
            holder=names.get(f"staff:{one.staff_id}", "") if one.staff_id else "",
            contact_id=one.contact_id,
            patient_id=one.patient_id,
            pictures=pictures,
            secrets=tuple(
                (TITLES[name], name, _cover(name, str(one.slots[name])))
                for name in MASKED
                if one.slots.get(name)
            ),
            moves=tuple(
                _move(line.get_state(following))
                for following in state.next
                if "staff" in line.get_state(following).by
            )
            + _corrections(state, one),
        )


def _cover(name: str, value: str) -> str:
    return mask_phone(value) if name == "phone" else mask_value(name, value)


def _list_facts(line: Line, one: ServiceRequest) -> list[tuple[str, str]]:
    facts = []
    said = {need.slot: need.title.partition("（")[0] for state in line.states for need in state.needs}
    for name, value in one.slots.items():
        question = line.find_question(name)
        chosen = question.find_chosen(value) if question else ()
        title = (
            question.title["zh"] if question and question.title else TITLES.get(name) or said.get(name, name)
        )
        if value is not None and name not in MASKED:  # these are revealed one by one
            names = {one.id: one.name["zh"] for one in chosen}
            told = "、".join(names.get(one) or _say(question, name, one) for one in list_held(value))
            facts.append((title, told))
    for question, lacking in list_lacking(line, one.slots):
        facts.append(
            (f"缺的{(question.title or {}).get('zh', '')}", "、".join(one.name["zh"] for one in lacking))
        )
    return facts


def _say(question: LineQuestion | None, name: str, value: Any) -> str:
    if question is not None and question.answered_as == "yes_no":
        return {YES: "是", NO: "否"}.get(value, str(value))
    return mask_text(say_value(name, value))


def _name(state: LineState) -> str:
    return state.name["zh"].partition("，")[0]


TITLES = {
    "address": "地址",
    "date": "日期",
    "department": "科室",
    "examination": "检查项目",
    "period": "时段",
    "phone": "电话",
    "time": "时间",
    "ward": "病区",
    "bed": "床位",
}


def _move(state: LineState) -> Move:
    """What the state wants; an end that nobody wished for wants its reason, if the patient is not told one anyway."""
    fields = tuple(Field(one.slot, one.title, one.required, _kind(one), one.choices) for one in state.needs)
    if state.id in OWED and not any(one.name == WHY for one in fields):
        fields = (*fields, replace(REASON, required=True))
    if state.bed == "reserve":
        fields = (*fields, OUT_OF_TURN)
    grave = state.status in ("rejected", "cancelled", "failed")
    return Move(state.id, _name(state), fields or (REASON,), grave=grave)


def _corrections(state: LineState, one: ServiceRequest) -> tuple[Move, ...]:
    """What staff said when it came to where it stands: said wrongly, it is told the patient once more."""
    if not state.needs or state.status in ("rejected", "cancelled"):
        return ()
    fields = [replace(field, value=str(one.slots.get(field.name) or "")) for field in _move(state).fields]
    names = "、".join(field.label.partition("（")[0] for field in fields)
    return (Move(state.id, f"更正：{names}", tuple(fields)),)


def _kind(one: LineField) -> str:
    return "choice" if one.choices else one.kind if one.kind in ("date", "time") else "line"


def _deadline(desk: Desk, one: ServiceRequest) -> tuple[str, str]:
    if one.status in ENDED:
        return "", DONE
    if one.due_at is None:
        return "", CALM
    left = int((one.due_at - desk.now).total_seconds() // 60)
    if left < 0:
        return f"超时 {say_span(-left)}", LATE
    if left > 48 * 60:
        return f"{say_day(one.due_at.date())}前", CALM
    return f"{say_span(left)}内到下一步", SOON if left < SOON_MINUTES else CALM


def _by_deadline(one: ServiceRequest) -> tuple[bool, dt.datetime, int]:
    return not one.urgent, one.due_at or dt.datetime.max, one.id
