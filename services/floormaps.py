"""A floor drawn for a phone: its plan, and the way as a thick line with start and goal.

One drawing for each floor walked on. North is up; the sheet is 1080 px wide, so type reads at a third of its size on
a phone. Colour never stands alone: start and goal carry a sign, the way carries arrows, the goal a thick frame.
The text alternative (``<title>``, ``<desc>``) says all that the picture shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from knowledge import Hospital
from services.directions import shorten
from services.drawing import Point, Sheet, render_png
from services.floorplans import FOOTER, GOAL, HEADER, MARGIN, PALE_INK, PAPER, START, WIDTH, Plan, meet_wall
from services.signs import draw_north, draw_pin, draw_scale
from services.wayfinding import Leg, Route
from services.waywords import WayWords, get_words

BAND, WAY, CHANGE, WHITE = "#123a5c", "#0b57d0", "#a34a00", "#ffffff"


@dataclass(frozen=True)
class Drawing:
    """One floor (or the open air of one campus) as a picture."""

    area: str
    """Building id, or the campus's name out of doors: what `draw_floor` takes as ``area``."""
    floor: str
    title: str
    description: str
    """All that the picture shows, in words."""
    svg: str

    @cached_property
    def png(self) -> bytes:
        """1080 pixels wide. Raises `services.drawing.NoFont` where the machine has no Chinese typeface; the SVG
        needs none."""
        return render_png(self.svg)


def draw_legs(hospital: Hospital, *, route: Route) -> tuple[Drawing, ...]:
    """One drawing for each floor walked on, in the order walked."""
    return tuple(draw_floor(hospital, area=area, floor=floor, route=route) for area, floor in route.areas)


def draw_route(hospital: Hospital, route: Route, building: str, floor: str) -> bytes:
    """The PNG of one floor with what of the route lies on it. Errors as `draw_floor` and `Drawing.png`."""
    return draw_floor(hospital, area=building, floor=floor, route=route).png


def draw_floor(
    hospital: Hospital, *, area: str, floor: str = "1F", route: Route | None = None, language: str = "zh"
) -> Drawing:
    """A floor of the building (id, name or alias), or the open air of the campus, that ``area`` names.

    What we say of it is in ``language`` (the route's own sentences in the route's); names stand as on the signs.
    A route that does not touch the floor is left out. Raises `NotFound` ``unknown_floor``.
    """
    plan, words = Plan(hospital, area, floor), get_words(language)
    legs = [
        leg
        for leg in (route.walks if route else ())
        if (leg.building or leg.campus, leg.floor) == (plan.area, floor)
    ]
    title = f"{plan.name} {words.outdoors if plan.campus else words.name_floor(floor)}"
    told = [_tell(hospital, route, leg, words) for leg in legs] if route else []
    said = _describe(plan, title, told, route if legs else None, words)
    sheet = Sheet(WIDTH, plan.height, words.map_title.format(title=title), said)
    sheet.rect(0, 0, WIDTH, plan.height, fill=PAPER)
    plan.draw(sheet, start=route.origin if route else None, goal=route.destination if route else None)
    if route:
        for leg in legs:
            _draw_leg(sheet, plan, route, leg, words)
    _draw_header(sheet, plan, title, told, route)
    _draw_footer(sheet, plan, words)
    return Drawing(plan.area, floor, title, sheet.description, sheet.to_svg())


def _describe(plan: Plan, title: str, told: list[str], route: Route | None, words: WayWords) -> str:
    names = "、".join(shorten(place) for place in plan.places if place.kind != "junction")
    way = "".join(f"{part}{words.end}" for part in told) + ("".join(route.sentences) if route else "")
    return words.described.format(title=title, way=way, names=names)


def _tell(hospital: Hospital, route: Route, leg: Leg, words: WayWords) -> str:
    """A part of the way in one line: where from, where to, and what one takes from there."""
    start, end = leg.places[0], leg.places[-1]
    if leg.building and end.building != leg.building and end.building:
        building = hospital.get_building(end.building).name
        return words.leg_over.format(start=shorten(start), building=building)
    ride = _find_next(route, leg)
    if ride and ride.kind in words.verbs:
        goal = words.rides[ride.kind] if ride.kind == "lift" else shorten(end)
        floor = words.name_floor(ride.places[-1].floor)
        verb = words.verbs[ride.kind]
        return words.leg_ride.format(start=shorten(start), goal=goal, verb=verb, floor=floor)
    form = words.leg_shuttle if ride and ride.kind == "shuttle" else words.leg
    return form.format(start=shorten(start), end=shorten(end))


