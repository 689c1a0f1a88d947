"""Conversations as staff read them: the live list, and one talk in full."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.console.affairs import Affair, list_affairs
from bot.console.names import name_contact, name_staff
from bot.console.veil import Veil, find_veil, make_veil, read_words
from services import Desk, handovers, messages, outbox, talk
from services.absences import list_absences
from services.alarms import OPEN as ALARM_OPEN
from services.alarms import list_alarms
from services.contacts import get_contact
from services.identity import mask_name
from services.limits import find_block
from services.overview import DANGER, Talk, list_talks
from services.patients import list_patients

if TYPE_CHECKING:
    from bot.house import House


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation in the live list."""

    contact_id: int
    name: str
    channel: str
    words: str
    mine: bool
    """The last words are the patient's."""
    at: dt.datetime
    since: dt.datetime | None
    minutes: int
    """How long the patient has been waiting for a person, full minutes."""
    handover: str | None
    reason: str
    urgent: bool
    danger: bool
    holder: str


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a talk."""

    key: str
    """``in:12`` or ``out:34``."""
    speaker: str
    """``patient``, ``assistant``, ``clock`` or ``staff``."""
    name: str
    text: str
    at: dt.datetime
    covered: bool
    """Something in it was masked."""
    status: str
    """``ok``, ``waiting``, ``trying``, ``away``, ``failed``, ``dropped``, or ``broken`` for a message that could not be handled."""
    choices: tuple[str, ...] = ()
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A 就诊人 of the contact, masked."""

    id: int
    relation: str
    name: str
    sex: str
    age: int
    phone: str
    id_number: str
    phone_confirmed: bool
    absences: int
    """Those that count against him."""
    blocked_until: dt.date | None
    """Until then no booking online."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One talk in full."""

    contact_id: int
    name: str
    channel: str
    language: str
    reachable: bool
    direct: bool
    """What is written reaches the patient only with his next message."""
    paused: bool
    handover: str | None
    reason: str
    urgent: bool
    since: dt.datetime | None
    staff_id: int | None
    holder: str
    lines: tuple[Said, ...]
    patients: tuple[Known, ...]
    affairs: tuple[Affair, ...]
    notes: tuple[tuple[dt.datetime, str, str], ...]
    alarms: tuple[tuple[dt.datetime, str, str, str], ...]
    """When, kind, words, who acknowledged it (empty: nobody yet)."""


def list_entries(desk: Desk) -> tuple[Entry, ...]:
    names = name_staff(desk)
    return tuple(_entry(desk, one, names) for one in list_talks(desk))


def _entry(desk: Desk, talk: Talk, names: dict[str, str]) -> Entry:
    words = read_words([talk.last])[0] if talk.last else ""
    mine = talk.last is not None and talk.last.direction == "in"
    since = talk.waiting_since
    veil = find_veil(desk, contact_id=talk.contact_id) if talk.private else make_veil(talk.names)
    return Entry(
        talk.contact_id,
        mask_name(talk.names[0]) if talk.names else f"访客 {talk.contact_id}",
        talk.channel,
        veil.cover(words)[:80],
        mine,
        talk.at,
        since,
        int((desk.now - since).total_seconds() // 60) if since else 0,
        talk.handover,
        talk.reason,
        talk.urgent,
        talk.danger,
        names.get(f"staff:{talk.staff_id}", "") if talk.staff_id else "",
    )


def read_detail(desk: Desk, house: House, *, contact_id: int, limit: int = 120) -> Detail:
    """Raises ``NotFound`` for a contact that does not exist."""
    contact = get_contact(desk, contact_id=contact_id)
    names, veil = name_staff(desk), find_veil(desk, contact_id=contact_id)
    handover = handovers.find_open(desk, contact_id=contact_id)
    channel = house.channels.get(contact.channel)
    state = messages.load_conversation(desk, contact_id=contact_id) or {}
    return Detail(
        contact_id=contact_id,
        name=name_contact(desk, contact_id),
        channel=contact.channel,
        language=contact.language,
        reachable=contact.reachable,
        direct=channel.direct if channel is not None else contact.channel in ("rest", "terminal"),
        paused=bool(state.get("paused")),
        handover=handover.status if handover else None,
        reason=handover.reason if handover else "",
        urgent=bool(handover and handover.urgent),
        since=handover.created_at if handover else None,
        staff_id=handover.staff_id if handover else None,
        holder=names.get(f"staff:{handover.staff_id}", "") if handover else "",
        lines=tuple(_read_lines(desk, contact_id, veil, names, limit)),
        patients=tuple(
            Known(
                one.id,
                one.relation,
                one.masked_name,
                one.sex,
                one.age(desk.now.date()),
                one.masked_phone,
                one.masked_id_number,
                one.phone_confirmed_at is not None,
                len(list_absences(desk, person=one.person)),
                find_block(desk, person=one.person),
            )
            for one in list_patients(desk, contact_id=contact_id)
        ),
        affairs=list_affairs(desk, contact_id=contact_id, veil=veil),
        notes=tuple(
            (one.created_at, names.get(one.author, one.author), one.text)
            for one in handovers.list_notes(desk, contact_id=contact_id)
        ),
        alarms=tuple(
            (
                one.last_at,
                one.kind,
                veil.cover("、".join(one.words)),
                "" if one.status == ALARM_OPEN else names.get(one.acknowledged_by or "", "已处理"),
            )
            for one in list_alarms(desk, status=None, contact_id=contact_id, limit=8)
            if one.kind in DANGER
        ),
    )


def _read_lines(desk: Desk, contact_id: int, veil: Veil, names: dict[str, str], limit: int) -> list[Said]:
    lines = talk.list_lines(desk, contact_id=contact_id, limit=limit)
    said = []
    for line, words in zip(lines, read_words(lines), strict=True):
        text = veil.cover(words)
        speaker = "patient" if line.direction == "in" else line.author.partition(":")[0]
        said.append(
            Said(
                f"{line.direction}:{line.id}",
                speaker if speaker in ("patient", "staff", "clock") else "assistant",
                names.get(line.author, ""),
                text,
                line.at,
                text != veil.bare(words),
                _judge(line),
                tuple(one["title"] for one in line.body.get("buttons", ())),
                line.body.get("image"),
            )
        )
    return said


def _judge(line: talk.Line) -> str:
    if line.direction == "in":
        return "broken" if line.status == "failed" else "ok"
    if line.status == outbox.QUEUED:
        if line.error == "away":
            return "away"
        return "trying" if line.attempts else "waiting"
    return "ok" if line.status == outbox.SENT else line.status
