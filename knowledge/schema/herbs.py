"""``herbs.yml``: how decoctions are made and sent, which couriers carry them, and what becomes of a parcel gone wrong."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Words
from knowledge.schema.rules import Stage


class HerbDecoction(Entry):
    id: Literal["decoct", "raw", "granules"]
    name: Text
    hours: int
    """Until handed to the courier, at most."""
    fee_per_dose: int = 0


class HerbCourier(Entry):
    name: Text
    code: Id
    """What kuaidi100 calls it, in small letters: ``shunfeng``."""
    aliases: Words = ()
    phone: bool = False
    """It shows a parcel's way only to who knows the last digits of the recipient's phone."""


class HerbDays(Entry):
    """Days on the way, from the courier's counter to the door."""

    city: int = Field(ge=0)
    province: int = Field(ge=0)
    elsewhere: int = Field(ge=0)
    remote: int = Field(ge=0)


class ParcelProblem(Entry):
    """What may be wrong with a parcel: 药包破了, 寄错了, 少了, 一直没收到 …"""

    id: Literal["damaged", "wrong", "missing", "lost", "returned", "untraceable", "stuck", "other"]
    name: Text
    hours: int = Field(ge=1)
    """The pharmacy answers within so many hours."""
    words: Words = ()
    """What patients say of it, as regular expressions."""
    asked: bool = True
    """Offered as a button; the others are found by the courier's news."""


class ParcelRemedy(Entry):
    id: Literal["resend", "refund", "none"]
    name: Text


class HerbRules(Entry):
    about: Text
    stages: tuple[Stage, ...]
    change_until: Id
    """Address, phone and way may be changed until this stage is reached."""
    change_also: tuple[Id, ...] = ()
    """Later stages in which they may be changed again: what came back is sent anew."""
    cancel_until: Id
    decoctions: tuple[HerbDecoction, ...]
    delivery_modes: dict[Literal["courier", "pickup"], str]
    pickup_place: Text
    couriers: tuple[HerbCourier, ...]
    home_city: Text
    home_province: Text
    remote_provinces: Words = ()
    days: HerbDays
    """Until the parcel is there, by where the address lies."""
    max_doses: int
    visit_days: int = Field(default=7, ge=1)
    """A registration belongs to the patient's last visit within so many days; without one the pharmacist asks."""
    cutoff: time
    """Registered until this hour, decocted the same day; later, from ``opens`` of the next day on."""
    opens: time = time(8, 0)
    free_from_doses: int
    courier_fee: int
    late_hours: int
    """In transit longer: staff see it, the patient is told honestly."""
    signed_after_hours: int = Field(default=72, ge=1)
    """Delivered so long ago and no word of anything wrong: taken for received."""
    query_minutes: int = Field(default=60, ge=30)
    """How often the courier is asked for one number; more often than every 30 minutes locks the number."""
    untraceable_hours: int = Field(default=24, ge=1)
    """A number that the courier does not know so long after it was handed over was copied wrongly."""
    problems: tuple[ParcelProblem, ...]
    remedies: tuple[ParcelRemedy, ...]
    ticket_stages: tuple[Stage, ...]
    ticket_days: int = Field(default=30, ge=1)
    """Something wrong can be told until so many days after the parcel was on its way."""
    phone: Text
