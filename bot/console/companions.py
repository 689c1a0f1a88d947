"""The roster of escorts and of those on duty for help, as the console shows and changes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from services import Desk
from services.companions import (
    ACTIVE,
    AWAY,
    Companion,
    add_companion,
    change_companion,
    is_on_shift,
    list_companions,
    set_companion_state,
)
from services.errors import Invalid
from services.history import list_changes, reveal
from services.identity import mask_phone

KINDS = {"volunteer": "志愿者", "staff": "陪诊员", "nurse": "护士"}
DUTIES = {"escort": "陪诊", "help": "求助值班"}
SKILLS = {"wheelchair": "轮椅", "stretcher": "平车", "oxygen": "氧气"}
"""What a means of transport of ``escort.yml`` may want; another word stands as it is."""
STATES = {"active": "在岗", "away": "请假", "closed": "停用"}
SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    code: str
    name: str
    phone: str
    kind: str
    state: str
    post: str
    languages: str
    skills: str
    duties: str
    trained_until: dt.date
    shifts: str
    on_shift: bool
    training: str
    """``valid``, ``soon`` (within 30 days) or ``over``."""
    changed: int = 0
    """How often the row was changed."""


def list_persons(desk: Desk) -> tuple[Person, ...]:
    """Everybody on the roster, also those away or closed; who may not be sent because of training is marked."""
    found = list_companions(desk, closed=True)
    return tuple(
        _describe(desk, one) for one in sorted(found, key=lambda one: (one.status != ACTIVE, one.id))
    )


def _describe(desk: Desk, one: Companion) -> Person:
    rules, today = desk.hospital.escort, desk.now.date()
    speeches = {speech.id: speech.name for speech in rules.speeches}
    left = one.trained_until - today
    return Person(
        one.id,
        one.code,
        one.name,
        mask_phone(one.phone),
        KINDS[one.kind],
        STATES[one.status],
        one.post,
        "、".join(speeches.get(word, word) for word in one.languages.split(",") if word),
        "、".join(SKILLS.get(word, word) for word in one.skills.split(",") if word),
        "、".join(DUTIES.get(word, word) for word in one.duties.split(",") if word),
        one.trained_until,
        one.shifts,
        is_on_shift(one, desk.now),
        "over" if left.days < 0 else "soon" if left <= SOON else "valid",
        len(list_changes(desk, record=one)),
    )


def add_person(desk: Desk, fields: Mapping[str, str]) -> int:
    """From the words of the form; raises ``Invalid`` with the field at fault."""
    return add_companion(desk, code=fields.get("code", ""), **_read(desk, fields)).id


def change_person(desk: Desk, *, companion_id: int, fields: Mapping[str, str]) -> None:
    change_companion(desk, companion_id=companion_id, reason=fields.get("reason", ""), **_read(desk, fields))


def set_person_state(desk: Desk, *, companion_id: int, state: str, reason: str) -> None:
    set_companion_state(desk, companion_id=companion_id, status=state, reason=reason)


def reveal_phone(desk: Desk, *, companion_id: int, reason: str) -> str:
    one = desk.session.get_one(Companion, companion_id)
    return reveal(desk, record=one, field="phone", reason=reason) or ""


def _read(desk: Desk, fields: Mapping[str, str]) -> dict[str, object]:
    """Chinese words of the form → what the service takes; empty fields are left as they are."""
    given = {name: value.strip() for name, value in fields.items() if value and value.strip()}
    speeches = {one.name: one.id for one in desk.hospital.escort.speeches}
    read: dict[str, object] = {}
    for name in ("name", "phone", "post", "shifts"):
        if name in given:
            read[name] = given[name]
    for name, table in (("kind", KINDS), ("duties", DUTIES), ("skills", SKILLS)):
        if name in given:
            names = {title: key for key, title in table.items()}
            read[name] = ",".join(names.get(word, word) for word in _split(given[name]))
    if "languages" in given:
        read["languages"] = ",".join(speeches.get(word, word) for word in _split(given["languages"]))
    if "trained_until" in given:
        try:
            read["trained_until"] = dt.date.fromisoformat(given["trained_until"])
        except ValueError:
            raise Invalid("date", field="trained_until") from None
    return read


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip()]


__all__ = [
    "ACTIVE",
    "AWAY",
    "Person",
    "add_person",
    "change_person",
    "list_persons",
    "reveal_phone",
    "set_person_state",
]
