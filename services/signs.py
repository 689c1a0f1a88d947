"""The signs on a floor map that everybody knows: lift, stairs, escalator, toilet, a pin, north."""

from __future__ import annotations

from services.drawing import Point, Sheet

INK = "#14202b"


def draw_lift(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    sheet.rect(x - half, y - half, size, size, radius=8, fill=INK)
    wide = half * 0.46
    for way in (-1, 1):
        tip, foot = y + way * half * 0.72, y + way * half * 0.18
        sheet.path(f"M{x - wide} {foot}L{x + wide} {foot}L{x} {tip}Z", fill="#ffffff")


def draw_stairs(sheet: Sheet, x: float, y: float, size: float) -> None:
    step, left, low = size / 4, x - size / 2, y + size / 2
    points = [(left, low)]
    for count in range(4):
        height = low - step * (count + 1)
        points += [(left + step * count, height), (left + step * (count + 1), height)]
    sheet.line(points, width=8, stroke=INK)


def draw_escalator(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    points = [(x - half, y + half * 0.7), (x - half * 0.4, y + half * 0.7)]
    points += [(x + half * 0.4, y - half * 0.5), (x + half, y - half * 0.5)]
    sheet.line(points, width=15, stroke=INK)
    sheet.circle(x - half * 0.15, y - half * 0.55, 9, fill=INK)


def draw_toilet(sheet: Sheet, x: float, y: float, size: float) -> None:
    half = size / 2
    sheet.rect(x - half, y - half, size, size, radius=8, fill="#0f5a8a")
    sheet.text(x, y, "WC", size=size * 0.5, fill="#ffffff", bold=True)


SIGNS = {"lift": draw_lift, "stairs": draw_stairs, "escalator": draw_escalator, "toilet": draw_toilet}
"""By the kind of place."""


def draw_pin(sheet: Sheet, point: Point, word: str, colour: str) -> None:
    """A disc with one Chinese sign, or a small one without."""
    sheet.circle(*point, 34 if word else 18, fill=colour, stroke="#ffffff", stroke_width="6")
    if word:
        sheet.text(*point, word, size=40, fill="#ffffff", bold=True)


def draw_scale(sheet: Sheet, x: float, y: float, *, pixels: float, word: str) -> None:
    sheet.line([(x, y + 14), (x + pixels, y + 14)], width=6, stroke=INK, stroke_linecap="butt")
    for at in (x, x + pixels):
        sheet.line([(at, y + 2), (at, y + 26)], width=4, stroke=INK)
    sheet.text(x + pixels / 2, y - 16, word, size=30, fill=INK)


def draw_north(sheet: Sheet, x: float, y: float, *, word: str) -> None:
    sheet.path(f"M{x} {y - 36}L{x + 18} {y + 14}L{x} {y + 2}L{x - 18} {y + 14}Z", fill=INK)
    sheet.text(x, y + 32, word, size=30, fill=INK, bold=True)
