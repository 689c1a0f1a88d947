"""``triage/*.yml``, any of the keys ``words``, ``masks``, ``red_flags``, ``complaints``, ``questions``, ``children``,
``newborns``, ``advice``.

What patients say is written in ``when``, one line a way of saying it:

    胸痛                 the word stands in the text
    {胸部}~{痛}          a word of the set 胸部, then, near it in the same clause and with no "not" between, one of 痛
    {胸痛} + {大汗}      both are said, in any order
    突然 + {头痛} + {剧烈}

Denials (没有胸痛, 唔痛), the past (前年中过风), other people's news and figures of speech are seen by the programme
(``knowledge/evidence.py``) and not written here. ``masks`` are words that contain a shorter one which is not meant:
馒头 is no 头.

    words:
      胸部: [胸口, 胸, 心口]
      胸痛: ["{胸部}~{痛}", 心绞痛]
    masks: [馒头, 恶心]
    red_flags:
      - id: chest_pain_sweating
        name: 胸痛伴大汗
        level: critical
        when: ["{胸痛} + {大汗}"]
        departments: [急诊科]
        advice: 请立即停下活动坐下或躺下，马上拨打 120。
    complaints:
      - id: knee_pain
        name: 膝盖痛
        when: ["{膝}~{痛}"]
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
    children: {消化内科: 儿科, 普通外科: 小儿外科}
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Sex, Text, Words

Level = Literal["critical", "emergent", "urgent", "routine", "self_care"]
Weights = dict[str, float]
"""Standard department name → weight 0 to 1; the best first."""


class Match(Entry):
    """When an entry is met: any line of ``when``, no line of ``unless``; see the module's docstring."""

    when: tuple[Text, ...] = ()
    unless: tuple[Text, ...] = ()
    sex: Sex | None = None
    min_age: float | None = Field(default=None, ge=0)
    max_age: float | None = Field(default=None, ge=0)
    """Years, inclusive; 0.25 is three months. An unknown age or sex does not exclude, unless ``age_known``."""
    age_known: bool = False
    """Met only where the age is known or the text speaks of a person of that age (宝宝, 老人)."""


class RedFlag(Match):
    id: Id
    name: Text
    level: Literal["critical", "emergent", "urgent"]
    """``critical``: 120 now. ``emergent``: the emergency department at once. ``urgent``: today."""
    departments: Words = ("急诊科",)
    advice: Text
    source: str = ""
    """The guideline or principle behind it."""
    crisis: bool = False
    """Thoughts of suicide or self-harm: answered by the crisis words, never by a door number alone."""


class Choice(Entry):
    title: Text
    """On the button."""
    titles: dict[str, Text] = {}
    """Language → title."""
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
    texts: dict[str, Text] = {}
    """Language → question."""
    choices: tuple[Choice, ...] = Field(min_length=2)
    unless: tuple[Text, ...] = ()
    """Not asked where the text says one of these already."""


class Modifier(Entry):
    """Changes a complaint for some patients; all the conditions written must hold."""

    sex: Sex | None = None
    min_age: float | None = None
    max_age: float | None = None
    """Years, inclusive."""
    min_days: float | None = None
    max_days: float | None = None
    """How long it has lasted, days, inclusive."""
    pregnant: bool | None = None
    when: tuple[Text, ...] = ()
    """Any of these said besides."""
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
    weight: float = Field(default=1, gt=0)
    """How much it says against the other complaints of the text: a named disease more than a tired feeling."""
    hint: bool = False
    """Says who or what it is about and is no complaint by itself (孩子, 挂什么科): alone it gives no level."""
    questions: tuple[Id, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    advice: str = ""


class Triage(Entry):
    """``Hospital.triage``."""

    words: dict[str, tuple[Text, ...]] = {}
    """Sets of ways to say one thing; a set may use the sets before it."""
    masks: tuple[Text, ...] = ()
    red_flags: tuple[RedFlag, ...] = ()
    complaints: tuple[TriageComplaint, ...] = ()
    questions: tuple[TriageQuestion, ...] = ()
    children: dict[str, str] = {}
    """Department for grown-ups → the one that sees children (to 14 years) instead."""
    newborns: dict[str, str] = {}
    """The same for the first 28 days, applied after ``children``."""
    advice: dict[Level, str] = {}
    """What is said at each level where no entry says it better; never a reassurance."""
