"""What a complaint is about: the category with the most evidence, by ``lexicon/complaints.yml`` and the hospital."""

from __future__ import annotations

import re
from functools import lru_cache

from intents.lexicon import read_list
from intents.slots.found import Found

STRONG = 3


@lru_cache(maxsize=1)
def _tables() -> tuple[
    re.Pattern[str], dict[str, re.Pattern[str]], dict[str, re.Pattern[str]], re.Pattern[str]
]:
    data = read_list("complaints")
    strong = {name: _choice(entry["strong"]) for name, entry in data.items()}
    weak = {name: _choice(entry["weak"]) for name, entry in data.items() if entry["weak"]}
    any_word = re.compile("|".join(pattern.pattern for pattern in (*strong.values(), *weak.values())))
    certain = _choice([word for entry in data.values() for word in entry.get("certain", ())])
    return any_word, strong, weak, certain


def _choice(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(words).replace("…", "[^,，。]{0,6}?"))


def read_complaint(text: str) -> list[Found]:
    """At most one category. It is weak, for it holds only where the request is a complaint, unless what is said can be
    nothing but a grievance (翻白眼, 乱收费)."""
    any_word, strong, weak, certain = _tables()
    if not any_word.search(text):
        return []
    best: tuple[int, int, str, int] | None = None
    for name, pattern in strong.items():
        matches = [*pattern.finditer(text)]
        lesser = [*weak[name].finditer(text)] if name in weak else []
        points = STRONG * len({match[0] for match in matches}) + len({match[0] for match in lesser})
        if not points:
            continue
        first = (matches or lesser)[0]
        candidate = (points, -first.start(), name, first.end())
        if best is None or candidate > best:
            best = candidate
    if best is None or (best[2] == "environment" and best[3] + best[1] == len(text)):  # 「厕所」 alone
        return []
    return [Found("complaint_category", best[2], -best[1], best[3], weak=not certain.search(text))]
