"""Messages typed in toneless pinyin (wo yao gua gu ke) or with a blank after every character."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import ahocorasick

from intents.pinyin import spelling, split_latin
from intents.slots.repaired import Builder, Repaired

PRIVATE = 0xE000
PIECE = re.compile(r"[a-zü]+|\d+|\s+|.", re.DOTALL)
LATIN = re.compile(r"[a-z]")
HAN = re.compile(r"[\u4e00-\u9fff]")
SPACED = re.compile(r"[\u4e00-\u9fff\d](?:[ ,，][\u4e00-\u9fff\d]){3,}")
LEAST = 4
"""Letters a message must have to be taken for pinyin."""
AFTER_DIGITS = {
    "hao": "号", "ri": "日", "dian": "点", "sui": "岁", "tian": "天", "yue": "月", "ge": "个", "nian": "年", "fen": "分",
    "lou": "楼", "zhou": "周", "du": "度",
}  # fmt: skip
DIGITS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
TENS = ("", "十", "二十", "三十")
OTHERWISE = (
    ("不了", "不瞭"), ("了断", "瞭断"), ("了结", "瞭结"), ("一了百了", "一瞭百瞭"), ("了之", "瞭之"), ("不省", "不醒"), ("省人", "醒人"),
    ("一觉", "一叫"), ("睡觉", "睡叫"), ("不着", "不招"), ("着火", "招火"), ("着凉", "招凉"), ("龈", "银"), ("咯血", "卡血"), ("颤", "战"),
    ("重影", "虫影"), ("大夫", "代夫"), ("流血", "流些"), ("出血", "出些"), ("血不", "些不"), ("血止", "些止"),
)  # fmt: skip
"""Characters that are read in another way in these words, and characters that sound so: liao duan, xing, jiao, liu xie."""
WEEKS = [f"{p}{w}{d}" for p in ("", "下", "下下", "这", "本", "上", "这个", "下个") for w in ("周", "星期", "礼拜") for d in "一二三四五六日天"]  # fmt: skip


class Spelling:
    def __init__(self, words: Iterable[str], surnames: Iterable[str]) -> None:
        """``words`` of the slots, the likeliest first where two are spelt the same; ``surnames`` of doctors."""
        self._codes: dict[str, str] = {}
        self._automaton = ahocorasick.Automaton()
        doctors = (f"{name}{title}" for name in surnames for title in ("医生", "主任", "大夫", "教授"))
        for word in itertools.chain(words, _numbered(), WEEKS, doctors):
            for said in dict.fromkeys((word, _said_otherwise(word))):
                key = "".join(
                    self._code(spelling(char)) if HAN.match(char) else char for char in said.lower()
                )
                if key and key not in self._automaton:
                    self._automaton.add_word(key, word)
        self._automaton.make_automaton()

    def _code(self, syllable: str) -> str:
        return self._codes.setdefault(syllable, chr(PRIVATE + len(self._codes)))

    def repair(self, text: str) -> Repaired:
        """The text with what is spelt in it written in characters; the same text where nothing is."""
        if SPACED.search(text):
            return _close_up(text)
        if not LATIN.search(text):
            return Repaired(text)
        units = self._units(text)
        letters = sum(
            len(LATIN.findall(text[start:end])) for code, start, end in units if code >= chr(PRIVATE)
        )
        if (
            letters < LEAST
            or letters < 0.7 * len(LATIN.findall(text))
            or letters < 2 * len(HAN.findall(text))
        ):
            return Repaired(text)
        return self._read(text, units)

    def _units(self, text: str) -> list[tuple[str, int, int]]:
        """Code and place of each syllable; letters that are none, and other characters, one by one; no blanks."""
        units: list[tuple[str, int, int]] = []
        for piece in PIECE.finditer(text):
            word, start = piece[0], piece.start()
            if word.isspace():
                continue
            syllables = split_latin(word) if LATIN.match(word) else ()
            if syllables:
                for syllable in syllables:
                    units.append((self._code(syllable), start, start + len(syllable)))
                    start += len(syllable)
            else:
                units.extend((char, start + at, start + at + 1) for at, char in enumerate(word))
        return units

    def _read(self, text: str, units: list[tuple[str, int, int]]) -> Repaired:
        """The cut into words that leaves the fewest syllables over, and then the fewest words."""
        ending: dict[int, list[tuple[int, str]]] = {}
        for last, word in self._automaton.iter("".join(code for code, _, _ in units)):
            ending.setdefault(last + 1, []).append((last + 1 - len(word), word))
        best: list[tuple[int, int, int, str]] = [(0, 0, 0, "")]
        for end in range(1, len(units) + 1):
            options = [(best[end - 1][0] + 1, best[end - 1][1] + 1, end - 1, "")]
            options += [
                (best[start][0], best[start][1] + 1, start, word) for start, word in ending.get(end, ())
            ]
            best.append(min(options))
        path, at = [], len(units)
        while at:
            _, _, start, word = best[at]
            path.append((start, at, word))
            at = start
        builder = Builder()
        for first, last, word in reversed(path):
            start, end = units[first][1], units[last - 1][2]
            here = word or text[start:end]
            if not word and first and units[first - 1][0].isdigit() and here in AFTER_DIGITS:
                here = AFTER_DIGITS[here]
            builder.add(here, start, end)
        return builder.build()


def _said_otherwise(word: str) -> str:
    for written, said in OTHERWISE:
        word = word.replace(written, said)
    return word


def _numbered() -> Iterable[str]:
    """三天, 十五号, 九点半 …: numbers with what is counted."""
    for number in range(1, 32):
        tens, ones = divmod(number, 10)
        word = TENS[tens] + (DIGITS[ones - 1] if ones else "")
        yield from (f"{word}{unit}" for unit in ("号", "天", "个月", "年", "岁", "楼", "个星期"))
        if number < 13:
            yield from (f"{word}月", f"{word}点", f"{word}点半", f"{word}小时", f"{word}个小时", f"{word}周")
    yield from ("两天", "两周", "两点", "两点半", "两个月", "两年", "两个小时", "两个星期", "两小时")
    yield from (f"{DIGITS[tens - 1]}十{ones}岁" for tens in range(3, 10) for ones in ("", *DIGITS[:9]))


def _close_up(text: str) -> Repaired:
    builder = Builder()
    gaps = {at for match in SPACED.finditer(text) for at in range(*match.span()) if text[at] == " "}
    for at, char in enumerate(text):
        if at not in gaps:
            builder.add(char, at, at + 1)
    return builder.build()
