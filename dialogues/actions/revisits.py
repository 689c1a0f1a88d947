"""Follow-up visits 复诊: what the patient's own visits say; examinations first, the visit when their results are out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.offers import known
from dialogues.actions.titles import (
    day_title,
    department_title,
    doctor_title,
    patient_title,
    person_button,
)
from dialogues.payload import ask_for, set_slots
from services import requests, revisits, schedules
from services.errors import Invalid
from services.revisits import Visit

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
        fitting = [
            one
            for one in found
            if slots["patient_name"] in (None, one.patient.name)
            and slots["relation"] in (None, one.patient.relation)
        ]
        found = fitting or found
    return found


class LookAtVisits(DeskAction, name="action_look_at_visits"):
    """``outcome``: told, examine (examinations are proposed), none (nothing is known of visits here)."""

    replies = ("utter_revisit_free", "utter_revisit_over")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = _find_visits(desk, slots)
        if not found:
            return {"outcome": "none"}
        holding = [one for one in found if one.holds]
        for one in holding[:SHOWN]:
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
            return {"outcome": "told"}
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


class AskPrevisitDate(DeskAction, name="action_ask_previsit_date"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        today = desk.now.date()
        say("utter_ask_previsit_date")
        days = (today + dt.timedelta(days=ahead) for ahead in range(1, DAYS_OFFERED + 1))
        say.buttons((day_title(say, day), set_slots(date=day.isoformat())) for day in days)
        say.buttons([person_button(say)])


class RequestPrevisit(DeskAction, name="action_request_previsit"):
    """The examinations are asked for; the visit is sought from the day their results are out. ``outcome``: past, booked."""

    replies = ("utter_previsit_requested", "utter_previsit_requested_hint", "utter_date_past")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rule = desk.hospital.outpatients.find_previsit(slots["department"])
        assert rule is not None
        try:
            day = schedules.parse_days(slots["date"])[0]
        except Invalid:
            day = desk.now.date() - dt.timedelta(days=1)
        if day < desk.now.date():
            say("utter_date_past")
            return {"outcome": "past", "date": None}
        names = say.word("list").join(rule.examinations)
        request = requests.request_service(
            desk,
            contact_id=slots.contact_id,
            kind="examination",
            patient_id=slots["patient"],
            slots={
                "examination": "、".join(rule.examinations),
                "date": day.isoformat(),
                "department": slots["department"],
            },
        )
        results = day + dt.timedelta(days=rule.result_days)
        say(
            "utter_previsit_requested_hint" if rule.hint else "utter_previsit_requested",
            examinations=names,
            day=day_title(say, day),
            hint=rule.hint,
            order_number=request.order_number,
            results=day_title(say, results),
            department=department_title(say, slots["department"]),
        )
        last = max(schedules.last_open_day(desk), results)
        return {"outcome": "booked", "date": f"{results.isoformat()}/{last.isoformat()}", "period": None}
