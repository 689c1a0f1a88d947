"""Danger as it sounds: pinyin, homophones and Vietnamese, turned into the Chinese words that ``danger.yml`` is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from intents.language import MARKED, strip_marks
from intents.slots.heard import Hearing
from intents.slots.spelt import LATIN, SPACED, Spelling
from intents.tokens import is_word

COMMON = (
    "我", "他", "她", "人", "了", "的", "不", "没", "没有", "在", "是", "想", "要", "好", "有", "有点", "现在", "刚刚", "怎么办", "怎么", "救命",
    "快", "老公", "老婆", "我爸", "我妈", "妈妈", "爸爸", "孩子", "小孩", "宝宝", "老人", "孕妇", "去年", "出院", "看", "哪个", "科", "挂", "什么",
    "笑死", "累死", "热死", "饿死", "气死", "吓死", "等死了", "想死你", "痛", "疼", "头", "胸口", "肚子", "喉咙", "手", "腿", "胸痛", "心脏", "血", "流血", "吃", "喝", "药", "牙痛", "胃痛", "头痛", "腰痛", "脚麻", "哪里卖", "哪里", "两天", "几点", "几点到", "到我", "轮到", "到底是", "到底要", "到底有", "到底怎么", "到底能", "到底几", "到底在", "到底什么", "到底为什么", "到底想", "你到底", "你们到底", "等", "等得", "排队", "排得",
)  # fmt: skip
"""Read in a spelt message beside the words of danger; what a word could be if it were not one of these is left over."""
NOT_BARE = frozenset(
    {
        "ngọng",
        "liệt",
        "lịm",
        "hóc",
        "cứu",
        "sặc",
        "nghẹn",
        "tự tử",
        "tự vẫn",
        "nói sảng",
        "đau đẻ",
        "ngất",
        "bé",
    }
)
"""Without its marks each is also an everyday word: học to study, từ từ slowly."""
WORD = re.compile(r"[a-zà-ỹđ]+")
TOKEN = re.compile(r"[a-zà-ỹđ]+|[^\sa-zà-ỹđ]")


class _Ear(Hearing):
    """Longer words are believed though a common character is wrong: 喘不上七."""

    def _is_meant(self, text: str, start: int, end: int, word: str) -> bool:
        there = text[start:end]
        if len(word) >= 4 and not is_word(there):
            wrong = [index for index, char in enumerate(there) if char != word[index]]
            return len(wrong) <= len(word) // 2 and not any(_in_a_word(there, index) for index in wrong)
        return super()._is_meant(text, start, end, word)


def _in_a_word(text: str, index: int) -> bool:
    return any(is_word(text[at : at + 2]) for at in (index - 1, index) if 0 <= at < len(text) - 1)


class DangerSounds:
    def __init__(self, words: Iterable[str]) -> None:
        known = [word for word in words if word]
        self._spelling = Spelling([*COMMON, *(word for word in known if len(word) > 1)], ())
        self._ear = _Ear((word for word in known if len(word) > 2 and "死" not in word), is_word)

    def repair(self, text: str) -> str:
        """The text with what is spelt or misheard of danger written right; the same text where nothing is."""
        if LATIN.search(text) or SPACED.search(text):
            text = self._spelling.repair(text).text
        return self._ear.repair(text).text


class VietnameseWords:
    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._marked = _by_first(meanings)
        bare = {strip_marks(words): chinese for words, chinese in meanings.items() if words not in NOT_BARE}
        self._bare = _by_first(bare)

    def read(self, text: str) -> str:
        """The Chinese meanings in order; a dot for each word that the table does not have."""
        table = self._marked if MARKED.search(text) else self._bare
        tokens = TOKEN.findall(text)
        said: list[str] = []
        at = 0
        while at < len(tokens):
            for words, chinese in table.get(tokens[at], ()):
                if tokens[at : at + len(words)] == words:
                    said.append(chinese)
                    at += len(words)
                    break
            else:
                said.append("·" if WORD.fullmatch(tokens[at]) else tokens[at])
                at += 1
        return "".join(said)


def _by_first(meanings: Mapping[str, str]) -> dict[str, list[tuple[list[str], str]]]:
    """By first word, the longest first."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    for text, chinese in sorted(meanings.items(), key=lambda one: -len(one[0].split())):
        words = text.split()
        found.setdefault(words[0], []).append((words, chinese))
    return found
