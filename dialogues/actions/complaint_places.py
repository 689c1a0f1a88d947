"""Where it was that something went wrong: said with it, on the wall, or asked for; 「厕所」 alone is every floor's."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.routes import UNSURE
from dialogues.wording import DEFAULT_LANGUAGE

FLOOR = re.compile(r"(?:门诊|住院|急诊|综合)(?:部|楼)?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[楼层]")
SPOT = re.compile(
    r"(?<![上下第爬])(?:[一二三四五六七八九十]{1,3}|\d{1,2})[楼层](?:的)?[^，。,.!！?？\s等排的没有态护医人站坐都我不太又被给收]{0,6}"
)
"""A floor without its building, with what stands on it: 二楼彩超."""


WHEN = re.compile(
    r"今天|昨天|前天|刚才|刚刚|上午|中午|下午|晚上|早上|在|就|是|的|那里|这里|那边|那儿|(?:\d{1,2}|[一二三四五六七八九十]{1,3})点(?:半|多|钟)?|[\s，,。.！!、]"
)
LEVEL = re.compile(r"(?:门诊|住院|急诊)?(?:部|楼)?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[楼层]")
STOREY = re.compile(r"[一二三四五六七八九十\d负][楼层]|tang \d|东湖|江滨|住院|门诊|急诊")
"""Enough is said of where to find it."""


def tells_only_where(desk: Desk, text: str) -> bool:
    """「今天上午一楼收费处」: when and where, and not what."""
    rest = WHEN.sub("", text)
    bare = LEVEL.sub("", rest)
    return not bare or any(bare in (one.name, *one.aliases) for one in desk.hospital.find_places(bare))


def find_where(desk: Desk, slots: Slots) -> dict[str, Any]:
    """``place`` where the words, the code or the department say enough; else ``spot``, what there is on every floor."""
    words = slots["complaint_text"] or ""
    place = _find_place(desk, slots, words)
    if place and place == slots["place"] and len(desk.hospital.find_places(place)) > 1:
        said = set(SPOT.findall(words))
        if len(said) == 1 and place in min(said):
            return {"place": min(said)}
        if not STOREY.search(words) and not slots["department"]:
            return {"place": None, "spot": place}
    return {"place": place}


def _find_place(desk: Desk, slots: Slots, words: str) -> str | None:
    """「厕所」 alone is every floor's, so the code on the wall, else the floor said with it, names which."""
    place, floor = slots["place"], FLOOR.search(words)
    shared = desk.hospital.find_places(place) if place else ()
    if slots.place_code and (code := desk.hospital.find_place_code(slots.place_code)):
        meant = {one.name for one in shared}
        if place is None or len(meant) > 1 or code.place in meant:
            return code.name
    if place and floor and len(shared) > 1:
        return _find_on_floor(desk, floor[0], place) or place
    said = set(SPOT.findall(words))
    spot = said.pop() if len(said) == 1 else None
    # 「骨科的医生」 says enough of where
    return place or (floor[0] if floor else None) or slots["department"] or spot


def _find_on_floor(desk: Desk, floor: str, spot: str) -> str | None:
    """The one of these places whose name says the floor; 「二楼」 alone is every building's."""
    there = [one.name for one in desk.hospital.find_places(spot) if floor in one.name]
    return there[0] if len(there) == 1 else None


class AskComplaintPlace(DeskAction, name="action_ask_complaint_place"):
    """Where it was; of what stands on every floor (厕所, 电梯), which one."""

    replies = ("utter_ask_complaint_place", "utter_ask_complaint_spot")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        if slots["spot"] and say.language == DEFAULT_LANGUAGE:
            say("utter_ask_complaint_spot", spot=slots["spot"])
        else:
            say("utter_ask_complaint_place")


class ReadComplaintPlace(DeskAction, name="action_read_complaint_place"):
    """A place told in free words becomes the hospital's name for it where one is surely meant; else the words stay. What it
    is of (厕所) is kept, also where he does not say which."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        words, spot = slots["place"], slots["spot"]
        if words is None or UNSURE.match(words):
            return {"place": spot}
        found = desk.hospital.find_places(words)
        sure = [one for one in found if words in (one.name, *one.aliases)]
        if len(sure) == 1:
            return {"place": sure[0].name}
        if not spot or spot in words:
            return {"place": words}
        return {"place": _find_on_floor(desk, words.rstrip("的那个"), spot) or f"{words}{spot}"}
