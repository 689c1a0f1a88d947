"""Which language a message is in: Chinese unless it is plainly Vietnamese."""

from __future__ import annotations

import re
import unicodedata

HAN = re.compile(r"[\u3400-\u9fff]")
MARKED = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
LATIN_WORD = re.compile(r"[a-zà-ỹđ]+")
COMMON = frozenset(
    [
        "toi",
        "em",
        "anh",
        "chi",
        "minh",
        "muon",
        "can",
        "hoi",
        "kham",
        "benh",
        "vien",
        "bac",
        "si",
        "dat",
        "lich",
        "hen",
        "bao",
        "nhieu",
        "tien",
        "o",
        "dau",
        "khong",
        "co",
        "cho",
        "me",
        "bo",
        "con",
        "dau",
        "bung",
        "nguoi",
        "thuoc",
        "gio",
        "ngay",
        "mai",
        "hom",
        "nay",
        "giup",
        "voi",
        "xin",
        "chao",
        "cam",
        "on",
        "cua",
        "lam",
        "the",
        "nao",
        "den",
        "duoc",
        "roi",
        "bi",
        "sot",
        "ho",
        "tre",
        "kham",
        "khoa",
        "phong",
        "xe",
        "huy",
        "doi",
        "phieu",
        "ket",
        "qua",
        "xet",
        "nghiem",
        "bao",
        "hiem",
        "thanh",
        "toan",
        "gui",
        "nhan",
        "lay",
        "may",
        "nuoc",
        "phien",
        "dich",
    ]
)


def strip_marks(text: str) -> str:
    """Vietnamese without its marks: khám bệnh → kham benh."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def detect_language(text: str) -> str:
    """``zh`` or ``vi``; ``text`` is normalised (lower case, composed)."""
    if text.isascii() and not any(char.isalpha() for char in text):
        return "zh"
    letters = LATIN_WORD.findall(text)
    if not letters or len(HAN.findall(text)) > 3 * len(letters):
        return "zh"
    if MARKED.search(text):
        return "vi"
    words = [strip_marks(word) for word in letters]
    known = sum(word in COMMON for word in words)
    return "vi" if known >= 2 and known >= 0.5 * len(words) else "zh"
