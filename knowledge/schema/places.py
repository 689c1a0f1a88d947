"""``places/*.yml``: one file a floor is handy. Each may hold any of the keys ``places``, ``paths``, ``place_codes``.
``facilities.yml``, key ``facilities``.

    places:
      - {id: OPD-1F-REG, name: 门诊一楼挂号收费处, aliases: [挂号处, 收费处], kind: window, building: OPD,
         floor: 1F, x: 12, y: 30}
      - {id: OPD-1F-J3, name: 门诊一楼大厅中央, kind: junction, building: OPD, floor: 1F, x: 20, y: 30}
    paths:
      - {a: OPD-1F-REG, b: OPD-1F-J3, kind: corridor}            # metres from x and y where left out
      - {a: OPD-1F-LIFT1, b: OPD-2F-LIFT1, kind: lift, metres: 5}
    place_codes:
      - {code: OPD-1F-REG, place: OPD-1F-REG}                    # name: the place's unless written

    facilities:
      - id: kitchen
        name: 自助厨房
        aliases: [能自己煮饭吗, 灶台]
        places: [IPD-1F-KITCHEN]
        hours: 每天 06:00–21:00
        about: 80 个灶位，免费使用
        how: 带住院腕带登记即可
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Words
from knowledge.schema.site import Floor

PlaceKind = Literal[
    "entrance",  # a door of the building
    "window",  # registration, payment, insurance, records: a counter with staff
    "machine",  # self-service machines
    "waiting",  # waiting area of a department
    "room",  # consulting or treatment room
    "examination",  # imaging, endoscopy, function tests
    "laboratory",  # blood and other samples
    "pharmacy",
    "ward",
    "nurse_station",
    "emergency",
    "toilet",
    "lift",
    "stairs",
    "escalator",
    "service",  # information, volunteers, equipment loan, nursing room, kitchen, shop
    "food",
    "parking",
    "stop",  # bus, taxi, shuttle
    "office",
    "garden",
    "junction",  # a point of the corridor; never offered as a destination
]
PathKind = Literal["corridor", "door", "lift", "stairs", "escalator", "ramp", "outdoor", "shuttle"]


class Place(Entry):
    id: Id
    """``<building>-<floor>-<abbreviation>``, e.g. ``OPD-1F-REG``."""
    name: Text
    """What the patient reads, with building and floor: 门诊四楼内科候诊区. Unique."""
    aliases: Words = ()
    """What the patient says: 抽血的地方, 厕所. Of one building a word names one place only; the same word may name
    one in each building and floor (toilets, lifts) where ``shared`` says so."""
    shared: bool = False
    """``True`` for what every floor has (toilet, lift, stairs): its aliases may be shared, the nearest is meant."""
    kind: PlaceKind
    building: Id | None = None
    """``None`` out of doors (car park, bus stop)."""
    floor: Floor = "1F"
    campus: str = ""
    """Only out of doors; else that of the building."""
    x: float
    y: float
    """Metres east and north of the campus's south-west corner: one frame in and out of doors, so that a way from
    building to building keeps its turns."""
    width: float = Field(default=0, ge=0)
    depth: float = Field(default=0, ge=0)
    """The room's metres from west to east and from south to north, for the drawn map; 0: drawn as a mark."""
    department: str | None = None
    """Standard name of the department whose place it is."""
    code: str | None = None
    """Filled at loading from ``place_codes``; not written in the file."""
    landmark: str = ""
    """What one sees there, for spoken directions (蓝色导诊台)."""


class Path(Entry):
    """A way between two places, walked in both directions unless ``oneway``."""

    a: Id
    b: Id
    """Ids of places."""
    kind: PathKind = "corridor"
    metres: float = Field(default=0, ge=0)
    """0: taken from x and y (only within one floor)."""
    step_free: bool | None = None
    """Filled at loading where left out: stairs and escalators ``False``, all others ``True``."""
    oneway: bool = False
    minutes: float | None = Field(default=None, ge=0)
    """Only where walking speed says nothing: waiting for a lift, riding the shuttle."""
    name: str = ""
    """What it is called (2 号电梯, 连廊), for spoken directions."""


class PlaceCode(Entry):
    """A 吐槽码 on the wall: its QR code opens the chat with the place known."""

    code: Id
    name: str = ""
    """After loading never empty: the place's name unless written."""
    place: Text
    """Id or name of a place; after loading the place's name."""
    department: str | None = None
    """Who answers for the place, where that is not clear from the place."""


class Facility(Entry):
    id: Id
    name: Text
    aliases: Words = ()
    places: Words = ()
    """Ids or names of places; after loading the names."""
    hours: str = ""
    about: Text
    how: str = ""
    """What the patient does to use it."""
    phone: str | None = None
