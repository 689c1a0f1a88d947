"""Companions 陪诊员: volunteers and staff who escort patients or are on duty for help on the spot.

The roster lives here and is kept in the console; ``companions.yml`` only fills it when a hospital begins.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from knowledge.schema.base import read_weekdays
from services.database import Encrypted, Record, insert_new
from services.desk import Desk
from services.errors import Invalid, NotAllowed
from services.finding import get_record
from services.history import change_state, record_change
from services.identity import parse_name, parse_phone

KINDS = ("volunteer", "staff", "nurse")
DUTIES = ("escort", "help")
ACTIVE, AWAY, CLOSED = "active", "away", "closed"
SHIFT = re.compile(r"(?P<days>\S+?)\s*(?P<start>\d{1,2}:\d{2})\s*[-–—~至到]\s*(?P<end>\d{1,2}:\d{2})")
SIGNS = "一二三四五六日"


class Companion(Record, table=True):
    __table_args__ = (UniqueConstraint("hospital_id", "code", name="uq_companion_code"),)

    code: str = Field(max_length=40)
    """The id of ``companions.yml``, or given in the console."""
    name: str = Field(sa_type=Encrypted("companion.name"))
    phone: str = Field(sa_type=Encrypted("companion.phone"))
    kind: str = Field(max_length=10)
    status: str = Field(default=ACTIVE, max_length=10)
    post: str = Field(max_length=80)
    """The place where he is on duty."""
    languages: str = Field(default="", max_length=120)
    skills: str = Field(default="", max_length=120)
    duties: str = Field(default="escort", max_length=40)
    trained_until: dt.date
    shifts: str = Field(max_length=200)
    """``一二三四五 07:30-17:30；六 08:00-12:00``."""

    def has(self, column: str, word: str) -> bool:
        """Whether ``languages``, ``skills`` or ``duties`` hold the word."""
        return word in getattr(self, column).split(",")


@dataclass(frozen=True, slots=True)
class Shift:
    weekdays: tuple[int, ...]
    start: dt.time
    end: dt.time

    def covers(self, start: dt.datetime, end: dt.datetime) -> bool:
        if start.isoweekday() not in self.weekdays or start.date() != end.date():
            return False
        return self.start <= start.time() and end.time() <= self.end


def read_shifts(text: str) -> tuple[Shift, ...]:
    """``工作日 08:00-17:30；周六 08:00-12:00``; ``Invalid("shifts")`` where a part cannot be read."""
    found = []
    for part in filter(None, (one.strip() for one in re.split("[；;\n]", text))):
        match = SHIFT.fullmatch(part)
        try:
            if match is None:
                raise ValueError(part)
            start, end = (dt.time.fromisoformat(match[name].zfill(5)) for name in ("start", "end"))
            days = read_weekdays(match["days"])
        except ValueError:
            raise Invalid("shifts", field="shifts", value=part) from None
        if start >= end:
            raise Invalid("shifts", field="shifts", value=part)
        found.append(Shift(tuple(days), start, end))
    if not found:
        raise Invalid("missing", field="shifts")
    return tuple(found)


def write_shifts(shifts: Sequence[Any]) -> str:
    """As ``read_shifts`` reads them; entries of the roster or ``Shift``."""
    return "；".join(f"{_name_days(one.weekdays)} {one.start:%H:%M}-{one.end:%H:%M}" for one in shifts)


def _name_days(weekdays: Sequence[int]) -> str:
    return "每天" if len(set(weekdays)) == len(SIGNS) else "".join(SIGNS[day - 1] for day in weekdays)


def is_on_shift(companion: Companion, start: dt.datetime, end: dt.datetime | None = None) -> bool:
    return any(one.covers(start, end or start) for one in read_shifts(companion.shifts))


def is_fit(companion: Companion, day: dt.date) -> bool:
    """Active and with a training that is valid that day."""
    return companion.status == ACTIVE and companion.trained_until >= day


def enrol_roster(desk: Desk) -> int:
    """Puts on the roster who stands in ``companions.yml`` and was never on it; returns how many.

    Whoever is there already stays as staff have left him, also away or closed.
    """
    query = select(Companion.code).where(Companion.hospital_id == desk.hospital_id)
    known = set(desk.session.exec(query))
    new = [one for one in desk.hospital.companions if one.id not in known]
    for one in new:
        row = Companion(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            code=one.id,
            name=one.name,
            phone=one.phone,
            kind=one.kind,
            post=one.post,
            languages=",".join(one.languages),
            skills=",".join(one.skills),
            duties=",".join(one.duties),
            trained_until=one.trained_until,
            shifts=write_shifts(one.shifts),
        ).model_dump(exclude={"id"})
        if insert_new(desk.session, Companion, row).rowcount:
            made = desk.session.exec(
                select(Companion).where(Companion.hospital_id == desk.hospital_id, Companion.code == one.id)
            ).one()
            record_change(desk, record=made, old="", new=ACTIVE, reason="roster")
    desk.session.flush()
    return len(new)


def add_companion(desk: Desk, *, code: str, **values: Any) -> Companion:
    """A new one. Raises ``Invalid`` with the field at fault, ``NotAllowed("code_taken")``."""
    code = code.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", code):
        raise Invalid("code", field="code")
    query = select(Companion.id).where(Companion.hospital_id == desk.hospital_id, Companion.code == code)
    if desk.session.exec(query).first() is not None:
        raise NotAllowed("code_taken", field="code", value=code)
    checked = _check(desk, values)
    for name in ("name", "phone", "kind", "post", "trained_until", "shifts"):
        if checked.get(name) is None:
            raise Invalid("missing", field=name)
    one = Companion(hospital_id=desk.hospital_id, created_at=desk.now, code=code, **checked)
    desk.session.add(one)
    desk.session.flush()
    record_change(desk, record=one, old="", new=ACTIVE)
    desk.session.flush()
    return one


def change_companion(desk: Desk, *, companion_id: int, reason: str, **values: Any) -> Companion:
    """Another phone, post, shift, validity …; what changed and why stands in the history."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    one = get_record(desk, Companion, companion_id, lock=True)
    changed = [name for name, value in _check(desk, values).items() if getattr(one, name) != value]
    for name, value in _check(desk, values).items():
        setattr(one, name, value)
    desk.session.add(one)
    if changed:
        told = f"{','.join(changed)}: {reason.strip()}"
        record_change(desk, record=one, old=one.status, new=one.status, reason=told)
    desk.session.flush()
    return one


