"""``transfers.yml``: rides between the campuses and between home and hospital, by what the vehicles carry in an hour."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Weekdays, Words
from knowledge.schema.rules import Hours


class Vehicle(Entry):
    """What it carries in each hour in which it drives."""

    id: Id
    name: Text
    seats: int = Field(default=0, ge=0)
    stretchers: int = Field(default=0, ge=0)
    weekdays: Weekdays
    hours: Hours


class Ride(Entry):
    id: Id
    name: Text
    names: dict[str, Text] = {}
    kind: Literal["campus", "pickup", "home"]
    """Between campuses, from home to hospital, from hospital to home."""
    origin: str = ""
    """Campus or meeting point; empty: the patient's address."""
    destination: str = ""
    fee: int = Field(default=0, ge=0)
    """Yuan for one ride."""
    words: Words = ()
    """A patient's words that mean this ride."""
    hours_taken: int = Field(default=1, ge=1)
    """How many hours in a row the ride takes its places: a drive to a home and back takes longer."""


class TransferRules(Entry):
    about: Text
    rides: tuple[Ride, ...] = Field(min_length=1)
    vehicles: tuple[Vehicle, ...] = Field(min_length=1)
    areas: Words = ()
    """Parts of the address where homes are driven to; empty: anywhere."""
    days_ahead: int = Field(ge=0)
    notice_minutes: int = Field(ge=0)
    cancel_before_minutes: int = Field(ge=0)
    remind_minutes_before: int = Field(ge=0)
    most_people: int = Field(default=3, ge=1)
    """The patient and those who go along."""
    phone: Text
