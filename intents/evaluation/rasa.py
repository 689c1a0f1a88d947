"""The phrases as a complete Rasa 3.6 project, so that anyone can train the peer (jieba, DIET) on the very same data."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from intents.evaluation.rasa_words import write_words
from intents.normalise import normalise
from intents.phrases import inventory, read_phrases
from intents.slots.found import Found, longest
from intents.slots.reader import SlotReader
from intents.slots.settling import settle
from intents.training import TODAY
from knowledge import Hospital

CONFIG = """\
# A fair peer: Rasa 3.6's own recipe for Chinese. Words by jieba, character n-grams, DIET.
recipe: default.v1
language: zh
assistant_id: wenjin-peer
pipeline:
- name: JiebaTokenizer
- name: RegexFeaturizer
  use_word_boundaries: false
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
  random_seed: 0
- name: EntitySynonymMapper
- name: FallbackClassifier
  threshold: 0.3
policies:
- name: RulePolicy
  core_fallback_threshold: 0.3
  core_fallback_action_name: action_default_fallback
  enable_fallback_prediction: true
"""
CREDENTIALS = """\
rest:
"""
ENDPOINTS = """\
# Where what the hospital does is asked: `wenjin actions --port 5055` (docs/rasa.md).
# action_endpoint:
#   url: http://127.0.0.1:5055/webhook
"""
README = """\
# The peer: Rasa 3.6 on the same phrases

Written by `wenjin nlu export`. Python 3.10 (Rasa 3.6 knows no later one):

    python3.10 -m venv peer && peer/bin/pip install "rasa==3.6.21" "jieba==0.42.1"
    peer/bin/rasa data validate
    peer/bin/rasa train                              # or only `rasa train nlu`
    peer/bin/rasa run --enable-api                   # POST /model/parse {"text": …}

`data/nlu.yml` holds the phrases with what our slot readers find in them, `data/words.yml` lookup tables, synonyms and
the forms of numbers, `data/rules.yml` one answer an intent. The answers only say what was understood.

To compare intents alone, faster: `entity_recognition: false` at DIETClassifier. Measure both on messages that neither
has seen. To hold a hand back, export with `--without HAND` and test on that hand's phrases:

    wenjin nlu export --rasa peer-without-b --without b     # also writes tests/test_nlu.yml with the hand left out
    peer/bin/rasa test nlu --nlu tests/test_nlu.yml
"""
FALLBACK = "nlu_fallback"
URGENT = {
    "report_emergency": "请马上拨打 120，或让身边的人带您到急诊。",
    "express_crisis": "您现在安全吗？请马上拨打 120，或告诉身边的人。",
    FALLBACK: "没听明白，请换个说法，或说“人工”。",
}


def export_rasa(hospital: Hospital, folder: Path, *, without: str | None = None) -> dict[str, int]:
    """Writes the project into ``folder``; ``{file name: phrases in it}``.

    ``without`` names a hand whose phrases go to ``tests/test_nlu.yml`` instead. Raises ``ValueError`` for a hand that
    wrote nothing.
    """
    phrases = read_phrases()
    if without is not None and without not in {phrase.hand for phrase in phrases}:
        raise ValueError(f"no phrase is by hand {without!r}")
    marker = Marker(hospital)
    counts = {}
    for name, wanted in (("data/nlu.yml", False), ("tests/test_nlu.yml", True)):
        texts: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for phrase in phrases:
            if (phrase.hand == without) is wanted:
                texts[phrase.intent][marker.mark(phrase.text, phrase.intent)] = None
        if texts:
            _write(folder / name, _write_nlu(texts))
            counts[Path(name).name] = sum(map(len, texts.values()))
    with_phrases = {phrase.intent for phrase in phrases}
    intents = {name: title for name, title in inventory().items() if name in with_phrases}
    _write(folder / "data" / "words.yml", write_words(hospital))
    _write(folder / "data" / "rules.yml", _dump(_rules([*intents, FALLBACK])))
    _write(folder / "domain.yml", _dump(_domain(intents, sorted(marker.slots))))
    for name, text in (
        ("config.yml", CONFIG),
        ("credentials.yml", CREDENTIALS),
        ("endpoints.yml", ENDPOINTS),
        ("README.md", README),
    ):
        _write(folder / name, text)
    return counts


class Marker:
    """Marks in a phrase what the slot readers find there, as Rasa writes it: 「挂[骨科](department)」."""

    def __init__(self, hospital: Hospital) -> None:
        self._reader = SlotReader(hospital)
        self.slots: set[str] = set()
        """Every slot marked so far."""

    def mark(self, text: str, intent: str) -> str:
        plain = normalise(text)
        found: list[Found] = []
        for one in settle(self._reader.read(plain.text, today=TODAY), intent):
            start, end = plain.span(one.start, one.end)
            if text[start:end].strip() == text[start:end] != "":
                found.append(Found(one.slot, one.value, start, end))
        parts, last = [], 0
        for one in longest(found):
            parts += [_plain(text[last : one.start]), f"[{_plain(text[one.start : one.end])}]({one.slot})"]
            self.slots.add(one.slot)
            last = one.end
        return "".join([*parts, _plain(text[last:])]).strip()


def _domain(intents: dict[str, str], slots: list[str]) -> dict[str, Any]:
    said = {
        name: URGENT.get(name) or f"您说的是“{title}”。" for name, title in {**intents, FALLBACK: ""}.items()
    }
    return {
        "version": "3.1",
        "intents": list(intents),
        "entities": slots,
        "slots": {
            slot: {
                "type": "list" if slot == "symptom" else "text",
                "influence_conversation": False,
                "mappings": [{"type": "from_entity", "entity": slot}],
            }
            for slot in slots
        },
        "responses": {f"utter_{name}": [{"text": text}] for name, text in said.items()},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def _rules(intents: list[str]) -> dict[str, Any]:
    return {
        "version": "3.1",
        "rules": [
            {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in intents
        ],
    }


def _dump(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _plain(text: str) -> str:
    """Rasa reads brackets in an example as an entity: 〔 〕 say the same to a reader and nothing to Rasa."""
    return text.replace("[", "〔").replace("]", "〕")


def _write_nlu(texts: dict[str, dict[str, None]]) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent in inventory():
        if intent in texts:
            lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts[intent])]
    return "\n".join(lines) + "\n"
