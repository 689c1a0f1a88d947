"""The intents by name: their group and what a button says of them (``intents/inventory.yml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dialogues.errors import DialogueError
from knowledge.errors import Problem
from knowledge.reading import read_yaml

FILE = Path(__file__).parent.parent / "intents" / "inventory.yml"


def read_inventory() -> dict[str, tuple[str, str]]:
    """Intent → (group, Chinese title)."""
    return {name: (group, about["title"]) for name, (group, about) in _read().items()}


def read_translations() -> dict[str, dict[str, str]]:
    """Intent → language → title."""
    return {
        name: {key: value for key, value in about.items() if key != "title"}
        for name, (_, about) in _read().items()
    }


@cache
def _read() -> dict[str, tuple[str, dict[str, str]]]:
    problems: list[Problem] = []
    data = read_yaml(FILE, FILE.name, problems)
    if problems:
        raise DialogueError(problems)
    groups = data.get("groups", {})
    return {name: (group, about) for group, intents in groups.items() for name, about in intents.items()}
