"""Which language a conversation is spoken in: that of the patient's own words, until he chooses one."""

from __future__ import annotations

import re
import unicodedata

from dialogues.walk import Walk
from intents.understanding import Understanding

SENTENCE = 4
"""Chinese letters that make a sentence: Chinese is what is assumed where nothing tells (a number, a name), so fewer
do not lead back to it."""
NAMES = frozenset({"patient_name", "address", "place", "origin", "doctor", "department", "tracking_number"})
"""What stands on a card or a sign is written as it stands there, whatever language one speaks."""
NAMED = re.compile(
    r"(?P<zh>中文|普通话|汉语|国语|白话|粤语|桂柳话|ti[eế]ng\s+(?:trung|hoa|t[aà]u|qu[aả]ng))"
    r"|(?P<vi>越南|vi[eệ]t)"
)
DENIED = re.compile(
    r"(?:不会|不懂|不识|唔识|唔会|听不懂|看不懂|不太会|"
    r"kh[oô]ng\s+(?:bi[eế]t|hi[eể]u|r[aà]nh|gi[oỏ]i|[dđ][oọ]c\s+[dđ][uư][oợ]c))\s*(?:说|讲|看|听|n[oó]i|[dđ][oọ]c|vi[eế]t)?\s*$"
)


def follow(walk: Walk, understood: Understanding) -> None:
    """Answers in the language of the message, if the replies know it and the patient has not chosen another."""
    if walk.language_chosen or understood.language not in walk.book.wording.languages:
        return
    if walk.waiting is not None and walk.waiting[1].name in NAMES and understood.answer:
        return
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in understood.text)
    if understood.language != "zh" or chinese >= SENTENCE:
        walk.language = understood.language


def find_named(text: str) -> str | None:
    """The language asked for: 「说越南语」; of 「我不会中文」 the other one; ``None`` where none is named."""
    plain = unicodedata.normalize("NFC", text.lower())
    named = [(found, found.lastgroup) for found in NAMED.finditer(plain)]
    wanted = [name for found, name in named if not DENIED.search(plain[: found.start()])]
    if wanted:
        return wanted[-1]
    return {"zh": "vi", "vi": "zh"}[str(named[-1][1])] if named else None


def choose(walk: Walk, language: str) -> None:
    """From now on this language, whatever the words are written in."""
    walk.language, walk.language_chosen = language, True
