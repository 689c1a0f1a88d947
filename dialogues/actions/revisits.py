"""Follow-up visits 复诊: what the patient's own visits say; examinations first, the visit when their results are out."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.departments import keep_spoken
from dialogues.actions.free_numbers import known
from dialogues.actions.patients import fits_patient
from dialogues.actions.titles import (
    day_title,
    department_title,
    doctor_title,
    patient_title,
    person_button,
    span_title,
)
from dialogues.payload import ask_for, set_slots
from intents.answers import read_yes_or_no
from services import revisits, schedules
from services.errors import Invalid, Taken
from services.revisits import Visit
from services.slots import last_open_day

SHOWN = 3
DAYS_OFFERED = 3


def visit_values(say: Speaker, visit: Visit) -> dict[str, Any]:
    """A visit in the placeholders of replies."""
    one = visit.appointment
    return {
        "who": patient_title(say, visit.patient),
        "department": department_title(say, one.department),
        "doctor": doctor_title(say, one.doctor, one.title),
        "day": day_title(say, one.date),
        "until": day_title(say, visit.until),
        "days": say.desk.hospital.registration.revisit_days,
    }


def _find_visits(desk: Desk, slots: Slots) -> list[Visit]:
    """The contact's visits, those that fit department and patient where said."""
    found = revisits.list_visits(desk, contact_id=slots.contact_id)
    if known(slots["department"]):
        entry = desk.hospital.find_department(slots["department"])
        found = [one for one in found if entry is not None and one.appointment.department == entry.name]
    if slots["patient_name"] or slots["relation"]:
        found = [one for one in found if fits_patient(slots, one.patient)] or found
    return found


class LookAtVisits(DeskAction, name="action_look_at_visits"):
    """``outcome``: told, examine (examinations are proposed), none (nothing is known of visits here)."""

    replies = ("utter_revisit_free", "utter_revisit_booked", "utter_revisit_over")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = _find_visits(desk, slots)
        if not found:
            return {"outcome": "none"}
        holding = [one for one in found if one.holds]
        for one in holding[:SHOWN]:
            booked = revisits.find_booked_revisit(desk, visit=one)
            if booked is not None:
                say(
                    "utter_revisit_booked",
                    next=day_title(say, booked.date),
                    hours=span_title(booked.start, booked.end),
                    **visit_values(say, one),
                )
                continue
            say("utter_revisit_free", **visit_values(say, one))
            name = one.appointment.department
            say.buttons(
                [
                    (
                        say.word("book_revisit", department=department_title(say, name)),
                        ask_for("book_appointment", department=name),
                    )
                ]
            )
        if holding:
            say.buttons([person_button(say)])
            told: dict[str, Any] = {"outcome": "told"}
            for one in holding if len(holding) == 1 else ():  # of several nobody knows yet which is meant
                told |= keep_spoken(desk, one.appointment.department, None, patient=one.patient.id)
            return told
        last = found[0]
        name = last.appointment.department
        if revisits.find_previsit(desk, person=last.patient.person, department=name) is not None:
            return {"outcome": "examine", "department": name, "patient": last.patient.id}
        say("utter_revisit_over", **visit_values(say, last))
        say.buttons(
            [
                (
                    say.word("book_department", department=department_title(say, name)),
                    ask_for("book_appointment", department=name),
                ),
                person_button(say),
            ]
        )
        return {"outcome": "told"}


