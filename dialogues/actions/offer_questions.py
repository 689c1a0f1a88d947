"""What is asked until one number is found: the day, the half-day, the hour, the doctor, each with what is left."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.crowds import advise_quiet_hours, answer_quiet_hours
from dialogues.actions.free_numbers import MOST, count_by, find_free_sessions, is_referred, known, read_wished
from dialogues.actions.patients import fits_patient
from dialogues.actions.titles import clinic_title, day_title, department_title, doctor_title
from dialogues.payload import set_slots
from services import patients, schedules
from services.appointments import get_appointment
from services.revisits import find_free_visit

SOON = re.compile(
    r"(?:我)?(?:现在|马上|这会儿|而家|等下|一会儿|待会儿?|今早)(?:就)?(?:去|来|过去|过来)?[吧了。]?"
)
DAYS_SHOWN = 5
HOURS_SHOWN = 8
DOCTORS_SHOWN = 6


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
        answer_quiet_hours(say, slots.latest_text, department=slots["department"], date=date)
        say("utter_ask_doctor")
        say.buttons([(say.word("any_soonest"), set_slots(doctor="any"))])
        shown = {one.doctor: one for one in reversed(sessions)}
        revisit = _is_free_revisit(desk, slots)
        for offer in list(reversed(shown.values()))[:DOCTORS_SHOWN]:
            who = doctor_title(say, offer.doctor, offer.title)
            price = say.word("fee_short", fee=offer.fee) if offer.fee else say.word("free_short")
            price = say.word("revisit_short") if revisit and offer.fee else price
            who += clinic_title(say, offer.clinic)
            title = say.word("priced_and_left", what=who, price=price, count=offer.remaining)
            say.buttons([(title, set_slots(doctor=offer.doctor))])


def _is_free_revisit(desk: Desk, slots: Slots) -> bool:
    """一号管三天: whether it is plain who comes, and his number of the last days still holds on that day."""
    day = known(slots["date"])
    if day is None or "/" in day or slots["department"] is None:
        return False
    mine = patients.list_patients(desk, contact_id=slots.contact_id)
    fitting = [one for one in mine if slots["patient"] in (None, one.id) and fits_patient(slots, one)]
    return len(fitting) == 1 and bool(
        find_free_visit(
            desk, person=fitting[0].person, department=slots["department"], day=dt.date.fromisoformat(day)
        )
    )
