"""The map of the demonstration hospital, the ways through it and the sentences they are told in."""

from __future__ import annotations

import re
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import Hospital, load_hospital
from knowledge.schema import Facility, Path, Place
from services.directions import find_turn, name_floor, shorten
from services.errors import NotFound
from services.wayfinding import find_nearest, find_route
from services.waygraph import LIFT_WAIT_MINUTES, get_map

HOSPITAL = load_hospital()
PLACES = [place for place in HOSPITAL.places if place.kind != "junction"]
IDS = [place.id for place in PLACES]

NOT_STEP_FREE: set[str] = set()
"""Places that a wheelchair cannot reach: none in this hospital."""


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("OPD-2F-US", "门诊二楼彩超候诊区"),
        ("OPD-1F-REG", "门诊一楼挂号收费处"),
        ("OPD-3F-WC", "门诊三楼公共卫生间"),
        ("OPD-2F-PAY", "门诊二楼自助缴费区"),
        ("IPD-8F-ORTH", "住院部八楼骨科病区"),
        ("OPD-1F-PHARM", "门诊一楼西药房"),
        ("OPD-4F-MED", "门诊四楼内科候诊区"),
    ],
)
def test_the_places_that_others_rely_on_exist_and_carry_a_code(
    hospital: Hospital, id: str, name: str
) -> None:
    place = hospital.get_place(id)
    assert (place.name, place.code) == (name, id)
    code = hospital.find_place_code(id)
    assert code is not None and code.place == name


def test_there_are_places_on_every_floor_and_enough_of_them(hospital: Hospital) -> None:
    assert len(PLACES) >= 170
    assert len(hospital.place_codes) >= 25
    for building in hospital.buildings:
        for floor in building.floors:
            here = [one for one in PLACES if (one.building, one.floor) == (building.id, floor)]
            assert len(here) >= 8, (building.id, floor)
            assert {"toilet", "lift"} <= {one.kind for one in here}, (building.id, floor)


def test_every_department_has_a_place_to_wait(hospital: Hospital) -> None:
    waiting = {one.department for one in PLACES if one.kind in ("waiting", "emergency", "ward")}
    assert {entry.name for entry in hospital.departments} <= waiting


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("抽血的地方", "OPD-2F-LAB"),
        ("照B超", "OPD-2F-US"),
        ("拿药", "OPD-1F-PHARM"),
        ("交钱", "OPD-1F-REG"),
        ("打点滴", "OPD-1F-INF"),
        ("看牙", "OPD-5F-DENT"),
        ("睇牙", "OPD-5F-DENT"),
        ("自己煮饭的地方", "IPD-B1-KITCHEN"),
        ("复印病历", "IPD-1F-MR"),
        ("核磁", "OPD-B1-MRI"),
        ("打狂犬针", "OPD-1F-DOG"),
    ],
)
def test_what_patients_say_names_the_place(hospital: Hospital, words: str, id: str) -> None:
    assert [place.id for place in hospital.find_places(words)] == [id]


@pytest.mark.parametrize("id", IDS)
def test_every_place_is_reached_from_the_main_hall(hospital: Hospital, id: str) -> None:
    route = find_route(hospital, destination=id)
    assert route.destination.id == id
    assert route.minutes >= 1
    assert route.sentences
    for sentence in route.sentences:
        assert re.fullmatch(r"[^。]{4,70}。", sentence), sentence
        assert "None" not in sentence and not re.search(r"[A-Z]+-\w+-", sentence)


@pytest.mark.parametrize("id", IDS)
def test_every_place_is_reached_without_a_step_unless_listed(hospital: Hospital, id: str) -> None:
    if id in NOT_STEP_FREE:
        with pytest.raises(NotFound):
            find_route(hospital, destination=id, step_free=True)
        return
    route = find_route(hospital, destination=id, step_free=True)
    assert route.step_free
    assert not {"stairs", "escalator"} & {leg.kind for leg in route.legs}
    assert route.sentences[0].startswith("这条路没有台阶")
    assert ("需要电梯" in route.sentences[0]) == route.needs_lift


