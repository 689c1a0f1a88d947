"""What a computed button says: a day with what is left of it, a doctor with his fee, a patient with his relation."""

from __future__ import annotations

import datetime as dt

from dialogues.slots import display_date
from services.patients import Patient

PERIODS = {"morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"}


def day_title(day: dt.date, *, year: int, language: str = "zh") -> str:
    """3月13日（周五）."""
    return display_date(day.isoformat(), language=language, year=year)


def half_day_title(day: dt.date, period: str, *, year: int) -> str:
    """3月13日（周五）上午."""
    return f"{day_title(day, year=year)}{PERIODS.get(period, '')}"


def span_title(start: dt.datetime, end: dt.datetime) -> str:
    """08:30–09:00."""
    return f"{start:%H:%M}–{end:%H:%M}"


def hour_title(start: dt.datetime, end: dt.datetime, period: str, *, year: int) -> str:
    """3月13日（周五）上午 08:30–09:00."""
    return f"{half_day_title(start.date(), period, year=year)} {span_title(start, end)}"


def patient_title(patient: Patient) -> str:
    """张*（母亲）."""
    return f"{patient.masked_name}（{patient.relation}）"
