"""The drawn floors: everything on them, legible, told in words too, and as PNG."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from knowledge import Hospital, load_hospital
from services import drawing, floormaps, floorplans, signs
from services.drawing import NoFont, Sheet, break_lines, fit, measure, render_png
from services.errors import NotFound
from services.floormaps import draw_floor, draw_legs, draw_route
from services.floorplans import Plan
from services.fonts import find_font, find_system_font
from services.wayfinding import find_route

HOSPITAL = load_hospital()
AREAS = [(building.id, floor) for building in HOSPITAL.buildings for floor in building.floors]
AREAS += [(campus.name, "1F") for campus in HOSPITAL.campuses]
SVG = "{http://www.w3.org/2000/svg}"


def _words(svg: str) -> str:
    """All that is written on a drawing, lines joined."""
    return "".join(text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize(("area", "floor"), AREAS)
def test_every_floor_is_drawn_with_the_name_of_every_room(hospital: Hospital, area: str, floor: str) -> None:
    drawn = draw_floor(hospital, area=area, floor=floor)
    plan = Plan(hospital, area, floor)
    words = _words(drawn.svg)
    for place in plan.places:
        if place.width:
            assert plan.call(place) in words, place.name
        if place.kind != "junction":
            assert floormaps.shorten(place) in drawn.description
    root = ET.fromstring(drawn.svg)
    assert root.findtext(f"{SVG}title") == f"{drawn.title}地图"
    assert root.findtext(f"{SVG}desc") == drawn.description
    assert root.get("role") == "img" and "title" in (root.get("aria-labelledby") or "")


@pytest.mark.parametrize(("area", "floor"), AREAS)
def test_nothing_is_written_or_drawn_off_the_sheet(hospital: Hospital, area: str, floor: str) -> None:
    root = ET.fromstring(draw_floor(hospital, area=area, floor=floor).svg)
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for text in root.iter(f"{SVG}text"):
        length = measure(text.text or "") * float(text.get("font-size", 0))
        left = (
            float(text.get("x", 0))
            - length * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
        )
        assert left >= -2 and left + length <= width + 2, text.text
        assert 0 < float(text.get("y", 0)) < height


@pytest.mark.parametrize(("area", "floor"), AREAS)
def test_no_type_is_smaller_than_a_phone_can_show(hospital: Hospital, area: str, floor: str) -> None:
    for text in ET.fromstring(draw_floor(hospital, area=area, floor=floor).svg).iter(f"{SVG}text"):
        assert float(text.get("font-size", 0)) >= 24, text.text


@pytest.mark.parametrize("area", [building.id for building in HOSPITAL.buildings])
def test_rooms_of_a_floor_do_not_overlap(hospital: Hospital, area: str) -> None:
    for floor in hospital.get_building(area).floors:
        rooms = [place for place in Plan(hospital, area, floor).places if place.width]
        for at, one in enumerate(rooms):
            for other in rooms[at + 1 :]:
                apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
                apart_y = abs(one.y - other.y) >= (one.depth + other.depth) / 2 - 0.01
                assert apart_x or apart_y, (one.id, other.id)


@pytest.mark.parametrize(
    ("origin", "destination", "pins"),
    [
        ("OPD-1F-HALL", "OPD-1F-PHARM", ["起终"]),
        ("OPD-1F-HALL", "OPD-2F-US", ["起上", "终"]),
        ("OPD-4F-MED", "OPD-1F-PHARM", ["起下", "终"]),
        ("OPD-2F-US", "IPD-8F-ORTH", ["起门", "上", "终"]),
        ("OPD-1F-HALL", "EAST-1F-CHECK", ["起门", "车", "门", "终"]),
        ("OPD-1F-REG", "OPD-1F-REG", ["终"]),
    ],
)
def test_a_way_over_several_floors_is_one_drawing_a_floor(
    hospital: Hospital, origin: str, destination: str, pins: list[str]
) -> None:
    route = find_route(hospital, origin=origin, destination=destination)
    drawn = draw_legs(hospital, route=route)
    assert [(one.area, one.floor) for one in drawn] == list(route.areas)
    for one, expected in zip(drawn, pins, strict=True):
        signs = [text.text or "" for text in ET.fromstring(one.svg).iter(f"{SVG}text")]
        assert "".join(sign for sign in signs if sign in set("起终上下门车")) == expected
        assert all(sentence in one.description for sentence in route.sentences)
    if len(drawn) > 1:
        assert [f"{at} / {len(drawn)}" in one.svg for at, one in enumerate(drawn, 1)] == [True] * len(drawn)


def test_the_way_runs_along_corridors_and_never_through_a_room(hospital: Hospital) -> None:
    for destination in ("OPD-2F-US", "OPD-5F-EYE", "IPD-8F-ORTH", "IPD-B1-KITCHEN", "EAST-3F-PSYTEST"):
        route = find_route(hospital, destination=destination)
        for leg in route.walks:
            plan = Plan(hospital, leg.building or leg.campus, leg.floor)
            ends = {leg.places[0].id, leg.places[-1].id}
            closed = [
                room for room in plan.places if room.width and room.kind != "entrance" and room.id not in ends
            ]
            points = floormaps._trace(plan, leg)
            for a, b in pairwise(points):
                for share in (0.1, 0.3, 0.5, 0.7, 0.9):
                    x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
                    for room in closed:
                        left, top, width, height = plan.box(room)
                        assert not (left < x < left + width and top < y < top + height), (
                            destination,
                            room.id,
                        )


def test_a_floor_off_the_way_is_drawn_without_it(hospital: Hospital) -> None:
    route = find_route(hospital, destination="OPD-2F-US")
    assert (
        draw_floor(hospital, area="OPD", floor="5F", route=route).svg
        == draw_floor(hospital, area="OPD", floor="5F").svg
    )


def test_an_area_goes_by_id_name_or_alias_and_a_campus_by_its_name(hospital: Hospital) -> None:
    building = hospital.get_building("OPD")
    for word in (building.name, *building.aliases):
        assert draw_floor(hospital, area=word, floor="2F").area == "OPD"
    assert draw_floor(hospital, area="江滨院区").title == "江滨院区 室外"


@pytest.mark.parametrize(("area", "floor"), [("OPD", "9F"), ("MOON", "1F"), ("江滨院区", "2F"), ("", "1F")])
def test_an_unknown_floor_is_refused(hospital: Hospital, area: str, floor: str) -> None:
    with pytest.raises(NotFound) as refused:
        draw_floor(hospital, area=area, floor=floor)
    assert refused.value.code == "unknown_floor"


def test_signs_of_markup_in_a_name_stay_text(hospital: Hospital) -> None:
    name = '门诊一楼<script>"A&B"</script>'
    places = tuple(
        one.model_copy(update={"name": name}) if one.id == "OPD-1F-SHOP" else one for one in hospital.places
    )
    svg = draw_floor(replace(hospital, places=places), area="OPD").svg
    assert "<script>" not in svg
    assert '<script>"A&B"</script>' in ET.fromstring(svg).findtext(f"{SVG}desc", "")


def test_a_png_is_as_wide_as_a_phone_at_three_times(hospital: Hospital) -> None:
    route = find_route(hospital, destination="OPD-2F-US")
    png = draw_route(hospital, route, "OPD", "2F")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width == 1080 and 1000 < height < 2200


def test_chinese_is_really_drawn_in_the_png() -> None:
    def draw(words: str) -> bytes:
        sheet = Sheet(300, 100, "", "")
        sheet.text(150, 50, words, size=60, fill="#000000")
        return render_png(sheet.to_svg(), width=300)

    drawn = {draw(words) for words in ("", "问津", "医院", "Khám")}
    assert len(drawn) == 4  # a typeface without Chinese would draw the same boxes twice


def test_without_a_typeface_there_is_the_svg_and_an_honest_error(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "find_font", lambda: None)
    drawn = draw_floor(hospital, area="OPD", floor="2F")
    assert "彩超候诊区" in _words(drawn.svg)
    with pytest.raises(NoFont):
        _ = drawn.png


def test_the_typeface_comes_with_the_locked_packages() -> None:
    font = find_font()
    assert font is not None and "site-packages" in font.parts


def test_a_typeface_of_the_system_stands_in(tmp_path: Path) -> None:
    assert find_system_font((tmp_path, tmp_path / "nowhere")) is None
    (tmp_path / "wqy").mkdir()
    for name in ("DejaVuSans.ttf", "wqy/wqy-zenhei.ttc"):
        (tmp_path / name).touch()
    assert find_system_font((tmp_path / "nowhere", tmp_path)) == tmp_path / "wqy/wqy-zenhei.ttc"


@pytest.mark.parametrize(
    ("words", "count", "lines"),
    [
        ("彩超候诊区", 1, ["彩超候诊区"]),
        ("消化内科候诊区", 2, ["消化内科", "候诊区"]),
        ("手机充电处", 2, ["手机", "充电处"]),
        ("放射科CT室", 2, ["放射科", "CT室"]),
        ("公共卫生间", 2, ["公共", "卫生间"]),
    ],
)
def test_lines_break_where_one_would_break_them(words: str, count: int, lines: list[str]) -> None:
    assert break_lines(words, count) == lines


@pytest.mark.parametrize("width", [60, 90, 140, 300])
def test_fitted_words_stay_inside_their_box(width: float) -> None:
    for words in ("导诊台", "呼吸与危重症医学科候诊区", "无障碍电梯"):
        size, lines = fit(words, width, 200, largest=40, smallest=8)
        assert "".join(lines) == words
        assert max(map(measure, lines)) * size <= width and len(lines) * size * 1.16 <= 200


@pytest.mark.parametrize("ink", [signs.INK, floorplans.PALE_INK])
def test_names_stand_out_from_every_ground(ink: str) -> None:
    """WCAG 2.2, contrast enhanced (1.4.6): 7 to 1."""
    grounds = [
        *floorplans.FILLS.values(),
        floorplans.PLAIN,
        floorplans.FLOOR,
        floorplans.SLAB,
        floorplans.PAPER,
    ]
    for ground in (*grounds, floorplans.GROUND, "#ffdfdc", "#d8f2de"):
        assert _contrast(ink, ground) >= 7, ground


def test_white_signs_stand_out_from_their_pins() -> None:
    """WCAG 2.2, contrast minimum (1.4.3): 4.5 to 1."""
    for ground in (floormaps.BAND, floormaps.WAY, floormaps.CHANGE, floorplans.START, floorplans.GOAL):
        assert _contrast("#ffffff", ground) >= 4.5, ground


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
