"""A floor drawn for a phone: rooms with their names, corridors, lifts and stairs, and the way as a thick line.

One drawing for each floor walked on. North is up; the sheet is 1080 px wide, so type reads at a third of its size on
a phone. Colour never stands alone: start and goal carry a sign, the way carries arrows, the goal a thick frame.
The text alternative (``<title>``, ``<desc>``) says all that the picture shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from knowledge import Hospital, UnknownName
from knowledge.schema import Path, Place
from services.directions import VERBS, name_floor, shorten
from services.drawing import Point, Sheet, render_png
from services.errors import NotFound
from services.wayfinding import Leg, Route

WIDTH, MARGIN, HEADER, FOOTER, TALLEST = 1080, 40, 196, 96, 1400
CORRIDOR = 4.0
"""Metres a corridor is drawn wide; 5 out of doors."""

INK, PALE_INK, PAPER, SLAB, FLOOR, WALL = "#14202b", "#33414e", "#f4f6f8", "#d5dde5", "#ffffff", "#7d8b99"
GROUND, BLOCK = "#e6efe0", "#c9d3dd"
BAND, WAY, START, GOAL, CHANGE = "#123a5c", "#0b57d0", "#17733a", "#c2142c", "#a34a00"
FILLS = {
    "waiting": "#e3eefb",
    "examination": "#ece7f8",
    "laboratory": "#ece7f8",
    "window": "#fdf0d2",
    "machine": "#fdf0d2",
    "pharmacy": "#dff3e6",
    "ward": "#dff1f2",
    "nurse_station": "#dff1f2",
    "emergency": "#fde3e0",
    "entrance": "#ffffff",
    "lift": "#f0f2f4",
    "stairs": "#f0f2f4",
    "escalator": "#f0f2f4",
    "garden": "#cfe5c3",
    "parking": "#dfe3e8",
}
PLAIN = "#f3f1ec"


@dataclass(frozen=True)
class Drawing:
    """One floor (or the open air of one campus) as a picture."""

    area: str
    """Building id, or the campus's name out of doors: what `draw_floor` takes as ``area``."""
    floor: str
    title: str
    description: str
    svg: str

    @cached_property
    def png(self) -> bytes:
        """Raises `services.drawing.NoFont` where the machine has no Chinese typeface; the SVG needs none."""
        return render_png(self.svg)


def draw_legs(hospital: Hospital, *, route: Route) -> tuple[Drawing, ...]:
    """One drawing for each floor walked on, in the order walked."""
    return tuple(draw_floor(hospital, area=area, floor=floor, route=route) for area, floor in route.areas)


def draw_route(hospital: Hospital, route: Route, building: str, floor: str) -> bytes:
    """The PNG of one floor with what of the route lies on it. Errors as `draw_floor` and `Drawing.png`."""
    return draw_floor(hospital, area=building, floor=floor, route=route).png


def draw_floor(hospital: Hospital, *, area: str, floor: str = "1F", route: Route | None = None) -> Drawing:
    """A floor of the building (id, name or alias), or the open air of the campus, that ``area`` names.

    A route that does not touch the floor is left out. Raises `NotFound` ``unknown_floor``.
    """
    return _Plan(hospital, area, floor, route).draw()


