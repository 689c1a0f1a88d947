"""The few sentences the house says itself, where no dialogue can."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from dialogues.reply import Reply
from knowledge import Hospital


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return YAML(typ="safe").load(Path(__file__).with_name("sentences.yml"))


def say(name: str, *, hospital: Hospital, language: str | None = None) -> Reply:
    """The sentence of that name in the patient's language, or in Chinese where there is none."""
    words = _sentences()[name]
    text = words.get(language or "zh", words["zh"])
    return Reply(
        text=text.format(
            hospital=hospital.short_name, phone=hospital.phone, emergency_phone=hospital.emergency_phone
        )
    )
