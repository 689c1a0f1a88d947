"""Names of another form than a Han one, as an answer to the question for a name: 约翰·史密斯, John Smith, 我叫阿依古丽.

Only an answer is read so: elsewhere Latin words are Vietnamese, pinyin or the name of a medicine.
"""

from __future__ import annotations

import re
import unicodedata

from intents.language import COMMON, HAN, strip_marks
from intents.lexicon import read_list
from intents.pinyin import split_latin
from intents.slots.people import NO_NAME_ALONE, NOT_A_NAME

DOT = "·•‧∙⋅・"
DOTTED = re.compile(rf"[\u4e00-\u9fff]{{1,12}}(?:\s?[{DOT}]\s?[\u4e00-\u9fff]{{1,12}}){{1,4}}")
CALLED = re.compile(
    r"(?:我|他|她|孩子|本人|病人|患者|就诊人)?(?:的?(?:名字|姓名|全名|英文名)(?:是|叫|[:：])?|叫做?|是)\s*"
    r"|(?:my|his|her|the) (?:full )?name(?: is|'s)\s*|(?:i am|i'm|it's|this is)\s+|(?:full )?name\s*[:：]?\s*(?:is )?"
    r"|t[êe]n (?:(?:t[ôo]i|m[ìi]nh|em|ch[áa]u) )?l[àa] |(?:t[ôo]i|m[ìi]nh) (?:t[êe]n )?l[àa] ",
    re.IGNORECASE,
)
LONG = re.compile(r"[\u4e00-\u9fff]{2,10}")
"""Of more characters than a Han name has, and without a dot: only where it is said to be a name."""
WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?"
LATIN = re.compile(rf"{WORD}(?:,? {WORD}){{0,5}}")
PARTICLES = frozenset(
    {"al", "bin", "bint", "da", "de", "del", "der", "di", "dos", "el", "la", "le", "van", "von", "y"}
)
SPOKEN = frozenset(read_list("english")["spoken"])
"""English words that are spoken, and borne by nobody."""


def read_foreign_name(written: str) -> str | None:
    """The name as it is written, a dot of whatever form as ``·``; ``None`` where the message is anything else."""
    text = unicodedata.normalize("NFKC", written).strip().rstrip("。!！").strip()
    called = CALLED.match(text)
    rest = text[called.end() :].strip() if called else text
    if DOTTED.fullmatch(rest):
        return re.sub(rf"\s?[{DOT}]\s?", "·", rest)
    if called and re.search("叫|名", called[0]) and LONG.fullmatch(rest):
        return None if NOT_A_NAME.search(rest) or NO_NAME_ALONE.search(rest) else rest
    if HAN.search(rest) or not LATIN.fullmatch(rest):
        return None
    name = rest.replace(",", "")
    return name if _can_be_borne(name.split(), called is not None) else None


def _can_be_borne(words: list[str], called: bool) -> bool:
    """Several words, none of them spoken English; written small, they must also be neither Vietnamese nor pinyin."""
    plain = [strip_marks(word.lower()).rstrip(".") for word in words]
    if any(word in SPOKEN for word in plain) or not all(any(map(str.isalpha, word)) for word in words):
        return False
    if called:
        return True
    if len(words) < 2:
        return False
    if sum(word in COMMON for word in plain) > 1:
        return False
    if all(word[0].isupper() or word in PARTICLES for word in words):
        return True
    return not any(word in COMMON or split_latin(word) for word in plain)