class ProposePrevisit(DeskAction, name="action_propose_previsit"):
    """``outcome``: examine (to be proposed), direct (nothing to examine, or it was settled), booked (it is examined
    already, and the visit is wanted before the results are out). Asked once."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        department, patient_id = slots["department"], int(slots["patient"])
        if slots["previsit"] is not None or slots["record"] is not None or department is None:
            return {"outcome": "direct"}
        known_visits = [
            one
            for one in revisits.list_visits(desk, contact_id=slots.contact_id)
            if one.appointment.department == department and one.patient.id == patient_id
        ]
        if not known_visits or any(one.holds for one in known_visits):
            return {"outcome": "direct", "previsit": "none"}
        person = known_visits[0].patient.person
        if revisits.find_previsit(desk, person=person, department=department) is None:
            return {"outcome": "direct", "previsit": "none"}
        day = revisits.find_results_day(desk, patient_id=patient_id, department=department)
        wanted = slots["date"]
        if day is not None:
            early = known(wanted) is not None and schedules.parse_days(wanted)[1] < day
            if not early:
                return {"outcome": "direct", "previsit": "booked"}
            say("utter_results_later", results=day_title(say, day))
            return _seek_from(desk, day) | {"not_before": None}
        today = desk.now.date().isoformat()
        if wanted == today:  # who comes today has no day left to be examined before
            return {"outcome": "direct", "previsit": "none"}
        return {"outcome": "examine", "previsit": "asked", "choice": None}


def _seek_from(desk: Desk, day: dt.date) -> dict[str, Any]:
    """The visit is sought from the day of the results on."""
    last = max(last_open_day(desk), day)
    return {
        "outcome": "booked",
        "previsit": "booked",
        "date": f"{day.isoformat()}/{last.isoformat()}",
        "not_before": day.isoformat(),
        "period": None,
        "time": None,
        "offer": None,
    }


EXAMINED = re.compile("先?(?:做|约)(?:了|好)?检查|先检查|先抽血")
NOT_EXAMINED = re.compile("不(?:做|检查|查|抽|验|用|要)|直接")


class AskPrevisit(DeskAction, name="action_ask_previsit"):
    """What is usually examined before, and that one way is enough if it comes first."""

    replies = ("utter_ask_previsit", "utter_ask_previsit_later")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        rule = desk.hospital.outpatients.find_previsit(slots["department"])
        visits = [
            one
            for one in revisits.list_visits(desk, contact_id=slots.contact_id)
            if one.appointment.department == slots["department"] and one.patient.id == slots["patient"]
        ]
        if rule is None or not visits:
            return {"choice": "book"}
        say(
            "utter_ask_previsit_later" if rule.result_days else "utter_ask_previsit",
            examinations=say.word("list").join(rule.examinations),
            result_days=rule.result_days,
            **visit_values(say, visits[0]),
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「好的」 books the examinations; 「不用检查，直接挂」 the visit alone."""
        text = slots.latest_text.strip()
        if NOT_EXAMINED.search(text):
            return "book"
        return "examine" if read_yes_or_no(text) or EXAMINED.search(text) else None


class AskPrevisitDate(DeskAction, name="action_ask_previsit_date"):
    """The next days on which the examinations can be done."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_previsit_date")
        say.buttons(
            (day_title(say, day), set_slots(examine_on=day.isoformat()))
            for day in revisits.list_examination_days(desk, limit=DAYS_OFFERED)
        )
        say.buttons([person_button(say)])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        said = slots.list_latest("date")
        return str(said[-1]).partition("/")[0] if said else None


class BookPrevisit(DeskAction, name="action_book_previsit"):
    """The examinations are booked; the visit is sought from the day their results are out. ``outcome``: again (that day
    cannot be had), booked."""

    atomic = True
    replies = ("utter_previsit_booked", "utter_previsit_booked_hint", "utter_date_past", "utter_line_full")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rule = desk.hospital.outpatients.find_previsit(slots["department"])
        assert rule is not None
        day = dt.date.fromisoformat(slots["examine_on"])
        if day <= desk.now.date():
            say("utter_date_past" if day < desk.now.date() else "utter_previsit_not_today")
            return {"outcome": "again", "examine_on": None}
        try:
            request = revisits.book_previsit(
                desk,
                contact_id=slots.contact_id,
                patient_id=int(slots["patient"]),
                department=slots["department"],
                day=day,
            )
        except (Invalid, Taken):
            say("utter_line_full", words=day_title(say, day))
            return {"outcome": "again", "examine_on": None}
        results = day + dt.timedelta(days=rule.result_days)
        say(
            "utter_previsit_booked_hint" if rule.hint else "utter_previsit_booked",
            examinations=say.word("list").join(rule.examinations),
            day=day_title(say, day),
            hint=rule.hint,
            order_number=request.order_number,
            results=day_title(say, results),
            department=department_title(say, slots["department"]),
        )
        return _seek_from(desk, results) | {"choice": None}
