"""A way told in short spoken sentences, for somebody of seventy who has not been here before.

Left and right come from geometry (x east, y north, one frame for a campus); every turn is tied to something one
sees there, and the last sentence says on which hand the goal lies. Wording stands in one table at the top.
"""

from __future__ import annotations

import math
import re
from itertools import groupby, pairwise

import networkx as nx

from knowledge.schema import Path, Place
from services.waygraph import HospitalMap, find_ride

STRAIGHT = 35.0
"""Degrees of turning that nobody would call a turn."""
AROUND = 145.0

TURNS = {"left": "左转", "right": "右转", "straight": "直走", "back": "往回走"}
SIDES = {
    "left": "就在您的左手边",
    "right": "就在您的右手边",
    "straight": "就在您的前方",
    "back": "就在您的身后",
}
RIDES = {"lift": "电梯", "stairs": "楼梯", "escalator": "扶梯"}
VERBS = {"lift": "坐电梯", "stairs": "走楼梯", "escalator": "乘扶梯"}
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


def name_floor(floor: str) -> str:
    """``2F`` → 2楼, ``B1`` → 地下1楼."""
    return f"地下{floor[1:]}楼" if floor.startswith("B") else f"{floor[:-1]}楼"


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


def announce_step_free(*, needs_lift: bool) -> str:
    return "这条路没有台阶，需要电梯。" if needs_lift else "这条路没有台阶，轮椅可以走。"


def describe(chart: HospitalMap, graph: nx.DiGraph, way: list[str], *, destination: Place) -> tuple[str, ...]:
    """The sentences for a way given by the ids of its places."""
    return _Speaker(chart, graph, way, destination).speak()


class _Speaker:
    def __init__(self, chart: HospitalMap, graph: nx.DiGraph, way: list[str], destination: Place):
        self.chart = chart
        self.graph = graph
        self.way = [chart.places[name] for name in way]
        self.paths: list[Path] = [graph.edges[pair]["path"] for pair in pairwise(way)]
        self.destination = destination
        self.said: list[str] = []

    def speak(self) -> tuple[str, ...]:
        if not self.paths:
            return (f"您现在就在{shorten(self.destination)}。",)
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

    def _ride(self, at: int) -> str:
        return find_ride(self.paths[at], self.way[at], self.way[at + 1]) or ""

    def _take(self, ride: str, start: int, end: int) -> None:
        a, b, path = self.way[start], self.way[end], self.paths[start]
        if ride == "shuttle":
            name = path.name or "班车"
            minutes = f"，车程约{path.minutes:g}分钟" if path.minutes else ""
            self.said.append(f"在{shorten(a)}坐{name}，到{shorten(b)}下车{minutes}。")
            hours = self._find_hours(a, b)
            if hours:
                self.said.append(f"{name}时间：{hours}。")
            return
        higher = self._level(b) > self._level(a)
        if ride == "lift":
            self.said.append(f"坐电梯到{name_floor(b.floor)}。")
        else:
            self.said.append(f"{VERBS[ride]}{'上' if higher else '下'}到{name_floor(b.floor)}。")

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
            self.said.append(self._finish(f"前面就是{shorten(nodes[-1])}"))

    def _lead(self, nodes: list[Place], arrival: str, first: int) -> str:
        if arrival == "shuttle":
            return "下车后"
        if arrival:
            return f"出{RIDES[arrival]}后" if arrival != "stairs" else "出楼梯间后"
        start = nodes[0]
        return f"从{shorten(start)}出门" if first else f"从{shorten(start)}出发，"

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
        turn = find_turn(heading, vector) if heading else ""
        metres = sum(path.metres for path in paths)
        if lead and not turn:
            lead += f"朝{self._ahead(nodes)}方向"
        bend = "" if turn in ("", "straight") else f"{TURNS[turn]}，"
        if not lead and turn == "straight":
            bend = "继续"
        said = f"{lead}{bend}{_pace(metres)}"
        via = {path.name or "" for path in paths if _is_bridge(path, nodes)} - {""}
        if via:
            said += f"，穿过{via.pop()}"
        elif any(path.kind == "stairs" for path in paths):
            said += f"，{'上' if nodes[-1].building else '下'}几级台阶"
        elif any(path.kind == "ramp" for path in paths):
            said += "，走坡道，没有台阶"
        passed = self._pass_by(nodes)
        if passed:
            said += f"，经过{'、'.join(passed)}"
        until = self._until(nodes, vector, following) if following else ""
        self.said.append(f"{said}{until}。")

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
            kept = striking[:1] if striking and striking[0].kind in RIDES else striking[:2]
        order = {place.id: at for at, node in enumerate(nodes[1:-1]) for place in self._neighbours(node)}
        return [shorten(place) for place in sorted(kept, key=lambda place: order[place.id])]

    def _until(self, nodes: list[Place], vector: tuple[float, float], following: Place) -> str:
        """What stands where the stretch ends and one turns."""
        end = nodes[-1]
        if end.kind == "entrance":
            verb = "到"
            if nodes[-2].building is None and end.building:
                verb = "进"
            elif following.building is None and end.building:
                verb = "出"
            return f"，{verb}{shorten(end)}"
        beside = self._landmarks([end], nodes)
        if beside:
            return f"，走到{shorten(beside[0])}门口"
        onward = any(
            find_turn(vector, (other.x - end.x, other.y - end.y)) == "straight"
            for other in self._neighbours(end)
            if other.kind == "junction"
        )
        return "，到岔路口" if onward else "，走到头"

    def _arrive(
        self,
        lead: str,
        heading: tuple[float, float] | None,
        vector: tuple[float, float],
        goal: Place,
        departure: str,
    ) -> None:
        side = find_turn(heading, vector) if heading else "straight"
        name = RIDES.get(departure) or shorten(goal)
        if lead:
            lead = lead.rstrip("，") + "，"
        said = f"{lead}{name}{SIDES[side]}"
        self.said.append(f"{said}。" if departure else self._finish(said))

    def _finish(self, said: str) -> str:
        seen = self.destination.landmark
        return f"{said}，看到{seen}就到了。" if seen else f"{said}，就到了。"

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


def _pace(metres: float) -> str:
    if metres < 8:
        return "走几步"
    return f"直走约{max(10, 5 * round(metres / 5))}米"
