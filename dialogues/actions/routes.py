"""The way inside the hospital: where to, from where, told in sentences with a picture of each floor."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlencode

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.payload import ask_for, set_slots
from knowledge import Hospital
from knowledge.schema import Place
from services import wayfinding
from services.directions import name_floor
from services.errors import NotFound
from services.wayfinding import Route

SHOWN = 5
COMMON = ("挂号处", "抽血处", "药房", "厕所", "急诊科")
"""What is asked for most; a hospital without one of them does not offer it."""
UNSURE = re.compile(
    r"^(?:不|没|跳过|随便|忘|说不|都|无|唔|冇).{0,6}$|^(?:kh[oô]ng (?:bi[eế]t|r[oõ]|nh[oớ])|b[oỏ] qua)\b.{0,12}$",
    re.IGNORECASE,
)
"""No place at all: 不知道, 跳过, 记不清."""
ELSEWHERE = "any"
"""The patient says that he is not where the way was told from."""
FLOOR = re.compile(r"[楼层]$")
"""「门诊三楼」: only the floor is known, so the way begins at its lift."""
NAMED = re.compile(
    r"(?:请问|我要|我想|想|去|到|找|问一?下|，)*(?P<words>[\u4e00-\u9fff]{2,8}?)(?:要|该)?"
    r"(?:怎么走|怎么去|咋走|点行|点去|在哪|喺边|在几楼|往哪)"
)
"""What the patient calls the place, where the hospital has no such name."""
VAGUE = frozenset(
    ["医院", "你们医院", "这里", "那里", "这边", "那边", "这个", "那个", "地方", "科室", "路线"]
)
HERE = re.compile(
    r"^(?:我|人)(?:们)?(?:现在|而家|这会儿|已经|还|就|是)*(?:在|喺|到了|站在)(?!哪|边|找|想)(?![^,，。]*(?:去|怎么|走|点样|咋))"
)
"""「我在住院部」: where the patient stands, and not where the way is to lead."""
REMEMBERED = dt.timedelta(minutes=30)
"""How long 「我在住院部」 still asks for the way told last."""
MANY = 4
WHEELS = ("wheelchair", "stretcher")


def find_origin(desk: Desk, slots: Slots) -> Place | None:
    """Where the patient is: said, or known from the place code that was scanned."""
    if slots["origin"] == ELSEWHERE:
        return None
    if slots["origin"] is not None:
        found = desk.hospital.find_places(slots["origin"])
        lifts = [one for one in found if one.kind == "lift"] if FLOOR.search(slots["origin"]) else []
        return next(iter([*lifts, *found]), None)
    code = desk.hospital.find_place_code(slots.place_code) if slots.place_code else None
    return desk.hospital.get_place(code.place) if code else None


def find_destinations(hospital: Hospital, slots: Slots) -> tuple[Place, ...]:
    """What may be meant, the surest first; a department means where one waits for it."""
    if slots["place"] not in (None, "any"):
        found = hospital.find_places(slots["place"])
        if found:
            return found
    for words in (slots["department"], slots["place"]):
        entry = hospital.find_department(words) if words and words != "any" else None
        if entry is not None and entry.place:
            return (hospital.get_place(entry.place),)
    if slots["examination"]:
        return hospital.find_places(slots["examination"])
    return ()


class FindRoute(DeskAction, name="action_find_route"):
    """``outcome``: told, ``ask_place``, ``ask_which``, ``ask_origin``, or ``again`` where what was heard as the goal is the start."""

    replies = ("utter_route", "utter_route_from_entrance", "utter_route_floor")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["origin"] is None and HERE.match(slots.latest_text) and slots.list_latest("place"):
            return {"outcome": "again", "origin": slots["place"], "place": _recall_goal(desk, slots)}
        unknown = None if slots["place"] else _name_unknown(slots)
        found = _guess(desk.hospital, unknown) if unknown else find_destinations(desk.hospital, slots)
        if unknown and 1 < len(found) <= MANY:
            return {"outcome": "ask_which", "said": unknown}
        if not found or (len(found) > MANY and unknown):
            if words := unknown or slots["place"]:
                say("utter_place_unknown", words=words)
            return {"outcome": "ask_place", "place": None}
        if slots["origin"] is not None and find_origin(desk, slots) is None:
            return {"outcome": "ask_origin", "origin": None}
        step_free = bool(slots["step_free"]) or slots["special_need"] in WHEELS
        origin = find_origin(desk, slots)
        try:
            route = _route(say, found, slots["place"], origin, step_free)
        except NotFound:
            say("utter_no_route", place=found[0].name)
            return {"outcome": "told"}
        tell_route(desk.hospital, route, say, known_origin=origin is not None, step_free=step_free)
        return {"outcome": "told", "way_to": {"place": route.destination.name, "at": desk.now.isoformat()}}


def _name_unknown(slots: Slots) -> str | None:
    """「游泳馆怎么走」: what he calls the place, where nothing in his words is a name of the hospital's."""
    if any(slots.list_latest(name) for name in ("place", "department", "examination")):
        return None
    named = NAMED.match(slots.latest_text)
    return named["words"] if named and named["words"] not in VAGUE else None


