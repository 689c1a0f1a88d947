"""A way told in short spoken sentences, for somebody of seventy who has not been here before.

Left and right come from geometry (x east, y north, one frame for a campus); every turn is tied to something one
sees there, and the last sentence says on which hand the goal lies. The words stand in `services.waywords`.
Somewhat long: it is one walk along one way, and each sentence looks at what was said before it.
"""

from __future__ import annotations

import math
import re
from itertools import groupby, pairwise

import networkx as nx

from knowledge.schema import Path, Place
from services.waygraph import HospitalMap, find_ride
from services.waywords import WayWords, get_words

STRAIGHT = 35.0
"""Degrees of turning that nobody would call a turn."""
AROUND = 145.0
FEW = 8.0
"""Metres below which one takes a few steps."""

SEEN_FIRST = (
    "service",
    "escalator",
    "pharmacy",
    "window",
    "emergency",
    "lift",
    "laboratory",
    "toilet",
    "machine",
    "stop",
    "waiting",
    "examination",
    "nurse_station",
)
"""Which of several places beside the way strangers notice first."""

_FLOOR = re.compile(r"^.{0,6}?(?:地下)?[一二三四五六七八九十]+楼(?=.)")
_ASIDE = re.compile(r"（[^）]*）")


def shorten(place: Place) -> str:
    """The name without building, floor and bracket, as said by somebody already there: 彩超候诊区."""
    return _FLOOR.sub("", _ASIDE.sub("", place.name)) or place.name


def name_floor(floor: str, *, language: str = "zh") -> str:
    """``2F`` → 2楼, ``B1`` → 地下1楼."""
    return get_words(language).name_floor(floor)


def find_turn(before: tuple[float, float], after: tuple[float, float]) -> str:
    """``left``, ``right``, ``straight`` or ``back`` for one who walked along ``before`` and goes on along ``after``."""
    cross = before[0] * after[1] - before[1] * after[0]
    dot = before[0] * after[0] + before[1] * after[1]
    angle = math.degrees(math.atan2(cross, dot))
    if abs(angle) <= STRAIGHT:
        return "straight"
    if abs(angle) >= AROUND:
        return "back"
    return "left" if angle > 0 else "right"


def announce_step_free(*, needs_lift: bool, language: str = "zh") -> str:
    words = get_words(language)
    return words.finish(words.flat_with_lift if needs_lift else words.flat)


def describe(
    chart: HospitalMap, graph: nx.DiGraph, way: list[str], *, destination: Place, language: str = "zh"
) -> tuple[str, ...]:
    """The sentences for a way given by the ids of its places."""
    return _Speaker(chart, graph, way, destination, get_words(language)).speak()


