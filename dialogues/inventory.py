"""The intents by name: their group and what a button says of them (``intents/inventory.yml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dialogues.errors import DialogueError
from knowledge.errors import Problem
from knowledge.reading import read_yaml

FILE = Path(__file__).parent.parent / "intents" / "inventory.yml"


@cache
def read_inventory() -> dict[str, tuple[str, str]]:
    """Intent → (group, title)."""
    problems: list[Problem] = []
    data = read_yaml(FILE, FILE.name, problems)
    if problems:
        raise DialogueError(problems)
    groups = data.get("groups", {})
    return {
        name: (group, about["title"]) for group, intents in groups.items() for name, about in intents.items()
    }
