"""``lines/*.yml``: one service line a file, the model itself: what to collect, who may ask, which team, its states.

id: record_copy
name: {zh: 复印病历, vi: Sao bệnh án}
prefix: BA                       # order numbers BA260311-482913
starts: [{intent: copy_medical_record}]
team: {id: records, name: 病案室, phone: "000-10000141"}
collect:
  - slot: delivery
    title: {zh: 取件方式, vi: cách nhận}
    ask: {zh: 寄给您，还是自己来取？, vi: …}
    choices:
      - {id: courier, name: {zh: 寄到家, vi: …}, words: [寄, 快递]}
      - {id: pickup, name: {zh: 自己来取, vi: …}, words: [自取]}
  - {slot: address, when: {delivery: [courier]}}
states:
  - {id: requested, name: {zh: 已登记, vi: …}, next: [ready, cancelled], within: {workdays: 1}, patient: [change, cancel]}
  - {id: ready, status: completed, name: {zh: 印好了, vi: …}, say: {zh: 病历印好了，单号 {order_number}。, vi: …}}
  - {id: cancelled, status: cancelled, name: {zh: 已取消, vi: …}}

How to add one, with every key explained: docs/lines.md.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from knowledge.schema.base import Entry, Id, Need, Period, Sex, Text, Weekdays, Words


def _as_chinese(value: Any) -> Any:
    return {"zh": value} if isinstance(value, str) else value


Said = Annotated[dict[Text, Text], BeforeValidator(_as_chinese), Field(min_length=1)]
"""Language → words; a text alone is the Chinese."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
Kind = Literal[
    "text", "choice", "date", "period", "time", "phone", "address", "number", "yes_no", "department", "photo"
]
OF_CONTRACT: dict[str, Kind] = {
    "department": "department",
    "doctor": "text",
    "date": "date",
    "period": "period",
    "time": "time",
    "place": "text",
    "special_need": "choice",
    "phone": "phone",
    "address": "address",
    "examination": "text",
}
"""Slots of the contract that a line may collect, and how each is answered; every other name is the line's own."""
STATUSES = ("requested", "accepted", "in-progress", "completed", "rejected", "cancelled")
Status = Literal["requested", "accepted", "in-progress", "completed", "rejected", "cancelled"]
"""States of a FHIR R4 Task, to which each state of a line belongs."""
ENDED = ("completed", "rejected", "cancelled")


def list_held(value: Any) -> tuple[Any, ...]:
    """What is held: nothing, one answer, or several."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def say_in(said: dict[str, str], language: str) -> str:
    """The words in a language, else in Chinese."""
    return said.get(language) or said.get("zh") or next(iter(said.values()))


class Span(Entry):
    """So long: hours round the clock, or working days (until the end of the office hours of the last one)."""

    hours: int | None = Field(None, ge=0)
    workdays: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _has_one(self) -> Span:
        if (self.hours is None) == (self.workdays is None):
            raise ValueError("写 hours 或 workdays 其中一个")
        return self


class LineStart(Entry):
    """What begins the line: an intent, words, or an intent only together with words."""

    intent: Text | None = None
    words: Words = ()
    """Phrases; ``…`` stands for a few letters (代…退费). With an intent: only then; without: whatever the intent."""

    @model_validator(mode="after")
    def _has_one(self) -> LineStart:
        if self.intent is None and not self.words:
            raise ValueError("至少写 intent 或 words")
        return self


class LineTeam(Entry):
    id: Id
    name: Text
    phone: Text


class LineRule(Entry):
    """Who may ask: every condition written must hold, else ``say`` tells why not. Age in years, of the patient."""

    min_age: int | None = None
    max_age: int | None = None
    sex: Sex | None = None
    relations: Words = ()
    """本人, 母亲 …: what the patient is to whoever asks."""
    say: Said


class LineChoice(Entry):
    id: Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=40)]
    """What the record holds; for an examination its name itself."""
    name: Said
    words: Words = ()
    """What patients say for it; regular expressions are not needed, ``…`` stands for a few letters."""
    about: Said | None = None
    """Said with the echo when it is chosen: what to bring, how it is done."""
    advice: Text | None = None
    """An entry of the FAQ whose answer is said with the echo and the reminder: 空腹 and the like."""
    place: Text | None = None
    department: Text | None = None
    weekdays: Weekdays | None = None
    weeks: tuple[int, ...] = ()
    """Only these of the month: 1 the first such weekday, 3 the third …"""
    periods: tuple[Period, ...] = ()
    capacity: int | None = Field(None, ge=1)
    fee: Said | None = None
    urgent: bool = False
    own_ward: bool = False
    """Chosen, only a bed of the department's own wards will do."""
    within_days: int | None = Field(None, ge=0)
    """A day named that lies so near means this choice: 「后天就要」."""
    stop: Said | None = None
    """Chosen, the line ends here with these words (不能网上办的)."""
    book: bool = False
    """With ``stop``: a booking is offered, of the department of the choices made so far where they name one."""
    answers: Literal["yes", "no"] | None = None
    """A plain yes or no to the question is this one."""
    alone: bool = False
    """Of several: chosen, it stands for itself (整套, 都没有)."""
    prepare: dict[Name, int] = {}
    """What must be kept before it, and for how many hours: of all that is chosen the strictest is said (``Line.prepare``)."""


