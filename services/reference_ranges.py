"""Reference ranges as laboratories print them (3.9–6.1, ≤5.2, 阴性): whether a value lies in one, and no guess where that
cannot be read. A value that nobody has compared is never called normal.
"""

from __future__ import annotations

import math
import re
import unicodedata

NUMBER = r"[+-]?\d+(?:\.\d+)?"
SIGNS = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "~": "-", "〜": "-", "至": "-", "到": "-"} | {
    "≤": "<=", "≦": "<=", "≥": ">=", "≧": ">="})  # fmt: skip
VALUE = re.compile(rf"([<>]?)=?({NUMBER})([↑↓hl*]*)", re.IGNORECASE)
BETWEEN = re.compile(rf"({NUMBER})-({NUMBER})(.*)")
BELOW = re.compile(rf"(<|<=|不超过|小于|低于)({NUMBER})(.*)")
ABOVE = re.compile(rf"(>|>=|不低于|大于|高于)({NUMBER})(.*)")
STRICT = ("<", ">", "小于", "低于", "大于", "高于")
NEGATIVE = re.compile(r"阴性?(?:\(-\))?|\(?-\)?|未检出|neg(?:ative)?", re.IGNORECASE)
POSITIVE = re.compile(
    r"[弱强]?阳性?(?:\(\+{1,4}\))?|\(?\d?\+{1,4}\)?|\+-|±|检出|pos(?:itive)?", re.IGNORECASE
)


def is_within(value: str, reference: str, *, unit: str = "") -> bool | None:
    """Whether the value lies in the range, its ends included unless written ``<`` or ``>``; ``None``: it cannot be told.

    Compared where both are numbers, or the range is 阴性. 「<0.1」 lies in <5, below 1–3, and 0.05–5 cannot be told; an
    arrow or H, L beside the value is the laboratory's own word that it lies outside. ``unit`` is the value's; a range
    in another one is not compared.
    """
    told, wanted = _fold(value), _fold(reference)
    if NEGATIVE.fullmatch(wanted):
        return True if NEGATIVE.fullmatch(told) else False if POSITIVE.fullmatch(told) else None
    number = VALUE.fullmatch(told)
    if number is not None and number[3]:
        return False
    span = _read_range(wanted, _fold(unit))
    if number is None or span is None:
        return None
    low, high, strict = span
    amount = float(number[2])
    if number[1] == "<":  # somewhere below what can be measured
        return False if amount <= low else True if low == -math.inf and amount <= high else None
    if number[1] == ">":
        return False if amount >= high else True if high == math.inf and amount >= low else None
    return low <= amount <= high and not (strict and amount in (low, high))


def _read_range(words: str, unit: str) -> tuple[float, float, bool] | None:
    """Lowest, highest, and whether they themselves lie outside."""
    if found := BETWEEN.fullmatch(words):
        low, high, strict = float(found[1]), float(found[2]), False
    elif found := BELOW.fullmatch(words):
        low, high, strict = -math.inf, float(found[2]), found[1] in STRICT
    elif found := ABOVE.fullmatch(words):
        low, high, strict = float(found[2]), math.inf, found[1] in STRICT
    else:
        return None
    return (low, high, strict) if low < high and found[3] in ("", unit) else None


def _fold(text: str) -> str:
    """Widths, spaces and case aside; every dash one ``-``."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())
    return re.sub("[—–]+", "-", plain).translate(SIGNS)
