"""The phrases as a Rasa 3.6 project, so that anyone can train the peer (jieba, DIET) on the very same data."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import yaml

from intents.phrases import inventory, read_phrases

CONFIG = """\
# A fair peer: Rasa 3.6's own recipe for Chinese. Words by jieba, character n-grams, DIET.
recipe: default.v1
language: zh
assistant_id: wenjin-peer
pipeline:
- name: JiebaTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
  entity_recognition: false
  random_seed: 0
- name: FallbackClassifier
  threshold: 0.3
policies:
- name: RulePolicy
"""
README = """\
# The peer: Rasa 3.6 on the same phrases

Written by `wenjin nlu export`. Python 3.10 (Rasa 3.6 knows no later one):

    python3.10 -m venv peer && peer/bin/pip install "rasa==3.6.21" "jieba==0.42.1"
    peer/bin/rasa data validate --data data --domain domain.yml
    peer/bin/rasa train nlu --nlu data/nlu.yml --config config.yml --domain domain.yml
    peer/bin/rasa run --enable-api -m models          # POST /model/parse {"text": …}

Measure both on messages that neither has seen. To hold a hand back, export with `--without HAND` and test on that
hand's phrases:

    wenjin nlu export --rasa peer-without-b --without b     # also writes data/test_nlu.yml with the hand left out
    peer/bin/rasa test nlu --nlu data/test_nlu.yml --config config.yml
"""


def export_rasa(folder: Path, *, without: str | None = None) -> dict[str, int]:
    """Writes the project into ``folder``; ``{file name: phrases in it}``.

    ``without`` names a hand whose phrases go to ``data/test_nlu.yml`` instead. Raises ``ValueError`` for a hand that
    wrote nothing.
    """
    phrases = read_phrases()
    if without is not None and without not in {phrase.hand for phrase in phrases}:
        raise ValueError(f"no phrase is by hand {without!r}")
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name, wanted in (("nlu.yml", False), ("test_nlu.yml", True)):
        texts: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for phrase in phrases:
            if (phrase.hand == without) is wanted:
                texts[phrase.intent][_plain(phrase.text)] = None
        if texts:
            (data / name).write_text(_write_nlu(texts), "utf-8")
            counts[name] = sum(map(len, texts.values()))
    with_phrases = {phrase.intent for phrase in phrases}
    domain = {
        "version": "3.1",
        "intents": [intent for intent in inventory() if intent in with_phrases],
        "session_config": {"session_expiration_time": 60},
    }
    (folder / "domain.yml").write_text(yaml.safe_dump(domain, sort_keys=False, allow_unicode=True), "utf-8")
    (folder / "config.yml").write_text(CONFIG, "utf-8")
    (folder / "README.md").write_text(README, "utf-8")
    return counts


def _plain(text: str) -> str:
    """Rasa reads brackets in an example as an entity: 〔 〕 say the same to a reader and nothing to Rasa."""
    return text.replace("[", "〔").replace("]", "〕").strip()


def _write_nlu(texts: dict[str, dict[str, None]]) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent in inventory():
        if intent in texts:
            lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts[intent])]
    return "\n".join(lines) + "\n"
