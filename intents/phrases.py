"""The phrases that the language model is made from: Rasa's NLU YAML, one file an intent, each block one voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

HERE = Path(__file__).parent
FOLDER = HERE / "phrases"


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    intent: str
    voice: str
    hand: str
    """Who composed it: held apart in evaluation, so that a model is measured on wording it has not seen."""

    @property
    def language(self) -> str:
        """``vi`` for the Vietnamese voices, else ``zh``."""
        return "vi" if self.voice.startswith("vietnamese") else "zh"


@lru_cache(maxsize=1)
def inventory() -> dict[str, str]:
    """Intent → its Chinese title, in the order of the inventory."""
    data = yaml.safe_load((HERE / "inventory.yml").read_text("utf-8"))
    return {name: entry["title"] for group in data["groups"].values() for name, entry in group.items()}


def read_phrases(folder: Path = FOLDER) -> list[Phrase]:
    """All phrases, by file name and place; a file of an unknown intent is an error."""
    return [phrase for path in sorted(folder.glob("*.yml")) for phrase in _read_file(path)]


def _read_file(path: Path) -> Iterator[Phrase]:
    known = inventory()
    for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
        intent = block["intent"]
        if intent not in known or intent != path.stem:
            raise ValueError(f"{path}: intent {intent!r} does not belong in this file")
        about = block.get("metadata", {})
        for line in block["examples"].splitlines():
            text = line.removeprefix("- ").strip()
            if text:
                yield Phrase(text, intent, about.get("voice", "plain"), about.get("hand", ""))
