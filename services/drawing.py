"""A sheet to draw on: SVG elements, text that is fitted into boxes, and the same sheet as PNG.

Sizes are in pixels of a sheet 1080 wide, three times the width of a phone's screen: type of 36 px is read as 12 px.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import resvg_py

from services.fonts import find_font

FACES = "'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
Point = tuple[float, float]

_TOKENS = re.compile(
    r"[A-Za-z0-9]+|候诊区|等候区|缴费区|借用点|治疗室|护士站|卫生间|开水间|充电处|打印处|预约|中心|门诊|窗口|病区|电梯|楼梯|取款机|停车场|."
)
"""What a line is never broken through: Latin words, numbers and the words that signs in hospitals end with."""
_CLOSING = "、，。）”科"


class NoFont(RuntimeError):
    """The machine has no typeface with Chinese: there is an SVG, which the browser draws with its own, but no PNG."""


@dataclass
class Sheet:
    """An SVG in the making. Colours are CSS colours; ``bold`` thickens the one weight that the typeface has."""

    width: float
    height: float
    title: str
    description: str
    root: ET.Element = field(init=False)
    layer: ET.Element = field(init=False)

    def __post_init__(self) -> None:
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_number(self.width)} {_number(self.height)}",
                "role": "img",
                "aria-labelledby": "title description",
                "lang": "zh-CN",
                "font-family": FACES,
            },
        )
        ET.SubElement(self.root, "title", id="title").text = self.title
        ET.SubElement(self.root, "desc", id="description").text = self.description
        self.layer = self.root

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """What is drawn inside shows only within the rectangle."""
        name = f"clip{len(self.root)}"
        self._add("clipPath", {"id": name}, {})
        shape = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)}
        ET.SubElement(self.root[-1], "rect", shape)
        self.layer = ET.SubElement(self.root, "g", {"clip-path": f"url(#{name})"})
        yield
        self.layer = self.root

    def rect(
        self, x: float, y: float, width: float, height: float, *, radius: float = 0, **style: str
    ) -> None:
        self._add("rect", {"x": x, "y": y, "width": width, "height": height, "rx": radius}, style)

    def circle(self, x: float, y: float, radius: float, **style: str) -> None:
        self._add("circle", {"cx": x, "cy": y, "r": radius}, style)

    def line(self, points: Iterable[Point], *, width: float, stroke: str, **style: str) -> None:
        text = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        shape = {
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
            "fill": "none",
            "stroke": stroke,
            **style,
        }
        self._add("polyline", {"points": text, "stroke-width": width}, shape)

    def path(self, d: str, **style: str) -> None:
        self._add("path", {"d": d}, style)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        fill: str,
        anchor: str = "middle",
        bold: bool = False,
        halo: str = "",
    ) -> None:
        """``y`` is the middle of the letters, not their base line: renderers disagree on dominant-baseline."""
        style = {"fill": fill, "text-anchor": anchor}
        at: dict[str, float | str] = {"x": x, "y": y + size * 0.36, "font-size": size}
        if halo:
            edge = {"fill": halo, "stroke": halo, "stroke-linejoin": "round", "aria-hidden": "true"}
            self._add("text", {**at, "stroke-width": size / 4}, {**style, **edge}).text = words
        if bold:
            style |= {"stroke": fill}
            at |= {"stroke-width": size / 28}
        self._add("text", at, style).text = words

    def label(
        self,
        box: tuple[float, float, float, float],
        words: str,
        *,
        fill: str,
        largest: float,
        smallest: float = 20,
        bold: bool = False,
        anchor: str = "middle",
    ) -> None:
        """Words in as many lines and as large as the box (x, y, width, height) holds."""
        x, y, width, height = box
        size, lines = fit(words, width, height, largest=largest, smallest=smallest)
        top = y + height / 2 - (len(lines) - 1) * size * 0.58
        for row, part in enumerate(lines):
            at = x + width / 2 if anchor == "middle" else x
            self.text(at, top + row * size * 1.16, part, size=size, fill=fill, bold=bold, anchor=anchor)

    def to_svg(self) -> str:
        return ET.tostring(self.root, encoding="unicode")

    def _add(self, tag: str, numbers: dict[str, float | str], style: dict[str, str]) -> ET.Element:
        attributes = {
            name: value if isinstance(value, str) else _number(value) for name, value in numbers.items()
        }
        attributes |= {name.replace("_", "-"): value for name, value in style.items()}
        return ET.SubElement(self.layer, tag, attributes)


def fit(
    words: str, width: float, height: float, *, largest: float, smallest: float
) -> tuple[float, list[str]]:
    """The largest size at which the words fit in lines of like length, and the lines; the smallest where none fits."""
    size = largest
    while size > smallest:
        count = 1
        while count * size * 1.16 <= height:
            lines = break_lines(words, count)
            if max(measure(line) for line in lines) * size <= width and _reads_well(lines):
                return size, lines
            count += 1
        size -= 2
    return smallest, break_lines(words, max(1, int(height // (smallest * 1.16))))


def _reads_well(lines: list[str]) -> bool:
    """No sign left alone on a line, unless all are: then it is read downwards, as on a doorpost."""
    alone = sum(len(line) == 1 for line in lines)
    return alone in (0, len(lines))


def break_lines(words: str, count: int) -> list[str]:
    """At most ``count`` lines of like length, never through a Latin word or number, none begun by a closing sign or by 科."""
    wanted = measure(words) / count
    lines: list[str] = []
    line = ""
    for token in _TOKENS.findall(words):
        full = len(lines) < count - 1 and measure(line) + measure(token) / 2 > wanted
        if line and full and token not in _CLOSING:
            lines.append(line)
            line = ""
        line += token
    return [*lines, line]


def measure(words: str) -> float:
    """Width in em: a Chinese sign 1, anything Latin 0.58."""
    return sum(1 if ord(sign) > 0x2E80 or sign in "“”" else 0.58 for sign in words)


def render_png(svg: str, *, width: int = 1080) -> bytes:
    """The drawing as PNG, ``width`` pixels wide. Raises `NoFont` where no Chinese typeface is found."""
    font = find_font()
    if font is None:
        raise NoFont("no typeface with simplified Chinese on this machine")
    family = "Noto Sans SC" if font.stem.startswith("NotoSansSC") else None
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=True,
        font_files=[str(font)],
        font_family=family,
        sans_serif_family=family,
    )


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
