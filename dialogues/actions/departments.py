"""Which department is meant: the one said, the doctor's own, or the one that triage names for what hurts."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import misses_clinic
from dialogues.actions.titles import department_title, person_button, route_button
from dialogues.payload import ask_for, set_slots
from dialogues.wording import DEFAULT_LANGUAGE
from knowledge import Hospital
from knowledge.schema import Doctor
from services import triage

SHOWN = 6
URGENT = ("critical", "emergent")
EMERGENCY = "急诊科"
REMEMBERED = dt.timedelta(minutes=30)
POINTING = re.compile("他|她|[这那]位|[这那]个?(?:医生|大夫|主任|专家|科|号)|^那|^就|刚才")
TOLD = (
    "utter_department_unknown",
    "utter_doctor_unknown",
    "utter_doctor_elsewhere",
    "utter_symptom_unsure",
    "utter_department_found",
)
"""What `make_out` may say."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What was made out. Without a department, ``doctors`` are those among whom the patient has to choose."""

    department: str | None = None
    doctor: str | None = None
    doctors: tuple[Doctor, ...] = ()
    danger: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    """Slots to set, whatever comes next."""


def make_out(desk: Desk, slots: Slots, say: Speaker) -> Meant:
    """Reads department, doctor and symptoms, and tells the patient what was not understood or was worked out."""
    hospital = desk.hospital
    named = None if slots["department"] in (None, "any") else hospital.find_department(slots["department"])
    if slots["department"] not in (None, "any") and named is None:
        say("utter_department_unknown")
    department = named.name if named else None
    changes: dict[str, Any] = {"department": department}
    if slots["doctor"] not in (None, "any"):
        found = hospital.find_doctors(slots["doctor"], department=department)
        elsewhere = () if found or department is None else hospital.find_doctors(slots["doctor"])
        if not (found or elsewhere):
            say("utter_doctor_unknown")
            return Meant(department, changes=changes | {"doctor": None})
        if elsewhere:
            say("utter_doctor_elsewhere", other=elsewhere[0].department)
            found = elsewhere
        # Who sees patients without a number is meant only where nobody else is.
        found = tuple(one for one in found if hospital.get_department(one.department).bookable) or found
        homes = {one.department for one in found}
        if len(found) == 1:
            changes |= {"doctor": found[0].name, "department": found[0].department}
            return Meant(found[0].department, found[0].name, changes=changes)
        return Meant(homes.pop() if len(homes) == 1 else None, None, found, changes=changes)
    if department is not None:
        return Meant(department, changes=changes)
    if not slots["symptom"] and (spoken := recall_spoken(desk, slots)):
        doctor = spoken.get("doctor")
        return Meant(
            spoken["department"], doctor, changes={"department": spoken["department"], "doctor": doctor}
        )
    return _from_symptoms(hospital, slots, say)


def keep_spoken(
    desk: Desk, department: str | None, doctor: str | None, *, patient: int | None = None
) -> dict[str, Any]:
    """The doctor or department just told about, for 「那挂他下周一的」; and whose visit it was."""
    if department is None:
        return {}
    told = {"department": department, "doctor": doctor, "at": desk.now.isoformat()}
    return {"spoken_of": told | ({"patient": patient} if patient is not None else {})}


def recall_spoken_patient(desk: Desk, slots: Slots) -> int | None:
    """Whose follow-up visit in this department was told about within the last minutes."""
    spoken = slots["spoken_of"] or {}
    if spoken.get("patient") is None or spoken["department"] != slots["department"]:
        return None
    fresh = desk.now - dt.datetime.fromisoformat(spoken["at"]) <= REMEMBERED
    return int(spoken["patient"]) if fresh else None


def recall_spoken(desk: Desk, slots: Slots) -> dict[str, Any] | None:
    """What a message without a name refers to: told about within the last minutes, and pointed at (他, 这位, 那就) or
    named only by its day."""
    spoken = slots["spoken_of"]
    if not spoken or slots.latest_text.startswith("/"):
        return None
    if desk.now - dt.datetime.fromisoformat(spoken["at"]) > REMEMBERED:
        return None
    if misses_clinic(desk, slots, spoken["department"]):  # 「给我约便民门诊」: of another department
        return None
    dated = slots["date"] not in (None, "any") or slots["period"] not in (None, "any")
    return spoken if dated or POINTING.search(slots.latest_text) else None


def _from_symptoms(hospital: Hospital, slots: Slots, say: Speaker) -> Meant:
    if not slots["symptom"]:
        return Meant(changes={"department": None})
    text = "，".join(slots["symptom"])
    told = slots.latest_text if not slots.latest_text.startswith("/") else text
    found = triage.assess(hospital, text=told, age=slots["age"], sex=slots["sex"])
    if found.level is None:
        found = triage.assess(hospital, text=text, age=slots["age"], sex=slots["sex"])
    if found.level in URGENT:
        return Meant(danger=True)
    bookable = [one.name for one in found.departments if hospital.get_department(one.name).bookable]
    if not bookable:
        say("utter_symptom_unsure")
        return Meant(changes={"symptom": None})
    say("utter_department_found", department=bookable[0], symptom=text)
    return Meant(bookable[0], changes={"department": bookable[0]})


def tell_walk_in(desk: Desk, department: str, say: Speaker) -> bool:
    """True, and told how to get there, where no numbers of this department are sold beforehand."""
    entry = desk.hospital.get_department(department)
    if entry.bookable:
        return False
    say(
        "utter_department_note"
        if entry.note and say.language == DEFAULT_LANGUAGE
        else "utter_department_walk_in",
        department=entry.name,
        note=entry.note.rstrip("。"),
        place=entry.place or "",
    )
    if entry.place:
        say.buttons([route_button(say, entry.place)])
    say.buttons([person_button(say)])
    return True


def list_common(hospital: Hospital) -> list[str]:
    """The bookable departments with the most doctors: what most people come for."""
    bookable = [one.name for one in hospital.departments if one.bookable]
    return sorted(bookable, key=lambda name: -len(hospital.list_doctors(name)))[:SHOWN]


class AskDepartment(DeskAction, name="action_ask_department"):
    """Asks, unless what was said meanwhile (a doctor, what hurts) answers it already."""

    replies = TOLD

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        if slots["symptom"] or slots["doctor"] not in (None, "any"):
            meant = make_out(desk, slots, say)
            if meant.danger:
                return {"department": EMERGENCY}
            if meant.department:
                return meant.changes
        say("utter_ask_department")
        say.buttons(
            (department_title(say, name), set_slots(department=name)) for name in list_common(desk.hospital)
        )
        say.buttons([(say.word("unsure_department"), ask_for("describe_symptom"))])
        return None
