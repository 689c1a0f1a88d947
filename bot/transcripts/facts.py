"""``!`` lines: facts in the database. Words are documented in docs/transcripts.md.

! appointments 0                                  how many, cancelled ones not counted
! appointment 张三 骨科 2026-03-13 booked           one record in which every word is found
! no complaint OPD-2F-US                          none
! asks patient · ! slot department 骨科            where the conversation of 甲 stands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from dialogues.conversation import Conversation
from services import Desk, messages, outbox, promises, suspensions
from services.alarms import list_alarms
from services.cipher import unseal
from services.contacts import Contact, find_contact
from services.escalation import list_escalations
from services.handovers import list_handovers
from services.improvements import list_improvements
from services.patients import list_patients
from services.records import list_records
from services.reviews import list_reviews

Row = Mapping[str, Any]
ENDED = {"cancelled", "released", "expired", "dropped", "entered-in-error", "revoked", "withdrawn"}


class FactError(AssertionError):
    """A fact does not hold, or the line cannot be read."""


def check_fact(desk: Desk, text: str, *, channel: str) -> None:
    """Raises ``FactError`` where the database says otherwise."""
    words = text.split()
    if not words:
        raise FactError("an empty fact")
    if words[0] in ("asks", "slot"):
        _check_conversation(desk, words, channel)
        return
    absent = words[0] in ("no", "没有")
    kind, *rest = words[1:] if absent else words
    count = int(rest[0]) if len(rest) == 1 and rest[0].isdigit() and kind.endswith("s") else None
    rows = list(_rows(desk, _singular(kind)))
    if count is not None:
        living = [row for row in rows if str(row.get("status")) not in ENDED]
        if len(living) != count:
            raise FactError(f"{kind} {count}: there are {len(living)}{_show(living)}")
        return
    found = [row for row in rows if all(_holds(row, word) for word in rest)]
    if absent == bool(found):
        what = "there is one" if absent else "there is none"
        raise FactError(f"{text}: {what}{_show(found if absent else rows)}")


def _check_conversation(desk: Desk, words: list[str], channel: str) -> None:
    contact = find_contact(desk, channel=channel, sender="甲")
    state = messages.load_conversation(desk, contact_id=contact.id) if contact else None
    conversation = Conversation.from_json(state) if state else None
    if words[0] == "asks":
        asked = (conversation.requested_slot if conversation else None) or "nothing"
        if [asked] != words[1:]:
            raise FactError(f"{' '.join(words)}: the assistant asks for {asked}")
        return
    slots: dict[str, Any] = {}
    if conversation:
        slots.update(conversation.slots)
        for frame in conversation.stack:
            slots.update(frame.slots)
    name, value = words[1], " ".join(words[2:])
    if str(slots.get(name)) != value:
        raise FactError(f"{' '.join(words)}: {name} is {slots.get(name)!r}")


def _rows(desk: Desk, kind: str) -> Iterable[Row]:
    """All rows of a kind, of every contact; kinds without a table of their own are the records of the API."""
    if kind in _SOURCES:
        return _SOURCES[kind](desk)
    return [row for row in _records(desk) if row["type"] == kind]


def _records(desk: Desk) -> Iterable[dict[str, Any]]:
    contacts = desk.session.scalars(sa.select(Contact).where(Contact.hospital_id == desk.hospital_id)).all()  # type: ignore[arg-type]
    for contact in contacts:
        for row in list_records(desk, contact_id=contact.id):
            yield {"contact": contact.sender, **row}


def _patients(desk: Desk) -> Iterable[Row]:
    contacts = desk.session.scalars(sa.select(Contact).where(Contact.hospital_id == desk.hospital_id)).all()  # type: ignore[arg-type]
    for contact in contacts:
        for one in list_patients(desk, contact_id=contact.id):
            yield {"contact": contact.sender, **one.model_dump()}


def _outbox(desk: Desk) -> Iterable[Row]:
    query = sa.select(outbox.OutboxMessage).order_by(outbox.OutboxMessage.id)  # type: ignore[arg-type]
    for one in desk.session.scalars(query):
        yield {
            "status": one.status,
            "author": one.author,
            "text": orjson.loads(unseal(one.body, "outbox")).get("text", ""),
        }


_SOURCES: dict[str, Callable[[Desk], Iterable[Row]]] = {
    "alarm": lambda desk: [one.model_dump() for one in list_alarms(desk, status=None)],
    "booking_review": lambda desk: [one.model_dump() for one in list_reviews(desk)],
    "handover": lambda desk: [one.model_dump() for one in list_handovers(desk)],
    "escalation": lambda desk: [one.model_dump() for one in list_escalations(desk)],
    "improvement": lambda desk: [one.model_dump() for one in list_improvements(desk)],
    "outbox": _outbox,
    "patient": _patients,
    "suspension_notice": lambda desk: [
        one.model_dump() | suspensions.describe_notice(desk, one) for one in suspensions.list_notices(desk)
    ],
    "promise": lambda desk: [
        one.model_dump() | one.slots for one in promises.list_promises(desk, limit=1000)
    ],
}


def _singular(kind: str) -> str:
    irregular = {"herb_deliveries": "herb_delivery", "outbox": "outbox", "record_copies": "record_copy"}
    if kind in irregular:
        return irregular[kind]
    return kind[:-1] if kind.endswith("s") and kind not in ("onsite_helps",) else kind


def _holds(row: Row, word: str) -> bool:
    """The word is found in one of the row's values; digits only as a whole number (``8`` is not in ``18``)."""
    pattern = re.compile(rf"(?<!\d){word}(?!\d)") if word.isdigit() else re.compile(re.escape(word))
    return any(pattern.search(_text(value)) for value in row.values())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _show(rows: Iterable[Row]) -> str:
    lines = []
    for row in list(rows)[:5]:
        shown = " ".join(f"{key}={value}" for key, value in row.items() if value not in (None, "", "{}"))
        lines.append(f"\n    {shown}")
    return "".join(lines)
