"""Finding a free number: what is still missing of department, day, period, hour and doctor, and asking for it.

`LookForSlot` says in ``outcome`` what to ask next (``ask_…``), that all is full (``full``), that there is nothing to
book (``told``), or that one number stands in ``offer`` (``found``). The flows loop through it until it is found.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.crowds import advise_quiet_hours
from dialogues.actions.departments import TOLD, Meant, make_out, tell_walk_in
from dialogues.actions.titles import NAMED, clinic_title, day_title, department_title, doctor_title
from dialogues.payload import set_slots
from services import extras, referrals, schedules
from services.appointments import get_appointment
from services.errors import Invalid, NotFound
from services.schedules import SessionOffer, Slot

SOON = re.compile(
    r"(?:我)?(?:现在|马上|这会儿|而家|等下|一会儿|待会儿?|今早)(?:就)?(?:去|来|过去|过来)?[吧了。]?"
)
DAYS_SHOWN = 5
HOURS_SHOWN = 8
DOCTORS_SHOWN = 6
NEAREST_SHOWN = 3
EXTRA = re.compile("加.{0,2}号")
MOST = 400
"""Sessions looked through: fifteen days of the largest department."""


def known(value: Any) -> Any:
    """``None`` for an empty slot and for 「都可以」."""
    return None if value in (None, "any") else value


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
        if meant.department is None and not meant.doctors and clinic is not None:
            only = {one.department for one in schedules.find_sessions(desk, clinic=clinic, limit=MOST)}
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


def is_referred(desk: Desk, slots: Slots, department: str) -> bool:
    """Whether one of the contact's patients holds a referral into the department: then the reserve is shown too."""
    return referrals.find_referral(desk, contact_id=slots.contact_id, department=department) is not None


def read_wished(desk: Desk, slots: Slots) -> Wished:
    return Wished(slots["clinic"], is_referred(desk, slots, slots["department"]))