def test_who_can_go_there_can_come_back(hospital: Hospital) -> None:
    chart = get_map(hospital)
    assert nx.is_strongly_connected(chart.ways)
    assert nx.is_strongly_connected(chart.step_free_ways)


@settings(deadline=None, max_examples=120)
@given(origin=st.sampled_from(IDS), destination=st.sampled_from(IDS), step_free=st.booleans())
def test_any_two_places_are_joined_by_a_way_that_can_be_told(
    origin: str, destination: str, step_free: bool
) -> None:
    there = find_route(HOSPITAL, origin=origin, destination=destination, step_free=step_free)
    back = find_route(HOSPITAL, origin=destination, destination=origin, step_free=step_free)
    assert there.legs[0].places[0].id == origin and there.legs[-1].places[-1].id == destination
    for leg, following in zip(there.legs, there.legs[1:], strict=False):
        assert leg.places[-1] == following.places[0]
    assert there.minutes == back.minutes and there.metres == back.metres
    assert all(there.sentences)


@settings(deadline=None, max_examples=60)
@given(origin=st.sampled_from(IDS), destination=st.sampled_from(IDS))
def test_in_a_mirror_left_and_right_change_places_and_nothing_else(origin: str, destination: str) -> None:
    straight = find_route(HOSPITAL, origin=origin, destination=destination)
    mirrored = find_route(MIRRORED, origin=origin, destination=destination)
    swap = str.maketrans("左右", "右左")
    assert [one.translate(swap) for one in straight.sentences] == list(mirrored.sentences)


@settings(deadline=None, max_examples=60)
@given(origin=st.sampled_from(IDS), destination=st.sampled_from(IDS))
def test_turning_the_whole_map_changes_no_word(origin: str, destination: str) -> None:
    straight = find_route(HOSPITAL, origin=origin, destination=destination)
    turned = find_route(TURNED, origin=origin, destination=destination)
    assert straight.sentences == turned.sentences


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        ((0, 1), (-1, 0), "left"),  # northwards, then west
        ((0, 1), (1, 0), "right"),
        ((0, -1), (-1, 0), "right"),  # southwards, then west
        ((1, 0), (0, 1), "left"),
        ((-1, 0), (0, 1), "right"),
        ((0, 1), (0.2, 1), "straight"),
        ((0, 1), (1, 1), "right"),
        ((1, 0), (-1, 0.1), "back"),
    ],
)
def test_turns_follow_from_geometry(
    before: tuple[float, float], after: tuple[float, float], turn: str
) -> None:
    assert find_turn(before, after) == turn


@pytest.mark.parametrize(
    ("origin", "destination", "turns", "side"),
    [
        # Worked out by hand on the floor plans (north up).
        (
            "OPD-1F-HALL",
            "OPD-1F-PHARM",
            ["右"],
            "左",
        ),  # west along the hall, north past the windows, on the west side
        ("OPD-1F-HALL", "OPD-1F-ER", ["左"], "右"),  # east, north, on the east side
        ("OPD-1F-PHARM", "OPD-1F-REG", ["右"], "右"),  # out to the east, south, on the west side
        ("OPD-1F-SHOP", "OPD-1F-DOG", ["右"], "右"),  # out to the west, north, on the east side
        ("IPD-8F-LIFT", "IPD-8F-ORTH", ["左"], "右"),  # out to the west, south, on the west side
        ("IPD-8F-LIFT", "IPD-8F-NS", ["右"], "左"),
        ("OPD-4F-LIFT", "OPD-4F-MED", ["右", "右", "左"], "右"),
        ("EAST-1F-LIFT", "EAST-1F-REG", ["右"], "左"),
        ("IPD-3F-ORWAIT", "IPD-3F-OR", ["右"], "右"),
    ],
)
def test_left_and_right_are_right(
    hospital: Hospital, origin: str, destination: str, turns: list[str], side: str
) -> None:
    said = "".join(find_route(hospital, origin=origin, destination=destination).sentences)
    assert re.findall(r"(左|右)转", said) == turns
    assert re.findall(r"您的(左|右)手边", said) == [side]


