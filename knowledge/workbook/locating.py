"""Checks the changed hospital before anything is written, and finds the cell of each problem.

The result is written to a scratch folder with every value on a line of its own: then the line of a problem tells the
entry and the field, and so the row and the column.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from knowledge.check import check
from knowledge.errors import Problem
from knowledge.folder import Folder, Item, read_folder
from knowledge.reading import read_yaml
from knowledge.workbook.documents import Documents
from knowledge.workbook.outcome import SheetProblem
from knowledge.workbook.rows import Key, list_rows, list_values
from knowledge.workbook.sheets import SHEETS, VALUES

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def check_documents(documents: Documents, rows: dict[tuple[str, Key], int]) -> list[SheetProblem]:
    """The problems the folder would have with these changes."""
    with tempfile.TemporaryDirectory(prefix="wenjin-knowledge-") as name:
        scratch = Path(name)
        _write_plain(documents, scratch)
        problems = check(scratch).problems
        folder = read_folder(scratch, []) if problems else Folder(scratch)
        return [_locate(problem, folder, rows) for problem in problems]


def _write_plain(documents: Documents, scratch: Path) -> None:
    changed = documents.finish()
    # Unchanged files too: a department removed makes a mistake of a FAQ nobody touched.
    files = {path.relative_to(documents.folder).as_posix() for path in documents.folder.rglob("*.yml")}
    for file in sorted(files | set(changed)):
        data = changed[file] if file in changed else read_yaml(documents.folder / file, file, [])
        if data is None:
            continue
        path = scratch / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as stream:
            yaml.dump(
                _plain(data), stream, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000
            )


def _plain(value: Any) -> Any:
    """ruamel's and our own subclasses → plain Python, which the C writer wants."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _locate(problem: Problem, folder: Folder, rows: dict[tuple[str, Key], int]) -> SheetProblem:
    best: tuple[int, str, int, str] = (0, problem.file, 0, "")
    for sheet in SHEETS:
        for row in list_rows(folder, sheet):
            if row.address.file != problem.file or row.data.line > problem.line:
                continue
            if sheet.child is None:
                number = rows.get((sheet.title, row.key), 0)
                field = _last(row.data.lines, problem.line)
                best = max(
                    best, (row.data.line, sheet.title, number, field if field in sheet.columns else "")
                )
                continue
            for at, item in enumerate(row.data.get(sheet.child) or ()):
                if item.line <= problem.line:
                    number = rows.get((sheet.title, (row.key[0], str(at))), 0)
                    best = max(best, (item.line, sheet.title, number, _last(item.lines, problem.line)))
    _, title, number, field = best
    if title == problem.file:
        for value in list_values(folder):
            whole = folder.whole.get(value.file) or _table(folder, value.file)
            if value.file == problem.file and whole and whole.line(*value.loc) <= problem.line:
                title, number, field = VALUES, rows.get((VALUES, (value.file, value.path)), 0), "value"
    text = problem.text if number else f"{problem.text}（{problem.file}）"
    return SheetProblem(title, number, field, text, problem.hint)


def _table(folder: Folder, file: str) -> Item | None:
    return next((item for items in folder.tables.values() for item in items if item.file == file), None)


def _last(lines: dict[str, int], line: int) -> str:
    """The field that begins on the line or last before it."""
    before = {name: at for name, at in lines.items() if at <= line}
    return max(before, key=lambda name: before[name]) if before else ""
