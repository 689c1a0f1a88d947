"""``escort.yml``: who is escorted, with what means, by whom, step by step; help on the spot.

``companions.yml``, key ``companions``: who is on the roster when a hospital begins; afterwards the roster lives in the
database and is kept in the console, so an entry changed here does not overwrite what staff wrote there.
"""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Need, Text, Weekdays, Words
from knowledge.schema.rules import Hours

Duty = Literal["escort", "help"]
CompanionKind = Literal["volunteer", "staff", "nurse"]


class EscortReason(Entry):
    """All its conditions hold → eligible. Age in years."""

    id: Id
    name: Text
    min_age: int | None = None
    max_age: int | None = None
    needs: tuple[Need, ...] = ()


class EscortOthers(Entry):
    """Who is not entitled may still be escorted, where places are left."""

    fee: int = Field(default=0, ge=0)
    """Yuan for one visit; 0: free, by capacity."""
    places: int = Field(default=1, ge=1)
    """Of the half hour's capacity at most so many, so that those entitled find a place."""


class Risk(Entry):
    """One question of safety, asked unless the answer is known or makes no difference."""

    id: Id
    name: Text
    """For staff: 要吸氧."""
    ask: Text
    asks: dict[str, Text] = {}
    """The question in other languages."""
    words: Words = ()
    """A patient's words that answer it with yes; the same words denied (不用吸氧) answer it with no."""
    no_words: Words = ()
    """Words that answer it with no: 能坐起来."""
    needs: tuple[Need, ...] = ()
    """Needs that answer it with yes."""
    skip_for: tuple[Id, ...] = ()
    """Needs, and risks answered with yes, with which the answer changes nothing: not asked."""
    staff: int = Field(default=0, ge=0)
    """So many more people."""
    skill: Id | None = None
    """What one of them must be trained in."""
    bring: str = ""
    """What they bring: 便携氧气瓶."""
    bring_names: dict[str, Text] = {}


class Means(Entry):
    """How the patient is moved; the first of the list of which any condition holds, the last has none."""

    id: Id
    name: Text
    names: dict[str, Text] = {}
    words: Words = ()
    """A patient's words that ask for it; denied (不用轮椅) they ask for something else."""
    needs: tuple[Need, ...] = ()
    risks: tuple[Id, ...] = ()
    staff: int = Field(default=1, ge=1)
    skill: Id | None = None


class EscortStage(Entry):
    """A step of the accompanied visit, ticked by the escort."""

    id: Id
    name: Text
    names: dict[str, Text] = {}
    tell: bool = False
    """The family is told at once; every step can be asked for."""


class Speech(Entry):
    """A language or dialect in which an escort may speak with the patient."""

    id: Id
    name: Text
    names: dict[str, Text] = {}
    words: Words = ()
    """How a patient speaks of it: 只会讲壮话."""


class AssignmentRules(Entry):
    ahead_hours: int = Field(default=24, ge=1)
    """Assigned by rule so long before the meeting; earlier by a person."""
    visit_minutes: int = Field(default=150, ge=30)
    """How long an escort is taken to be busy with one visit."""
    most_a_day: int = Field(default=3, ge=1)
    """Visits of one escort in a day."""


class Head(Entry):
    name: Text
    phone: Text


class HelpRules(Entry):
    accept_minutes: int = Field(default=3, ge=1)
    """Not accepted for so long: the next is called."""
    tries: int = Field(default=2, ge=1)
    """So many people are asked one after the other; then the head of the desk."""
    metres_per_minute: int = Field(default=72, ge=30)
    """Walking speed of staff (1.2 m/s), to say when they come."""
    head: Head


class Shift(Entry):
    weekdays: Weekdays
    start: time
    end: time


class CompanionEntry(Entry):
    """One who escorts or is on duty for help on the spot."""

    id: Id
    name: Text
    kind: CompanionKind
    phone: Text
    post: Text
    """Id or name of the place where he is on duty; after loading the name."""
    languages: tuple[Id, ...] = ()
    skills: tuple[Id, ...] = ()
    duties: tuple[Duty, ...] = ("escort",)
    trained_until: date
    """The day on which the training's validity ends."""
    shifts: tuple[Shift, ...]


class Roster(Entry):
    companions: tuple[CompanionEntry, ...]


class EscortRules(Entry):
    about: Text
    free_for: tuple[EscortReason, ...]
    others: EscortOthers | None = None
    """Left out: only those entitled are escorted."""
    risks: tuple[Risk, ...] = ()
    """In the order in which they are asked."""
    means: tuple[Means, ...] = Field(min_length=1)
    stages: tuple[EscortStage, ...] = Field(min_length=1)
    speeches: tuple[Speech, ...] = ()
    assignment: AssignmentRules = AssignmentRules()
    help: HelpRules
    weekdays: Weekdays
    hours: Hours
    days_ahead: int
    notice_minutes: int
    """Asked for at least this long before the meeting."""
    capacity: int
    """Escorts who can start in the same half hour."""
    cancel_before_minutes: int
    meeting_points: Words
    """Ids or names of places, the usual one first; after loading the names."""
    services: Words
    """What an escort does: 陪挂号, 陪检查 …"""
    remind_minutes_before: int
    rating_after_minutes: int = Field(default=30, ge=0)
    """After the visit's end the patient is asked how it was."""
    phone: Text
