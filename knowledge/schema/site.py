"""``hospital.yml``: who the hospital is and where it stands.

id: guijiang
name: 桂江市人民医院（示例）
campuses:
  - {name: 江滨院区, aliases: [本部], address: …}
buildings:
  - {id: OPD, name: 门诊楼, campus: 江滨院区, floors: [B1, 1F, 2F]}
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Words

Floor = Annotated[str, Field(pattern=r"^(B\d|\d{1,2}F)$")]
"""``B1`` below ground, ``1F`` the ground floor."""


class Campus(Entry):
    name: Text
    aliases: Words = ()
    address: Text
    transport: str = ""
    """How to come here by bus, car and on foot, in one or two sentences."""


class Building(Entry):
    id: Id
    """The first part of each place id in it: ``OPD``, ``IPD``, ``EAST``."""
    name: Text
    aliases: Words = ()
    campus: Text
    floors: tuple[Floor, ...]
    """From the lowest to the highest."""
    lifts: str = ""


class Site(Entry):
    id: Id
    name: Text
    short_name: Text
    aliases: Words = ()
    phone: Text
    """The switchboard, for everything that needs a person."""
    emergency_phone: Text
    """The hospital's own emergency room; 120 stands beside it in every emergency reply."""
    timezone: str = "Asia/Shanghai"
    about: str = ""
    campuses: tuple[Campus, ...]
    """The first is the main campus."""
    buildings: tuple[Building, ...]


class HolidayEntry(Entry):
    """An override in ``holidays.yml``: a holiday's days off and the days worked instead.

    Used where the published calendar is not yet known to the library, or the hospital decides differently.
    """

    name: Text
    start: date
    end: date
    workdays: tuple[date, ...] = ()
    """Weekend days worked instead (调休上班)."""
