"""The words in which a way is told, by language: `waywords.yml`, checked when it is first read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from knowledge.schema.base import Entry
from services.wording import Table, choose, read_wording

FILE = Path(__file__).with_name("waywords.yml")


class WayWords(Entry):
    stretch: str
    """One straight stretch, of lead, towards, bend, pace, what one goes through, passes and where it ends."""
    arrival: str
    end: str
    """Of every sentence."""
    pause: str
    join: str
    floor: str
    basement: str
    here: str
    turns: Table
    onward: str
    sides: Table
    rides: Table
    verbs: Table
    lift_to: str
    up_to: str
    down_to: str
    shuttle: str
    shuttle_name: str
    shuttle_minutes: str
    shuttle_hours: str
    after_shuttle: str
    after: Table
    out_of: str
    start: str
    towards: str
    few_steps: str
    metres: str
    through: str
    steps_up: str
    steps_down: str
    ramp: str
    passing: str
    to: str
    into: str
    out: str
    to_door: str
    to_fork: str
    to_end: str
    ahead: str
    seen: str
    arrived: str
    flat_with_lift: str
    flat: str
    outdoors: str
    """On a drawing, from here on: what stands beside the campus's name."""
    leg: str
    leg_over: str
    """Over a bridge to the next building."""
    leg_ride: str
    leg_shuttle: str
    signs: Table
    """On a disc: where one starts, arrives, goes up or down, takes the shuttle, goes through a door."""
    scale: str
    north: str
    map_title: str
    described: str

    def name_floor(self, floor: str) -> str:
        """``2F`` → 2楼, ``B1`` → 地下1楼."""
        below = floor.startswith("B")
        return (self.basement if below else self.floor).format(floor=floor[1:] if below else floor[:-1])

    def finish(self, sentence: str) -> str:
        """One blank where parts were empty, and a capital where the language has them."""
        tidy = " ".join(sentence.split()).replace(" ,", ",")
        return tidy[:1].upper() + tidy[1:] + self.end


def get_words(language: str) -> WayWords:
    """Chinese where the language has none."""
    return choose(read_words(), language)


@cache
def read_words(file: Path = FILE) -> dict[str, WayWords]:
    """By language; errors as `services.wording.read_wording`."""
    return read_wording(file, WayWords)