def _check_date(desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
    """What to do about a day that is past or not on sale yet; ``None`` where there is nothing wrong with it."""
    if known(slots["date"]) is None:
        return None
    last = schedules.last_open_day(desk)
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
        slot = schedules.get_slot(desk, slot_id=slots["offer"])
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
    open_day = slots["date"] == "any"  # 「最早的」 and 「都可以」 settle the half-day and the doctor too
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


class SettleSlot(DeskAction, name="action_settle_slot"):
    """After the question for a doctor: no answer means any of them, the soonest."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"doctor": slots["doctor"] or "any", "said": None}


class AskDate(DeskAction, name="action_ask_date"):
    """「早一点，8点」 of an appointment that is to be moved means its own day."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        if slots["record"] is not None and known(slots["time"]) and slots["date"] is None:
            moved = get_appointment(desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id)
            return {"date": moved.date.isoformat()}
        sessions = find_free_sessions(
            desk,
            department=slots["department"],
            doctor=known(slots["doctor"]),
            date=slots["date"] or slots["days"],
            period=known(slots["period"]),
            wished=read_wished(desk, slots),
        )
        say("utter_ask_date_doctor" if known(slots["doctor"]) else "utter_ask_date")
        say.buttons(
            (say.word("left", what=day_title(say, day), count=left), set_slots(date=day.isoformat()))
            for day, left in count_by(sessions, "date")[:DAYS_SHOWN]
        )
        return None


class AskPeriod(DeskAction, name="action_ask_period"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        sessions = find_free_sessions(
            desk,
            department=slots["department"],
            doctor=known(slots["doctor"]),
            date=slots["date"],
            wished=read_wished(desk, slots),
        )
        say("utter_ask_period")
        for period, left in count_by(sessions, "period"):
            kinds = {one.clinic for one in sessions if one.period == period}
            name = say.name("period", period) + (clinic_title(say, kinds.pop()) if len(kinds) == 1 else "")
            say.buttons([(say.word("left", what=name, count=left), set_slots(period=period))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「现在」, 「马上」: the first half-day that is left."""
        if not SOON.fullmatch(slots.latest_text.strip()):
            return None
        sessions = find_free_sessions(
            desk, department=slots["department"], doctor=known(slots["doctor"]), date=slots["date"]
        )
        return count_by(sessions, "period")[0][0] if sessions else None


class AskTime(DeskAction, name="action_ask_time"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        free = schedules.find_free_slots(
            desk,
            department=slots["department"],
            doctor=known(slots["doctor"]),
            date=known(slots["date"]),
            period=known(slots["period"]),
            clinic=slots["clinic"],
            referred=is_referred(desk, slots, slots["department"]),
            limit=MOST,
        )
        left: dict[str, int] = defaultdict(int)
        for one in free:
            left[f"{one.start:%H:%M}"] += one.remaining or one.reserved
        day = known(slots["date"])
        if day and "/" not in day:
            advise_quiet_hours(say, department=slots["department"], day=dt.date.fromisoformat(day))
        say("utter_ask_time")
        say.buttons(
            (say.word("left", what=hour, count=count), set_slots(time=hour))
            for hour, count in list(left.items())[:HOURS_SHOWN]
        )


ANY_DOCTOR = re.compile(
    "(?:随便|什么|哪|边|谁).{0,3}(?:医生|大夫).{0,3}(?:都|行|可以)|随便.{0,3}(?:医生|大夫)|谁看都|都一样"
)
CHEAPEST = re.compile("便宜|最低|(?<![多几])少.{0,2}钱")
DEAREST = re.compile("(?<!不)最?贵(?![不吗么])|专家|主任|级别高|最好的")


class AskDoctor(DeskAction, name="action_ask_doctor"):
    """Who has something left then; where a surname fits several, those of that surname."""

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「什么医生都行」, 「便宜那个」."""
        text = slots.latest_text
        if ANY_DOCTOR.search(text):
            return "any"
        cheap, dear = CHEAPEST.search(text), DEAREST.search(text)
        if not (cheap or dear) or slots["said"]:
            return None
        offers = find_free_sessions(
            desk,
            department=slots["department"],
            date=known(slots["date"]),
            period=known(slots["period"]),
            wished=read_wished(desk, slots),
        )
        if not offers:
            return None
        best = min(offers, key=lambda one: one.fee) if cheap else max(offers, key=lambda one: one.fee)
        return best.doctor

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「随便哪个医生」 while the hour is still asked."""
        return {"doctor": "any"} if ANY_DOCTOR.search(slots.latest_text) else {}

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        date, period = known(slots["date"]), known(slots["period"])
        which = desk.hospital.find_doctors(slots["said"] or "", department=slots["department"])
        if len(which) > 1:
            say("utter_which_doctor")
            for one in which[:DOCTORS_SHOWN]:
                title = f"{doctor_title(say, one.name, one.title)} {department_title(say, one.department)}"
                say.buttons([(title, set_slots(doctor=one.name))])
            return
        sessions = find_free_sessions(
            desk,
            department=slots["department"],
            date=date,
            period=period,
            wished=read_wished(desk, slots),
        )
        say("utter_ask_doctor")
        say.buttons([(say.word("any_soonest"), set_slots(doctor="any"))])
        shown = {one.doctor: one for one in reversed(sessions)}
        for offer in list(reversed(shown.values()))[:DOCTORS_SHOWN]:
            who = doctor_title(say, offer.doctor, offer.title)
            price = say.word("fee_short", fee=offer.fee) if offer.fee else say.word("free_short")
            who += clinic_title(say, offer.clinic)
            title = say.word("priced_and_left", what=who, price=price, count=offer.remaining)
            say.buttons([(title, set_slots(doctor=offer.doctor))])


def find_nearest(desk: Desk, slots: Slots, *, department: str, doctor: str | None) -> list[Slot]:
    """At most three, the first proposed: the doctor wanted, else the period wanted, soonest; then what else is near."""
    date, period = known(slots["date"]), known(slots["period"])
    days = None
    if date:
        last = schedules.last_open_day(desk)
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
