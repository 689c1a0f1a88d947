"""``followups/*.yml``: one plan a file, the plan itself at the top level.

id: general_discharge
name: 出院随访
match: []                       # words of the discharge diagnosis; empty: for everyone without another plan
steps:
  - day: 1
    greeting: 您好，我是桂江市人民医院的随访助手。您{discharged}出院……
    questions: [feeling, fever, medicine]
  - {day: 3, questions: [feeling, wound]}
questions:
  - id: fever
    text: 这两天有没有发烧？
    kind: choice
    choices:
      - {title: 没有, value: "no", words: [没发烧, 不烧]}
      - {title: 37.3–38.5℃, value: mild, level: notice, reply: 请多喝水，每 4 小时量一次体温……}
      - {title: 38.5℃ 以上, value: high, level: alarm, reply: 请尽快回院就诊……}
red_flags:
  - {id: wound_bleeding, name: 伤口大量出血, level: emergent, when: [血止不住, "{伤口} + {止不住}"], advice: 请按住伤口……}
"""

from __future__ import annotations

import re
from datetime import time
from typing import Literal

from pydantic import Field, field_validator

from knowledge.schema.base import Entry, Id, Text, Words
from knowledge.schema.triage import RedFlag


class FollowupChoice(Entry):
    title: Text
    value: Text
    words: Words = ()
    """Other words that mean this choice."""
    min: float | None = None
    max: float | None = None
    """A number said (38.9) means this choice from ``min`` to ``max``, both included."""
    level: Literal["ok", "notice", "alarm"] = "ok"
    """``notice``: the nurse sees it on the board; ``alarm``: staff are called at once."""
    reply: str = ""
    """What the patient reads back; no diagnosis, no dose."""
    next: Id | None = None
    """The question asked next instead of the following one."""


class FollowupQuestion(Entry):
    id: Id
    text: Text
    kind: Literal["choice", "number", "text"] = "choice"
    choices: tuple[FollowupChoice, ...] = ()
    unit: str = ""
    notice_above: float | None = None
    alarm_above: float | None = None
    notice_below: float | None = None
    alarm_below: float | None = None
    """Only for ``number``: beyond it, staff see it (notice) or are called (alarm)."""
    optional: bool = False


class FollowupStep(Entry):
    day: int = Field(ge=0)
    """Days after discharge."""
    greeting: str = ""
    """``{discharged}`` is the day of discharge (3月10日（周二）), ``{days}`` how many days ago that was: lists come late, and what
    is said must be true on the day it is said."""
    questions: tuple[Id, ...] = Field(min_length=1)
    closing: str = ""

    @field_validator("greeting")
    @classmethod
    def _known_words(cls, greeting: str) -> str:
        for name in re.findall(r"{(.*?)}", greeting):
            if name not in ("discharged", "days"):
                raise ValueError(f"开头语里只能写 {{discharged}} 和 {{days}}，没有 {{{name}}}")
        return greeting


class FollowupPlan(Entry):
    id: Id
    name: Text
    about: str = ""
    match: Words = ()
    """Words of the discharge diagnosis or operation that choose this plan; empty for the general one."""
    departments: Words = ()
    """Departments of discharge that choose this plan."""
    send_at: time = time(10, 0)
    """Local hour at which a step's message goes out."""
    answer_within_hours: int = Field(default=24, ge=1)
    """No answer until then: asked once more, then on the nurse's board."""
    steps: tuple[FollowupStep, ...] = Field(min_length=1)
    questions: tuple[FollowupQuestion, ...] = Field(min_length=1)
    red_flags: tuple[RedFlag, ...] = ()
    """Besides those of ``triage/``, which hold in every answer."""