class _Speaker:
    def __init__(
        self, chart: HospitalMap, graph: nx.DiGraph, way: list[str], destination: Place, words: WayWords
    ):
        self.chart = chart
        self.words = words
        self.graph = graph
        self.way = [chart.places[name] for name in way]
        self.paths: list[Path] = [graph.edges[pair]["path"] for pair in pairwise(way)]
        self.destination = destination
        self.said: list[str] = []

    def speak(self) -> tuple[str, ...]:
        if not self.paths:
            return (self.words.finish(self.words.here.format(place=shorten(self.destination))),)
        parts = [(ride, list(group)) for ride, group in groupby(range(len(self.paths)), key=self._ride)]
        arrival = ""
        for at, (ride, edges) in enumerate(parts):
            start, end = edges[0], edges[-1] + 1
            if ride:
                self._take(ride, start, end)
            else:
                departure = parts[at + 1][0] if at + 1 < len(parts) else ""
                self._walk(start, end, arrival, departure)
            arrival = ride
        return tuple(self.said)

    def _say(self, template: str, **parts: str) -> None:
        self.said.append(self.words.finish(template.format(**parts)))

    def _ride(self, at: int) -> str:
        return find_ride(self.paths[at], self.way[at], self.way[at + 1]) or ""

    def _take(self, ride: str, start: int, end: int) -> None:
        a, b, path = self.way[start], self.way[end], self.paths[start]
        words = self.words
        if ride == "shuttle":
            name = path.name or words.shuttle_name
            minutes = words.shuttle_minutes.format(minutes=f"{path.minutes:g}") if path.minutes else ""
            self._say(words.shuttle, start=shorten(a), name=name, stop=shorten(b), minutes=minutes)
            hours = self._find_hours(a, b)
            if hours:
                self._say(words.shuttle_hours, name=name, hours=hours)
            return
        floor = words.name_floor(b.floor)
        if ride == "lift":
            self._say(words.lift_to, floor=floor)
        else:
            higher = self._level(b) > self._level(a)
            self._say(words.up_to if higher else words.down_to, verb=words.verbs[ride], floor=floor)

    def _level(self, place: Place) -> int:
        floors = next(one.floors for one in self.chart.hospital.buildings if one.id == place.building)
        return floors.index(place.floor)

    def _find_hours(self, *stops: Place) -> str:
        names = {stop.name for stop in stops}
        for facility in self.chart.hospital.facilities:
            if facility.hours and names & set(facility.places):
                return facility.hours.rstrip("。")
        return ""

    def _walk(self, start: int, end: int, arrival: str, departure: str) -> None:
        """Sentences for the edges ``start`` to ``end`` (excluded), which are all walked."""
        nodes, paths = self.way[start : end + 1], self.paths[start:end]
        vectors = [(b.x - a.x, b.y - a.y) for a, b in pairwise(nodes)]
        # Out of a room or a lift, and into one, is a step through a door and no stretch of the way.
        first = 1 if paths[0].kind == "door" and _is_room(nodes[0]) else 0
        last = len(paths) - 1 if paths[-1].kind == "door" and _is_room(nodes[-1]) else len(paths)
        lead = self._lead(nodes, arrival, first)
        if first >= last:
            heading = vectors[0] if first else None
            self._arrive(lead, heading, vectors[-1], nodes[-1], departure)
            return
        heading = vectors[0] if first else None
        at = first
        while at < last:
            stop = at + 1
            while (
                stop < last
                and find_turn(vectors[stop - 1], vectors[stop]) == "straight"
                and not self._breaks(nodes[stop - 1], nodes[stop], nodes[stop + 1])
            ):
                stop += 1
            following = nodes[stop + 1] if stop < last else None
            self._stretch(lead, heading, vectors[at], nodes[at : stop + 1], paths[at:stop], following)
            heading, lead, at = vectors[stop - 1], "", stop
        if last < len(paths):
            self._arrive("", heading, vectors[-1], nodes[-1], departure)
        elif not departure:
            self._finish(self.words.ahead.format(place=shorten(nodes[-1])))

    def _lead(self, nodes: list[Place], arrival: str, first: int) -> str:
        if arrival == "shuttle":
            return self.words.after_shuttle
        if arrival:
            return self.words.after[arrival]
        return (self.words.out_of if first else self.words.start).format(place=shorten(nodes[0]))

    def _breaks(self, before: Place, at: Place, after: Place) -> bool:
        """Whether something must be said on the spot although one walks straight on: a door to the open air or to
        another building."""
        return at.kind == "entrance" and not before.building == at.building == after.building

    def _stretch(
        self,
        lead: str,
        heading: tuple[float, float] | None,
        vector: tuple[float, float],
        nodes: list[Place],
        paths: list[Path],
        following: Place | None,
    ) -> None:
        """One straight stretch; ``following`` is the place after the turn at its end, if it goes on."""
        words = self.words
        turn = find_turn(heading, vector) if heading else ""
        metres = sum(path.metres for path in paths)
        bend = words.turns[turn] if turn else ""
        passed = self._pass_by(nodes)
        self._say(
            words.stretch,
            lead=lead,
            towards=words.towards.format(place=self._ahead(nodes)) if lead and not turn else "",
            bend=words.onward if turn == "straight" and not lead else bend,
            pace=words.few_steps if metres < FEW else words.metres.format(metres=round_metres(metres)),
            through=self._through(nodes, paths),
            passing=words.passing.format(places=words.join.join(passed)) if passed else "",
            until=self._until(nodes, vector, following) if following else "",
        )

    def _through(self, nodes: list[Place], paths: list[Path]) -> str:
        """The bridge, the steps or the ramp of a stretch."""
        via = {path.name or "" for path in paths if _is_bridge(path, nodes)} - {""}
        if via:
            return self.words.through.format(name=via.pop())
        if any(path.kind == "stairs" for path in paths):
            return self.words.steps_up if nodes[-1].building else self.words.steps_down
        return self.words.ramp if any(path.kind == "ramp" for path in paths) else ""

    def _ahead(self, nodes: list[Place]) -> str:
        """What to walk towards where nobody knows which way the patient faces."""
        beside = self._landmarks(nodes[1:], nodes)
        entrance = next((place for place in nodes[1:] if place.kind == "entrance"), None)
        goal = self.way[-1]
        if any(goal in self._neighbours(node) for node in nodes[1:]) and goal.building == nodes[0].building:
            return shorten(goal)
        if nodes[0].building and beside:
            return shorten(beside[0])
        if entrance is None:
            after = self.way[self.way.index(nodes[0]) + 1 :]
            entrance = next((place for place in after if place.kind not in ("junction", "lift")), goal)
        return shorten(entrance)

    def _pass_by(self, nodes: list[Place]) -> list[str]:
        """At most two things passed, in the order passed, of different kinds."""
        striking = self._landmarks(nodes[1:-1], nodes)
        kept = list({place.kind: place for place in reversed(striking)}.values())[::-1][:2]
        if len(kept) < 2:
            kept = striking[:1] if striking and striking[0].kind in self.words.rides else striking[:2]
        order = {place.id: at for at, node in enumerate(nodes[1:-1]) for place in self._neighbours(node)}
        return [shorten(place) for place in sorted(kept, key=lambda place: order[place.id])]

    def _until(self, nodes: list[Place], vector: tuple[float, float], following: Place) -> str:
        """What stands where the stretch ends and one turns."""
        end = nodes[-1]
        if end.kind == "entrance":
            verb = self.words.to
            if nodes[-2].building is None and end.building:
                verb = self.words.into
            elif following.building is None and end.building:
                verb = self.words.out
            return verb.format(place=shorten(end))
        beside = self._landmarks([end], nodes)
        if beside:
            return self.words.to_door.format(place=shorten(beside[0]))
        onward = any(
            find_turn(vector, (other.x - end.x, other.y - end.y)) == "straight"
            for other in self._neighbours(end)
            if other.kind == "junction"
        )
        return self.words.to_fork if onward else self.words.to_end

    def _arrive(
        self,
        lead: str,
        heading: tuple[float, float] | None,
        vector: tuple[float, float],
        goal: Place,
        departure: str,
    ) -> None:
        side = find_turn(heading, vector) if heading else "straight"
        words = self.words
        name = words.rides.get(departure) or shorten(goal)
        if lead:
            lead = lead.rstrip(words.pause) + words.pause
        said = words.arrival.format(lead=lead, place=name, side=words.sides[side])
        if departure:
            self._say("{said}", said=said)
        else:
            self._finish(said)

    def _finish(self, said: str) -> None:
        seen = self.destination.landmark
        if seen:
            self._say(self.words.seen, said=said, landmark=seen)
        else:
            self._say(self.words.arrived, said=said)

    def _landmarks(self, nodes: list[Place], way: list[Place]) -> list[Place]:
        """What one notices beside these points, the most striking first; what lies on the way itself not."""
        on_way = {place.id for place in (*way, self.way[0], self.way[-1])}
        found: dict[str, Place] = {}
        for node in nodes:
            for other in self._neighbours(node):
                path: Path = self.graph.edges[node.id, other.id]["path"]
                if path.kind == "door" and _is_room(other) and other.id not in on_way:
                    found[other.id] = other
        rank = {kind: order for order, kind in enumerate(SEEN_FIRST)}
        return sorted(
            found.values(), key=lambda place: (not place.landmark, rank.get(place.kind, len(rank)), place.id)
        )

    def _neighbours(self, place: Place) -> list[Place]:
        return [self.chart.places[name] for name in self.graph.successors(place.id)]


def _is_room(place: Place) -> bool:
    return place.kind not in ("junction", "entrance")


def _is_bridge(path: Path, nodes: list[Place]) -> bool:
    return path.kind == "corridor" and nodes[0].building != nodes[-1].building


def round_metres(metres: float) -> int:
    """To five metres, as one would say it; never less than ten."""
    return max(10, 5 * round(metres / 5))
