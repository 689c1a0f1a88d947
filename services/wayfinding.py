"""The way from one place of the hospital to another: shortest for a slow walker, step-free when asked.

Distances are metres. Minutes are those of a slow walker: 0.8 m/s, the speed at or below which the European
consensus on sarcopenia (EWGSOP2, Cruz-Jentoft et al., Age and Ageing 2019;48:16–31) calls gait slow; who walks
faster arrives early. Stairs are counted at half that speed, and a lift with one minute of waiting.

The graph of a hospital is built once (`HospitalMap`) and kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any, Literal, get_args

import networkx as nx

from knowledge import Hospital, UnknownName
from knowledge.schema import Path, Place, PlaceKind
from services import directions
from services.errors import NotFound

METRES_PER_MINUTE = 0.8 * 60
STAIRS_METRES_PER_MINUTE = METRES_PER_MINUTE / 2
LIFT_WAIT_MINUTES = 1.0
LIFT_FLOOR_MINUTES = 0.1
SHUTTLE_WAIT_MINUTES = 10.0
"""Reckoned when ways are compared; not told as travel time, for the timetable is told instead."""
RELUCTANCE = {"stairs": 0.06, "escalator": 0.03}
"""Minutes a patient would walk further to be spared a metre of stairs. Chooses ways, is never told as time."""

DEFAULT_ORIGIN = "门诊大厅"

LegKind = Literal["walk", "lift", "stairs", "escalator", "shuttle"]


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


class HospitalMap:
    """A hospital's places and ways as graphs weighted with minutes: one of all ways, one of the step-free ones."""

    def __init__(self, hospital: Hospital):
        self.hospital = hospital
        self.places = {place.id: place for place in hospital.places}
        self.campus_of = {building.id: building.campus for building in hospital.buildings}

    @cached_property
    def ways(self) -> nx.DiGraph:
        return self._build(self.hospital.paths)

    @cached_property
    def step_free_ways(self) -> nx.DiGraph:
        return self._build(path for path in self.hospital.paths if path.step_free)

    def get_place(self, place: Place | str | None, *, field: str) -> Place:
        """By id, name or unambiguous alias; ``None`` is the main hall. Raises `NotFound` ``unknown_place``."""
        if isinstance(place, Place):
            return place
        if place is None:
            return self.main_entrance
        try:
            return self.hospital.get_place(place)
        except UnknownName as unknown:
            raise NotFound("unknown_place", field=field, value=place) from unknown

    @cached_property
    def main_entrance(self) -> Place:
        """门诊大厅; where a hospital has no place of that name, the first entrance written."""
        named = self.hospital.find_places(DEFAULT_ORIGIN)
        if named:
            return named[0]
        entrances = [place for place in self.hospital.places if place.kind == "entrance"]
        return entrances[0] if entrances else self.hospital.places[0]

    def campus(self, place: Place) -> str:
        return self.campus_of.get(place.building or "") or place.campus or self.hospital.campuses[0].name

    def find_way(self, origin: Place, destination: Place, *, step_free: bool) -> list[str]:
        """Ids of the places passed, both ends included. Raises `NotFound` ``no_route``."""
        graph = self.step_free_ways if step_free else self.ways
        try:
            way: list[str] = nx.dijkstra_path(graph, origin.id, destination.id, weight="weight")
        except (nx.NetworkXNoPath, nx.NodeNotFound) as none:
            raise NotFound(
                "no_route",
                field="destination",
                value=destination.name,
                origin=origin.name,
                step_free=step_free,
            ) from none
        return way

    def _build(self, paths: Iterable[Path]) -> nx.DiGraph:
        graph: nx.DiGraph = nx.DiGraph()
        graph.add_nodes_from(self.places)
        lifts: nx.Graph = nx.Graph()
        for path in paths:
            if path.kind == "lift":
                ride = LIFT_FLOOR_MINUTES if path.minutes is None else path.minutes
                lifts.add_edge(path.a, path.b, ride=ride, path=path)
            else:
                minutes = _reckon_minutes(path)
                weight = minutes + path.metres * RELUCTANCE.get(path.kind, 0)
                weight += SHUTTLE_WAIT_MINUTES if path.kind == "shuttle" else 0
                _connect(graph, path.a, path.b, path, minutes, weight)
        # A lift is waited for once, however many floors it passes: one edge for each pair of its floors.
        for shaft in nx.connected_components(lifts):
            for a, b in combinations(sorted(shaft), 2):
                ride = nx.shortest_path_length(lifts, a, b, weight="ride")
                path = next(iter(lifts.edges(a, data="path")))[2]
                minutes = LIFT_WAIT_MINUTES + ride
                _connect(graph, a, b, path, minutes, minutes)
        return graph


