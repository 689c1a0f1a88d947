"""The waitlist as staff see it: who waits, whom a place is kept for, who got one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, SOON, Board, Card, Column, Field, Move
from bot.console.words import PERIODS, say_day, say_time
from services import Desk
from services.errors import Invalid
from services.patients import Patient
from services.registration import BOOKED, CANCELLED, PROPOSED, WAITLIST, get_hold
from services.waiting import (
    OPEN,
    WaitlistEntry,
    count_ahead,
    find_offered_slot,
    get_entry,
    list_entries,
    list_waitlist,
)
from services.waitlist import leave_waitlist

TAKE_OFF = Move(CANCELLED, "不再排", (Field("reason", "原因", required=True),), grave=True)
SHOWN = 300


class WaitlistBoard(Board):
    name = "waitlist"
    title = "候补"
    permission = "registration"
    about = "按先后排。有人退号，马上替第一位留住，问他要不要；不要或没回，就问下一位。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("open", "在排的"), ("all", "全部"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            Column(WAITLIST, "排着"),
            Column(PROPOSED, "留着号，等回音"),
            Column(BOOKED, "约上了", True),
            Column(CANCELLED, "不排了", True),
        )

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        found = list_waitlist(desk, limit=SHOWN) if kind == "open" else list_entries(desk, limit=SHOWN)
        return tuple(self._card(desk, one) for one in sorted(found, key=lambda one: (one.offers, one.id)))

    def record(self, desk: Desk, *, card_id: int) -> WaitlistEntry:
        return get_entry(desk, entry_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        if not str(fields.get("reason") or "").strip():
            raise Invalid("missing", field="reason")
        leave_waitlist(desk, entry_id=card_id, reason="staff", note=str(fields["reason"]).strip())

    def _card(self, desk: Desk, one: WaitlistEntry) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        days = say_day(one.first_day)
        if one.last_day != one.first_day:
            days += f"至{say_day(one.last_day)}"
        due, tone = "", DONE
        facts = [("没有回音", f"{one.offers} 次")] if one.offers else []
        if one.status == WAITLIST:
            due, tone = _say_place(count_ahead(desk, entry=one)), CALM
        elif one.status == PROPOSED and one.hold_id is not None:
            slot = find_offered_slot(desk, entry=one)
            until = get_hold(desk, hold_id=one.hold_id).expires_at
            due, tone = f"留到 {say_time(until, desk.now)}", SOON
            if slot is not None:
                facts.append(("留的号", f"{say_day(slot.date)} {slot.start:%H:%M} {slot.doctor}"))
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{patient.masked_name}　{one.department}",
            text=f"{days}{PERIODS.get(one.period or '', '')}　{one.doctor or ''}",
            facts=tuple(facts),
            at=one.created_at,
            due=due,
            tone=tone,
            contact_id=one.contact_id,
            moves=(TAKE_OFF,) if one.status in OPEN else (),
        )


def _say_place(ahead: int) -> str:
    return f"前面 {ahead} 位" if ahead else "排第一位"
