"""What an action's code says of itself: which replies it speaks, which slots it reads and sets.

Read from the source when flows are loaded, so that a reply misspelt in Python stops the start as one in YAML does.
Names that the code computes are not seen; an action lists those in its ``replies``.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Saying:
    reply: str
    values: frozenset[str] | None
    """The names of the values given; ``None`` where they are computed (``**values``)."""
    line: int


@dataclass(frozen=True, slots=True)
class ActionCode:
    file: str
    says: tuple[Saying, ...] = ()
    reads: tuple[tuple[str, int], ...] = ()
    sets: tuple[tuple[str, int], ...] = ()


def read_action(action: Any) -> ActionCode:
    kind = type(action)
    try:
        lines, first = inspect.getsourcelines(kind)
        file = Path(inspect.getsourcefile(kind) or "?").name
    except (OSError, TypeError):
        return ActionCode(kind.__module__)
    visitor = _Visitor(first - 1)
    visitor.visit(ast.parse(textwrap.dedent("".join(lines))))
    says = [*visitor.says, *(Saying(reply, None, first) for reply in getattr(action, "replies", ()))]
    return ActionCode(file, tuple(says), tuple(visitor.reads), tuple(visitor.sets))


class _Visitor(ast.NodeVisitor):
    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.says: list[Saying] = []
        self.reads: list[tuple[str, int]] = []
        self.sets: list[tuple[str, int]] = []

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
            for reply in _constants(node.args[0]):
                names = [keyword.arg for keyword in node.keywords]
                values = None if None in names else frozenset(name for name in names if name)
                self.says.append(Saying(reply, values, node.lineno + self.offset))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "slots":
            self.reads.extend((name, node.lineno + self.offset) for name in _constants(node.slice))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Dict):
            for key in node.value.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    self.sets.append((key.value, node.lineno + self.offset))
        self.generic_visit(node)


def _constants(node: ast.expr) -> list[str]:
    """The names an expression may be, where it is a text or a choice between texts."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    return []
