"""Sounds: a homophone error and a message typed in toneless pinyin keep the same syllables."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache

# Only single characters are looked up: without its phrases and its copies the library takes a tenth of the memory.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin.constants import PINYIN_DICT

LATIN = re.compile(r"[a-zü]+")
MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Distinctions that southern speakers, and so their keyboards and recognisers, do not keep."""


@lru_cache(maxsize=1)
def syllables() -> frozenset[str]:
    """Every toneless syllable of Mandarin."""
    found = {_bare(char) for char in map(chr, list(PINYIN_DICT)[:20000]) if "\u4e00" <= char <= "\u9fff"}
    return frozenset(one for one in found if one and LATIN.fullmatch(one)) - {"m", "n", "ng", "hm", "hng"}


@lru_cache(maxsize=16384)
def _bare(char: str) -> str:
    """The first reading of the library's table without its tone: its own way there takes twenty times as long."""
    readings = PINYIN_DICT.get(ord(char))
    if not readings:  # the youngest characters of the block
        return ""
    plain = unicodedata.normalize("NFD", readings.split(",")[0]).replace("u\u0308", "v")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=16384)
def sound(char: str) -> str:
    """The merged toneless syllable of one character; empty for anything else."""
    if not "\u4e00" <= char <= "\u9fff":
        return ""
    return merge(_bare(char))


def spelling(char: str) -> str:
    """The toneless syllable as one types it; empty for anything but a Chinese character."""
    return _bare(char) if "\u4e00" <= char <= "\u9fff" else ""


def merge(syllable: str) -> str:
    for rich, poor in MERGED:
        syllable = syllable.replace(rich, poor)
    return syllable


@lru_cache(maxsize=4096)
def split_latin(word: str) -> tuple[str, ...]:
    """``woyaoguahao`` → wo yao gua hao; empty where the word is not pinyin from end to end."""
    known = syllables()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and word[start:end] in known:
                candidate = (*before, word[start:end])
                current = best[end]
                if current is None or len(candidate) < len(current):
                    best[end] = candidate
    return best[len(word)] or ()


def sounds(text: str) -> list[str]:
    """The syllables of a message in order, from characters and from pinyin words alike."""
    found: list[str] = []
    latin = ""
    for char in text:
        if char.isascii() and char.isalpha():
            latin += char
            continue
        if latin:
            found.extend(merge(one) for one in split_latin(latin))
            latin = ""
        syllable = sound(char)
        if syllable:
            found.append(syllable)
    if latin:
        found.extend(merge(one) for one in split_latin(latin))
    return found