def _reckon_minutes(path: Path) -> float:
    if path.minutes is not None:
        return path.minutes
    speed = STAIRS_METRES_PER_MINUTE if path.kind == "stairs" else METRES_PER_MINUTE
    return path.metres / speed


def _connect(graph: nx.DiGraph, a: str, b: str, path: Path, minutes: float, weight: float) -> None:
    """Of two ways between the same places the quicker one counts."""
    for start, end in ((a, b),) if path.oneway else ((a, b), (b, a)):
        known: Any = graph.get_edge_data(start, end)
        if known is None or known["weight"] > weight:
            graph.add_edge(start, end, path=path, minutes=minutes, weight=weight)


_MAPS: dict[int, HospitalMap] = {}


def get_map(hospital: Hospital) -> HospitalMap:
    """The hospital's map, built once. Kept by identity: comparing or hashing a whole hospital takes longer than a
    route; the map holds its hospital, so an identity in the table is never used again by another."""
    if id(hospital) not in _MAPS:
        if len(_MAPS) >= 8:  # hospitals reloaded after an edit, and tests
            _MAPS.clear()
        _MAPS[id(hospital)] = HospitalMap(hospital)
    return _MAPS[id(hospital)]


def find_route(
    hospital: Hospital,
    *,
    destination: Place | str,
    origin: Place | str | None = None,
    step_free: bool = False,
) -> Route:
    """The quickest way for a slow walker, told in sentences. Places by id or name; no origin is the main hall.

    Raises `NotFound`: ``unknown_place`` (``field`` says which), ``no_route``.
    """
    chart = get_map(hospital)
    start = chart.get_place(origin, field="origin")
    end = chart.get_place(destination, field="destination")
    return _tell(chart, start, end, step_free=step_free)


def find_nearest(
    hospital: Hospital,
    *,
    kind: PlaceKind | str,
    origin: Place | str | None = None,
    step_free: bool = False,
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
    return _tell(chart, start, nearest, step_free=step_free)


def _tell(chart: HospitalMap, origin: Place, destination: Place, *, step_free: bool) -> Route:
    graph = chart.step_free_ways if step_free else chart.ways
    way = chart.find_way(origin, destination, step_free=step_free)
    legs = tuple(_split(chart, graph, way))
    kinds = {leg.kind for leg in legs}
    flat = all(graph.edges[pair]["path"].step_free for pair in pairwise(way))
    sentences = directions.describe(chart, graph, way, destination=destination)
    if step_free:
        sentences = (directions.announce_step_free(needs_lift="lift" in kinds), *sentences)
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
    path: Path = graph.edges[pair]["path"]
    if path.kind == "shuttle":
        return "shuttle", None, a.floor, chart.campus(a)
    if a.building and a.building == b.building and a.floor != b.floor:
        kind: LegKind = path.kind if path.kind in ("lift", "escalator") else "stairs"  # type: ignore[assignment]
        return kind, a.building, "", chart.campus(a)
    if a.building and b.building:
        return "walk", a.building, a.floor, chart.campus(a)
    return "walk", None, "1F", chart.campus(a)
