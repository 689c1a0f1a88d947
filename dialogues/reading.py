"""What the code of actions says of itself: which replies it speaks, which slots it reads and sets.

Read from the source when flows are loaded, so that a reply misspelt in Python stops the start as one in YAML does.
Whole modules are read, so the functions that actions share are seen too. Names that the code computes are not seen; an
action lists those in its ``replies``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rasa_sdk import Action

from dialogues.actions import DeskAction


@dataclass(frozen=True, slots=True)
class Saying:
    reply: str
    values: frozenset[str] | None
    """The names of the values given; ``None`` where they are computed (``**values``)."""
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """One module of actions."""

    file: str
    says: tuple[Saying, ...] = ()
    slots: tuple[tuple[str, int], ...] = ()
    """Slots read or returned, with their lines."""
    words: tuple[Saying, ...] = ()
    """What ``say.word`` names."""
    tables: tuple[tuple[str, int], ...] = ()
    """What ``say.name`` looks into."""


def read_code(actions: Iterable[Action]) -> list[Code]:
    """The modules that these actions (and the classes they derive from) stand in, and what they list in ``replies``."""
    classes: dict[str, set[str]] = {}
    listed: list[Saying] = []
    for action in actions:
        for kind in type(action).__mro__:
            if issubclass(kind, Action) and kind not in (Action, DeskAction):
                classes.setdefault(kind.__module__, set()).add(kind.__name__)
        listed += [Saying(reply, None, 0) for reply in getattr(action, "replies", ())]
    found = [
        _read_module(Path(module.__file__), names)
        for name, names in sorted(classes.items())
        if (module := sys.modules.get(name)) and module.__file__
    ]
    return [*found, Code("dialogues/actions", tuple(listed))]


def _read_module(path: Path, classes: set[str]) -> Code:
    visitor = _Visitor(classes)
    visitor.visit(ast.parse(path.read_text("utf-8")))
    return Code(
        path.name, tuple(visitor.says), tuple(visitor.slots), tuple(visitor.words), tuple(visitor.tables)
    )


class _Visitor(ast.NodeVisitor):
    def __init__(self, classes: set[str]) -> None:
        self.classes = classes
        self.says: list[Saying] = []
        self.slots: list[tuple[str, int]] = []
        self.words: list[Saying] = []
        self.tables: list[tuple[str, int]] = []
        self.function = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if node.name in self.classes:  # another class is of no concern here
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, node.name
        self.generic_visit(node)
        self.function = outer

    def visit_Call(self, node: ast.Call) -> None:
        verb = _find_verb(node.func)
        if verb and node.args:
            names = [keyword.arg for keyword in node.keywords]
            values = None if None in names else frozenset(name for name in names if name)
            for named in _texts(node.args[0]):
                if verb == "name":
                    self.tables.append((named, node.lineno))
                else:
                    (self.words if verb == "word" else self.says).append(Saying(named, values, node.lineno))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "slots":
            self.slots.extend((name, node.lineno) for name in _texts(node.slice))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if self.function == "perform" and isinstance(node.value, ast.Dict):
            keys = [key for key in node.value.keys if key is not None]
            self.slots.extend((name, node.lineno) for key in keys for name in _texts(key))
        self.generic_visit(node)


def _find_verb(called: ast.expr) -> str | None:
    """``say`` of ``say(…)``, ``word`` of ``say.word(…)``, ``name`` of ``say.name(…)``."""
    if isinstance(called, ast.Name):
        return "say" if called.id == "say" else None
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "say":
        return called.attr if called.attr in ("word", "name") else None
    return None


def _texts(node: ast.expr) -> list[str]:
    """The texts an expression may be: one, or a choice between two."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return []
