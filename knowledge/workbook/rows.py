"""The folder's entries as rows of canonical cell texts: what the export writes and the import compares with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.folder import PLANS, TRIAGE_TABLES, Folder
from knowledge.workbook.cells import Shape, write_cell
from knowledge.workbook.sheets import Sheet

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an entry stands: the file, and its number in the file's list (``None``: the file is the entry)."""

    file: str
    index: int | None


@dataclass(frozen=True, slots=True)
class Row:
    key: Key
    """The identifying cells and, last, how many entries before have the same ones."""
    address: Address
    cells: Mapping[str, str]
    data: Any


@dataclass(frozen=True, slots=True)
class Value:
    """One line of the sheet of single values."""

    file: str
    loc: tuple[str | int, ...]
    shape: Shape
    text: str

    @property
    def path(self) -> str:
        return ".".join(map(str, self.loc))


def list_rows(folder: Folder, sheet: Sheet) -> list[Row]:
    """The entries of a kind, as they stand; for a child sheet the parents."""
    rows = []
    seen: Counter[Key] = Counter()
    numbers: Counter[str] = Counter()
    for item in folder.items(sheet.kind):
        index = None if sheet.pattern == PLANS else numbers[item.file]
        numbers[item.file] += 1
        cells = {} if sheet.child else write_cells(sheet, item.data)
        key = make_key(sheet, {name: write_cell(item.data.get(name), "text") for name in sheet.key}, seen)
        rows.append(Row(key, Address(item.file, index), cells, item.data))
    return rows


def make_key(sheet: Sheet, cells: Mapping[str, str], seen: Counter[Key]) -> Key:
    key = tuple(cells.get(name, "") for name in sheet.key)
    seen[key] += 1
    return (*key, str(seen[key]))


def write_cells(sheet: Sheet, data: Mapping[str, Any]) -> dict[str, str]:
    return {name: write_cell(data.get(name), shape) for name, shape in sheet.shapes.items()}


def list_values(folder: Folder) -> list[Value]:
    """Every single value of the rule files, the hospital and the sets of triage words."""
    values = []
    for name, item in folder.whole.items():
        values += [Value(name, *found) for found in _flatten(item.data, ())]
    for table in TRIAGE_TABLES:
        for file in folder.tables.get(table, ()):
            values += [Value(file.file, *found) for found in _flatten(file.data[table], (table,))]
    return values


def _flatten(data: Any, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Shape, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _flatten(value, (*loc, key))
    elif isinstance(data, list) and any(isinstance(item, dict | list) for item in data):
        for index, value in enumerate(data):
            yield from _flatten(value, (*loc, index))
    else:
        shape: Shape = "text"
        if isinstance(data, bool):
            shape = "flag"
        elif isinstance(data, int | float):
            shape = "number"
        elif isinstance(data, list):
            shape = "list" if all(isinstance(item, str) for item in data) else "nested"
        yield loc, shape, write_cell(data, shape)