def _find_next(route: Route, leg: Leg) -> Leg | None:
    at = route.legs.index(leg) + 1
    return route.legs[at] if at < len(route.legs) else None


def _draw_leg(sheet: Sheet, plan: Plan, route: Route, leg: Leg, words: WayWords) -> None:
    signs = words.signs
    points = _trace(plan, leg)
    if len(points) > 1:
        sheet.line(points, width=30, stroke=WHITE)
        sheet.line(points, width=20, stroke=WAY)
        _draw_arrows(sheet, points)
        first = route.legs[0] is leg
        draw_pin(sheet, points[0], signs["start"] if first else "", START if first else WAY)
    following = _find_next(route, leg)
    if following is None:
        draw_pin(sheet, points[-1], signs["end"], GOAL)
    elif following.kind in words.verbs:
        floors = plan.hospital.get_building(plan.area).floors
        rises = floors.index(following.places[-1].floor) > floors.index(leg.floor)
        draw_pin(sheet, points[-1], signs["up" if rises else "down"], CHANGE)
    else:
        draw_pin(sheet, points[-1], signs["shuttle" if following.kind == "shuttle" else "door"], CHANGE)


def _trace(plan: Plan, leg: Leg) -> list[Point]:
    """The leg in pixels. Where it begins or ends in a room, it does so before the door, off the room's name; where
    it leaves for the next building, at the outer wall."""
    places = [place for place in leg.places if plan.campus or place.building == plan.building]
    points = [plan.at(place.x, place.y) for place in places]
    if len(points) < 2:
        return points
    for at, beside in ((0, 1), (-1, -2)):
        if places[at].width and places[at].kind != "entrance":
            (x, y), (bx, by) = plan.at(*meet_wall(places[at], places[beside])), points[beside]
            reach = math.hypot(bx - x, by - y) or 1
            step = min(20, reach) / reach
            points[at] = x + (bx - x) * step, y + (by - y) * step
    return points


def _draw_arrows(sheet: Sheet, points: list[Point]) -> None:
    """White arrow heads along the way, about every 80 px."""
    for (ax, ay), (bx, by) in pairwise(points):
        length = math.hypot(bx - ax, by - ay)
        count = int(length // 80)
        if not count:
            continue
        ux, uy = (bx - ax) / length, (by - ay) / length
        for step in range(count):
            along = length * (step + 0.5) / count
            x, y = ax + ux * along, ay + uy * along
            tip = (x + ux * 5, y + uy * 5)
            wings = [(x - ux * 6 - uy * side, y - uy * 6 + ux * side) for side in (7, -7)]
            sheet.line([wings[0], tip, wings[1]], width=4.5, stroke=WHITE)


def _draw_header(sheet: Sheet, plan: Plan, title: str, told: list[str], route: Route | None) -> None:
    sheet.rect(0, 0, WIDTH, HEADER, fill=BAND)
    sheet.text(MARGIN, 70, title, size=72, fill=WHITE, anchor="start", bold=True)
    areas = route.areas if route else ()
    if (plan.area, plan.floor) in areas and len(areas) > 1:
        at = areas.index((plan.area, plan.floor)) + 1
        sheet.text(WIDTH - MARGIN, 70, f"{at} / {len(areas)}", size=52, fill=WHITE, anchor="end")
    words = "；".join(told) or plan.hospital.name
    box = (MARGIN, 118, WIDTH - 2 * MARGIN, 68)
    sheet.label(box, words, fill=WHITE, largest=42, smallest=26, anchor="start")


def _draw_footer(sheet: Sheet, plan: Plan, words: WayWords) -> None:
    y = plan.height - FOOTER / 2
    metres = 20 if plan.campus else 10
    draw_scale(sheet, MARGIN, y, pixels=metres * plan.scale, word=words.scale.format(metres=metres))
    sheet.text(WIDTH / 2 + 60, y, plan.hospital.name, size=30, fill=PALE_INK)
    draw_north(sheet, WIDTH - MARGIN - 26, y, word=words.north)
