"""What a contact has had to do with the hospital, as a clerk reads it beside the talk: in Chinese, masked, each state called
as on the board where it is worked on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.console.boards import BOARDS
from bot.console.veil import Veil
from bot.console.words import RECORDS, STATES, say_value
from services import Desk
from services.records import list_records

WORKED_ON = {
    "absence_appeal": "appeals",
    "arrival": "arrivals",
    "complaint": "complaints",
    "equipment_loan": "loans",
    "escort": "escorts",
    "extra_request": "extras",
    "herb_delivery": "herbs",
    "onsite_help": "help",
    "parcel_ticket": "parcels",
    "praise": "complaints",
    "question": "complaints",
    "sampling_result": "sampling",
    "suggestion": "complaints",
    "transfer": "transfers",
    "waitlist": "waitlist",
}
"""Type of record → the board whose columns name its states; those of a service line have their line's own."""
OWN = {
    "sampling_result": {"reported": "都在参考范围内"},
    "diagnostic_report": {"registered": "等报告", "final": "报告出了"},
}
"""What no board shows."""


@dataclass(frozen=True, slots=True)
class Affair:
    kind: str
    name: str
    """挂号, 护理 …"""
    state: str
    at: dt.datetime
    about: str
    """The few facts by which staff recognise it."""


def list_affairs(desk: Desk, *, contact_id: int, veil: Veil) -> tuple[Affair, ...]:
    """Newest first; what was said anonymously is not shown beside the one who said it."""
    return tuple(
        Affair(
            one["type"],
            RECORDS.get(one["type"]) or _name_line(desk, one) or one["type"],
            name_state(desk, one),
            dt.datetime.fromisoformat(one["created_at"]),
            veil.cover(_describe(one)),
        )
        for one in list_records(desk, contact_id=contact_id)
        if one["type"] != "handover" and not one.get("anonymous")
    )


def name_state(desk: Desk, record: Mapping[str, Any]) -> str:
    """What the state of a record (as ``list_records`` tells it) is called."""
    if record.get("stage_name"):
        return str(record["stage_name"]).partition("，")[0]
    status = str(record["status"])
    own = OWN.get(record["type"], {}).get(status)
    board = BOARDS.get(WORKED_ON.get(record["type"], ""))
    columns = {} if board is None else {one.stage: one.name for one in board.columns(desk)}
    return own or columns.get(status) or STATES.get(status, status)


def _name_line(desk: Desk, record: Mapping[str, Any]) -> str | None:
    line = desk.hospital.find_line(record.get("line"))
    return line.name["zh"] if line else None


def _describe(one: Mapping[str, Any]) -> str:
    parts = [str(one[name]) for name in ("department", "doctor") if one.get(name)]
    day = "".join(say_value(name, one[name]) for name in ("date", "period") if one.get(name))
    when = f"{day} {one.get('time') or ''}".strip()
    parts += [part for part in (when, one.get("patient_name"), one.get("place")) if part]
    if one.get("tracking_number"):
        parts.append(f"{one.get('courier') or '快递'} {one['tracking_number']}")
    number = one.get("order_number")
    return "，".join(parts) + (f"　{number}" if number else "")
