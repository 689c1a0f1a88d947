"""The discharge list of the hospital's own system: an Excel or CSV file, each row enrolled in its follow-up.

Good rows are kept whatever the others hold; each bad one is told with sheet, row, column and reason. The discharge's
number (住院号) makes the import idempotent: the same rows again change nothing. Headings may stand in any order and
under any of the names in `COLUMNS`; the heading row is the first that names all of `REQUIRED`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.desk import Desk
from services.errors import Invalid, ServiceError
from services.followups import enrol
from services.lists import RowError, describe_error, read_rows

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
NEEDED = (frozenset(REQUIRED),)
SHOWN = ("discharged_on", "department", "plan", "external_id")


SERIALS = (36526, 73050)
"""Excel's number of a day, 2000 to 2099: what stands in a cell of a date that has no date's format."""


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
    for row in read_rows(file, name=name, columns=COLUMNS, needed=NEEDED):
        try:
            values: dict[str, Any] = row.clean(COLUMNS)
            for column in REQUIRED:
                if not values[column]:
                    raise Invalid("missing", field=column)
            if values["external_id"] in seen:
                raise Invalid("repeated", field="external_id", value=values["external_id"])
            seen.add(values["external_id"])
            values["discharged_on"] = _read_day(row.values["discharged_on"])
            with desk.session.begin_nested():
                done = enrol(desk, **{column: value for column, value in values.items() if value != ""})
        except ServiceError as error:
            errors.append(describe_error(row, error, columns=COLUMNS, names=FIELDS, shown=SHOWN))
            continue
        enrolled, known = enrolled + done.new, known + (not done.new)
    return ImportReport(enrolled, known, tuple(errors))


def _read_day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, int | float) and SERIALS[0] <= value <= SERIALS[1]:
        from openpyxl.utils.datetime import from_excel  # here, as in `lists`

        return from_excel(value).date()
    text = str(value).strip().split(" ")[0].split("T")[0]
    text = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Invalid("date", field="date", value=str(value))
