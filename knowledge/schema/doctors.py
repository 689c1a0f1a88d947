"""``doctors/*.yml``, key ``doctors``. What a session leaves out comes from the doctor, the department or
``registration.yml`` (hours by period, fee and capacity by clinic and title), so that a line stays short.

    doctors:
      - id: ortho-01
        name: 韦建江
        sex: male
        title: 主任医师
        department: 骨科
        specialities: [关节置换, 膝关节疼痛]
        about: 从事骨关节外科三十年。
        sessions:
          - {weekdays: 一三, period: morning, clinic: expert}
          - {weekdays: 四, period: evening, clinic: night}
"""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Period, Sex, Text, Weekdays, Words

Clinic = Literal["general", "expert", "noon", "night", "weekend", "convenience"]
Title = Literal["主任医师", "副主任医师", "主治医师", "住院医师", "主任技师", "主管护师"]


class Session(Entry):
    """A doctor's weekly clinic (出诊): which weekdays, which hours, how many patients, what it costs."""

    weekdays: Weekdays
    """ISO weekdays, Monday 1 … Sunday 7; written as 一三五, 工作日, 周末, 每天."""
    period: Period
    start: time
    end: time
    clinic: Clinic = "general"
    capacity: int = Field(ge=1, le=60)
    """Patients per half hour."""
    fee: int = Field(ge=0)
    """Yuan; 0 for the 便民门诊."""
    place: str | None = None
    """Where one waits; after loading the place's name (the department's unless written)."""
    campus: Text


class Doctor(Entry):
    id: Id
    name: Text
    sex: Sex
    title: Title
    department: Text
    """Standard name or alias in the file; after loading the standard name."""
    specialities: Words = ()
    about: str = ""
    sessions: tuple[Session, ...] = ()
