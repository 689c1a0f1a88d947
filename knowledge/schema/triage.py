"""``triage/*.yml``, any of the keys ``red_flags``, ``complaints``, ``questions``.

An entry is met by a text when any of ``words`` stands in it, or every group of ``groups`` has a word in it, or any
of ``patterns`` (regular expressions) matches; and none of ``not_words`` does. Longer words win over shorter ones.

    red_flags:
      - id: chest_pain_sweating
        name: 胸痛伴大汗
        level: critical
        groups: [[胸痛, 胸口痛, 心口痛], [大汗, 出冷汗, 冒冷汗]]
        departments: [急诊科]
        advice: 请立即停下活动坐下或躺下，马上拨打 120。
    complaints:
      - id: knee_pain
        name: 膝盖痛
        words: [膝盖疼]
        groups: [[膝盖, 膝关节], [痛, 疼, 肿]]
        departments: {骨科: 1.0, 风湿免疫科: 0.5}
        questions: [injured]
        modifiers:
          - {max_age: 14, departments: {小儿外科: 1.0, 儿科: 0.4}, replace: true}
    questions:
      - id: injured
        text: 最近有没有摔伤或扭伤？
        choices:
          - {title: 有, value: "yes", departments: {骨科: 0.5}}
          - {title: 没有, value: "no"}
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from knowledge.schema.base import Entry, Id, Sex, Text, Words

Level = Literal["critical", "emergent", "urgent", "routine", "self_care"]
Weights = dict[str, float]
"""Standard department name → weight 0 to 1; the best first."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"正则表达式写错了：{error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class Match(Entry):
    """When an entry is met; see the module's docstring."""

    words: Words = ()
    groups: tuple[Words, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    not_words: Words = ()
    sex: Sex | None = None
    min_age: float | None = Field(default=None, ge=0)
    max_age: float | None = Field(default=None, ge=0)
    """Years, inclusive; 0.25 is three months. An unknown age or sex does not exclude."""


class RedFlag(Match):
    id: Id
    name: Text
    level: Literal["critical", "emergent"]
    """``critical``: 120 now. ``emergent``: the emergency department today, at once."""
    departments: Words = ("急诊科",)
    advice: Text
    source: str = ""
    """The guideline or standard behind it."""


class Choice(Entry):
    title: Text
    """On the button."""
    value: Text
    words: Words = ()
    """Other words that mean this choice."""
    departments: Weights = {}
    """Added to the complaint's weights when chosen."""
    level: Level | None = None
    """At least this level when chosen."""
    red_flag: Id | None = None
    """Chosen, this red flag is met."""


class TriageQuestion(Entry):
    id: Id
    text: Text
    choices: tuple[Choice, ...] = Field(min_length=2)


class Modifier(Entry):
    """Changes a complaint for some patients; all the conditions written must hold."""

    sex: Sex | None = None
    min_age: float | None = None
    max_age: float | None = None
    """Years, inclusive."""
    min_days: float | None = None
    max_days: float | None = None
    """How long it has lasted, days, inclusive."""
    words: Words = ()
    """Any of these in the text besides."""
    departments: Weights = {}
    replace: bool = False
    """``True``: these departments instead of the complaint's; else added to them."""
    level: Level | None = None
    advice: str = ""


class TriageComplaint(Match):
    id: Id
    name: Text
    departments: Weights
    level: Literal["urgent", "routine", "self_care"] = "routine"
    questions: tuple[Id, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    advice: str = ""


class Triage(Entry):
    """``Hospital.triage``."""

    red_flags: tuple[RedFlag, ...] = ()
    complaints: tuple[TriageComplaint, ...] = ()
    questions: tuple[TriageQuestion, ...] = ()
