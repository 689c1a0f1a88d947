"""The crowding of a day drawn for a phone: one bar an hour. Colour never stands alone: quiet and busy hours are named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from services.crowding import BUSY, QUIET, Crowding
from services.drawing import Sheet, render_png

WIDTH, HEIGHT, MARGIN, TOP, FLOOR = 1080.0, 640.0, 60.0, 190.0, 520.0
INK, PALE, PAPER, WHITE = "#1f2d3a", "#5b6b7a", "#f6f8fa", "#ffffff"
COLOURS = {QUIET: "#2e7d32", BUSY: "#a34a00"}
USUAL_COLOUR = "#7d94ab"
WORDS = {QUIET: "人少", BUSY: "人多"}
WEEKDAYS = "一二三四五六日"


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


def draw_crowding(crowding: Crowding) -> Chart:
    """A bar an hour, as high as usually come then."""
    title = f"{crowding.department}　周{WEEKDAYS[crowding.day.weekday()]}几点人多"
    description = "；".join(
        f"{one.hour} 点平均 {one.visits:.0f} 人" + (f"，{WORDS[one.level]}" if one.level in WORDS else "")
        for one in crowding.hours
    )
    sheet = Sheet(WIDTH, HEIGHT, title, description)
    sheet.rect(0, 0, WIDTH, HEIGHT, fill=PAPER)
    sheet.text(MARGIN, 66, title, size=44, fill=INK, anchor="start", bold=True)
    sheet.text(MARGIN, 124, "看最近几周的同一天，每小时平均来几位", size=32, fill=PALE, anchor="start")
    most = max(one.visits for one in crowding.hours)
    step = (WIDTH - 2 * MARGIN) / len(crowding.hours)
    wide = min(step * 0.7, 90.0)
    for place, one in enumerate(crowding.hours):
        middle = MARGIN + step * (place + 0.5)
        tall = max((FLOOR - TOP - 40) * one.visits / most, 4)
        colour = COLOURS.get(one.level, USUAL_COLOUR)
        sheet.rect(middle - wide / 2, FLOOR - tall, wide, tall, radius=8, fill=colour)
        if one.level in WORDS:
            sheet.text(middle, FLOOR - tall - 28, WORDS[one.level], size=30, fill=colour, bold=True)
        sheet.text(middle, FLOOR + 36, f"{one.hour}点", size=32, fill=INK)
    sheet.line([(MARGIN, FLOOR), (WIDTH - MARGIN, FLOOR)], width=3, stroke=PALE)
    sheet.text(MARGIN, HEIGHT - 36, "只是往常的样子，当天以现场为准", size=28, fill=PALE, anchor="start")
    return Chart(title, description, sheet.to_svg())
