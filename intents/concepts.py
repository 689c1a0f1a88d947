"""Meanings behind words: an unseen wording shares evidence with a known one through `lexicon/concepts.yml`."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import ahocorasick

from intents.lexicon import inside_latin, read_list
from intents.normalise import normalise


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    owners: dict[str, list[str]] = defaultdict(list)
    for concept, words in read_list("concepts").items():
        for word in words:
            plain = normalise(str(word)).text
            if concept not in owners[plain]:
                owners[plain].append(concept)
    automaton = ahocorasick.Automaton()
    for word, concepts in owners.items():
        automaton.add_word(word, (len(word), tuple(concepts)))
    automaton.make_automaton()
    return automaton


def read_concepts(text: str) -> list[str]:
    """The concepts that normalised ``text`` touches, each once, in the order of their first words."""
    found: dict[str, None] = {}
    for last, (length, concepts) in _automaton().iter(text):
        if not inside_latin(text, last - length + 1, last + 1):
            found.update(dict.fromkeys(concepts))
    return list(found)
