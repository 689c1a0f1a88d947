"""The phrases are sound: enough of each intent, none twice, each known to be of a voice and a hand."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from intents.normalise import normalise
from intents.phrases import FOLDER, Phrase, inventory, read_phrases

CONTRACT = [name for name in inventory() if (FOLDER / f"{name}.yml").exists()]
"""The others are asked for by a button only and need no phrases."""
LEAST = 200
LIKE = 0.9
FEW = 0.03
"""Share of an intent's phrases that may nearly repeat another: 我要挂号 and 我要挂号。 are one wording."""
SHORT = 4
"""Characters up to which two people cannot help saying the same (在吗, 谢谢)."""


@pytest.fixture(scope="module")
def phrases() -> list[Phrase]:
    return read_phrases()


def plain(text: str) -> str:
    return "".join(char for char in normalise(text).text if char.isalnum())


def test_the_contracts_54_intents_have_phrases_and_those_of_buttons_have_none() -> None:
    assert len(CONTRACT) == 54


@pytest.mark.parametrize("intent", CONTRACT)
def test_every_intent_has_enough_phrases(phrases: list[Phrase], intent: str) -> None:
    assert sum(phrase.intent == intent for phrase in phrases) >= LEAST


def test_no_phrase_stands_under_two_intents(phrases: list[Phrase]) -> None:
    intents = defaultdict(set)
    for phrase in phrases:
        intents[plain(phrase.text) or phrase.text].add(phrase.intent)
    assert {text: sorted(names) for text, names in intents.items() if len(names) > 1} == {}


@pytest.mark.parametrize("intent", CONTRACT)
def test_hardly_a_phrase_nearly_repeats_another(phrases: list[Phrase], intent: str) -> None:
    texts = [
        text for phrase in phrases if phrase.intent == intent and len(text := plain(phrase.text)) > SHORT
    ]
    grams = [{text[i : i + 2] for i in range(len(text) - 1)} for text in texts]
    alike = [
        (texts[one], texts[other])
        for one in range(len(texts))
        for other in range(one)
        if min(len(grams[one]), len(grams[other])) > LIKE * max(len(grams[one]), len(grams[other]))
        and len(grams[one] & grams[other]) > LIKE * len(grams[one] | grams[other])
    ]
    assert len(alike) <= FEW * len(texts), alike


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_block_says_its_voice_and_hand(path: Path) -> None:
    for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
        assert block["intent"] == path.stem
        assert set(block["metadata"]) == {"voice", "hand"}
        assert all(line.startswith("- ") for line in block["examples"].splitlines() if line.strip())


def test_at_least_twenty_voices_speak_of_everything(phrases: list[Phrase]) -> None:
    covered = defaultdict(set)
    for phrase in phrases:
        covered[phrase.voice].add(phrase.intent)
    assert sum(len(intents) >= 50 for intents in covered.values()) >= 20


def test_at_least_three_people_write_vietnamese(phrases: list[Phrase]) -> None:
    assert len({phrase.hand for phrase in phrases if phrase.language == "vi"}) >= 3
