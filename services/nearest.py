"""Who on duty is nearest on foot to where words say that somebody is."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import networkx as nx

from knowledge.schema import Place
from services.companions import Companion, is_fit, is_on_shift, list_companions
from services.desk import Desk
from services.waygraph import METRES_PER_MINUTE, get_map

DIGITS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Near:
    companion: Companion
    minutes: int


FLOOR = re.compile(r"(负)?([一二三四五六七八九十]{1,3}|\d{1,2})\s*[楼层]")
CARRIED = ("lift", "escalator", "shuttle")
"""Ways that take everybody the same time, however quick he walks."""


def find_place(desk: Desk, words: str | None) -> Place | None:
    """The place meant by the words, as nearly as they say it: a name, a part of one, or only a floor.

    Where a floor is named, it counts more than the rest: 「三楼眼科」 is on the third floor, whatever stands there. What
    every floor has (a toilet, a lift) is no place without one: nobody is sent to the first of twenty.
    """
    if not words:
        return None
    hospital = desk.hospital
    found = hospital.find_places(words)
    exact = next((one for one in found if words in (one.name, *one.aliases)), None)
    said = FLOOR.search(words)
    if said is None and found and found[0].shared and len(found) > 1:
        return None
    if exact is not None or said is None:
        return exact or (found[0] if found else None)
    floor = f"{'B' if said[1] else ''}{_read_number(said[2])}{'' if said[1] else 'F'}"
    building = next(
        (one.id for one in hospital.buildings if any(word in words for word in (one.name, *one.aliases))),
        next(
            (one.id for one in hospital.buildings if one.campus in words),
            hospital.get_place(hospital.escort.meeting_points[0]).building,
        ),
    )
    there = [one for one in hospital.places if (one.building, one.floor) == (building, floor)]
    named = [one for one in found if one in there]
    lifts = [one for one in there if one.kind == "lift"]
    return next(iter((*named, *lifts, *there)), found[0] if found else None)


def _read_number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return DIGITS.index(text[0]) + 1
    return (DIGITS.index(tens) + 1 if tens else 1) * 10 + (DIGITS.index(ones) + 1 if ones else 0)


def list_near(desk: Desk, *, place: str | None, besides: Collection[int] = ()) -> list[Near]:
    """Who is on duty now, the nearest on foot first; from the first meeting point where the place is unknown.

    Walked along the map's ways, lifts included, at the staff's pace.
    """
    rules = desk.hospital.escort
    at = find_place(desk, place) or find_place(desk, rules.meeting_points[0])
    chart = get_map(desk.hospital)
    # backwards from the person: one search for everybody on duty
    ways = chart.ways.reverse(copy=False)
    ratio = METRES_PER_MINUTE / rules.help.metres_per_minute

    def reckon(_: str, __: str, way: dict[str, Any]) -> float:
        return way["minutes"] * (1 if way["path"].kind in CARRIED else ratio)

    minutes = nx.single_source_dijkstra_path_length(ways, at.id, weight=reckon) if at else {}
    found = []
    for one in list_companions(desk, duty="help"):
        if one.id in besides:
            continue
        if not is_fit(one, desk.now.date()) or not is_on_shift(one, desk.now):
            continue
        post = find_place(desk, one.post)
        takes = minutes.get(post.id) if post else None
        if takes is not None and at is not None and chart.campus(post) == chart.campus(at):  # type: ignore[arg-type]
            found.append((takes, one.id, Near(one, max(1, math.ceil(takes)))))
    return [near for _, _, near in sorted(found, key=lambda one: one[:2])]
