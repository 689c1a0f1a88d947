"""The numbers that are free for what is wanted: by session, the nearest to it, and what is left by day or half-day."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dialogues.actions import Desk, Slots
from dialogues.actions.titles import NAMED
from services import referrals, schedules
from services.schedules import SessionOffer
from services.slots import Slot, last_open_day

MOST = 400
"""Sessions looked through: fifteen days of the largest department."""
NEAREST_SHOWN = 3
EXTRA = re.compile("加.{0,2}号")


def known(value: Any) -> Any:
    """``None`` for an empty slot and for 「都可以」."""
    return None if value in (None, "any") else value


@dataclass(frozen=True, slots=True)
class Wished:
    """What narrows or widens the numbers that are looked at: a kind of clinic asked for by name, a referral."""

    clinic: str | None = None
    referred: bool = False


def find_clinic(desk: Desk, text: str) -> str | None:
    """「夜间门诊」, 「便民号」: the kind of clinic that is asked for by its name."""
    for kind, entry in desk.hospital.registration.clinics.items():
        short = entry.name.removesuffix("门诊")
        if kind in NAMED and re.search(f"{short}(?:门诊|的?号|诊)", text):
            return kind
    return None


def misses_clinic(desk: Desk, slots: Slots, department: str) -> bool:
    """Whether the message names a kind of clinic that this department, not named with it, does not hold."""
    clinic = find_clinic(desk, slots.latest_text)
    if clinic is None or slots.list_latest("department"):
        return False
    return not schedules.find_sessions(desk, department=department, clinic=clinic, limit=1)


def is_referred(desk: Desk, slots: Slots, department: str) -> bool:
    """Whether one of the contact's patients holds a referral into the department: then the reserve is shown too."""
    return referrals.find_referral(desk, contact_id=slots.contact_id, department=department) is not None


def read_wished(desk: Desk, slots: Slots) -> Wished:
    return Wished(slots["clinic"], is_referred(desk, slots, slots["department"]))


def find_free_sessions(
    desk: Desk,
    *,
    department: str,
    doctor: str | None = None,
    date: str | None = None,
    period: str | None = None,
    wished: Wished = Wished(),
) -> list[SessionOffer]:
    found = schedules.find_sessions(
        desk,
        department=department,
        doctor=doctor,
        date=date,
        period=period,
        clinic=wished.clinic,
        referred=wished.referred,
        limit=MOST,
    )
    return [one for one in found if one.remaining]


def find_nearest(desk: Desk, slots: Slots, *, department: str, doctor: str | None) -> list[Slot]:
    """At most three, the first proposed: the doctor wanted, else the period wanted, soonest; then what else is near."""
    date, period = known(slots["date"]), known(slots["period"])
    days = None
    if date:
        last = last_open_day(desk)
        days = f"{min(max(schedules.parse_days(date)[0], desk.now.date()), last)}/{last}"
    free = schedules.find_free_slots(desk, department=department, date=days, limit=MOST)
    free = free or schedules.find_free_slots(desk, department=department, limit=MOST)
    hour = known(slots["time"])
    if hour is not None:
        free = sorted(free, key=lambda one: (one.date, apart(one.start, hour)))
    wishes: tuple[Callable[[Slot], bool], ...] = (
        lambda one: doctor == one.doctor and period in (None, one.period),
        lambda one: doctor == one.doctor,
        lambda one: date == one.date.isoformat() and period in (None, one.period),
        lambda one: period in (None, one.period),
        lambda one: True,
    )
    if doctor is None:
        wishes = wishes[2:]
    nearest: list[Slot] = []
    for fits in (*wishes, lambda one: True):
        for one in free:
            if fits(one) and all((one.date, one.period) != (other.date, other.period) for other in nearest):
                nearest.append(one)
                break
    return nearest[:NEAREST_SHOWN]


def apart(start: dt.datetime, hour: str) -> dt.timedelta:
    """How far a number is from the hour wanted (``14:00``) on its own day."""
    return abs(start - dt.datetime.combine(start.date(), dt.time.fromisoformat(hour)))


def count_by(sessions: Iterable[SessionOffer], key: str) -> list[tuple[Any, int]]:
    """What is left, by day or by period, in their order."""
    left: dict[Any, int] = defaultdict(int)
    for one in sessions:
        left[getattr(one, key)] += one.remaining
    return list(left.items())