class LineCheck(Entry):
    """What an answer must be; ``say`` tells how it should be."""

    min: int | None = None
    """Of a number; of a text, letters."""
    max: int | None = None
    from_days: int | None = None
    """A day at the earliest so many days from today."""
    to_days: int | None = None
    workdays: bool = False
    weekdays: Weekdays | None = None
    before: time | None = None
    """Tomorrow can be chosen only until this hour today."""
    of_hospital: bool = False
    """A department of the hospital that takes appointments."""
    say: Said | None = None


class LineQuestion(Entry):
    """One thing to know, asked in the order written, and never asked where it was said."""

    slot: Name
    title: Said | None = None
    """What it is called in the echo; a slot of the contract has its own title."""
    ask: Said | None = None
    kind: Kind | None = None
    """Left out: as the contract's slot, ``choice`` where there are choices, else ``text``."""
    choices: tuple[LineChoice, ...] = ()
    others: bool = False
    """Besides the choices other words are taken as they are."""
    several: bool = False
    """More than one may be held, as a list: of choices, or of the patient's own words."""
    more: bool = False
    """With ``several``: after a button the other choices are offered too, until 「没有了」."""
    words: Words = ()
    """With ``every``: what patients call all of it together (材料)."""
    every: Said | None = None
    """With ``several``: the button that means all choices, and how all of them read (都有)."""
    lacking: Said | None = None
    """With ``every``: said with the echo where not all are chosen; ``{lacking}`` names those that are not."""
    when: dict[Name, tuple[Text, ...]] = {}
    """Asked only where an earlier answer is one of these."""
    optional: bool = False
    private: bool = True
    """Health or identity: never in a log, masked in views."""
    check: LineCheck = LineCheck()
    change: bool = True
    """The patient may change it while the state lets him change anything."""

    never: tuple[Literal["small_words", "day", "number", "question", "request"], ...] = (
        "small_words",
        "day",
        "number",
        "question",
        "request",
    )
    """What an answer in the patient's own words is not: the message is then no answer, and asked once more."""

    @property
    def takes_words(self) -> bool:
        """Whether the patient's own words may be the answer."""
        return self.answered_as == "text" or self.others

    @property
    def answered_as(self) -> Kind:
        if self.kind is not None:
            return self.kind
        return "choice" if self.choices else OF_CONTRACT.get(self.slot, "text")

    def find_choice(self, value: Any) -> LineChoice | None:
        return next((one for one in self.choices if one.id == value), None)

    def find_chosen(self, value: Any) -> tuple[LineChoice, ...]:
        """The choices held, one or several, in the order of the file."""
        held = list_held(value)
        return tuple(one for one in self.choices if one.id in held)

    @property
    def ordinary(self) -> tuple[LineChoice, ...]:
        """Those of several choices that may stand together."""
        return tuple(one for one in self.choices if not one.alone)


class LineField(Entry):
    """Something staff say when they move a request on."""

    slot: Name
    title: Text
    required: bool = True
    kind: Kind = "text"
    choices: Words = ()
    ahead: int | None = Field(None, ge=0)
    """A day left open is so many days from today …"""
    before: time | None = None
    """… and one more after this hour."""


