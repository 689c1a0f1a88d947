"""Which language a message is in: Chinese unless it is plainly Vietnamese."""

from __future__ import annotations

import re
import unicodedata

from intents.lexicon import read_list
from intents.pinyin import split_latin

HAN = re.compile(r"[\u3400-\u9fff]")
MARKED = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
TONED = re.compile(r"[āēīōūǖǎěǐǒǔǚ]")
"""Marks that only pinyin has; à and é are in both."""
GREETING = re.compile(r"(?<!\w)(?:xin chao|chao (?:ban|em|anh|chi|bac si)|cam on|da vang|vang a)(?!\w)")
LATIN_WORD = re.compile(r"[a-zà-ỹđ]+")
COMMON = frozenset(read_list("vietnamese")["common"])
"""Vietnamese words without their marks; half of a bare message's words must be among them."""


FEW = 5
"""Words of a message that is too short to tell its language by itself."""


def strip_marks(text: str) -> str:
    """Vietnamese without its marks: khám bệnh → kham benh."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def detect_language(text: str, spoken: str | None = None) -> str:
    """``zh`` or ``vi``; ``text`` is normalised (lower case, composed). A few Latin words (「ngày kia」) that could be
    either are in the language ``spoken`` so far."""
    if text.isascii() and not any(char.isalpha() for char in text):
        return "zh"
    letters = LATIN_WORD.findall(text)
    if not letters or len(HAN.findall(text)) > 3 * len(letters):
        return "zh"
    if MARKED.search(text):
        return "vi"
    bare = [strip_marks(word) for word in letters]
    if GREETING.match(" ".join(bare)) and not TONED.search(text):
        return "vi"
    known = [word for word in bare if word in COMMON]
    marked = bare != letters and not TONED.search(text)
    plainly = marked or any(not split_latin(word) for word in known)  # 「mai」 and 「dan」 are pinyin as well
    if plainly and len(known) >= 2 and len(known) >= 0.5 * len(letters):
        return "vi"
    return "vi" if spoken == "vi" and len(letters) <= FEW and not HAN.search(text) else "zh"
