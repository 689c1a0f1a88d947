"""An Excel file → changes of the folder's YAML, or the problems of its cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.errors import KnowledgeError, Problem, find_nearest
from knowledge.folder import DEMONSTRATION, PLANS, read_folder
from knowledge.workbook.cells import Shape, read_cell, read_text
from knowledge.workbook.documents import Documents, write_style
from knowledge.workbook.locating import check_documents
from knowledge.workbook.outcome import Change, Import, SheetProblem
from knowledge.workbook.rows import Key, Row, list_rows, list_values, make_key, write_cells
from knowledge.workbook.sheets import GUIDE, SHEETS, VALUES, Sheet, read_head

_EMPTY: dict[str, Any] = {"list": [], "text": ""}
"""What an emptied cell of the sheet of single values means; for the other shapes nothing, which the check refuses."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet as Excel has it."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class _Work:
    documents: Documents
    changes: list[Change] = field(default_factory=list)
    problems: list[SheetProblem] = field(default_factory=list)
    rows: dict[tuple[str, Key], int] = field(default_factory=dict)
    """(title, key) → row, to find the cell a later check complains of."""

    def problem(self, sheet: str, row: int, column: str, text: str, hint: str | None = None) -> None:
        self.problems.append(SheetProblem(sheet, row, column, text, hint))

    def read(self, sheet: str, row: int, column: str, text: str, shape: Shape) -> Any:
        try:
            return read_cell(text, shape)
        except ValueError as error:
            self.problem(sheet, row, column, str(error))
            return None


def import_workbook(source: Path | str, *, folder: Path | str | None = None) -> Import:
    """Brings what was changed in ``source`` into the folder's YAML.

    Only cells that differ from what an export would give now are applied; sheets that the workbook lacks are left as
    they are. The result is checked as a whole hospital first: with one problem nothing is written. Raises
    `KnowledgeError` where the folder itself cannot be read.
    """
    path = Path(folder) if folder else DEMONSTRATION
    unreadable: list[Problem] = []
    present = read_folder(path, unreadable)
    if unreadable:
        raise KnowledgeError(unreadable)
    try:
        book = load_workbook(source, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        return Import((), (SheetProblem(str(source), 0, "", f"打不开，不是 .xlsx 文件（{error}）"),))
    work = _Work(Documents(path))
    titles = {sheet.title for sheet in SHEETS} | {VALUES, GUIDE}
    for title in book.sheetnames:
        if title not in titles:
            work.problem(title, 0, "", "没有这样的表", find_nearest(title, titles))
    for sheet in SHEETS:
        if sheet.title in book.sheetnames:
            lines = list(_read_lines(book[sheet.title], sheet.title, sheet.columns, work))
            if sheet.child:
                _merge_items(sheet, lines, list_rows(present, sheet), work)
            else:
                _merge_entries(sheet, lines, list_rows(present, sheet), work)
    if VALUES in book.sheetnames:
        lines = list(_read_lines(book[VALUES], VALUES, ("file", "path", "value"), work))
        _merge_values(lines, list_values(present), work)
    if work.changes:
        work.problems += check_documents(work.documents, work.rows)
        if not work.problems:
            work.documents.save()
    return Import(tuple(work.changes), tuple(work.problems))


def _read_lines(page: Any, title: str, columns: tuple[str, ...], work: _Work) -> Iterator[Line]:
    rows = page.iter_rows(values_only=True)
    heads = [read_head(read_text(cell)) for cell in next(rows, ())]
    for name in heads:
        if name and name not in columns:
            work.problem(title, 1, name, "没有这样的列", find_nearest(name, columns))
    if columns[0] not in heads:
        work.problem(title, 1, columns[0], "缺少这一列")
        return
    for number, values in enumerate(rows, start=2):
        cells = {
            name: read_text(value).strip()
            for name, value in zip(heads, values, strict=False)
            if name in columns
        }
        if any(cells.values()):
            yield Line(number, cells)


def _merge_entries(sheet: Sheet, lines: list[Line], rows: list[Row], work: _Work) -> None:
    present = {row.key: row for row in rows}
    seen: Counter[Key] = Counter()
    kept: set[Key] = set()
    file = rows[-1].address.file if rows else sheet.pattern.replace("*", sheet.kind)
    for line in lines:
        key = make_key(sheet, line.cells, seen)
        missing = [name for name in sheet.required if not line.cells.get(name)]
        if missing:
            work.problem(sheet.title, line.number, missing[0], "不能为空")
            continue
        work.rows[sheet.title, key] = line.number
        row = present.get(key)
        if row:
            kept.add(key)
            file = row.address.file
            _change_cells(sheet, line, row.cells, work, (row.address.file, sheet.kind, row.address.index))
        else:
            file = line.cells.get("file") or (f"followups/{key[0]}.yml" if sheet.pattern == PLANS else file)
            if not Path(file).match(sheet.pattern) or ".." in Path(file).parts:
                work.problem(sheet.title, line.number, "file", f"这一条应当放在 {sheet.pattern}", None)
                continue
            data = _read_all(sheet, line, work)
            index = work.documents.add(file, None if sheet.pattern == PLANS else sheet.kind, data)
            work.documents.added[sheet.kind, key[0]] = (file, sheet.kind, index)
            work.changes.append(Change(sheet.title, line.number, "", "", "、".join(key[:-1])))
    for row in rows:
        if row.key not in kept:
            work.documents.remove(row.address.file, sheet.kind, row.address.index)
            work.changes.append(Change(sheet.title, 0, "", "、".join(row.key[:-1]), ""))


def _merge_items(sheet: Sheet, lines: list[Line], rows: list[Row], work: _Work) -> None:
    assert sheet.child
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.cells.get("of", "")].append(line)
    parents: dict[str, tuple[str, str, int | None]] = {
        row.key[0]: (row.address.file, sheet.kind, row.address.index) for row in rows
    }
    items = {row.key[0]: row.data.get(sheet.child) or [] for row in rows}
    for (kind, name), address in work.documents.added.items():
        if kind == sheet.kind:
            parents[name], items[name] = address, []
    for name, group in groups.items():
        if name not in parents:
            work.problem(sheet.title, group[0].number, "of", f"「{name}」不存在", find_nearest(name, parents))
    for name, address in parents.items():
        if work.documents.is_removed(*address):
            if orphans := groups.get(name):  # a new name above: to drop these silently would lose them
                parent = next(one.title for one in SHEETS if one.kind == sheet.kind and not one.child)
                said = f"「{name}」不在「{parent}」表里了；改了名的，这里也要改成新名，不要了的，请删掉这些行"
                work.problem(sheet.title, orphans[0].number, "of", said)
            continue
        group, old = groups.get(name, []), items[name]
        for number, line in enumerate(group):
            work.rows[sheet.title, (name, str(number))] = line.number
            if number < len(old):
                before = write_cells(sheet, old[number])
                _change_cells(sheet, line, before, work, address, (sheet.child, number))
            else:
                target = work.documents.get(*address)
                work.documents.append_item(target, sheet.child, _read_all(sheet, line, work))
                work.changes.append(Change(sheet.title, line.number, "", "", name))
        if len(group) < len(old):
            target = work.documents.get(*address)
            del target[sheet.child][len(group) :]
            for _ in range(len(old) - len(group)):
                work.changes.append(Change(sheet.title, 0, "", name, ""))


