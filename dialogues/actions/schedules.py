"""Who holds a clinic when, with what is left; and who the doctors are."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.departments import TOLD, make_out, tell_walk_in
from dialogues.actions.offers import MOST, known
from dialogues.actions.titles import half_day_title
from dialogues.payload import ask_for
from knowledge.schema import Doctor
from services import schedules
from services.errors import Invalid
from services.schedules import SessionOffer

SESSIONS_SHOWN = 6
DOCTORS_SHOWN = 5
PERIOD_OF = {"noon": "noon", "evening": "night"}


class ShowSchedule(DeskAction, name="action_show_schedule"):
    """The next sessions of a department or a doctor, day by day; ``outcome``: told or ask_department."""

    replies = (*TOLD, "utter_department_walk_in", "utter_department_note")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = make_out(desk, slots, say)
        if meant.department is None and not meant.doctors:
            if not (known(slots["date"]) or known(slots["period"])):
                return meant.changes | {"outcome": "ask_department"}
            say("utter_general_hours", lines=_describe_clinics(desk, known(slots["period"])))
            say.buttons([("预约挂号", ask_for("book_appointment")), ("转人工", ask_for("talk_to_human"))])
            return {"outcome": "told"}
        found = self._find(desk, slots, meant.department, meant.doctor or known(slots["doctor"]))
        whose = meant.doctor or meant.department or slots["doctor"]
        if not found:
            return self._tell_none(desk, slots, say, whose, meant.department)
        say("utter_schedule", whose=whose, lines=_lines(found, year=desk.now.year))
        wanted = {"department": meant.department} if meant.department else {}
        wanted |= {"doctor": meant.doctor} if meant.doctor else {}
        first = next((one for one in found if one.remaining), None)
        if first is not None:
            when = {"date": first.date.isoformat(), "period": first.period}
            title = half_day_title(first.date, first.period, year=desk.now.year)
            say.buttons([(f"约{title}", ask_for("book_appointment", **wanted, **when))])
        elif wanted:
            say.buttons([("排候补", ask_for("join_waitlist", **wanted))])
        say.buttons(
            [("换个日子约", ask_for("book_appointment", **wanted)), ("转人工", ask_for("talk_to_human"))]
        )
        return {"outcome": "told"}

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
        say.buttons([("看看别的日子", ask_for("query_schedule", department=department or ""))])
        return {"outcome": "told"}


def _lines(sessions: list[SessionOffer], *, year: int) -> str:
    """One line a half day, with the doctors and what is left."""
    lines = []
    for (day, period), together in groupby(sessions, key=lambda one: (one.date, one.period)):
        who = "、".join(
            f"{one.doctor}（{'停诊' if one.suspended else f'余{one.remaining}' if one.remaining else '约满'}）"
            for one in list(together)[:4]
        )
        lines.append(f"· {half_day_title(day, period, year=year)} {who}")
    return "\n".join(lines[:SESSIONS_SHOWN])


def _describe_clinics(desk: Desk, period: str | None) -> str:
    """The kinds of clinic with their hours, as the rules describe them."""
    clinics = desk.hospital.registration.clinics
    wanted = PERIOD_OF.get(period or "")
    shown = [one for kind, one in clinics.items() if one.about and wanted in (None, kind)]
    return "\n".join(f"· {one.name}：{one.about}" for one in shown or clinics.values() if one.about)


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
                _describe(one, where=len({two.department for two in shown}) > 1) for one in shown
            ),
        )
        first = shown[0]
        say.buttons(
            [
                (
                    f"约{first.name}",
                    ask_for("book_appointment", department=first.department, doctor=first.name),
                ),
                ("看出诊时间", ask_for("query_schedule", department=first.department)),
                ("转人工", ask_for("talk_to_human")),
            ]
        )
        return {"outcome": "told"}


def _fit(doctor: Doctor, words: list[str]) -> int:
    """How many of the doctor's specialities the patient's words touch."""
    return sum(
        any(part in word for word in words if word)
        for special in doctor.specialities
        for part in (special, special[:2])
    )


def _describe(doctor: Doctor, *, where: bool) -> str:
    """With the department where doctors of several stand together."""
    place = f"（{doctor.department}）" if where else ""
    return f"· {doctor.name} {doctor.title}{place}：{'、'.join(doctor.specialities[:4])}"