def set_companion_state(desk: Desk, *, companion_id: int, status: str, reason: str) -> Companion:
    """``active``, ``away`` (ill, on leave) or ``closed``; visits assigned already stay to be reassigned by a person."""
    if status not in (ACTIVE, AWAY, CLOSED):
        raise Invalid("status", field="status", value=status)
    if not reason.strip():
        raise Invalid("missing", field="reason")
    one = get_record(desk, Companion, companion_id, lock=True)
    change_state(desk, record=one, new=status, reason=reason.strip())
    return one


def _check(desk: Desk, values: dict[str, Any]) -> dict[str, Any]:
    checked = {name: value for name, value in values.items() if value is not None}
    rules = desk.hospital.escort
    known = {
        "languages": {one.id for one in rules.speeches},
        "skills": {one.skill for one in rules.means if one.skill}
        | {one.skill for one in rules.risks if one.skill},
        "duties": set(DUTIES),
        "kind": set(KINDS),
    }
    for name, allowed in known.items():
        if name in checked:
            words = [one for one in checked[name].split(",") if one]
            wrong = [one for one in words if one not in allowed]
            if wrong or (name == "kind" and len(words) != 1):
                raise Invalid("unknown", field=name, value=",".join(wrong), allowed=sorted(allowed))
            checked[name] = ",".join(words)
    if "name" in checked:
        checked["name"] = parse_name(checked["name"])
    if "phone" in checked:
        checked["phone"] = parse_phone(checked["phone"])
    if "shifts" in checked:
        checked["shifts"] = write_shifts(read_shifts(checked["shifts"]))
    if "post" in checked:
        places = desk.hospital.find_places(checked["post"])
        if not places:
            raise Invalid("unknown_place", field="post", value=checked["post"])
        checked["post"] = places[0].name
    return checked


def get_companion(desk: Desk, *, companion_id: int) -> Companion:
    return get_record(desk, Companion, companion_id)


def list_companions(desk: Desk, *, duty: str | None = None, closed: bool = False) -> list[Companion]:
    """In the order of joining."""
    query = select(Companion).where(Companion.hospital_id == desk.hospital_id)
    if not closed:
        query = query.where(Companion.status != CLOSED)
    found = desk.session.exec(query.order_by(col(Companion.id)).execution_options(populate_existing=True))
    return [one for one in found if duty is None or one.has("duties", duty)]
