"""The discharge list of the hospital's own system: an Excel or CSV file, each row enrolled in its follow-up.

Good rows are kept whatever the others hold; each bad one is told with sheet, row, column and reason. The discharge's
number (住院号) makes the import idempotent: the same rows again change nothing. Headings may stand in any order and
under any of the names in `COLUMNS`; the heading row is the first that names a patient, a telephone and a date.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from services.desk import Desk
from services.errors import Invalid, ServiceError
from services.followups import enrol
from services.reasons import explain

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("住院号", "病案号", "出院编号", "编号", "流水号", "external_id"),
    "name": ("姓名", "患者姓名", "病人姓名", "patient_name", "name"),
    "phone": ("手机号", "电话", "联系电话", "手机", "手机号码", "联系方式", "phone"),
    "discharged_on": ("出院日期", "出院时间", "date", "discharged_on"),
    "id_number": ("身份证号", "身份证", "身份证号码", "证件号码", "id_number"),
    "department": ("出院科室", "科室", "所在科室", "department"),
    "diagnosis": ("出院诊断", "诊断", "主要诊断", "diagnosis"),
    "plan": ("随访计划", "计划", "plan"),
}
REQUIRED = ("external_id", "name", "phone", "discharged_on")
FIELDS = {"patient_name": "name", "date": "discharged_on"}
"""Names that a refusal uses → columns of the list."""
HEADING_ROWS = 10
MOST_ROWS = 20_000
ENCODINGS = ("utf-8-sig", "gb18030")


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
class ImportReport:
    enrolled: int = 0
    known: int = 0
    """Rows of discharges that were enrolled before."""
    errors: tuple[RowError, ...] = ()


def import_discharges(desk: Desk, *, file: Path | bytes, name: str = "") -> ImportReport:
    """Reads ``.xlsx`` or ``.csv`` and enrols each good row. ``name`` tells the kind where ``file`` is bytes.

    Raises `Invalid` with code ``unreadable_file`` or ``no_heading`` where not even the headings can be read.
    """
    enrolled = known = 0
    errors: list[RowError] = []
    seen: set[str] = set()
    for sheet, number, letters, row in _rows(file, name):
        try:
            values = {column: _clean(row.get(column)) for column in COLUMNS}
            for column in REQUIRED:
                if not values[column]:
                    raise Invalid("missing", field=column)
            if values["external_id"] in seen:
                raise Invalid("repeated", field="external_id", value=values["external_id"])
            seen.add(values["external_id"])
            values["discharged_on"] = _read_day(row["discharged_on"])
            with desk.session.begin_nested():
                done = enrol(desk, **{column: value for column, value in values.items() if value != ""})
        except ServiceError as error:
            errors.append(_describe(error, sheet, number, letters))
            continue
        enrolled, known = enrolled + done.new, known + (not done.new)
    return ImportReport(enrolled, known, tuple(errors))


def _describe(error: ServiceError, sheet: str, number: int, letters: Mapping[str, str]) -> RowError:
    column = FIELDS.get(error.field or "", error.field or "")
    heading = COLUMNS[column][0] if column in COLUMNS else column
    place = f"{heading}（{letters[column]}）" if column in letters else heading
    # names, telephones and ID numbers never stand in a report that may be printed or logged
    value = str(error.value or "") if column in ("discharged_on", "department", "plan", "external_id") else ""
    return RowError(sheet, number, place, error.code, value, explain(error))


def _rows(file: Path | bytes, name: str) -> Iterator[tuple[str, int, dict[str, str], dict[str, Any]]]:
    """Sheet, row number, column letters by name, and the row's values by name."""
    found = False
    for sheet, lines in _sheets(file, name):
        columns: dict[int, str] = {}
        for number, cells in enumerate(lines, 1):
            if number > MOST_ROWS:
                raise Invalid("too_many_rows", field="file", value=MOST_ROWS)
            if not columns:
                if number > HEADING_ROWS:
                    break
                columns = _read_headings(cells)
                found = found or bool(columns)
            elif any(_clean(cell) for cell in cells):
                letters = {column: _letter(index) for index, column in columns.items()}
                yield (
                    sheet,
                    number,
                    letters,
                    {column: cells[index] for index, column in columns.items() if index < len(cells)},
                )
    if not found:
        raise Invalid("no_heading", field="file")


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
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            yield Path(name).name or "csv", list(csv.reader(io.StringIO(text)))
            return
    raise Invalid("unreadable_file", field="file")


def _letter(index: int) -> str:
    """A, B … Z, AA: how a spreadsheet calls the column."""
    return (_letter(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


def _read_headings(cells: list[Any]) -> dict[int, str]:
    """Index → our name of the column; empty where this row is no heading."""
    names = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        column = names.get(_clean(cell).replace("*", "").strip())
        if column and column not in found.values():
            found[index] = column
    return found if {"name", "phone", "discharged_on"} <= set(found.values()) else {}


def _clean(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read_day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value).strip().split(" ")[0].split("T")[0]
    text = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Invalid("date", field="date", value=str(value))
