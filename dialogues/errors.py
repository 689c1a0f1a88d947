"""What is wrong with flows, replies and slots: all of it at once, by file and line."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.errors import Problem


class DialogueError(Exception):
    """The dialogue data contradicts its schema or names something that does not exist."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda one: (one.file, one.line, one.text)))
        super().__init__("\n".join(map(str, self.problems)))
