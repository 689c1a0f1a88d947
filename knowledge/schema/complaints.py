"""``complaints.yml``: who deals with what patients say about the hospital, until when, and who hears of it when it is late."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Words
from knowledge.schema.rules import Stage


class ComplaintTeam(Entry):
    id: Id
    name: Text
    phone: str | None = None


class ComplaintCategory(Entry):
    id: Literal["attitude", "waiting", "process", "fee", "environment", "medical", "information", "other"]
    name: Text
    team: Id
    answer_days: int
    """Working days until the answer."""
    words: Words = ()
    """Words that point to it."""


class Escalation(Entry):
    """What is late is told upwards, once for each line of this table."""

    id: Id
    name: Text
    late: Literal["contact", "answer"]
    """What has not happened in time: the first contact, or the answer."""
    hours: int = Field(default=0, ge=0)
    """So long after it was due."""
    to: Literal["duty", "lead"]
    """The head on duty, or the lead of the hospital."""


class Repeat(Entry):
    """So many complaints on the same matter within so many days are no accident: an improvement is proposed."""

    by: Literal["place", "department", "cause"]
    """The same cause at one place, in one department, or anywhere."""
    count: int = Field(ge=2)
    contacts: int = Field(default=2, ge=1)
    """From at least so many people: one angry person is not a pattern."""
    days: int = Field(ge=1)


class PictureRules(Entry):
    most: int = Field(default=6, ge=0)
    """With one complaint; 0: none are taken."""
    megabytes: int = Field(default=8, ge=1, le=20)
    """Of one picture as it is sent; what is kept is smaller."""
    pixels: int = Field(default=1600, ge=400)
    """The longer side as it is kept."""
    hours: int = Field(default=24, ge=1)
    """A picture sent so long before the complaint, or after it, belongs to it; one that found none is deleted then."""


class ComplaintRules(Entry):
    categories: tuple[ComplaintCategory, ...]
    teams: tuple[ComplaintTeam, ...]
    stages: tuple[Stage, ...]
    first_contact_hours: int
    escalations: tuple[Escalation, ...] = ()
    confirm_days: int
    """No word of the patient so long after the answer: closed."""
    reopen_days: int
    repeats: tuple[Repeat, ...] = ()
    pictures: PictureRules = PictureRules()
    serious_words: Words = ()
    """Told to the head on duty at once."""
    grievance_words: Words = ()
    """Said in an emergency, they make it a complaint besides."""
    figures: Words = ()
    """Said in anger they are no danger (等到吐血, 翻白眼): not read when danger is looked for in a complaint."""
    past_words: Words = ()
    """A danger told with one of these is over: it is serious, but nobody is sent to the emergency department."""
    anonymous: bool = True
    phone: Text
