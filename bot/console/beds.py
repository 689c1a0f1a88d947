"""The pool of beds as staff see it: ward by ward what is free, kept and lain in, and how many wait for the department."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from services import Desk, beds
from services.line_records import get_line, list_line_requests

WAITING = 1000


@dataclass(frozen=True, slots=True)
class WardBeds:
    id: str
    name: str
    takes: tuple[str, ...]
    """Departments whose patients the ward takes beside its own."""
    free: int
    reserved: int
    occupied: int
    closed: int
    """Out of use, or being cleaned."""
    waiting: int
    """Patients of the ward's department who wait for a bed anywhere."""


def list_wards(desk: Desk) -> tuple[WardBeds, ...]:
    """In the order of ``beds.yml``."""
    waiting = Counter(
        str(one.slots.get("department", ""))
        for one in list_line_requests(desk, under_way=True, limit=WAITING)
        if get_line(desk, str(one.line)).get_state(one.stage).bed == "wait"
    )
    return tuple(
        WardBeds(
            ward.id,
            desk.hospital.get_place(ward.place).name,
            ward.takes,
            count[beds.FREE],
            count[beds.RESERVED],
            count[beds.OCCUPIED],
            count[beds.CLEANING] + count[beds.CLOSED],
            waiting[ward.department],
        )
        for ward, count in beds.count_beds(desk)
    )
