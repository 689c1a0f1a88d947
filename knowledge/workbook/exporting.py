"""The folder → an Excel file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.errors import KnowledgeError, Problem
from knowledge.folder import DEMONSTRATION, read_folder
from knowledge.workbook.cells import JOIN, Shape
from knowledge.workbook.rows import list_rows, list_values, write_cells
from knowledge.workbook.sheets import GUIDE, SHEETS, VALUES, Sheet, head

_GUIDE = (
    "这里的内容改完保存，用 wenjin knowledge import 文件.xlsx 导回。",
    "不在这里、直接改文件的：服务线（lines/）。陪诊人员、可借的东西、接送的数目在「规则」表，要增减请改 companions.yml、loans.yml、transfers.yml，"
    "见 docs/knowledge.md。",
    "一行是一条；删掉一行就是删掉这一条，加在末尾就是新增。表头括号里的英文名不要改。",
    f"几个词写在一格里，用「{JOIN}」隔开，写顿号、逗号或换行也读得懂；看不出是几项的会指出来。问答的「问题」是整句，只认「{JOIN}」和换行。",
    "空格子表示没有或按默认。「床位」一行是一个病区，「房间和床数」写成 501=2；502=3；哪张床停用、有人，在工作台的「床位」标。",
    "「文件」一栏写这一条放在哪个 YAML 文件；新增时可以不写。",
    "「出诊」等表第一栏写它属于哪一条（医生姓名、问题编号）。",
    "「规则」表只改「值」一栏。导入时有错，会指出表、行、列，改好之前什么都不会写入。",
)
_WIDE = {"aliases", "about", "answer", "questions", "when", "advice", "value", "text", "greeting", "choices"}


def export_workbook(target: Path | str, *, folder: Path | str | None = None) -> Mapping[str, int]:
    """Writes the hospital to ``target``; returns how many rows each sheet has.

    The folder may contradict itself (the workbook is a way to mend it) but must be readable: `KnowledgeError`.
    """
    problems: list[Problem] = []
    source = read_folder(Path(folder) if folder else DEMONSTRATION, problems)
    if problems:
        raise KnowledgeError(problems)
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = GUIDE
    for sentence in _GUIDE:
        guide.append([sentence])
    guide.column_dimensions["A"].width = 100
    counts = {}
    for sheet in SHEETS:
        page = _add_page(book, sheet.title, sheet.columns)
        counts[sheet.title] = 0
        for row in list_rows(source, sheet):
            if sheet.child:
                lines = [
                    [row.key[0], *write_cells(sheet, item).values()]
                    for item in row.data.get(sheet.child) or ()
                ]
            else:
                lines = [[row.address.file, *row.cells.values()]]
            for line in lines:
                counts[sheet.title] += 1
                _write_line(page, counts[sheet.title] + 1, line, ("text", *sheet.shapes.values()))
        _add_choices(page, sheet)
    page = _add_page(book, VALUES, ("file", "path", "value"))
    values = list_values(source)
    for number, value in enumerate(values, start=2):
        _write_line(page, number, [value.file, value.path, value.text], ("text", "text", value.shape))
    counts[VALUES] = len(values)
    book.save(target)
    return counts


def _add_page(book: Workbook, title: str, columns: Iterable[str]) -> Worksheet:
    page = book.create_sheet(title)
    for number, field in enumerate(columns, start=1):
        cell = page.cell(1, number, head(field, title))
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        page.column_dimensions[get_column_letter(number)].width = 48 if field in _WIDE else 18
    page.freeze_panes = "C2"
    return page


def _write_line(page: Worksheet, number: int, texts: list[str], shapes: Iterable[Shape]) -> None:
    for column, (text, shape) in enumerate(zip(texts, shapes, strict=True), start=1):
        if text == "":
            continue
        cell = page.cell(number, column)
        if shape == "number" and text[0] not in "[{":
            cell.value = float(text) if "." in text or "e" in text else int(text)
        else:
            cell.value = text
            cell.data_type = "s"  # an answer that begins with = is a text and no formula
            cell.alignment = Alignment(wrap_text=len(text) > 24, vertical="top")


def _add_choices(page: Worksheet, sheet: Sheet) -> None:
    for number, field in enumerate(sheet.shapes, start=2):
        choices = sheet.find_choices(field)
        if choices and len(",".join(choices)) <= 250:  # Excel's limit for a list written in the cell
            rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            letter = get_column_letter(number)
            rule.add(f"{letter}2:{letter}5000")
            page.add_data_validation(rule)
