"""The crowding of a day drawn for a phone: one bar an hour. Colour never stands alone: quiet and busy hours are named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from knowledge.schema.base import Entry
from services.crowding import BUSY, QUIET, Crowding
from services.drawing import Sheet, render_png
from services.wording import Table, choose, read_wording

FILE = Path(__file__).with_name("crowdcharts.yml")
WIDTH, HEIGHT, MARGIN, TOP, FLOOR = 1080.0, 640.0, 60.0, 190.0, 520.0
INK, PALE, PAPER, WHITE = "#1f2d3a", "#5b6b7a", "#f6f8fa", "#ffffff"
COLOURS = {QUIET: "#2e7d32", BUSY: "#a34a00"}
USUAL_COLOUR = "#7d94ab"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ChartWords(Entry):
    title: str
    weekdays: Table
    about: str
    hour: str
    """Under a bar."""
    told: str
    pause: str
    join: str
    levels: Table
    caution: str


@dataclass(frozen=True)
class Chart:
    title: str
    description: str
    """All that the picture shows, in words."""
    svg: str

    @cached_property
    def png(self) -> bytes:
        """Raises `services.drawing.NoFont` where the machine has no Chinese typeface."""
        return render_png(self.svg)


def draw_crowding(crowding: Crowding, *, department: str = "", language: str = "zh") -> Chart:
    """A bar an hour, as high as usually come then. ``department`` as its name is said in the language, if otherwise than
    on the signs."""
    words = choose(read_words(), language)
    weekday = words.weekdays[WEEKDAYS[crowding.day.weekday()]]
    title = words.title.format(department=department or crowding.department, weekday=weekday)
    description = words.join.join(
        words.pause.join(
            filter(
                None,
                (words.told.format(hour=one.hour, visits=f"{one.visits:.0f}"), words.levels.get(one.level)),
            )
        )
        for one in crowding.hours
    )
    sheet = Sheet(WIDTH, HEIGHT, title, description)
    sheet.rect(0, 0, WIDTH, HEIGHT, fill=PAPER)
    wide = WIDTH - 2 * MARGIN
    sheet.label((MARGIN, 30, wide, 72), title, fill=INK, largest=44, smallest=28, anchor="start", bold=True)
    sheet.label((MARGIN, 96, wide, 56), words.about, fill=PALE, largest=32, smallest=22, anchor="start")
    most = max(one.visits for one in crowding.hours)
    step = wide / len(crowding.hours)
    bar = min(step * 0.7, 90.0)
    for place, one in enumerate(crowding.hours):
        middle = MARGIN + step * (place + 0.5)
        tall = max((FLOOR - TOP - 40) * one.visits / most, 4)
        colour = COLOURS.get(one.level, USUAL_COLOUR)
        sheet.rect(middle - bar / 2, FLOOR - tall, bar, tall, radius=8, fill=colour)
        if one.level in words.levels:
            sheet.text(middle, FLOOR - tall - 28, words.levels[one.level], size=30, fill=colour, bold=True)
        sheet.text(middle, FLOOR + 36, words.hour.format(hour=one.hour), size=32, fill=INK)
    sheet.line([(MARGIN, FLOOR), (WIDTH - MARGIN, FLOOR)], width=3, stroke=PALE)
    sheet.text(MARGIN, HEIGHT - 36, words.caution, size=28, fill=PALE, anchor="start")
    return Chart(title, description, sheet.to_svg())


@cache
def read_words(file: Path = FILE) -> dict[str, ChartWords]:
    """By language; errors as `services.wording.read_wording`."""
    return read_wording(file, ChartWords)
