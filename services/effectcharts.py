"""The small chart of an improvement: complaints on the matter week by week, and the day on which something was changed."""

from __future__ import annotations

import datetime as dt

from services.drawing import Sheet
from services.improvements import Effect

WIDTH, HEIGHT = 360.0, 200.0
LEFT, TOP, FLOOR = 12.0, 34.0, 148.0
BEFORE, AFTER, INK, GREY = "#b3542d", "#1d5f5a", "#101614", "#46504d"


def draw_effect(effect: Effect, *, title: str) -> str:
    """An SVG as wide as a phone: a bar a week with its number, those since the change in another colour."""
    said = "，".join(f"{_day(monday)}那周 {count} 件" for monday, count in effect.weeks)
    turned = effect.turned_on
    sheet = Sheet(WIDTH, HEIGHT, title, f"{said}。" + (f"{_day(turned)}起不同颜色。" if turned else ""))
    step = (WIDTH - 2 * LEFT) / len(effect.weeks)
    most = max((count for _, count in effect.weeks), default=0) or 1
    for number, (monday, count) in enumerate(effect.weeks):
        left = LEFT + number * step
        height = (FLOOR - TOP) * count / most
        since = turned is not None and monday + dt.timedelta(days=6) >= turned
        colour = AFTER if since else BEFORE
        sheet.rect(left + step * 0.18, FLOOR - height, step * 0.64, max(height, 1.5), radius=3, fill=colour)
        sheet.text(left + step / 2, FLOOR - height - 11, str(count), size=15, fill=INK)
        sheet.text(left + step / 2, FLOOR + 14, f"{monday.month}/{monday.day}", size=13, fill=GREY)
    sheet.line([(LEFT, FLOOR), (WIDTH - LEFT, FLOOR)], width=1, stroke=GREY)
    sheet.text(LEFT, HEIGHT - 16, say_effect(effect), size=15, fill=INK, anchor="start", bold=True)
    return sheet.to_svg()


def say_effect(effect: Effect) -> str:
    """Before and after in one line; while nothing is changed, only how many there are."""
    if effect.after is None:
        return f"最近 {effect.days} 天 {effect.before} 件"
    return f"改好前 {effect.days} 天 {effect.before} 件，改好后 {effect.days} 天 {effect.after} 件"


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
