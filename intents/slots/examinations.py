"""Examinations and tests, by the names of ``lexicon/examinations.yml``; a picture keeps its part of the body (腰椎CT)."""

from __future__ import annotations

import re

from intents.lexicon import Words, read_list
from intents.normalise import normalise
from intents.slots.found import Found, longest

TOLD = re.compile(r"(?:医生|报告)?(?:说|讲|查出|发现|显示|时|的时候|那天|有问题)")
"""「体检查出肌瘤」 tells where the news comes from."""
BARE = frozenset({"血糖", "血脂"})
"""「血糖高」 is no examination; 「查血糖」 is."""


class ExaminationReader:
    def __init__(self) -> None:
        data = read_list("examinations")
        self._data: dict[str, list[str]] = data["examinations"]
        self._words = Words(
            "examination",
            [(normalise(word).text, name) for name, words in self._data.items() for word in (name, *words)],
        )
        self._pictures = frozenset(data["pictures"])
        parts = sorted((normalise(part).text for part in data["pictured"]), key=len, reverse=True)
        self._part = re.compile(rf"(?:{'|'.join(parts)})(?:的|部的?|做|照|个|薄层|平扫)?$")

        self._plate = re.compile(
            rf"(?P<part>{'|'.join(parts)})(?:部)?的?(?:片子|照片|x片|正侧位片?|片(?=要|多|出|结|$|[,，。]))"
        )

    def standard(self) -> set[str]:
        return set(self._data)

    def names(self) -> set[str]:
        """Every word, as written in the list."""
        return {word for name, words in self._data.items() for word in (name, *words)}

    def read(self, text: str) -> list[Found]:
        found = []
        for one in self._words.find(text):
            if one.value == "体检" and TOLD.match(text, one.end):
                continue
            if text[one.start : one.end] in BARE:
                one = Found(one.slot, one.value, one.start, one.end, weak=True)
            part = (
                self._part.search(text, max(0, one.start - 24), one.start)
                if one.value in self._pictures
                else None
            )
            if part:
                word = re.sub(r"(?<=部)的$|的$|做$|照$|个$", "", part[0])
                one = Found(one.slot, f"{word}{one.value}", part.start(), one.end)
            found.append(one)
        for match in self._plate.finditer(text):
            found.append(Found("examination", f"{match['part']}X光", match.start(), match.end()))
        return longest(found)