def test_directions_from_the_hall_to_the_ultrasound_read_as_one_would_say_them(hospital: Hospital) -> None:
    route = find_route(hospital, destination="门诊二楼彩超候诊区")
    assert route.origin.name == "门诊大厅"
    assert route.sentences == (
        "从门诊大厅出发，朝导诊台方向直走约20米，经过导诊台、轮椅借用点。",
        "扶梯就在您的左手边。",
        "乘扶梯上到2楼。",
        "出扶梯后左转，直走约10米，到岔路口。",
        "左转，直走约10米，走到心电图室门口。",
        "左转，直走约10米。",
        "彩超候诊区就在您的右手边，看到蓝色的“超声科”叫号屏就到了。",
    )


def test_one_floor_up_by_escalator_and_four_floors_up_by_lift(hospital: Hospital) -> None:
    assert "escalator" in {leg.kind for leg in find_route(hospital, destination="OPD-2F-US").legs}
    assert "lift" in {leg.kind for leg in find_route(hospital, destination="OPD-5F-ORTH").legs}


def test_who_asks_for_a_lift_gets_one(hospital: Hospital) -> None:
    route = find_route(hospital, destination="OPD-2F-US", step_free=True)
    assert [leg.kind for leg in route.legs] == ["walk", "lift", "walk"]
    assert route.sentences[0] == "这条路没有台阶，需要电梯。"


def test_a_lift_is_waited_for_once_however_high_it_goes(hospital: Hospital) -> None:
    low = find_route(hospital, origin="IPD-1F-LIFT", destination="IPD-2F-LIFT").legs
    high = find_route(hospital, origin="IPD-1F-LIFT", destination="IPD-12F-LIFT").legs
    assert len(low) == len(high) == 1
    assert high[0].minutes - low[0].minutes == pytest.approx(1.0)  # ten floors more at a tenth of a minute
    assert low[0].minutes > LIFT_WAIT_MINUTES


def test_to_the_wards_from_the_second_floor_one_takes_the_bridge(hospital: Hospital) -> None:
    route = find_route(hospital, origin="OPD-2F-US", destination="IPD-8F-ORTH")
    assert route.areas == (("OPD", "2F"), ("IPD", "2F"), ("IPD", "8F"))
    assert "穿过二楼连廊" in "".join(route.sentences)


def test_the_fever_clinic_is_entered_from_outside_only(hospital: Hospital) -> None:
    route = find_route(hospital, origin="OPD-1F-GP", destination="OPD-1F-FEVER")  # the room next door
    assert route.areas[-1] == ("江滨院区", "1F")
    assert any("出门诊楼" in sentence for sentence in route.sentences)


def test_to_the_other_campus_one_takes_the_shuttle_and_is_told_its_hours(hospital: Hospital) -> None:
    stop = hospital.get_place("JB-1F-STOP")
    shuttle = Facility(
        id="bus", name="院区班车", places=(stop.name,), hours="每天 07:30–18:00，每半小时一班", about="免费"
    )
    route = find_route(replace(hospital, facilities=(shuttle,)), destination="EAST-1F-CHECK")
    assert [leg.kind for leg in route.legs].count("shuttle") == 1
    said = "".join(route.sentences)
    assert "坐院区班车，到东湖院区班车候车点下车，车程约20分钟" in said
    assert "院区班车时间：每天 07:30–18:00，每半小时一班。" in said
    assert route.minutes >= 20 and route.metres < 1000


@pytest.mark.parametrize("floor", ["B1", "1F", "2F", "3F", "4F", "5F"])
def test_the_nearest_toilet_is_on_the_same_floor(hospital: Hospital, floor: str) -> None:
    for kind in ("toilet", "厕所"):
        for origin in (place for place in PLACES if (place.building, place.floor) == ("OPD", floor)):
            if origin.kind != "toilet" and origin.id != "OPD-1F-FEVER":
                route = find_nearest(hospital, origin=origin, kind=kind)
                assert route is not None and route.destination.id == f"OPD-{floor}-WC"


def test_the_nearest_is_never_where_one_stands(hospital: Hospital) -> None:
    route = find_nearest(hospital, origin="OPD-3F-WC", kind="toilet")
    assert route is not None and route.destination.id != "OPD-3F-WC"


def test_the_nearest_of_nothing_is_none(hospital: Hospital) -> None:
    assert find_nearest(hospital, kind="游泳池") is None


