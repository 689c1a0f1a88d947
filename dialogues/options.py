"""Which of the buttons the patient's words name: 「第二个」, 「2」, 「选上午」."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from intents.language import strip_marks

LONGEST = 60
PART = 2
"""Letters of a title that are enough to name it."""
_NUMBER = r"[0-9]{1,2}|[一二两三四五六七八九十]"
_HESITATION = (
    r"(?:等一?下|等等|等会|慢着|且慢|算了|不对|不是|错了|嗯+|啊|哦|呃|额|哎|那个|那|还是|就|[改换]成?(?=第|.{1,2}个)|要|想要|选择?|我|"
    rf"第(?:{_NUMBER})个?(?:不[要对是]?|算了|错了))*"
)
"""What is said before one makes up one's mind: 「等一下 还是第一个」, 「第一个，不，第二个」."""
_ORDINAL = re.compile(rf"^{_HESITATION}第?({_NUMBER})(?:个|项|号|条)?(?:吧|的|好|可以|行)?$")
_TURNED_DOWN = re.compile(
    r"^第[0-9一二两三四五六七八九十]+(?:个|项|号|条)?[^，,。；;]{0,8}[，,。；;\s]+(?=(?:我|就|还是|那|要|选|换|改)*第)"
)
"""「第一个太赶了，第二个吧」: the last one named is meant."""
_ORDINAL_VI = re.compile(
    r"^(?:thoi|khoan|cho da|doi da|choda|doida|vay|the|toi|em|a|u)*(?:chon|lay)?(?:cai|so|muc|nut)(?:thu)?(dautien|[0-9]{1,2}|nhat|mot|hai|ba|bon|nam|sau|bay|tam)(?:di|nhe|nha|a|duoc)?$"
)
"""「cái thứ hai」, 「số 2」; a bare 「thứ hai」 is a Monday."""
_DIGITS_VI = {
    "dautien": 1, "nhat": 1, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8
}  # fmt: skip
"""A bare number word (「nam」) is no part of a title: it may be a five, a man or a Thursday."""
_DIGITS = {word: at for at, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_BEFORE = re.compile(r"^(?:我?(?:就|想|还是)?(?:要|选择|选)|那?就|嗯+|还是)")
_AFTER = re.compile(r"(?:那个|这个|那一?项|吧|的|了|呀|啊|哦)+$")


def find_option(text: str, options: Sequence[Mapping[str, str]], *, loosely: bool = False) -> str | None:
    """The payload of the one button meant, ``None`` where none or more than one could be.

    ``loosely`` (while its question is open) a part of one title alone is enough for a button that answers: 「韦建江」
    for 「韦建江 主任医师 30元」.
    """
    if not options or len(text) > LONGEST:
        return None
    words = fold(_TURNED_DOWN.sub("", text.strip()))
    bare = _AFTER.sub("", _BEFORE.sub("", words))
    for wanted in (words, bare):
        named = {one["payload"] for one in options if wanted and fold(one["title"]) == wanted}
        if named:
            return named.pop() if len(named) == 1 else None
    found = _ORDINAL.match(words) or _ORDINAL_VI.match(words)
    if found:
        at = _DIGITS.get(found[1]) or _DIGITS_VI.get(found[1]) or int(found[1])
        return options[at - 1]["payload"] if 0 < at <= len(options) else None
    if loosely and len(bare) >= PART and bare not in _DIGITS_VI:
        parts = {one["payload"] for one in options if bare in fold(one["title"])}
        if len(parts) == 1 and next(iter(parts)).startswith("/SetSlots("):
            return parts.pop()
    return None


def is_title(text: str, options: Sequence[Mapping[str, str]]) -> bool:
    """Whether the words are those of a button, letter for letter: that button is meant, whatever else they could say."""
    words = fold(text)
    return bool(words) and any(fold(one["title"]) == words for one in options)


def is_ordinal(text: str) -> bool:
    """「第二个」 speaks of the buttons whatever was asked; a bare 「2」 may be an answer of its own."""
    plain = text.strip()
    return plain.startswith("第") and _ORDINAL.match(fold(_TURNED_DOWN.sub("", plain))) is not None


def fold(text: str) -> str:
    """Letters and digits only, full-width as half-width, small, without the marks that Vietnamese is often typed without."""
    return "".join(
        letter
        for letter in strip_marks(unicodedata.normalize("NFKC", text).lower())
        if unicodedata.category(letter)[0] in "LN"
    )
