"""The hospital's places and ways as graphs, weighted with the minutes of a slow walker.

Distances are metres. A slow walker goes 0.8 m/s, the speed at or below which the European consensus on sarcopenia
(EWGSOP2, Cruz-Jentoft et al., Age and Ageing 2019;48:16–31) calls gait slow; who walks faster arrives early. Stairs
are counted at half that speed, and a lift with one minute of waiting.

The graphs of a hospital are built once (`get_map`) and kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import networkx as nx

from knowledge import Hospital, UnknownName
from knowledge.schema import Path, Place
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

Ride = Literal["lift", "stairs", "escalator", "shuttle"]


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


def find_ride(path: Path, a: Place, b: Place) -> Ride | None:
    """What carries one from ``a`` to ``b``: between floors of a building, or the shuttle; ``None`` where one walks
    (the few steps before a door are walked)."""
    if path.kind == "shuttle":
        return "shuttle"
    if not a.building or a.building != b.building or a.floor == b.floor:
        return None
    if path.kind == "lift":
        return "lift"
    return "escalator" if path.kind == "escalator" else "stairs"