def _change_cells(
    sheet: Sheet,
    line: Line,
    before: Any,
    work: _Work,
    address: tuple[str, str, int | None],
    within: tuple[str | int, ...] = (),
) -> None:
    for name, shape in sheet.shapes.items():
        new = line.cells.get(name, before[name])
        if new == before[name]:
            continue
        work.changes.append(Change(sheet.title, line.number, name, before[name], new))
        target = work.documents.get(*address)
        for step in within:
            target = target[step]
        if not new:
            target.pop(name, None)
        elif (value := work.read(sheet.title, line.number, name, new, shape)) is not None:
            target[name] = write_style(value)


def _read_all(sheet: Sheet, line: Line, work: _Work) -> dict[str, Any]:
    found = {
        name: work.read(sheet.title, line.number, name, text, shape)
        for name, shape in sheet.shapes.items()
        if (text := line.cells.get(name))
    }
    return {name: value for name, value in found.items() if value is not None}


def _merge_values(lines: list[Line], values: list[Any], work: _Work) -> None:
    present = {(value.file, value.path): value for value in values}
    for line in lines:
        file, path = line.cells.get("file", ""), line.cells.get("path", "")
        value = present.get((file, path))
        if value is None:
            hint = find_nearest(path, (name for where, name in present if where == file))
            work.problem(VALUES, line.number, "path", f"{file} 里没有「{path}」这一项", hint)
            continue
        work.rows[VALUES, (file, path)] = line.number
        new = line.cells.get("value", value.text)
        if new != value.text:
            work.changes.append(Change(VALUES, line.number, "value", value.text, new))
            data = (
                work.read(VALUES, line.number, "value", new, value.shape) if new else _EMPTY.get(value.shape)
            )
            if data is not None or not new:
                work.documents.set_value(file, value.loc, data)
