"""The plan under every map: what stands on a floor (or in the open air of a campus), to scale.

Walls and rooms come from the places' middles, widths and depths, corridors and roads from the paths. Colour groups
rooms by what they are for and is never needed to understand them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from knowledge import Hospital, UnknownName
from knowledge.schema import Path, Place
from services.directions import shorten
from services.drawing import Point, Sheet, measure
from services.errors import NotFound
from services.signs import INK, SIGNS

WIDTH, MARGIN, HEADER, FOOTER, TALLEST = 1080, 40, 196, 128, 1400
CORRIDOR, ROAD = 4.0, 5.0
"""Metres that corridors and roads are drawn wide."""
NEAR_WALL = 6.0
"""A corridor that ends this near to the outer wall is drawn up to it."""
INSET = 0.15

PALE_INK, PAPER, SLAB, FLOOR, WALL = "#33414e", "#f4f6f8", "#d5dde5", "#ffffff", "#7d8b99"
GROUND, BLOCK, START, GOAL = "#e6efe0", "#c9d3dd", "#17733a", "#c2142c"
PLAIN, TREATMENT, COUNTER, BED, SHAFT = "#f3f1ec", "#ece7f8", "#fdf0d2", "#dff1f2", "#f0f2f4"
FILLS = {
    "waiting": "#e3eefb",
    "examination": TREATMENT,
    "laboratory": TREATMENT,
    "window": COUNTER,
    "machine": COUNTER,
    "pharmacy": "#dff3e6",
    "ward": BED,
    "nurse_station": BED,
    "emergency": "#fde3e0",
    "lift": SHAFT,
    "stairs": SHAFT,
    "escalator": SHAFT,
    "garden": "#cfe5c3",
    "parking": "#dfe3e8",
}
FLIGHTS = {"ramp": "坡道", "stairs": "台阶"}


class Plan:
    """One floor of a building, or the open air of a campus. Raises `NotFound` ``unknown_floor``."""

    def __init__(self, hospital: Hospital, area: str, floor: str):
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
        self.floor = floor
        self.places = [place for place in hospital.places if self._is_here(place)] if known else []
        if not self.places:
            raise NotFound("unknown_floor", field="floor", value=floor, building=area)
        self.here = {place.id for place in self.places}
        self.by_id = {place.id: place for place in hospital.places}
        self.blocks = dict(self._outline_buildings()) if self.campus else {}
        self.doors: dict[str, list[Place]] = defaultdict(list)
        for path in hospital.paths:
            if path.kind == "door":
                self.doors[path.a].append(self.by_id[path.b])
                self.doors[path.b].append(self.by_id[path.a])
        self._fit_sheet()

    def _is_here(self, place: Place) -> bool:
        if self.building:
            return place.building == self.building and place.floor == self.floor
        return place.building is None and (place.campus or self.hospital.campuses[0].name) == self.campus

    def _outline_buildings(self) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
        """West, south, east and north of each building of the campus, from the rooms of its ground floor."""
        for building in self.hospital.buildings:
            rooms = [one for one in self.hospital.places if one.building == building.id and one.floor == "1F"]
            if building.campus == self.campus and rooms:
                yield building.id, find_bounds(rooms)

    def _fit_sheet(self) -> None:
        west, south, east, north = find_bounds(self.places)
        for block in self.blocks.values():
            west, south = min(west, block[0]), min(south, block[1])
            east, north = max(east, block[2]), max(north, block[3])
        edge = 4 if self.campus else 1
        self.bounds = west, south, east, north = west - edge, south - edge, east + edge, north + edge
        self.scale = min((WIDTH - 2 * MARGIN) / (east - west), TALLEST / (north - south))
        self.left = (WIDTH - (east - west) * self.scale) / 2
        self.top = HEADER + 36.0
        self.bottom = self.top + (north - south) * self.scale
        self.height = self.bottom + 56 + FOOTER
        self.frame = self.left, self.top, (east - west) * self.scale, (north - south) * self.scale

    def at(self, x: float, y: float) -> Point:
        """Metres → pixels."""
        return self.left + (x - self.bounds[0]) * self.scale, self.top + (self.bounds[3] - y) * self.scale

    def box(self, place: Place) -> tuple[float, float, float, float]:
        """The room's left, top, width and height in pixels, a little smaller than it is, so that walls show."""
        x, y = self.at(place.x - place.width / 2 + INSET, place.y + place.depth / 2 - INSET)
        return x, y, (place.width - 2 * INSET) * self.scale, (place.depth - 2 * INSET) * self.scale

    def call(self, place: Place) -> str:
        """The place's name on a map that already says where one is."""
        name = shorten(place)
        for campus in self.hospital.campuses:
            name = name.removeprefix(campus.name)
        for building in self.hospital.buildings:
            if building.id == place.building:
                name = name.removeprefix(building.name)
        return name.removeprefix("门诊地下").removeprefix("公共") or shorten(place)

    # -- from the ground up

    def draw(self, sheet: Sheet, *, start: Place | None = None, goal: Place | None = None) -> None:
        sheet.rect(*self.frame, radius=14, fill=GROUND if self.campus else SLAB)
        self._draw_ways(sheet)
        if self.campus:
            self._draw_buildings(sheet)
        else:
            sheet.rect(*self.frame, radius=14, fill="none", stroke=INK, stroke_width="5")
        rooms = [place for place in self.places if place.width]
        for place in rooms:
            mark = GOAL if place == goal else START if place == start else ""
            self._draw_room(sheet, place, mark if place.kind not in SIGNS or place == goal else "")
        for place in self.places:
            if place.kind == "entrance" and not place.width:
                self._draw_entrance(sheet, place, rooms)

    def _draw_ways(self, sheet: Sheet) -> None:
        """Corridors and roads as broad strokes: first all edges, then all surfaces, so that crossings are open."""
        if self.campus:
            ways = [
                one for one in self.hospital.paths if {one.a, one.b} & self.here and one.kind != "shuttle"
            ]
        else:
            ways = [one for one in self.hospital.paths if {one.a, one.b} <= self.here]
            ways = [one for one in ways if one.kind == "corridor" or self._is_open(one)]
        width = (ROAD if self.campus else CORRIDOR) * self.scale
        lines = [self._stroke(path) for path in ways]
        with sheet.clipped(*self.frame):
            for line in lines if self.campus else ():
                sheet.line(line, width=width + 4, stroke=WALL)
            cap = "round" if self.campus else "square"
            for line in lines:
                sheet.line(line, width=width, stroke=FLOOR, stroke_linecap=cap)
        for path, line in zip(ways, lines, strict=True):
            (ax, ay), (bx, by) = line
            if self.campus and path.kind in FLIGHTS and abs(ax - bx) + abs(ay - by) > 90:
                x, y = (ax + bx) / 2 + width / 2 + 8, (ay + by) / 2
                sheet.text(x, y, FLIGHTS[path.kind], size=28, fill=PALE_INK, anchor="start")

    def _is_open(self, path: Path) -> bool:
        return any(end.kind == "entrance" for end in self._ends(path))

    def _ends(self, path: Path) -> tuple[Place, Place]:
        return self.by_id[path.a], self.by_id[path.b]

    def _stroke(self, path: Path) -> list[Point]:
        """A way in pixels: from wall to wall, and up to the outer wall where a corridor ends near it."""
        a, b = self._ends(path)
        if self.campus:
            return [self.at(*meet_wall(a, b)), self.at(*meet_wall(b, a))]
        west, south, east, north = self.bounds
        ends = []
        for one, other in ((a, b), (b, a)):
            x, y = one.x, one.y
            if one.kind == "junction" and one.x == other.x:
                y = north if one.y > other.y and north - y < NEAR_WALL else y
                y = south if one.y < other.y and y - south < NEAR_WALL else y
            elif one.kind == "junction" and one.y == other.y:
                x = east if one.x > other.x and east - x < NEAR_WALL else x
                x = west if one.x < other.x and x - west < NEAR_WALL else x
            ends.append(self.at(x, y))
        return ends

    def _draw_buildings(self, sheet: Sheet) -> None:
        """Buildings of the campus as blocks, with the doors that lead out."""
        for name, (west, south, east, north) in self.blocks.items():
            x, y = self.at(west, north)
            width, height = (east - west) * self.scale, (north - south) * self.scale
            sheet.rect(x, y, width, height, radius=8, fill=BLOCK, stroke=INK, stroke_width="4")
            title = self.hospital.get_building(name).name
            sheet.label((x, y, width, height * 0.7), title, fill=INK, largest=48, bold=True)
        for path in self.hospital.paths:
            for door, outside in (self._ends(path), self._ends(path)[::-1]):
                if outside.id in self.here and door.building in self.blocks:
                    west, _, east, _ = self.blocks[door.building]
                    metres = meet_wall(door, outside)
                    x, y = self.at(*metres)
                    sheet.rect(x - 11, y - 11, 22, 22, radius=4, fill=INK)
                    aside = {west: ("start", 20.0, 0.0), east: ("end", -20.0, 0.0)}
                    anchor, dx, dy = aside.get(metres[0], ("middle", 0.0, -46.0))
                    sheet.text(
                        x + dx,
                        y + dy,
                        self.call(door),
                        size=28,
                        fill=INK,
                        anchor=anchor,
                        bold=True,
                        halo=BLOCK,
                    )

    def _draw_room(self, sheet: Sheet, place: Place, mark: str) -> None:
        x, y, width, height = self.box(place)
        if place.kind == "entrance":  # a hall: open floor, no walls
            sheet.rect(x, y, width, height, fill=FLOOR)
        else:
            fill = FILLS.get(place.kind, PLAIN)
            sheet.rect(x, y, width, height, radius=6, fill=fill, stroke=WALL, stroke_width="2.5")
        if mark:
            tint = "#ffdfdc" if mark == GOAL else "#d8f2de"
            inner = (x + 4, y + 4, width - 8, height - 8)
            sheet.rect(*inner, radius=6, fill=tint, stroke=mark, stroke_width="9")
        if not self.campus:
            self._draw_doors(sheet, place)
        self._draw_name(sheet, place, ink=INK if mark else PALE_INK)

    def _draw_doors(self, sheet: Sheet, place: Place) -> None:
        """Gaps in the wall."""
        if place.kind == "entrance":
            return
        half = 0.9
        for other in self.doors[place.id]:
            x, y = meet_wall(place, other)
            dx, dy = (place.x - x) * 2 / place.width, (place.y - y) * 2 / place.depth
            if abs(dx) > abs(dy):
                x += dx * INSET
                ends = ((x, y - half), (x, y + half))
            else:
                y += dy * INSET
                ends = ((x - half, y), (x + half, y))
            sheet.line([self.at(*end) for end in ends], width=9, stroke=FLOOR, stroke_linecap="butt")

    def _draw_name(self, sheet: Sheet, place: Place, *, ink: str) -> None:
        x, y, width, height = self.box(place)
        name = self.call(place)
        if self.campus:
            size = min(32.0, width * 0.92 / measure(name))
            inside = size >= 26
            at = y + height / 2 if inside else y + height + 20
            style = {"fill": INK, "bold": True, "halo": "" if inside else FLOOR}
            sheet.text(x + width / 2, at, name, size=size if inside else 32, **style)  # type: ignore[arg-type]
            return
        if place.kind == "entrance":
            box = (x, y + height * 0.64, width, height * 0.34)
            sheet.label(box, name, fill=INK, largest=38, bold=True)
            return
        if place.kind in SIGNS:
            part = min(height * 0.5, width * 0.62)
            SIGNS[place.kind](sheet, x + width / 2, y + 14 + part / 2, part * 0.86)
            y, height = y + part + 8, height - part - 12
        pad = 7 if width < 160 else 14
        box = (x + pad, y + 6, width - 2 * pad, height - 12)
        sheet.label(box, name, fill=ink, largest=40, bold=True)

    def _draw_entrance(self, sheet: Sheet, place: Place, rooms: Collection[Place]) -> None:
        """A door of the building: an opening in the outer wall and its name."""
        x, y = self.at(place.x, place.y)
        west, south, east, north = self.bounds
        name = self.call(place)
        if self.campus:
            sheet.circle(x, y, 12, fill=INK)
            sheet.text(x, y + 36, name, size=32, fill=INK, bold=True, halo=FLOOR)
            return
        half = CORRIDOR / 2 * self.scale
        if place.y - south < 2:
            low = self.bottom
            sheet.line([(x - half, low), (x + half, low)], width=8, stroke=PAPER, stroke_linecap="butt")
            sheet.path(f"M{x - 22} {low + 40}L{x + 22} {low + 40}L{x} {low + 6}Z", fill=INK)
            sheet.text(x + 34, low + 28, shorten(place), size=34, fill=INK, anchor="start", bold=True)
            return
        right = place.x > (west + east) / 2
        edge = self.at(east if right else west, north)[0]
        sheet.line([(edge, y - half), (edge, y + half)], width=8, stroke=PAPER, stroke_linecap="butt")
        if not any(_touches(room, place) for room in rooms):
            anchor, step = ("end", -6) if right else ("start", 6)
            sheet.text(x + step, y - half - 22, name, size=34, fill=INK, anchor=anchor, bold=True)


def find_bounds(places: Collection[Place]) -> tuple[float, float, float, float]:
    """West, south, east and north of what the places cover, in metres."""
    return (
        min(place.x - place.width / 2 for place in places),
        min(place.y - place.depth / 2 for place in places),
        max(place.x + place.width / 2 for place in places),
        max(place.y + place.depth / 2 for place in places),
    )


def meet_wall(room: Place, other: Place) -> Point:
    """Where the straight line from a room's middle to ``other`` leaves the room, in metres; the place itself where
    it has no size."""
    dx, dy = other.x - room.x, other.y - room.y
    reach = [abs(side / 2 / step) for side, step in ((room.width, dx), (room.depth, dy)) if step]
    share = min([1.0, *reach])
    return room.x + dx * share, room.y + dy * share


def _touches(room: Place, place: Place) -> bool:
    across = abs(room.x - place.x) <= room.width / 2 + 0.5
    return across and abs(room.y - place.y) <= room.depth / 2 + 0.5
