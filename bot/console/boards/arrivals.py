"""The queue of today: who has not come yet, who waits, who is called, passed, seen. The nurse's desk.

A card not arrived yet has the appointment's number with a minus sign, one that has the arrival's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Move
from services import Desk, queues
from services.arrivals import (
    CALLED,
    LEFT,
    NEXT,
    PASSED,
    PRESENT,
    SERVED,
    WAITING,
    Arrival,
    get_arrival,
    list_arrivals,
    opening,
)
from services.database import Record
from services.patients import Patient
from services.registration import BOOKED, Appointment, get_appointment, list_appointments

COLUMNS = {BOOKED: "未签到", WAITING: "候诊", CALLED: "叫号", PASSED: "过号", SERVED: "看完", LEFT: "离开"}
MOVES = {
    WAITING: Move(WAITING, "签到"),
    CALLED: Move(CALLED, "叫号"),
    PASSED: Move(PASSED, "过号"),
    SERVED: Move(SERVED, "看完"),
    LEFT: Move(LEFT, "离开了", grave=True),
}
SHOWN = 300


class ArrivalBoard(Board):
    name = "arrivals"
    title = "候诊"
    permission = "arrivals"
    about = "今天的号。签到就排进队；叫号、过号，患者都会收到消息；快到号的提醒一次。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("now", "候诊的人"), ("all", "今天全部"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(one, name, one in (SERVED, LEFT)) for one, name in COLUMNS.items())

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        today = desk.now.date()
        statuses = PRESENT if kind == "now" else None
        there = list_arrivals(desk, date=today, statuses=statuses, limit=SHOWN)
        coming = list_appointments(desk, date=today, statuses=(BOOKED,), limit=SHOWN)
        return (
            *(
                self._coming(desk, one)
                for one in sorted(coming, key=lambda one: (one.start, one.id))
                if kind == "all" or opening(desk, one) <= desk.now
            ),
            *(self._there(desk, one) for one in sorted(there, key=lambda one: (one.department, one.rank))),
        )

    def record(self, desk: Desk, *, card_id: int) -> Record:
        if card_id < 0:
            return get_appointment(desk, appointment_id=-card_id)
        return get_arrival(desk, arrival_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        if card_id < 0:
            queues.check_in(desk, appointment_id=-card_id)
        else:
            queues.move_on(desk, arrival_id=card_id, status=stage)

    def _coming(self, desk: Desk, one: Appointment) -> Card:
        late = desk.now > one.start + dt.timedelta(minutes=desk.hospital.registration.late_minutes)
        patient = desk.session.get_one(Patient, one.patient_id)
        return Card(
            id=-one.id,
            stage=BOOKED,
            number=one.order_number,
            title=f"{one.start:%H:%M}　{patient.masked_name}",
            text=f"{one.department}　{one.doctor}",
            due="已过时间" if late else "",
            tone=LATE if late else CALM,
            contact_id=one.contact_id,
            moves=(MOVES[WAITING],),
        )

    def _there(self, desk: Desk, one: Arrival) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        standing = queues.find_standing(desk, arrival=one)
        waits = one.status == WAITING and standing.ahead is not None
        ended = one.status in (SERVED, LEFT)
        return Card(
            id=one.id,
            stage=one.status,
            number=one.number or f"{one.created_at:%H:%M} 到",
            title=f"{patient.masked_name}　{one.department}",
            text=one.doctor,
            facts=(("过号", f"{one.passed} 次"),) if one.passed else (),
            tags=("过号回来",) if one.passed and one.status == WAITING else (),
            at=one.created_at,
            due=f"前面 {standing.ahead} 位" if waits else "",
            tone=DONE if ended else SOON if waits and not standing.ahead else CALM,
            contact_id=one.contact_id,
            moves=tuple(MOVES[following] for following in NEXT.get(one.status, ()) if following in MOVES),
        )
