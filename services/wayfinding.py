"""The way from one place of the hospital to another: quickest for a slow walker, step-free when asked.

Metres are walked metres; minutes are those of a slow walker at 0.8 m/s (source in `services.waygraph`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import networkx as nx

from knowledge import Hospital
from knowledge.schema import Place, PlaceKind
from services import directions
from services.waygraph import HospitalMap, Ride, find_ride, get_map

LegKind = Literal["walk"] | Ride


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a way that one drawing shows (``walk``), or one ride (``lift``, ``stairs``, ``escalator``,
    ``shuttle``) between two such parts. ``places`` are passed in order, corridor points among them."""

    kind: LegKind
    places: tuple[Place, ...]
    metres: float
    minutes: float
    building: str | None
    """``None`` out of doors and on the shuttle."""
    floor: str
    """Empty for a ride."""
    campus: str


@dataclass(frozen=True, slots=True)
class Route:
    origin: Place
    destination: Place
    legs: tuple[Leg, ...]
    metres: int
    """Walked, stairs included; not what a lift, an escalator or the shuttle carries."""
    minutes: int
    """For a slow walker, waiting for lifts included, waiting for the shuttle not; at least 1."""
    sentences: tuple[str, ...]
    """Spoken directions, each short enough to be said in one breath; never empty."""
    step_free: bool
    """Without a stair or an escalator, whether that was asked for or not."""

    @property
    def areas(self) -> tuple[tuple[str, str], ...]:
        """(building id or campus name, floor) of each floor walked on, in the order walked: one drawing each."""
        return tuple(dict.fromkeys((leg.building or leg.campus, leg.floor) for leg in self.walks))

    @property
    def walks(self) -> tuple[Leg, ...]:
        return tuple(leg for leg in self.legs if leg.kind == "walk")

    @property
    def needs_lift(self) -> bool:
        return any(leg.kind == "lift" for leg in self.legs)


def find_route(
    hospital: Hospital,
    *,
    destination: Place | str,
    origin: Place | str | None = None,
    step_free: bool = False,
    language: str = "zh",
) -> Route:
    """The quickest way for a slow walker, told in sentences of this language. Places by id or name; no origin is the main hall.

    Raises `NotFound`: ``unknown_place`` (``field`` says which), ``no_route``.
    """
    chart = get_map(hospital)
    start = chart.get_place(origin, field="origin")
    end = chart.get_place(destination, field="destination")
    return _tell(chart, start, end, step_free=step_free, language=language)


def find_nearest(
    hospital: Hospital,
    *,
    kind: PlaceKind | str,
    origin: Place | str | None = None,
    step_free: bool = False,
    language: str = "zh",
) -> Route | None:
    """The way to the nearest of several: a kind of place (``toilet``, ``machine``) or a patient's words (厕所, 开水间).

    The origin itself does not count. ``None`` where there is no such place or no way to one; raises `NotFound` for
    an unknown origin.
    """
    chart = get_map(hospital)
    start = chart.get_place(origin, field="origin")
    if kind in get_args(PlaceKind):
        wanted = [place for place in hospital.places if place.kind == kind]
    else:
        wanted = list(hospital.find_places(kind))
    graph = chart.step_free_ways if step_free else chart.ways
    minutes = nx.single_source_dijkstra_path_length(graph, start.id, weight="weight")
    reached = [place for place in wanted if place.id in minutes and place.id != start.id]
    if not reached:
        return None
    nearest = min(reached, key=lambda place: (minutes[place.id], place.id))
    return _tell(chart, start, nearest, step_free=step_free, language=language)


def _tell(chart: HospitalMap, origin: Place, destination: Place, *, step_free: bool, language: str) -> Route:
    graph = chart.step_free_ways if step_free else chart.ways
    way = chart.find_way(origin, destination, step_free=step_free)
    legs = tuple(_split(chart, graph, way))
    kinds = {leg.kind for leg in legs}
    flat = all(graph.edges[pair]["path"].step_free for pair in pairwise(way))
    sentences = directions.describe(chart, graph, way, destination=destination, language=language)
    if step_free:
        flat_way = directions.announce_step_free(needs_lift="lift" in kinds, language=language)
        sentences = (flat_way, *sentences)
    walked = sum(leg.metres for leg in legs if leg.kind in ("walk", "stairs"))
    minutes = sum(leg.minutes for leg in legs)
    return Route(
        origin=origin,
        destination=destination,
        legs=legs,
        metres=round(walked),
        minutes=max(1, math.ceil(minutes - 1e-9)),
        sentences=sentences,
        step_free=flat,
    )


def _split(chart: HospitalMap, graph: nx.DiGraph, way: list[str]) -> Iterator[Leg]:
    """The way cut where a ride begins or ends and where one leaves a building or a floor."""
    pairs = list(pairwise(way))
    start = 0
    while start < len(pairs):
        key = _key(chart, graph, pairs[start])
        end = start + 1
        while end < len(pairs) and _key(chart, graph, pairs[end]) == key:
            end += 1
        edges = [graph.edges[pair] for pair in pairs[start:end]]
        kind, building, floor, campus = key
        yield Leg(
            kind=kind,
            places=tuple(chart.places[name] for name in way[start : end + 1]),
            metres=sum(edge["path"].metres for edge in edges),
            minutes=sum(edge["minutes"] for edge in edges),
            building=building,
            floor=floor,
            campus=campus,
        )
        start = end
    if not pairs:
        place = chart.places[way[0]]
        yield Leg("walk", (place,), 0, 0, place.building, place.floor, chart.campus(place))


def _key(
    chart: HospitalMap, graph: nx.DiGraph, pair: tuple[str, str]
) -> tuple[LegKind, str | None, str, str]:
    """What an edge belongs to: a ride, or the floor (or campus) on which one walks. A bridge between two buildings
    belongs to the floor it is entered from."""
    a, b = (chart.places[name] for name in pair)
    ride = find_ride(graph.edges[pair]["path"], a, b)
    if ride:
        return ride, a.building, "", chart.campus(a)
    if a.building and b.building:
        return "walk", a.building, a.floor, chart.campus(a)
    return "walk", None, "1F", chart.campus(a)
