"""Who holds a clinic when, with what is left; and who the doctors are."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.crowds import answer_quiet_hours
from dialogues.actions.departments import TOLD, keep_spoken, make_out, tell_walk_in
from dialogues.actions.free_numbers import MOST, find_clinic, known
from dialogues.actions.titles import (
    clinic_name,
    department_title,
    doctor_title,
    half_day_title,
    person_button,
)
from dialogues.payload import ask_for
from knowledge.schema import Doctor
from services import schedules
from services.errors import Invalid
from services.schedules import SessionOffer

SESSIONS_SHOWN = 6
DOCTORS_SHOWN = 5
FEW = 6
"""Departments that fit under one answer."""
PERIOD_OF = {"noon": "noon", "evening": "night"}


class ShowSchedule(DeskAction, name="action_show_schedule"):
    """The next sessions of a department or a doctor, day by day; ``outcome``: told or ask_department."""

    replies = (*TOLD, "utter_department_walk_in", "utter_department_note")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = make_out(desk, slots, say)
        if meant.department is None and not meant.doctors:
            named = find_clinic(desk, slots.latest_text)
            if not (named or known(slots["date"]) or known(slots["period"])):
                return meant.changes | {"outcome": "ask_department"}
            if self._tell_clinic(desk, slots, say):
                return {"outcome": "told"}
            say("utter_general_hours", lines=_describe_clinics(say, known(slots["period"])))
            say.buttons([(say.word("book"), ask_for("book_appointment")), person_button(say)])
            return {"outcome": "told"}
        found = self._find(desk, slots, meant.department, meant.doctor or known(slots["doctor"]))
        whose = meant.doctor or meant.department or slots["doctor"]
        if not found:
            return self._tell_none(desk, slots, say, whose, meant.department)
        answer_quiet_hours(say, slots.latest_text, department=meant.department, date=known(slots["date"]))
        say("utter_schedule", whose=whose, lines=_lines(say, found))
        wanted = {"department": meant.department} if meant.department else {}
        wanted |= {"doctor": meant.doctor} if meant.doctor else {}
        first = next((one for one in found if one.remaining), None)
        if first is not None:
            when = {"date": first.date.isoformat(), "period": first.period}
            title = half_day_title(say, first.date, first.period)
            say.buttons([(say.word("book_at", when=title), ask_for("book_appointment", **wanted, **when))])
        elif wanted:
            say.buttons([(say.word("waitlist"), ask_for("join_waitlist", **wanted))])
        say.buttons(
            [(say.word("book_some_other_day"), ask_for("book_appointment", **wanted)), person_button(say)]
        )
        return {"outcome": "told"} | keep_spoken(desk, meant.department, meant.doctor)

    def _tell_clinic(self, desk: Desk, slots: Slots, say: Speaker) -> bool:
        """A clinic that only few departments hold (便民门诊) is shown with who is there; True where it was."""
        clinic = find_clinic(desk, slots.latest_text)
        if clinic is None:
            return False
        found = schedules.find_sessions(desk, clinic=clinic, date=known(slots["date"]), limit=MOST)
        homes = list(dict.fromkeys(one.department for one in found))
        if not 0 < len(homes) <= FEW:
            return False
        say("utter_schedule", whose=clinic_name(say, clinic), lines=_lines(say, found))
        for home in homes:
            title = say.word("book_department", department=department_title(say, home))
            when = {"date": slots["date"]} if known(slots["date"]) else {}
            say.buttons([(title, ask_for("book_appointment", department=home, clinic=clinic, **when))])
        say.buttons([person_button(say)])
        return True

    @staticmethod
    def _find(desk: Desk, slots: Slots, department: str | None, doctor: str | None) -> list[SessionOffer]:
        try:
            return schedules.find_sessions(
                desk,
                department=department,
                doctor=doctor,
                date=known(slots["date"]),
                period=known(slots["period"]),
                limit=MOST,
            )
        except Invalid:
            return []

    @staticmethod
    def _tell_none(
        desk: Desk, slots: Slots, say: Speaker, whose: str, department: str | None
    ) -> dict[str, Any]:
        if department and tell_walk_in(desk, department, say):
            return {"outcome": "told"}
        say("utter_no_schedule", whose=whose)
        say.buttons([(say.word("other_days"), ask_for("query_schedule", department=department or ""))])
        return {"outcome": "told"}


def _lines(say: Speaker, sessions: list[SessionOffer]) -> str:
    """One line a half day, with the doctors and what is left."""
    lines = []
    for (day, period), together in groupby(sessions, key=lambda one: (one.date, one.period)):
        who = [one.doctor + say.word("in_brackets", words=_left(say, one)) for one in list(together)[:4]]
        lines.append(f"· {half_day_title(say, day, period)} {say.word('list').join(who)}")
    return "\n".join(lines[:SESSIONS_SHOWN])


def _left(say: Speaker, one: SessionOffer) -> str:
    """夜间门诊，余12."""
    left = say.word("places_left", count=one.remaining) if one.remaining else say.word("full")
    name = clinic_name(say, one.clinic)
    return (name + say.word("comma") if name else "") + (say.word("suspended") if one.suspended else left)


def _describe_clinics(say: Speaker, period: str | None) -> str:
    """The kinds of clinic with their hours, as the rules describe them."""
    clinics = say.desk.hospital.registration.clinics
    wanted = PERIOD_OF.get(period or "")
    told = {kind: one for kind, one in clinics.items() if one.about}
    shown = {kind: one for kind, one in told.items() if wanted in (None, kind)} or told
    return "\n".join(
        say.word(
            "line", what=say.name("clinic", kind, one.name), about=say.name("clinic_about", kind, one.about)
        )
        for kind, one in shown.items()
    )


class ShowDoctors(DeskAction, name="action_show_doctors"):
    """Doctors of a department (those first whose speciality fits what was said), or one doctor."""

    replies = TOLD

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = make_out(desk, slots, say)
        if meant.department is None and not meant.doctors:
            return meant.changes | {"outcome": "ask_department"}
        if meant.doctor is not None:
            doctors = [desk.hospital.get_doctor(meant.doctor)]
        elif meant.doctors:
            doctors = list(meant.doctors)
        else:
            doctors = list(desk.hospital.list_doctors(meant.department or ""))
        words = [*(slots["symptom"] or ()), slots.latest_text]
        doctors.sort(key=lambda one: -_fit(one, words))
        shown = doctors[:DOCTORS_SHOWN]
        if not shown:
            say("utter_no_doctors", department=meant.department)
            return {"outcome": "told"}
        say(
            "utter_doctors",
            whose=meant.department or slots["doctor"],
            lines="\n".join(
                _describe(say, one, where=len({two.department for two in shown}) > 1) for one in shown
            ),
        )
        first = shown[0]
        say.buttons(
            [
                (
                    say.word("book_with", who=first.name),
                    ask_for("book_appointment", department=first.department, doctor=first.name),
                ),
                (say.word("schedule"), ask_for("query_schedule", department=first.department)),
                person_button(say),
            ]
        )
        return {"outcome": "told"} | keep_spoken(
            desk, first.department, first.name if len(shown) == 1 else None
        )


def _fit(doctor: Doctor, words: list[str]) -> int:
    """How many of the doctor's specialities the patient's words touch."""
    return sum(
        any(part in word for word in words if word)
        for special in doctor.specialities
        for part in (special, special[:2])
    )


def _describe(say: Speaker, doctor: Doctor, *, where: bool) -> str:
    """With the department where doctors of several stand together."""
    who = doctor_title(say, doctor.name, doctor.title)
    place = say.word("in_brackets", words=department_title(say, doctor.department)) if where else ""
    return say.word("line", what=who + place, about=say.word("list").join(doctor.specialities[:4]))
