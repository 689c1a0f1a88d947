"""Numbers as people write them: 12, 十二, 二十, 廿五, 两, 〇, 一百二十."""

from __future__ import annotations

DIGITS = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9, "幺": 1, "壹": 1, "贰": 2, "叁": 3,
}  # fmt: skip
NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十廿卅百]{1,6})"
"""A pattern for one number; what it matches, ``read_number`` reads or refuses."""


def read_number(text: str) -> int | None:
    """The whole number written in ``text``, or ``None`` where it is none (十百, empty)."""
    if text.isascii():
        return int(text) if text.isdigit() else None
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(unit in text for unit in "十百"):
        if not text or any(char not in DIGITS for char in text):
            return None
        value = 0
        for char in text:
            value = value * 10 + DIGITS[char]
        return value
    total, digit = 0, None
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char == "百":
            total += (1 if digit is None else digit) * 100
            digit = None
        elif char == "十":
            if digit is None and total % 100:
                return None
            total += (1 if digit is None else digit) * 10
            digit = None
        else:
            return None
    return total + (digit or 0)


def read_year(text: str) -> int | None:
    """A year of four digits, or of two (26 and 二六 are 2026, 98 is 1998)."""
    value = read_number(text)
    if value is None:
        return None
    if value < 100 and len(text) == 2:
        return value + (2000 if value < 70 else 1900)
    return value if 1900 <= value <= 2100 else None