class _Plan:
    """Places of one floor and the scale at which they are drawn."""

    def __init__(self, hospital: Hospital, area: str, floor: str, route: Route | None):
        self.hospital = hospital
        self.building = self.campus = ""
        try:
            building = hospital.get_building(area)
            self.building, self.area, self.name = building.id, building.id, building.name
            known = floor in building.floors
        except UnknownName:
            try:
                self.campus = self.area = self.name = hospital.get_campus(area).name
            except UnknownName as unknown:
                raise NotFound("unknown_floor", field="building", value=area) from unknown
            known = floor == "1F"
        if not known:
            raise NotFound("unknown_floor", field="floor", value=floor, building=area)
        self.floor = floor
        self.route = route
        self.places = [place for place in hospital.places if self._is_here(place)]
        if not self.places:
            raise NotFound("unknown_floor", field="building", value=area)
        self.by_id = {place.id: place for place in hospital.places}
        self.legs = [
            leg for leg in (route.walks if route else ()) if (leg.building or leg.campus) == self.area
        ]
        self.legs = [leg for leg in self.legs if leg.floor == floor]
        self.blocks = dict(self._outline_buildings()) if self.campus else {}
        self._scale()

    def _is_here(self, place: Place) -> bool:
        if self.building:
            return place.building == self.building and place.floor == self.floor
        return place.building is None and (place.campus or self.hospital.campuses[0].name) == self.campus

    def _outline_buildings(self) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
        """West, south, east and north of each building of the campus, from the rooms of its ground floor."""
        for building in self.hospital.buildings:
            rooms = [p for p in self.hospital.places if p.building == building.id and p.floor == "1F"]
            if building.campus == self.campus and rooms:
                yield building.name, _bounds(rooms)

    def _scale(self) -> None:
        west, south, east, north = _bounds(self.places)
        for block in self.blocks.values():
            west, south = min(west, block[0]), min(south, block[1])
            east, north = max(east, block[2]), max(north, block[3])
        edge = 4 if self.campus else 1
        self.bounds = west - edge, south - edge, east + edge, north + edge
        west, south, east, north = self.bounds
        self.scale = min((WIDTH - 2 * MARGIN) / (east - west), TALLEST / (north - south))
        self.left = (WIDTH - (east - west) * self.scale) / 2
        self.top = HEADER + 36.0
        self.bottom = self.top + (north - south) * self.scale
        self.height = self.bottom + 56 + FOOTER

    def at(self, x: float, y: float) -> Point:
        """Metres → pixels."""
        return self.left + (x - self.bounds[0]) * self.scale, self.top + (self.bounds[3] - y) * self.scale

    def box(self, place: Place, inset: float = 0.15) -> tuple[float, float, float, float]:
        x, y = self.at(place.x - place.width / 2 + inset, place.y + place.depth / 2 - inset)
        return x, y, (place.width - 2 * inset) * self.scale, (place.depth - 2 * inset) * self.scale

    # -- the picture, from the ground up

    def draw(self) -> Drawing:
        where = "室外" if self.campus else name_floor(self.floor)
        title = f"{self.name} {where}"
        sheet = Sheet(WIDTH, self.height, f"{title}地图", self._describe(title))
        sheet.rect(0, 0, WIDTH, self.height, fill=PAPER)
        self._draw_ground(sheet)
        self._draw_ways(sheet)
        rooms = [place for place in self.places if place.width]
        for place in rooms:
            self._draw_room(sheet, place)
        for place in self.places:
            if not place.width and place.kind == "entrance":
                self._draw_entrance(sheet, place, rooms)
        if self.campus:
            self._draw_building_doors(sheet)
        for leg in self.legs:
            self._draw_leg(sheet, leg)
        self._draw_header(sheet, title)
        self._draw_footer(sheet)
        return Drawing(self.area, self.floor, title, sheet.description, sheet.to_svg())

    def _describe(self, title: str) -> str:
        names = "、".join(shorten(place) for place in self.places if place.kind != "junction")
        way = "".join(self.route.sentences) if self.route and self.legs else ""
        return f"{title}平面图，上方为北。{self._summary()}{way}本层有：{names}。"

    def _summary(self) -> str:
        return "".join(f"{self._tell(leg)}。" for leg in self.legs)

    def _tell(self, leg: Leg) -> str:
        start, end = leg.places[0], leg.places[-1]
        said = f"从{shorten(start)}到{shorten(end)}"
        ride = self._next_leg(leg)
        if ride and ride.kind in VERBS:
            said = f"从{shorten(start)}到{'电梯' if ride.kind == 'lift' else shorten(end)}"
            said += f"，{VERBS[ride.kind]}到{name_floor(ride.places[-1].floor)}"
        elif ride and ride.kind == "shuttle":
            said += "，坐院区班车"
        return said

    def _next_leg(self, leg: Leg) -> Leg | None:
        legs = self.route.legs if self.route else ()
        at = legs.index(leg) + 1
        if at >= len(legs):
            return None
        ride = legs[at]
        return ride

    def _draw_ground(self, sheet: Sheet) -> None:
        west, south, east, north = self.bounds
        x, y = self.at(west, north)
        width, height = (east - west) * self.scale, (north - south) * self.scale
        if not self.campus:
            sheet.rect(x, y, width, height, radius=14, fill=SLAB, stroke=INK, stroke_width="5")
            return
        sheet.rect(x, y, width, height, radius=14, fill=GROUND)
        for name, (left, low, right, high) in self.blocks.items():
            x, y = self.at(left, high)
            size = (right - left) * self.scale, (high - low) * self.scale
            sheet.rect(x, y, *size, radius=8, fill=BLOCK, stroke=INK, stroke_width="4")
            sheet.label((x, y, *size), name, fill=INK, largest=48, bold=True)

    def _draw_ways(self, sheet: Sheet) -> None:
        """Corridors and roads as broad strokes: first all edges, then all surfaces, so that crossings are open."""
        here = {place.id for place in self.places}
        if self.campus:
            wanted = [path for path in self.hospital.paths if {path.a, path.b} & here]
            wanted = [path for path in wanted if path.kind != "shuttle"]
        else:
            wanted = [path for path in self.hospital.paths if {path.a, path.b} <= here]
            wanted = [path for path in wanted if path.kind == "corridor" or self._is_open(path)]
        width = (5.0 if self.campus else CORRIDOR) * self.scale
        lines = [[self.at(end.x, end.y) for end in self._ends(path)] for path in wanted]
        if self.campus:
            for line in lines:
                sheet.line(line, width=width + 4, stroke=WALL)
        for line in lines:
            sheet.line(line, width=width, stroke=FLOOR, stroke_linecap="round" if self.campus else "square")

    def _is_open(self, path: Path) -> bool:
        return any(end.kind == "entrance" for end in self._ends(path))

    def _ends(self, path: Path) -> tuple[Place, Place]:
        return self.by_id[path.a], self.by_id[path.b]

    def _draw_room(self, sheet: Sheet, place: Place) -> None:
        x, y, width, height = self.box(place)
        role = self._role(place)
        if place.kind == "entrance":  # a hall: open floor, no walls
            sheet.rect(x, y, width, height, fill=FLOOR)
        else:
            fill = FILLS.get(place.kind, PLAIN)
            sheet.rect(x, y, width, height, radius=6, fill=fill, stroke=WALL, stroke_width="2.5")
        if role:
            colour, tint = (GOAL, "#ffdfdc") if role == "goal" else (START, "#d8f2de")
            inner = (x + 5, y + 5, width - 10, height - 10)
            sheet.rect(*inner, radius=6, fill=tint, stroke=colour, stroke_width="9")
        if not self.campus:
            self._draw_door(sheet, place)
        self._draw_name(sheet, place, role)

    def _role(self, place: Place) -> str:
        if self.route is None or place.kind in VERBS:
            return ""
        if place.id == self.route.destination.id:
            return "goal"
        return "start" if place.id == self.route.origin.id else ""

    def _draw_name(self, sheet: Sheet, place: Place, role: str) -> None:
        x, y, width, height = self.box(place)
        name = shorten(place).removeprefix(self.campus).removeprefix("门诊地下")
        if self.campus:
            cx, cy = x + width / 2, y + height / 2
            sheet.text(cx, cy, name, size=32, fill=INK, bold=True, halo=FLOOR)
            return
        if place.kind == "entrance":
            box = (x, y + height * 0.62, width, height * 0.38)
            sheet.label(box, name, fill=INK, largest=38, bold=bool(role))
            return
        sign = SIGNS.get(place.kind)
        if sign:
            part = min(height * 0.5, width * 0.62)
            sign(sheet, x + width / 2, y + 14 + part / 2, part * 0.86)
            y, height = y + part + 10, height - part - 16
        box = (x + 10, y + 6, width - 20, height - 12)
        sheet.label(box, name, fill=INK if role else PALE_INK, largest=40, bold=True)

    def _door(self, place: Place) -> Point | None:
        """Where a room's wall meets the way to its door, in metres."""
        for path in self.hospital.paths:
            if place.id in (path.a, path.b) and path.kind in ("door", "corridor"):
                other = self.by_id[path.b if path.a == place.id else path.a]
                if other.building == place.building or place.id.endswith("FEVER"):
                    return _meet_wall(place, other)
        return None

    def _draw_door(self, sheet: Sheet, place: Place) -> None:
        door = self._door(place)
        if door is None or place.kind == "entrance":
            return
        upright = abs(abs(door[0] - place.x) - place.width / 2) < 0.01
        half = 0.8
        ends = ((door[0], door[1] - half), (door[0], door[1] + half))
        if not upright:
            ends = ((door[0] - half, door[1]), (door[0] + half, door[1]))
        sheet.line([self.at(*end) for end in ends], width=9, stroke=FLOOR)
        sheet.line([self.at(*end) for end in ends], width=3, stroke=INK)

    def _draw_entrance(self, sheet: Sheet, place: Place, rooms: list[Place]) -> None:
        x, y = self.at(place.x, place.y)
        west, south, east, _ = self.bounds
        name = shorten(place).removeprefix(self.campus)
        if self.campus:
            sheet.circle(x, y, 12, fill=INK)
            sheet.text(x, y + 34, name, size=32, fill=INK, bold=True, halo=FLOOR)
        elif place.y - south < 2:
            sheet.path(f"M{x - 22} {y + 40}L{x + 22} {y + 40}L{x} {y + 8}Z", fill=INK)
            sheet.text(x + 34, y + 34, name, size=34, fill=INK, anchor="start", bold=True)
        elif not any(_touches(room, place) for room in rooms):
            right = place.x > (west + east) / 2
            lift = (CORRIDOR / 2 + 1.1) * self.scale
            anchor, step = ("end", -10) if right else ("start", 10)
            sheet.text(x + step, y - lift, name, size=34, fill=INK, anchor=anchor, bold=True)

    def _draw_building_doors(self, sheet: Sheet) -> None:
        """Doors of the buildings, on the campus's sheet."""
        here = {place.id for place in self.places}
        for path in self.hospital.paths:
            for inside, outside in ((path.a, path.b), (path.b, path.a)):
                door = self.by_id[inside]
                if outside in here and door.building and door.kind == "entrance":
                    x, y = self.at(door.x, door.y)
                    sheet.rect(x - 11, y - 11, 22, 22, radius=4, fill=INK)

    # -- the way

    def _draw_leg(self, sheet: Sheet, leg: Leg) -> None:
        points = [self.at(place.x, place.y) for place in leg.places]
        for at, other in ((0, 1), (-1, -2)):
            place = leg.places[at]
            if len(leg.places) > 1 and place.width and place.kind != "entrance":
                door = _meet_wall(place, leg.places[other])
                points[at] = self.at(*door)
        if len(points) > 1:
            sheet.line(points, width=30, stroke="#ffffff")
            sheet.line(points, width=20, stroke=WAY)
            self._draw_arrows(sheet, points)
        following = self._next_leg(leg)
        first = self.route is not None and self.route.legs[0] is leg
        self._draw_pin(sheet, points[0], "起" if first else "", START if first else WAY)
        if len(points) == 1:
            return
        if following is None:
            self._draw_pin(sheet, points[-1], "终", GOAL)
        elif following.kind in VERBS:
            self._draw_pin(sheet, points[-1], self._direction(following), CHANGE)
        else:
            self._draw_pin(sheet, points[-1], "车" if following.kind == "shuttle" else "门", CHANGE)

    def _direction(self, ride: Leg) -> str:
        floors = self.hospital.get_building(self.area).floors
        a, b = (floors.index(place.floor) for place in (ride.places[0], ride.places[-1]))
        return "上" if b > a else "下"

    def _draw_pin(self, sheet: Sheet, point: Point, sign: str, colour: str) -> None:
        radius = 34 if sign else 18
        sheet.circle(*point, radius, fill=colour, stroke="#ffffff", stroke_width="6")
        if sign:
            sheet.text(*point, sign, size=40, fill="#ffffff", bold=True)

    def _draw_arrows(self, sheet: Sheet, points: list[Point]) -> None:
        """White arrow heads along the way, every 80 px, none under a pin."""
        for (ax, ay), (bx, by) in pairwise(points):
            length = math.hypot(bx - ax, by - ay)
            count = int(length // 80)
            if not count:
                continue
            ux, uy = (bx - ax) / length, (by - ay) / length
            for step in range(count):
                along = length * (step + 0.5) / count
                x, y = ax + ux * along, ay + uy * along
                head = [(x - ux * 6 - uy * 7, y - uy * 6 + ux * 7), (x + ux * 5, y + uy * 5)]
                head.append((x - ux * 6 + uy * 7, y - uy * 6 - ux * 7))
                sheet.line(head, width=4.5, stroke="#ffffff")

    # -- what stands around the plan

    def _draw_header(self, sheet: Sheet, title: str) -> None:
        sheet.rect(0, 0, WIDTH, HEADER, fill=BAND)
        sheet.text(MARGIN, 70, title, size=72, fill="#ffffff", anchor="start", bold=True)
        areas = self.route.areas if self.route else ()
        if (self.area, self.floor) in areas and len(areas) > 1:
            at = areas.index((self.area, self.floor)) + 1
            sheet.text(WIDTH - MARGIN, 70, f"{at} / {len(areas)}", size=52, fill="#ffffff", anchor="end")
        told = "；".join(self._tell(leg) for leg in self.legs) or self.hospital.name
        sheet.label((MARGIN, 122, WIDTH - 2 * MARGIN, 62), told, fill="#ffffff", largest=42, smallest=26)

    def _draw_footer(self, sheet: Sheet) -> None:
        y = self.height - FOOTER / 2
        metres = 20 if self.campus else 10
        length = metres * self.scale
        sheet.line([(MARGIN, y + 14), (MARGIN + length, y + 14)], width=6, stroke=INK, stroke_linecap="butt")
        for x in (MARGIN, MARGIN + length):
            sheet.line([(x, y + 2), (x, y + 26)], width=4, stroke=INK)
        sheet.text(MARGIN + length / 2, y - 16, f"{metres}米", size=30, fill=INK)
        sheet.text(WIDTH / 2 + 60, y, self.hospital.name, size=30, fill=PALE_INK)
        x = WIDTH - MARGIN - 26
        sheet.path(f"M{x} {y - 36}L{x + 18} {y + 14}L{x} {y + 2}L{x - 18} {y + 14}Z", fill=INK)
        sheet.text(x, y + 32, "北", size=30, fill=INK, bold=True)


def _bounds(places: list[Place]) -> tuple[float, float, float, float]:
    west = min(place.x - place.width / 2 for place in places)
    south = min(place.y - place.depth / 2 for place in places)
    east = max(place.x + place.width / 2 for place in places)
    north = max(place.y + place.depth / 2 for place in places)
    return west, south, east, north


def _meet_wall(room: Place, other: Place) -> Point:
    """Where the straight line from a room's middle to ``other`` leaves the room, in metres."""
    dx, dy = other.x - room.x, other.y - room.y
    reach = [abs(side / 2 / step) for side, step in ((room.width, dx), (room.depth, dy)) if step]
    share = min([1.0, *reach])
    return room.x + dx * share, room.y + dy * share


def _touches(room: Place, place: Place) -> bool:
    across = abs(room.x - place.x) <= room.width / 2 + 0.5
    return across and abs(room.y - place.y) <= room.depth / 2 + 0.5


def _draw_lift(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    sheet.rect(x - half, y - half, size, size, radius=8, fill=INK)
    for sign in (-1, 1):
        tip, foot = y + sign * half * 0.72, y + sign * half * 0.18
        wide = half * 0.46
        sheet.path(f"M{x - wide} {foot}L{x + wide} {foot}L{x} {tip}Z", fill="#ffffff")


def _draw_stairs(sheet: Sheet, x: float, y: float, size: float) -> None:
    step = size / 4
    left, low = x - size / 2, y + size / 2
    points = [(left, low)]
    for count in range(4):
        points += [(left + step * count, low - step * (count + 1)), (left + step * (count + 1), low - step * (count + 1))]
    sheet.line(points, width=8, stroke=INK)


def _draw_escalator(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    points = [(x - half, y + half * 0.7), (x - half * 0.4, y + half * 0.7)]
    points += [(x + half * 0.4, y - half * 0.5), (x + half, y - half * 0.5)]
    sheet.line(points, width=15, stroke=INK)
    sheet.circle(x - half * 0.15, y - half * 0.55, 9, fill=INK)


def _draw_toilet(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    sheet.rect(x - half, y - half, size, size, radius=8, fill="#0f5a8a")
    sheet.text(x, y, "WC", size=size * 0.5, fill="#ffffff", bold=True)


SIGNS = {
    "lift": _draw_lift,
    "stairs": _draw_stairs,
    "escalator": _draw_escalator,
    "toilet": _draw_toilet,
}
