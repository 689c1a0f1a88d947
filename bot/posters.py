"""The posters of the 吐槽码: one A4 page a place, as PDF with the typeface in it, everything drawn in lines and letters.

Measures are millimetres. The largest things can be read and scanned from across a corridor: the QR code is 101 mm wide,
which a phone reads from about a metre; its correction level Q still reads where a quarter of it is torn or painted over
(ISO/IEC 18004).
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import segno
import yaml
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.svg import SVGObject

from knowledge import Hospital
from knowledge.schema import PlaceCode
from services.drawing import NoFont, fit, measure
from services.fonts import find_font

WORDS = Path(__file__).with_name("posters.yml")
ICONS = Path(__file__).parent / "pages" / "icons.svg"
SVG = "{http://www.w3.org/2000/svg}"

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 14.0
MIDDLE = WIDTH / 2
INK, GREEN, GREY = "#101614", "#1d5f5a", "#46504d"
"""Dark enough for a photocopier; the code itself is black on white."""
QR = 101.0
MM = 72 / 25.4
"""Points a millimetre."""


def draw_posters(hospital: Hospital, codes: Iterable[PlaceCode], *, address: str) -> bytes:
    """A PDF with one page a place code; the codes lead to ``{address}/t/{code}``. Raises `NoFont`."""
    font = find_font()
    if font is None:
        raise NoFont("no typeface with simplified Chinese on this machine")
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_lang("zh-CN")
    pdf.set_title(f"{hospital.name} 吐槽码")
    pdf.add_font("hanzi", fname=font)
    for one in codes:
        pdf.add_page()
        _Poster(pdf, hospital, one, address=address).draw()
    written = io.BytesIO()
    pdf.output(written)
    return written.getvalue()


def place_address(address: str, code: PlaceCode) -> str:
    return f"{address.rstrip('/')}/t/{code.code}"


class _Poster:
    def __init__(self, pdf: FPDF, hospital: Hospital, code: PlaceCode, *, address: str) -> None:
        self.pdf = pdf
        self.hospital = hospital
        self.code = code
        self.address = place_address(address, code)
        self.values = {"phone": hospital.complaints.phone, "code": code.code}

    def draw(self) -> None:
        title, note = self._say("title"), self._say("anonymous")
        self.pdf.set_fill_color(GREEN)
        self.pdf.rect(0, 0, WIDTH, 20, style="F")
        self._write(10, [self.hospital.name], size=8, fill="#ffffff", width=WIDTH - 2 * MARGIN)
        self._write(40, [title["zh"]], size=25, fill=INK, bold=True)
        self._write(58.5, [title["vi"]], size=8.5, fill=GREY)
        self._draw_doors(66)
        self._draw_code(101)
        self._draw_place(209)
        self._write(244, [f"{note['zh']}　{note['vi']}"], size=7.2, fill=GREEN, bold=True)
        promise = self._say("promise")
        self._write(255.5, [promise["zh"], promise["vi"]], size=5, fill=INK, leading=1.35)
        self._draw_foot(267)

    def _draw_doors(self, top: float) -> None:
        doors = _words()["doors"]
        step = (WIDTH - 2 * MARGIN) / len(doors)
        for index, door in enumerate(doors):
            middle = MARGIN + step * (index + 0.5)
            _draw_icon(self.pdf, door["icon"], middle - 7.5, top, 15)
            self._write(top + 20, [door["zh"]], size=8, fill=INK, bold=True, middle=middle)
            self._write(top + 27, [door["vi"]], size=5, fill=GREY, middle=middle)

    def _draw_code(self, top: float) -> None:
        """The code with its quiet zone of four modules, which is part of the code, inside the frame."""
        code = segno.make(self.address, error="q", micro=False)
        rows = [bytes(row) for row in code.matrix_iter(border=0)]
        module = QR / (len(rows) + 8)
        left = MIDDLE - QR / 2
        self.pdf.set_draw_color(GREEN)
        self.pdf.set_line_width(1.2)
        self.pdf.set_fill_color("#ffffff")
        self.pdf.rect(left, top, QR, QR, style="DF", round_corners=True, corner_radius=4)
        self.pdf.set_fill_color("#000000")
        for y, row in enumerate(rows, 4):
            for x, length in _runs(row):
                # a hair of overlap, so that no white line shows between rows on any screen or printer
                self.pdf.rect(
                    left + (x + 4) * module, top + y * module, length * module, module + 0.02, style="F"
                )

    def _draw_place(self, top: float) -> None:
        here = self._say("here")
        self._write(top, [f"{here['zh']} · {here['vi']}"], size=5, fill=GREY)
        size, lines = fit(self.code.name, WIDTH - 2 * MARGIN, 15, largest=12.5, smallest=6)
        self._write(top + 11, lines, size=size, fill=INK, bold=True)
        self._write(top + 22.5, [self.code.code], size=6.2, fill=INK)

    def _draw_foot(self, top: float) -> None:
        self.pdf.set_draw_color(GREY)
        self.pdf.set_line_width(0.3)
        self.pdf.line(MARGIN, top, WIDTH - MARGIN, top)
        otherwise, danger = self._say("otherwise"), self._say("danger")
        self._write(top + 6.5, [otherwise["zh"]], size=5.4, fill=INK, width=WIDTH - 2 * MARGIN)
        self._write(top + 13, [otherwise["vi"]], size=4.4, fill=GREY, width=WIDTH - 2 * MARGIN)
        self._write(top + 19.5, [f"{danger['zh']}　{danger['vi']}"], size=4.6, fill=INK)

    def _say(self, name: str) -> dict[str, str]:
        return {language: text.format(**self.values) for language, text in _words()[name].items()}

    def _write(
        self,
        y: float,
        lines: Sequence[str],
        *,
        size: float,
        fill: str,
        bold: bool = False,
        middle: float = MIDDLE,
        leading: float = 1.18,
        width: float = WIDTH - MARGIN,
    ) -> None:
        """Lines around the height ``y``, centred on ``middle``; smaller where one would be wider than ``width``."""
        size = min([size, *(width / measure(line) for line in lines if line)])
        self.pdf.set_font("hanzi", size=size * MM)
        self.pdf.set_text_color(fill)
        first = y - (len(lines) - 1) * size * leading / 2 + size * 0.36
        mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        # the typeface has one weight: a line of its own colour around the letters makes them bold
        with self.pdf.local_context(text_mode=mode, draw_color=fill, line_width=size / 34):
            for row, line in enumerate(lines):
                left = middle - self.pdf.get_string_width(line) / 2
                self.pdf.text(left, first + row * size * leading, line)


def _runs(row: bytes) -> Iterable[tuple[int, int]]:
    """Where dark modules begin in a row, and how many stand side by side."""
    start = 0
    for index, dark in enumerate([*row, 0]):
        if not dark:
            if index > start:
                yield start, index - start
            start = index + 1


def _draw_icon(pdf: FPDF, name: str, x: float, y: float, size: float) -> None:
    """One of our own icons, those of the patient's pages."""
    side = size * MM
    picture = SVGObject(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="{side}" height="{side}">'
        f'<g fill="none" stroke="{GREEN}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">'
        f"{_icons()[name]}</g></svg>"
    )
    picture.draw_to_page(pdf, x, y)


@cache
def _icons() -> dict[str, str]:
    ET.register_namespace("", SVG.strip("{}"))
    return {
        one.attrib["id"]: "".join(ET.tostring(part, encoding="unicode") for part in one)
        for one in ET.parse(ICONS).iter(f"{SVG}symbol")
    }


@cache
def _words() -> dict[str, Any]:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))
