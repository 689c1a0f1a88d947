"""Finding a free number: what is still missing of department, day, period, hour and doctor.

`LookForSlot` says in ``outcome`` what to ask next (``ask_…``), that all is full (``full``), that there is nothing to
book (``told``), or that one number stands in ``offer`` (``found``). The flows loop through it until it is found.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.departments import TOLD, Meant, make_out, tell_walk_in
from dialogues.actions.free_numbers import (
    EXTRA,
    MOST,
    Wished,
    find_clinic,
    find_free_sessions,
    find_nearest,
    is_referred,
    known,
    misses_clinic,
)
from dialogues.actions.titles import day_title
from services import extras, schedules
from services.errors import Invalid, NotFound
from services.slots import get_slot, last_open_day

SOONEST = re.compile(
    "最(?:早|快|近)的?(?:那个|一个|号|吧|就行|就好|都行)*(?=$|[，,。.!！、])|越(?:早|快)越好|som nhat"
)
"""The first there is, whoever sees him then."""


class LookForSlot(DeskAction, name="action_look_for_slot"):
    replies = (
        *TOLD,
        "utter_department_walk_in",
        "utter_department_note",
        "utter_date_past",
        "utter_date_too_far",
        "utter_extra_not_needed",
        "utter_results_later",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["outcome"] == "pick_time":
            return {"outcome": "ask_time", "offer": None}
        meant = make_out(desk, slots, say)
        if meant.danger:
            return meant.changes | {"outcome": "danger"}
        clinic = find_clinic(desk, slots.latest_text) or slots["clinic"]
        if meant.department and not meant.doctor and misses_clinic(desk, slots, meant.department):
            meant = replace(meant, department=None)  # spoken of before the clinic was named
        if meant.department is None and not meant.doctors and clinic is not None:
            when = {"date": known(slots["date"]), "period": known(slots["period"])}
            found = schedules.find_sessions(desk, clinic=clinic, **when, limit=MOST)
            only = {one.department for one in found}
            if len(only) == 1:
                meant = replace(meant, department=only.pop())
        meant = replace(meant, changes=meant.changes | {"clinic": clinic, "department": meant.department})
        if EXTRA.search(slots.latest_text) and slots["record"] is None and _is_only_extra(desk, slots, meant):
            return meant.changes | {"outcome": "extra"}
        if meant.doctors:
            return meant.changes | {"outcome": "ask_doctor", "said": slots["doctor"], "doctor": None}
        if meant.department is None:
            return meant.changes | {"outcome": "ask_department"}
        if tell_walk_in(desk, meant.department, say):
            return meant.changes | {"outcome": "told"}
        if (refused := _check_date(desk, slots, say)) is not None:
            return meant.changes | refused
        if EXTRA.search(slots.latest_text) and meant.doctor and slots["record"] is None:
            if self._is_full(desk, slots, meant.department, meant.doctor):
                return meant.changes | {"outcome": "extra"}
            say("utter_extra_not_needed", doctor=meant.doctor)
        wished = Wished(clinic, is_referred(desk, slots, meant.department))
        if _still_free(desk, slots, meant.department, meant.doctor):
            return meant.changes | {"outcome": "found"}
        return meant.changes | {"offer": None} | _look(desk, slots, meant.department, meant.doctor, wished)

    @staticmethod
    def _is_full(desk: Desk, slots: Slots, department: str, doctor: str) -> bool:
        wanted = {"date": known(slots["date"]), "period": known(slots["period"])}
        found = extras.find_session_to_extend(desk, department=department, doctor=doctor, **wanted)
        return found is not None


def _is_only_extra(desk: Desk, slots: Slots, meant: Meant) -> bool:
    """「能不能加个号」 of no doctor: whom to ask is the question, unless the department has numbers left anyway."""
    if meant.doctor is not None or meant.doctors:
        return False
    if meant.department is None:
        return not slots["symptom"]
    wanted = {"date": known(slots["date"]), "period": known(slots["period"])}
    return not find_free_sessions(desk, department=meant.department, **wanted)


def _check_date(desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
    """What to do about a day that is past or not on sale yet; ``None`` where there is nothing wrong with it."""
    if known(slots["date"]) is None:
        return None
    last = last_open_day(desk)
    again = {"outcome": "ask_date", "date": None}
    try:
        first, end = schedules.parse_days(slots["date"])
    except Invalid:
        return again
    if end < desk.now.date():
        say("utter_date_past")
        return again
    results = slots["not_before"]
    if results and end.isoformat() < results:  # said once; who still wants that day gets it
        say("utter_results_later", results=day_title(say, dt.date.fromisoformat(results)))
        return again | {"not_before": None, "days": f"{results}/{max(last.isoformat(), results)}"}
    if first > last:
        release = desk.hospital.registration.release_at
        say("utter_date_too_far", last=day_title(say, last), release=f"{release:%H:%M}")
        return again
    return None


def _still_free(desk: Desk, slots: Slots, department: str, doctor: str | None) -> bool:
    """The number offered before still fits what is wanted now."""
    if slots["offer"] is None:
        return False
    try:
        slot = get_slot(desk, slot_id=slots["offer"])
    except NotFound:
        return False
    wanted = known(slots["date"])
    first, last = schedules.parse_days(wanted) if wanted else (slot.date, slot.date)
    hour = known(slots["time"])
    return (
        slot.department == department
        and doctor in (None, slot.doctor)
        and first <= slot.date <= last
        and known(slots["period"]) in (None, slot.period)
        and slots["clinic"] in (None, slot.clinic)
        and (hour is None or slot.start.time() <= dt.time.fromisoformat(hour) < slot.end.time())
        and (slot.remaining > 0 or slots["hold"] is not None)
    )


def _look(desk: Desk, slots: Slots, department: str, doctor: str | None, wished: Wished) -> dict[str, Any]:
    date, period, hour = known(slots["date"]), known(slots["period"]), known(slots["time"])
    sessions = find_free_sessions(
        desk, department=department, doctor=doctor, date=date, period=period, wished=wished
    )
    if not sessions:
        return _full(desk, slots, department, doctor)
    days = sorted({one.date for one in sessions})
    if len(days) > 1 and (slots["date"] is None or (date and "/" in date)):
        return {"outcome": "ask_date", "days": date, "date": None}  # a day of those said
    day = days[0].isoformat()
    that_day = [one for one in sessions if one.date == days[0]]
    narrowed: dict[str, Any] = {"clinic": wished.clinic, "referred": wished.referred, "limit": MOST}
    free = schedules.find_free_slots(
        desk, department=department, doctor=doctor, date=day, period=period, time=hour, **narrowed
    )
    if (
        not free and hour is not None
    ):  # 「下午两点」 may stand in the noon clinic: the hour says more than the half-day
        free = schedules.find_free_slots(
            desk, department=department, doctor=doctor, date=day, time=hour, **narrowed
        )
    if not free:
        return _full(desk, slots, department, doctor)
    # 「最早的」 and 「都可以」 settle the half-day and the doctor too
    open_day = slots["date"] == "any" or SOONEST.search(slots.latest_text) is not None
    if (
        slots["period"] is None
        and hour is None
        and not open_day
        and len({one.period for one in that_day}) > 1
    ):
        return {"outcome": "ask_period", "date": day}
    if slots["doctor"] is None and not open_day and len({one.doctor for one in free}) > 1:
        # A plain 好的 to the question for a doctor means any of them.
        return {"outcome": "ask_doctor", "doctor": "any", "date": day, "period": free[0].period}
    # 「any」 stands for what the patient left open, so that a wish said later is known as a change.
    left_open = {"doctor": doctor or slots["doctor"] or "any", "time": slots["time"] or "any"}
    best = min(free, key=lambda one: (one.start, one.fee))
    return {"outcome": "found", "date": day, "period": best.period, "offer": best.id} | left_open


def _full(desk: Desk, slots: Slots, department: str, doctor: str | None) -> dict[str, Any]:
    """The nearest number is proposed: a plain 好的 takes it."""
    nearest = find_nearest(desk, slots, department=department, doctor=doctor)
    return {"outcome": "full", "alternative": str(nearest[0].id) if nearest else None}


class SettleSlot(DeskAction, name="action_settle_slot"):
    """After the question for a doctor: no answer means any of them, the soonest."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"doctor": slots["doctor"] or "any", "said": None}
