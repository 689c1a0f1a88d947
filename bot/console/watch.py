"""What every open page keeps an eye on, read once for all of them."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field

from bot.console.names import name_contact
from bot.console.talks import Entry, list_entries
from bot.house import House
from bot.masks import mask_text
from services import Desk
from services.alarms import Alarm, list_alarms
from services.complaints import Complaint
from services.overview import DANGER, Figures, count_figures

FRESH_SECONDS = 1.0
FIGURES_EVERY = 5
RINGS = DANGER | {"onsite_help", "onsite_help_late", "escort_missing", "parcel_drunk"}
"""Kinds that ring on every page: somebody lies on the floor, or waits for whoever should be there."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An open alarm as the bar shows it."""

    id: int
    kind: str
    danger: bool
    words: str
    at: dt.datetime
    times: int
    name: str
    contact_id: int | None
    """Empty where there is no conversation, or staff must not know whose it is."""
    about: str


@dataclass(frozen=True, slots=True)
class View:
    entries: tuple[Entry, ...] = ()
    alerts: tuple[Alert, ...] = ()
    figures: Figures | None = None
    now: dt.datetime = field(default=dt.datetime.min, compare=False)

    @property
    def waiting(self) -> int:
        return sum(one.handover == "requested" for one in self.entries)

    @property
    def dangers(self) -> int:
        return sum(one.danger for one in self.alerts)


class Watch:
    """One reader for all pages of this process."""

    def __init__(self, house: House):
        self.house = house
        self.view = View()
        self._read_at = float("-inf")
        self._reads = 0
        self._reading = asyncio.Lock()

    async def look(self, *, anew: bool = False) -> View:
        """The view, at most a second old; ``anew`` after something was done."""
        async with self._reading:
            clock = asyncio.get_running_loop().time
            if anew or clock() - self._read_at >= FRESH_SECONDS:
                with_figures = anew or self._reads % FIGURES_EVERY == 0
                self.view = await self.house.read(lambda desk: self._read(desk, with_figures))
                self._reads += 1
                self._read_at = clock()
            return self.view

    def _read(self, desk: Desk, with_figures: bool) -> View:
        figures = count_figures(desk) if with_figures else self.view.figures
        return View(
            list_entries(desk), tuple(_alert(desk, one) for one in list_alarms(desk)), figures, desk.now
        )


def _alert(desk: Desk, alarm: Alarm) -> Alert:
    kind, _, number = alarm.about.partition(":")
    hidden = False
    if kind == "complaint":
        complaint = desk.session.get(Complaint, int(number))
        hidden = complaint is not None and complaint.anonymous
    contact_id = None if hidden else alarm.contact_id
    return Alert(
        alarm.id,
        alarm.kind,
        alarm.kind in RINGS,
        mask_text("、".join(alarm.words)),
        alarm.last_at,
        alarm.times,
        name_contact(desk, contact_id) if contact_id is not None else "匿名" if hidden else "",
        contact_id,
        alarm.about,
    )
