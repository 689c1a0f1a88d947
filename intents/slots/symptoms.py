"""Symptoms in the patient's words, made plain; what is denied is left out."""

from __future__ import annotations

import re
from functools import lru_cache

from intents.lexicon import Words, read_list
from intents.slots.found import Found, longest

DENIED = re.compile(
    r"(?:没有?|冇|莫得|唔系|不是|并不|未|无|没得|没啥|不会|不太|也不|不再|不怎么|从不|唔)(?:什么|任何|再|出现|感到|感觉|觉得|过|有|发|咩|得|[^\s,，。;；]{0,2}[、和或跟]){0,3}$"
)
STATED_WITHOUT = re.compile(r"(?:不|没|冇|唔|无)$")


@lru_cache(maxsize=1)
def _tables() -> tuple[Words, re.Pattern[str], dict[str, str]]:
    data = read_list("symptoms")
    same = {word: plain for plain, words in data["same"].items() for word in words}
    whole = Words("symptom", [*same.items(), *((word, word) for word in [*data["words"], *data["same"]])])
    parts = "|".join(sorted(map(re.escape, data["parts"]), key=len, reverse=True))
    does = "|".join(sorted(map(re.escape, data["does"]), key=len, reverse=True))
    return whole, re.compile(rf"(?P<part>{parts})(?P<between>{data['between']}?)(?P<does>{does})"), same


def read_symptoms(text: str) -> list[Found]:
    """Each symptom once, in order; 脑壳痛 is 头痛, 「没有发烧」 is none."""
    whole, joined, same = _tables()
    candidates = whole.find(text)
    for match in joined.finditer(text):
        if STATED_WITHOUT.search(match["between"]):
            continue
        plain = match["part"] + match["does"]
        candidates.append(Found("symptom", same.get(plain, plain), match.start(), match.end()))
    return [one for one in longest(candidates) if not DENIED.search(text[max(0, one.start - 14) : one.start])]