def _recall_goal(desk: Desk, slots: Slots) -> str | None:
    """Where the way told a moment ago led: who answers it with where he stands wants it from there."""
    told = slots["way_to"]
    if not told or desk.now - dt.datetime.fromisoformat(told["at"]) > REMEMBERED:
        return None
    return str(told["place"])


def _guess(hospital: Hospital, words: str) -> tuple[Place, ...]:
    """「打针」, where the hospital knows 打针的地方: the places in whose names all of the words stand."""
    return tuple(
        one
        for one in hospital.find_places(words)
        if not one.shared and any(words in name for name in (one.name, *one.aliases))
    )


def _route(
    say: Speaker, found: tuple[Place, ...], words: str | None, origin: Place | None, step_free: bool
) -> Route:
    """To the place meant; of what every floor has (toilet, lift), to the nearest."""
    hospital = say.desk.hospital
    asked: dict[str, Any] = {"origin": origin, "step_free": step_free, "language": say.language}
    if len(found) > 1 and found[0].shared and words:
        nearest = wayfinding.find_nearest(hospital, kind=words, **asked)
        if nearest is not None:
            return nearest
    return wayfinding.find_route(hospital, destination=found[0], **asked)


def tell_route(
    hospital: Hospital, route: Route, say: Speaker, *, known_origin: bool, step_free: bool
) -> None:
    """The sentences, one picture a floor, and what else would help."""
    place = route.destination.name
    say(
        "utter_route" if known_origin else "utter_route_from_entrance",
        origin=route.origin.name,
        place=place,
        minutes=route.minutes,
        metres=route.metres,
        steps="\n".join(f"{number}. {sentence}" for number, sentence in enumerate(route.sentences, start=1)),
    )
    for index, (area, floor) in enumerate(route.areas):
        if index:
            say("utter_route_floor", floor=_name_area(say, area, floor))
        say.image(
            f"/maps/{area}/{floor}.png?"
            + urlencode({"from": route.origin.id, "to": route.destination.id})
            + ("&step_free=true" if step_free else "")
            + ("&lang=vi" if say.language == "vi" else "")
        )
    origin = {"origin": route.origin.name} if known_origin else {}
    if not known_origin:
        say.buttons([(say.word("elsewhere"), ask_for("ask_route", place=place, origin=ELSEWHERE))])
    if not (step_free or route.step_free):
        say.buttons([(say.word("by_lift"), ask_for("ask_route", place=place, step_free=True, **origin))])
    say.buttons([(say.word("borrow_wheelchair"), ask_for("borrow_equipment", special_need="wheelchair"))])
    here = {"place": route.origin.name} if known_origin else {}
    say.buttons([(say.word("show_me"), ask_for("request_onsite_help", **here))])


def _name_area(say: Speaker, area: str, floor: str) -> str:
    """门诊楼2楼, or 室外 where the way leads through the open air."""
    building = next((one for one in say.desk.hospital.buildings if one.id == area), None)
    if building is None:
        return say.word("outdoors")
    return say.word("floor_of", building=building.name, floor=name_floor(floor, language=say.language))


class AskPlace(DeskAction, name="action_ask_place"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_place")
        say.buttons(
            (say.name("common_place", one), set_slots(place=one))
            for one in COMMON
            if desk.hospital.find_places(one)
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """A department stands for where one waits for it."""
        named = slots.list_latest("department")
        entry = desk.hospital.find_department(named[0]) if named else None
        return desk.hospital.get_place(entry.place).name if entry and entry.place else None


class AskWhichPlace(DeskAction, name="action_ask_which_place"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_place_which", words=slots["said"])
        say.buttons((one.name, set_slots(place=one.name)) for one in _guess(desk.hospital, slots["said"]))


class AskOrigin(DeskAction, name="action_ask_origin"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_origin")
        for one in [one for one in desk.hospital.places if one.kind == "entrance"][:SHOWN]:
            say.buttons([(one.name, set_slots(origin=one.name))])


class ReadPlace(DeskAction, name="action_read_place"):
    """A place told in free words becomes the hospital's name for it where one is surely meant; else the words stay."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        words = slots["place"]
        if words is None or UNSURE.match(words):
            return {"place": None}
        found = desk.hospital.find_places(words)
        sure = [one for one in found if words in (one.name, *one.aliases)]
        return {"place": sure[0].name if len(sure) == 1 else words}