def test_who_is_there_already_is_told_so(hospital: Hospital) -> None:
    route = find_route(hospital, origin="OPD-1F-REG", destination="OPD-1F-REG")
    assert route.sentences == ("您现在就在挂号收费处。",)
    assert route.areas == (("OPD", "1F"),)


def test_an_unknown_place_is_refused_by_field(hospital: Hospital) -> None:
    for field in ("origin", "destination"):
        asked = {"origin": "OPD-1F-REG", "destination": "OPD-1F-PHARM", field: "月球"}
        with pytest.raises(NotFound) as refused:
            find_route(hospital, **asked)  # type: ignore[arg-type]
        assert (refused.value.code, refused.value.field) == ("unknown_place", field)


def test_where_only_stairs_lead_a_wheelchair_is_told_there_is_no_way(hospital: Hospital) -> None:
    tiny = _build_map(hospital, Path(a="B", b="C", kind="stairs", metres=5, step_free=False))
    assert find_route(tiny, origin="A", destination="C").step_free is False
    with pytest.raises(NotFound) as refused:
        find_route(tiny, origin="A", destination="C", step_free=True)
    assert refused.value.code == "no_route"


def test_a_oneway_path_is_walked_one_way(hospital: Hospital) -> None:
    tiny = _build_map(hospital, Path(a="B", b="C", kind="door", metres=5, step_free=True, oneway=True))
    assert find_route(tiny, origin="A", destination="C").metres == 15
    with pytest.raises(NotFound):
        find_route(tiny, origin="C", destination="A")


def test_of_two_ways_between_the_same_places_the_quicker_counts(hospital: Hospital) -> None:
    slow = Path(a="B", b="C", kind="stairs", metres=9, step_free=False)
    quick = Path(a="C", b="B", kind="ramp", metres=9, step_free=True)
    for order in ((slow, quick), (quick, slow)):
        assert find_route(_build_map(hospital, *order), origin="A", destination="C").step_free


def test_the_map_of_a_hospital_is_built_once(hospital: Hospital) -> None:
    assert get_map(hospital) is get_map(hospital)
    assert get_map(replace(hospital)) is not get_map(hospital)


@pytest.mark.parametrize(
    ("id", "short"),
    [
        ("OPD-2F-US", "彩超候诊区"),
        ("IPD-12F-ONC", "肿瘤科病区"),
        ("OPD-1F-GUIDE", "导诊台"),
        ("OPD-1F-HALL", "门诊大厅"),
        ("OPD-B1-MRI", "磁共振室"),
        ("EAST-2F-TCM", "中医馆"),
    ],
)
def test_names_are_shortened_to_what_one_says_on_the_spot(hospital: Hospital, id: str, short: str) -> None:
    assert shorten(hospital.get_place(id)) == short


def test_floors_are_named_as_spoken() -> None:
    assert [name_floor(floor) for floor in ("B1", "1F", "12F")] == ["地下1楼", "1楼", "12楼"]


def test_no_junction_is_ever_named_to_a_patient(hospital: Hospital) -> None:
    inside = {one.name for one in hospital.places if one.kind == "junction"}
    for id in IDS[::7]:
        said = "".join(find_route(hospital, destination=id).sentences)
        assert not [name for name in inside if name in said]


def _build_map(hospital: Hospital, *last: Path) -> Hospital:
    """A — B — C in a row on one floor, ten metres from A to B, the last step as given."""
    row = enumerate(("A", "B", "C"))
    places = tuple(
        Place(id=name, name=f"{name}室", kind="room", building="OPD", x=at * 10, y=0) for at, name in row
    )
    first = Path(a="A", b="B", kind="corridor", metres=10, step_free=True)
    return replace(hospital, places=places, paths=(first, *last))


def _transform(turn: tuple[int, int, int, int]) -> Hospital:
    a, b, c, d = turn
    return replace(
        HOSPITAL,
        places=tuple(
            one.model_copy(update={"x": a * one.x + b * one.y, "y": c * one.x + d * one.y})
            for one in HOSPITAL.places
        ),
    )


MIRRORED = _transform((-1, 0, 0, 1))
TURNED = _transform((0, -1, 1, 0))
