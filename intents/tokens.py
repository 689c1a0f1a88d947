"""Words: the jieba segmenter, taught the hospital's own words.

jieba's whole dictionary takes 100 MB of memory, most of it names and words that no patient writes; the model is built
with, and keeps beside it, only the common ones.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

DICTIONARY = "words.txt"
"""In the model's folder: the common words of jieba's dictionary."""
COMMON = 10
"""Seen at least so often in the corpus jieba counted."""
LONGEST = 4


class Word(NamedTuple):
    text: str
    start: int


def write_dictionary(folder: Path) -> Path:
    """Puts the common words of jieba's dictionary into ``folder``."""
    jieba = _import_jieba()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DICTIONARY
    with (
        (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as whole,
        path.open("w", encoding="utf-8") as common,
    ):
        for line in whole:
            word, count = line.split(" ")[:2]
            if len(word) <= LONGEST and int(count) >= COMMON:
                common.write(line)
    return path


class Segmenter:
    """Cuts normalised Chinese into words. Deterministic; one for the process, for jieba keeps one dictionary."""

    def __init__(self, words: Iterable[str], folder: Path) -> None:
        """``words`` are the hospital's own; ``folder`` holds what ``write_dictionary`` wrote."""
        self._jieba = _import_jieba()
        self._jieba.setLogLevel(logging.WARNING)
        self._jieba.set_dictionary(str(folder / DICTIONARY))
        self._jieba.dt.tmp_dir = str(folder)
        for word in sorted(set(words)):
            if 2 <= len(word) <= 8:
                self._jieba.add_word(word, freq=2000)

    def cut(self, text: str) -> list[Word]:
        """The words with their places; no blanks."""
        words, at = [], 0
        for word in self._jieba.cut(text):
            if not word.isspace():
                words.append(Word(word, at))
            at += len(word)
        return words


def is_word(text: str) -> bool:
    """Whether jieba's dictionary, the one of the last `Segmenter`, has the word."""
    jieba = _import_jieba()
    jieba.dt.check_initialized()
    return bool(jieba.dt.FREQ.get(text, 0) > 0)


@lru_cache(maxsize=1)
def _import_jieba():  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its use of pkg_resources and its unescaped patterns
        import jieba
    return jieba