class LineState(Entry):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,29}$")]
    name: Said
    """What patient and staff read of it."""
    status: Status = "in-progress"
    next: tuple[Id, ...] = ()
    by: tuple[Literal["staff", "patient", "api", "clock"], ...] = ("staff", "api")
    """Who may move a request here."""
    tell: bool = True
    say: Said | None = None
    """What the patient is told; left out: the name of the state."""
    needs: tuple[LineField, ...] = ()
    within: Span | None = None
    """The next step is promised within this time; later, staff are alarmed and the patient is told honestly."""
    urgent_within: Span | None = None
    tell_due: bool = True
    """Whether the patient is told until when; not where the next step is his own (to fetch it)."""
    patient: tuple[Literal["change", "cancel"], ...] = ()
    """What the patient may still do himself."""
    changed: Id | None = None
    """Where a request goes back to when the patient changes it here: what staff gave for this state is void then."""
    back: Id | None = None
    """Where a patient who cannot come this time goes back to, to wait on."""
    at_once: bool = False
    """Told in quiet hours too: who comes is on the way."""
    offer: tuple[Literal["book", "again"], ...] = ()
    """Buttons with the news: to book (in the department of what was chosen), to register once more."""
    bed: Literal["wait", "reserve", "occupy", "release"] | None = None
    """What happens in the pool of beds."""


class LineReminder(Entry):
    """Told by the clock some days before a day that was collected, at an hour."""

    id: Id
    of: Name = "date"
    days_before: int = Field(1, ge=0)
    at: time
    states: tuple[Id, ...]
    """Only while the request stands in one of these."""
    say: Said


class LineCapacity(Entry):
    """At most so many at once for the same answers to ``per`` (a choice may say its own capacity)."""

    per: tuple[Name, ...] = Field(min_length=1)
    limit: int = Field(ge=1)


class Line(Entry):
    id: Name
    name: Said
    about: Said | None = None
    record: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,19}$")] | None = None
    """Type of its records in the API; left out: the id."""
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    starts: tuple[LineStart, ...] = Field(min_length=1)
    called: Words = ()
    """How patients call it once it is registered (护士 for 护士上门): heard only where one is under way, or with its intent."""
    faq: Text | None = None
    """The entry of the FAQ that answers questions about it; left out: the general one of its intent."""
    team: LineTeam
    patient: bool = True
    """Whether it is for a 就诊人; without, it is the contact's own matter (a volunteer)."""
    who: tuple[LineRule, ...] = ()
    needs: tuple[Need, ...] = ()
    collect: tuple[LineQuestion, ...] = ()
    capacity: LineCapacity | None = None
    states: tuple[LineState, ...] = Field(min_length=2)
    """The first is where a new request begins."""
    reminders: tuple[LineReminder, ...] = ()
    escalate_after: Span = Span(hours=4)
    """Late and still not moved so long: the duty head is alarmed."""
    done: Said
    """Said when it is registered; ``{order_number}`` and ``{due}`` may stand in it."""
    intro: Said | None = None
    """Said once before the first question."""
    fee: Said | None = None
    place: Text | None = None
    bring: Said | None = None
    prepare: dict[Name, Said] = {}
    """What the choices' ``prepare`` says to the patient; ``{hours}`` is the longest that any of them wants."""

    @property
    def kind(self) -> str:
        return self.record or self.id

    @property
    def takes_photo(self) -> bool:
        return any(one.answered_as == "photo" for one in self.collect)

    def get_state(self, state: str) -> LineState:
        return next(one for one in self.states if one.id == state)

    def find_question(self, slot: str) -> LineQuestion | None:
        return next((one for one in self.collect if one.slot == slot), None)

    def is_asked(self, question: LineQuestion, values: Any) -> bool:
        """Whether a question belongs to these answers."""
        return all(
            any(one in wanted for one in list_held(values.get(slot)))
            for slot, wanted in question.when.items()
        )


class Ward(Entry):
    """``beds.yml``, key ``wards``: the beds of a ward, in the pool of the whole hospital (全院一张床)."""

    id: Id
    department: Text
    place: Text
    rooms: dict[Id, int] = Field(min_length=1)
    """Room → beds in it."""
    sex: Sex | None = None
    takes: Words = ()
    """Departments whose patients it takes when their own wards are full."""
