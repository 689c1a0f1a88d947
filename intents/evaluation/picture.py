"""The confusion matrix as a picture: an SVG, one square a pair, the darker the more often."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from intents.phrases import inventory

CELL, LEFT, TOP = 16, 150, 150
FACES = "'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def draw_confusions(confusions: Mapping[tuple[str, str], int]) -> str:
    """Rows are what was meant, columns what was guessed; green is right, red wrong, shares of the row."""
    intents = list(inventory().items())
    rows = {
        name: sum(count for (meant, _), count in confusions.items() if meant == name) for name, _ in intents
    }
    width, height = LEFT + CELL * len(intents) + 10, TOP + CELL * len(intents) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FACES}" font-size="10">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        '<text x="8" y="16">行：本意　列：听成</text>',
    ]
    for number, (_, title) in enumerate(intents):
        place = CELL * number + CELL * 0.72
        parts.append(
            f'<text x="{LEFT - 6}" y="{TOP + place:.1f}" text-anchor="end">{escape(title)}</text>'
            f'<text transform="translate({LEFT + place:.1f} {TOP - 6}) rotate(-90)">{escape(title)}</text>'
        )
    for row, (meant, meant_title) in enumerate(intents):
        for column, (guess, guess_title) in enumerate(intents):
            count = confusions.get((meant, guess), 0)
            x, y = LEFT + CELL * column, TOP + CELL * row
            share = count / rows[meant] if rows[meant] else 0.0
            fill = "#f4f4f2" if not count else _shade(share, right=row == column)
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="{fill}">'
                f"<title>{escape(meant_title)} → {escape(guess_title)}: {count}</title></rect>"
            )
            if count and row != column and count >= 5:
                parts.append(
                    f'<text x="{x + CELL / 2 - 0.5}" y="{y + 11}" font-size="8" text-anchor="middle">{count}</text>'
                )
    return "\n".join([*parts, "</svg>"])


def _shade(share: float, *, right: bool) -> str:
    """Wrong ones are shown five times as strong: a tenth of the messages is a great deal there."""
    strength = min(1.0, 0.12 + 0.88 * (share if right else min(1.0, share * 5)))
    target = (46, 125, 80) if right else (200, 50, 40)
    return "#" + "".join(f"{round(255 + (one - 255) * strength):02x}" for one in target)
