"""Words that a recogniser wrote with other characters of the same sound: 骨课, 才超, 头运, 神精内科.

Only words that a slot could hold are listened for. A stretch of text is one of them if every syllable sounds the same,
at least one character is the same, and what stands there makes no other sense: it is no word itself, nor do its wrong
characters make words with their neighbours (骨课程 is about a course).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ahocorasick

from intents.pinyin import sound
from intents.slots.repaired import Repaired

PRIVATE = 0xE000
SHORT_NAME = 2
"""Characters of words that stand right by chance in longer ones misheard."""
CERTAIN = frozenset(
    "一二三四五六七八九十两零百是的了在要有吗呢吧啊不没我你他她它这那就都也还很去来到说和跟咳痛疼烧血科长昼呃嗯喂"
)
"""Never taken for a wrong character: 上五 in 早上五点 is no 上午, 抽血是 no 抽血室."""


class _Codes(dict[int, int]):
    """A table for ``str.translate``: one private character for each sound."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def __missing__(self, point: int) -> int:
        syllable = sound(chr(point))
        if syllable.startswith("n"):  # many in the south keep no n and l apart
            syllable = "l" + syllable[1:]
        code = self._numbers.setdefault(syllable, PRIVATE + len(self._numbers)) if syllable else point
        self[point] = code
        return code


class Hearing:
    def __init__(self, words: Iterable[str], is_word: Callable[[str], bool]) -> None:
        """``words``: of two characters and more, plain Chinese; ``is_word``: whether a dictionary has it."""
        self._codes = _Codes()
        self._is_word = is_word
        self._automaton = ahocorasick.Automaton()
        spoken: dict[str, list[str]] = {}
        for word in words:
            if len(word) > 1 and all("\u4e00" <= char <= "\u9fff" for char in word):
                spoken.setdefault(word.translate(self._codes), []).append(word)
        for key, alike in spoken.items():
            self._automaton.add_word(key, tuple(alike))
        self._automaton.make_automaton()

    def repair(self, text: str) -> Repaired:
        """The same text where nothing was misheard."""
        matches = []
        for last, alike in self._automaton.iter(text.translate(self._codes)):
            end = last + 1
            start = end - len(alike[0])
            there = text[start:end]
            if there in alike:
                matches.append((start, end, there))
                continue
            meant = next((word for word in alike if self._is_meant(text, start, end, word)), None)
            if meant:
                matches.append((start, end, meant))
        if not matches:
            return Repaired(text)
        chars = list(text)
        free = [True] * len(text)
        for start, end, word in sorted(matches, key=lambda one: _rank(text, *one)):
            if all(free[start:end]):
                chars[start:end] = word
                free[start:end] = [False] * (end - start)
        return Repaired("".join(chars))

    def _is_meant(self, text: str, start: int, end: int, word: str) -> bool:
        there = text[start:end]
        wrong = [index for index, char in enumerate(there) if char != word[index]]
        if len(wrong) > len(word) // 2 or any(there[index] in CERTAIN for index in wrong):
            return False
        if self._is_word(there):
            return False
        if len(word) > 2 and wrong == [len(word) - 1] and self._is_word(there[-2:]):
            return False  # 个心脏 is no 个心胀
        if wrong[0] == 0 and start > 0 and self._is_word(text[start - 1 : start + 1]):
            return False
        return not (wrong[-1] == len(word) - 1 and end < len(text) and self._is_word(text[end - 1 : end + 1]))


def _rank(text: str, start: int, end: int, word: str) -> tuple[bool, int, bool]:
    """A name written right first (康复科的 is no 看妇科的), then longer words, and of equal ones what is written right."""
    wrong = text[start:end] != word
    return wrong or end - start <= SHORT_NAME, start - end, wrong
