"""What a computed button says: a day with what is left of it, a doctor with his title, a patient with his relation."""

from __future__ import annotations

import datetime as dt

from dialogues.actions.speaker import Speaker
from dialogues.payload import ask_for
from dialogues.wording import DEFAULT_LANGUAGE
from dialogues.words import write_days
from services.patients import Patient


def day_title(say: Speaker, day: dt.date) -> str:
    """3月13日（周五）; thứ Sáu, 13/3."""
    return write_days(day.isoformat(), language=say.language, year=say.desk.now.year)


def half_day_title(say: Speaker, day: dt.date, period: str) -> str:
    """3月13日（周五）上午; thứ Sáu, 13/3 buổi sáng."""
    return f"{day_title(say, day)}{say.name('half_day', period, '')}"


def span_title(start: dt.datetime, end: dt.datetime) -> str:
    """08:30–09:00."""
    return f"{start:%H:%M}–{end:%H:%M}"


def hour_title(say: Speaker, start: dt.datetime, end: dt.datetime, period: str) -> str:
    """3月13日（周五）上午 08:30–09:00."""
    return f"{half_day_title(say, start.date(), period)} {span_title(start, end)}"


def patient_title(say: Speaker, patient: Patient) -> str:
    """张*（母亲）."""
    return say.word("patient", name=patient.masked_name, relation=say.name("relation", patient.relation))


NAMED = ("noon", "night", "weekend", "convenience")
"""Clinics outside usual hours or without fee: always called by their name, so that nobody comes at the wrong time."""


def clinic_name(say: Speaker, clinic: str) -> str:
    """夜间门诊, empty for the usual clinics."""
    if clinic not in NAMED:
        return ""
    known = say.desk.hospital.registration.clinics.get(clinic)  # type: ignore[call-overload]
    return say.name("clinic", clinic, known.name if known else clinic)


def clinic_title(say: Speaker, clinic: str) -> str:
    """（夜间门诊）, empty for the usual clinics."""
    name = clinic_name(say, clinic)
    return say.word("in_brackets", words=name) if name else ""


def fee_title(say: Speaker, fee: int) -> str:
    """30 元，到院再付; 不收诊查费."""
    return say.word("fee_later", fee=fee) if fee else say.word("no_fee")


def doctor_title(say: Speaker, name: str, job: str) -> str:
    """韦建江 主任医师."""
    return say.word("doctor", name=name, title=say.name("job", job))


def department_title(say: Speaker, name: str) -> str:
    """骨科; Khoa xương khớp (骨科), where the hospital gives it a name in the patient's language."""
    return say.desk.hospital.get_department(name).title(say.language)


def announce_chinese(say: Speaker) -> None:
    """Before words that the hospital has in Chinese only: says so, and that somebody can explain them."""
    if say.language != DEFAULT_LANGUAGE:
        say("utter_only_in_chinese")


def person_button(say: Speaker) -> tuple[str, str]:
    """转人工."""
    return say.word("person"), ask_for("talk_to_human")


def route_button(say: Speaker, place: str) -> tuple[str, str]:
    """怎么走."""
    return say.word("route"), ask_for("ask_route", place=place)
