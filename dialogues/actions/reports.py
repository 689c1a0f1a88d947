"""Reports of examinations: out or not, where to fetch them, and that the doctor sees them without a new number."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.patients import fits_patient
from dialogues.actions.titles import (
    announce_chinese,
    day_title,
    department_title,
    patient_title,
    person_button,
    route_button,
)
from dialogues.payload import ask_for
from services import patients, results, revisits
from services.patients import Patient
from services.results import FINAL, DiagnosticReport

SHOWN = 6
PRINT_FAQ = "report_general"
"""The FAQ entry whose place is where reports are printed."""


def _owner(desk: Desk, report: DiagnosticReport, contact_id: int) -> Patient | None:
    for one in patients.list_patients(desk, contact_id=contact_id):
        if one.id == report.patient_id or one.person == report.person:
            return one
    return None


def _moment(say: Speaker, at: dt.datetime) -> str:
    return say.word("when", day=day_title(say, at.date()), hour=f"{at:%H:%M}")


def _printer(desk: Desk, report: DiagnosticReport) -> str:
    """Where the paper is fetched: as the report says, else where the hospital prints them."""
    if report.place:
        return report.place
    entry = next((one for one in desk.hospital.faq if one.id == PRINT_FAQ), None)
    return entry.places[0] if entry is not None and entry.places else ""


class ListReports(DeskAction, name="action_list_reports"):
    """``outcome``: told, none (no report of the contact's patients is known). What was named comes alone."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = [
            (one, _owner(desk, one, slots.contact_id))
            for one in results.list_reports(desk, contact_id=slots.contact_id)
        ]
        fitting = [pair for pair in mine if self._fits(slots, *pair)] or mine
        if not fitting:
            return {"outcome": "none"}
        lines = "\n".join(self._line(say, *pair) for pair in fitting[:SHOWN])
        announce_chinese(say)
        say("utter_reports", lines=lines)
        ready = [one for one, _ in fitting if one.status == FINAL]
        place = _printer(desk, ready[0]) if ready else ""
        if place:
            say("utter_report_where", place=place)
            say.buttons([route_button(say, place)])
        say.buttons([(say.word("ask_revisit"), ask_for("ask_revisit")), person_button(say)])
        return {"outcome": "told"}

    @staticmethod
    def _fits(slots: Slots, report: DiagnosticReport, patient: Patient | None) -> bool:
        wanted = slots["examination"]
        if wanted and wanted not in report.examination and report.examination not in wanted:
            return False
        return patient is None or fits_patient(slots, patient)

    @staticmethod
    def _line(say: Speaker, report: DiagnosticReport, patient: Patient | None) -> str:
        if report.status == FINAL and report.ready_at is not None:
            about = say.word("report_ready", when=_moment(say, report.ready_at))
        elif report.due_at is not None:
            about = say.word("report_due", when=_moment(say, report.due_at))
        else:
            about = say.word("report_waiting")
        who = patient_title(say, patient) if patient else ""
        return say.word("line", what=f"{report.examination} {who}".strip(), about=about)


class TellReportReady(DeskAction, name="action_tell_report_ready"):
    """What is out and where to fetch it; as long as the visit's number holds, that the doctor sees it for nothing."""

    replies = ("utter_report_ready", "utter_report_ready_free")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        report = results.get_report(desk, report_id=int(slots["record"]), contact_id=slots.contact_id)
        patient = _owner(desk, report, slots.contact_id)
        if report.status != FINAL or patient is None:
            return
        place = _printer(desk, report)
        visit = (
            revisits.find_free_visit(
                desk, person=patient.person, department=report.department, day=desk.now.date()
            )
            if report.department
            else None
        )
        say(
            "utter_report_ready_free" if visit else "utter_report_ready",
            who=patient_title(say, patient),
            examination=report.examination,
            place=place,
            department=department_title(say, report.department) if report.department else "",
            until=day_title(say, revisits.last_free_day(desk, visit=visit)) if visit else "",
        )
        if visit:
            title = say.word("book_revisit", department=department_title(say, report.department))
            say.buttons([(title, ask_for("book_appointment", department=report.department))])
        if place:
            say.buttons([route_button(say, place)])
        say.buttons([person_button(say)])
