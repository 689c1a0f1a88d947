"""Words: spaCy's blank Chinese pipeline with the jieba segmenter, taught the hospital's own words."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from pathlib import Path


class Segmenter:
    """Cuts normalised Chinese into words. Deterministic; one for the process, for jieba keeps one dictionary."""

    def __init__(self, words: Iterable[str] = (), *, cache: Path | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba's own use of pkg_resources
            import jieba
            import spacy
        jieba.setLogLevel(logging.WARNING)
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)
            jieba.dt.tmp_dir = str(cache)
        self._nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
        for word in sorted(set(words)):
            if 2 <= len(word) <= 8:
                jieba.add_word(word, freq=2000)

    def cut(self, text: str) -> list[str]:
        # Without the zone spaCy would remember every new word of every patient for ever.
        with self._nlp.memory_zone():
            return [token.text for token in self._nlp.make_doc(text) if not token.is_space]
