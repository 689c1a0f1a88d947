"""``outpatients.yml``: the rules of the day itself and of what leads to it: suspensions, the waitlist's offers, arrival and
queue, crowding, what is examined before a follow-up visit. How long a number holds (一号管三天) stands in
``registration.yml`` (``revisit_days``).
"""

from __future__ import annotations

from pydantic import Field

from knowledge.schema.base import Entry, Text, Words


class SuspensionRules(Entry):
    wakes_within_hours: int = Field(default=14, ge=0)
    """In quiet hours, only who is booked within so many hours is told at once; the others when the quiet ends."""
    answer_minutes: int = Field(default=120, ge=1)
    """Not answered for so long after being told: on the list of those whom staff telephone."""
    urgent_answer_minutes: int = Field(default=20, ge=1)
    """The same, where the visit would have been today."""
    alternatives: int = Field(default=2, ge=1, le=3)
    """How many other numbers are offered as buttons."""


class OfferRules(Entry):
    most_unanswered: int = Field(default=3, ge=1)
    """So many offers let pass end the waiting; the patient is told."""


class QueueRules(Entry):
    opens_minutes_before: int = Field(default=60, ge=0)
    """Checking in is possible from so many minutes before the hour booked."""
    all_check_in_here: bool = True
    """Everybody checks in with the assistant or with staff at the console, so the queue can be counted here. Where only
    the hospital's own machines know all who wait, false: then nothing is said before they say it (``queue`` route)."""
    near: int = Field(default=2, ge=0)
    """The patient is told, once, when so many are left ahead."""
    passed_behind: int = Field(default=3, ge=0)
    """过号: who was called and did not come, and reports again, is put behind so many."""
    passed_most: int = Field(default=3, ge=1)
    """From this time on he is put behind all."""


class CrowdingRules(Entry):
    weeks: int = Field(default=8, ge=1, le=52)
    """History of so many weeks, the same weekday."""
    least_visits: int = Field(default=20, ge=1)
    """Fewer visits than this in that history say nothing: no advice is given."""
    quiet_below: float = Field(default=0.7, gt=0, lt=1)
    """An hour is quiet below this share of the day's mean hour."""
    busy_above: float = Field(default=1.3, gt=1)
    """And busy above this one."""


class Previsit(Entry):
    """What a follow-up visit in a department usually needs to be looked at there."""

    department: Text
    examinations: Words
    result_days: int = Field(default=0, ge=0)
    """Days from the examination to the last of the results."""
    hint: str = ""
    """How to come to the examination: one sentence."""


class OutpatientRules(Entry):
    suspension: SuspensionRules = SuspensionRules()
    offers: OfferRules = OfferRules()
    queue: QueueRules = QueueRules()
    crowding: CrowdingRules = CrowdingRules()
    known_within_days: int = Field(default=365, ge=1)
    """Who was seen in a department within so many days comes for a follow-up."""
    previsits: tuple[Previsit, ...] = ()
    previsit_line: Text = "previsit"
    """The service line by which these examinations are booked: with ``department``, ``examination`` and ``date``."""

    def find_previsit(self, department: str) -> Previsit | None:
        return next((one for one in self.previsits if one.department == department), None)
