"""Lists that other systems hand over as Excel or CSV: rows by the names of their columns, refusals by sheet, row and column.

The heading row is the first that names what the list needs; headings may stand in any order and under any of their
names. Every sheet of a workbook is read.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from services.errors import Invalid, ServiceError
from services.reasons import explain

HEADING_ROWS = 10
MOST_ROWS = 20_000
ENCODINGS = ("utf-8-sig", "gb18030")
Columns = Mapping[str, tuple[str, ...]]
"""Our name of a column → the names it may stand under, the usual one first."""


@dataclass(frozen=True, slots=True)
class RowError:
    sheet: str
    row: int
    """As the spreadsheet counts, from 1."""
    column: str
    """The heading, with the column's letter: 手机号（C）."""
    reason: str
    """Code of the refusal: ``missing``, ``phone``, ``checksum``, ``date``, ``unknown_department`` …"""
    value: str = ""
    """Only where it is no identity data."""
    text: str = ""
    """The reason in words, with what may be written instead."""


@dataclass(frozen=True, slots=True)
class Row:
    sheet: str
    number: int
    letters: Mapping[str, str]
    """Column → its letter."""
    values: Mapping[str, Any]
    """Column → the cell as it was read."""

    def clean(self, columns: Iterable[str]) -> dict[str, str]:
        return {column: clean(self.values.get(column)) for column in columns}


def describe_error(
    row: Row, error: ServiceError, *, columns: Columns, names: Mapping[str, str], shown: Collection[str]
) -> RowError:
    """``names``: fields of refusals → columns; ``shown``: columns whose value may stand in a report that is printed or
    logged. Names, telephones, addresses and ID numbers never do.
    """
    column = names.get(error.field or "", error.field or "")
    heading = columns[column][0] if column in columns else column
    place = f"{heading}（{row.letters[column]}）" if column in row.letters else heading
    value = str(error.value or "") if column in shown else ""
    return RowError(row.sheet, row.number, place, error.code, value, explain(error))


def read_rows(
    file: Path | bytes, *, name: str = "", columns: Columns, needed: Collection[frozenset[str]]
) -> Iterator[Row]:
    """Every row that holds anything. A heading has at least one of the sets ``needed``. ``name`` tells the kind where
    ``file`` is bytes.

    Raises `Invalid` with code ``unreadable_file``, ``no_heading`` or ``too_many_rows``.
    """
    found = False
    for sheet, lines in _sheets(file, name):
        at: dict[int, str] = {}
        for number, cells in enumerate(lines, 1):
            if number > MOST_ROWS:
                raise Invalid("too_many_rows", field="file", value=MOST_ROWS)
            if not at:
                if number > HEADING_ROWS:
                    break
                at = _read_headings(cells, columns, needed)
                found = found or bool(at)
            elif any(clean(cell) for cell in cells):
                letters = {column: _letter(index) for index, column in at.items()}
                values = {column: cells[index] for index, column in at.items() if index < len(cells)}
                yield Row(sheet, number, letters, values)
    if not found:
        sets = ["、".join(columns[one][0] for one in columns if one in wanted) for wanted in needed]
        raise Invalid("no_heading", field="file", allowed=sets)


def _sheets(file: Path | bytes, name: str) -> Iterator[tuple[str, Iterable[list[Any]]]]:
    data = file if isinstance(file, bytes) else file.read_bytes()
    name = name or (file.name if isinstance(file, Path) else "")
    kind = Path(name).suffix.lower()
    if kind in (".xlsx", ".xlsm") or data[:2] == b"PK":
        from openpyxl import load_workbook  # here, for it slows down every start that reads no list
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError):
            raise Invalid("unreadable_file", field="file") from None
        for sheet in book.worksheets:
            yield sheet.title, (list(row) for row in sheet.iter_rows(values_only=True))
        return
    marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # Excel's 「Unicode 文本」
    for encoding in ("utf-16", *ENCODINGS) if marked else ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            reader = csv.reader(io.StringIO(text), delimiter=_find_separator(text))
            yield Path(name).name or "csv", list(reader)
            return
    raise Invalid("unreadable_file", field="file")


def _find_separator(text: str) -> str:
    """What parts the columns: the sign that stands oftenest in the rows where the headings may be."""
    head = "".join(text.splitlines(keepends=True)[:HEADING_ROWS])
    return max(",;\t", key=head.count)


def _letter(index: int) -> str:
    """A, B … Z, AA: how a spreadsheet calls the column."""
    return (_letter(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


def _read_headings(cells: list[Any], columns: Columns, needed: Collection[frozenset[str]]) -> dict[int, str]:
    """Index → our name of the column; empty where this row is no heading."""
    names = {alias: column for column, aliases in columns.items() for alias in aliases}
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        column = names.get(clean(cell).replace("*", "").strip())
        if column and column not in found.values():
            found[index] = column
    known = set(found.values())
    return found if any(one <= known for one in needed) else {}


def clean(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
