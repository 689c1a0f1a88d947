"""The month's 吐槽 report as an Excel workbook, for staff and the head of the hospital.

Rows are written as they are read, so a hospital of any size needs the same memory; of very many cases the workbook lists
those that most need a look, and all of them stand in a CSV for whoever asks for it. No text of a patient, no name and
no phone comes in: whoever needs the words finds them by the number, in the console, where every look is written down.

Longer than 300 lines: nine sheets and their charts are one book.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from knowledge import Hospital
from services.reports import Case, Change, Line, MonthReport, Spread

Progress = Callable[[int], None]
KINDS = {"complaint": "吐槽", "question": "咨询", "suggestion": "建议", "praise": "表扬"}
TITLES = {"department": "按科室", "place": "按地点", "category": "按原因", "team": "按承办部门"}
UNSAID = "（未注明）"
HEAD = Font(bold=True, color="FFFFFF")
HEAD_FILL = PatternFill("solid", fgColor="1D5F5A")
BOLD = Font(bold=True)
LARGE = Font(bold=True, size=16)
SHOWN = 12
"""Bars in a chart; more cannot be read."""
LISTED = 5_000
"""Cases in the workbook; more than anybody reads, and Excel opens it at once."""
FORMS = ((2, "yyyy-mm-dd hh:mm"), (10, "0.0"), (11, "0.0"))
"""Columns of the list of cases that are no text."""
RATINGS = ("1 很不满意", "2 不满意", "3 一般", "4 满意", "5 很满意")
IMPROVEMENT_STATES = {"proposed": "待认领", "accepted": "整改中", "done": "已完成", "dismissed": "不采纳"}
GROUP_HEAD = (
    "吐槽", "占比", "未办结", "超期未答复", "严重", "首次联系中位（小时）", "首次联系九成内（小时）", "答复中位（小时）",
    "答复九成内（小时）", "按期答复", "已确认满意", "不满意重办", "患者撤回", "评价人数", "平均评分", "超时上报", "转为咨询", "咨询", "建议", "表扬",
)  # fmt: skip
CASE_HEAD = (
    "编号",
    "类别",
    "提出时间",
    "原因",
    "承办部门",
    "科室",
    "地点",
    "状态",
    "严重",
    "不留名",
    "首次联系（小时）",
    "答复（小时）",
    "已确认满意",
    "重办次数",
    "评分",
    "患者撤回",
)
IMPROVEMENT_HEAD = (
    "编号", "事由", "状态", "提出时件数", "提出日期", "负责", "期限", "措施", "结果", "比较天数", "改进前", "改进后",
)  # fmt: skip


def write_report(
    target: Path,
    report: MonthReport,
    cases: Iterable[Case],
    *,
    hospital: Hospital,
    progress: Progress | None = None,
) -> int:
    """Writes the workbook and returns how many cases it lists; ``progress`` hears of each case."""
    book = Workbook(write_only=True)
    names = _names(hospital)
    overview = book.create_sheet("总览")
    sheets = {group: _write_group(book, group, report, names) for group in TITLES}
    states = _write_statuses(book, report, names)
    days = _write_days(book, report)
    ratings = _write_ratings(book, report)
    changes = _write_changes(book, report, names)
    _write_overview(overview, report, hospital)
    _add_charts(overview, report, sheets, states, days)
    _add_content_charts(overview, report, ratings, changes)
    count = _write_cases(book, cases, names, progress)
    book.save(target)
    return count


def _names(hospital: Hospital) -> dict[str, dict[str, str]]:
    rules = hospital.complaints
    return {
        "category": {one.id: one.name for one in rules.categories},
        "team": {one.id: one.name for one in rules.teams},
        "status": {one.id: one.name for one in rules.stages},
    }


def _write_overview(sheet: Any, report: MonthReport, hospital: Hospital) -> None:
    _set_widths(sheet, 24, 16, 16, 14)
    now, before = report.total, report.before
    sheet.append([_cell(sheet, f"{hospital.name} 吐槽月报", LARGE)])
    sheet.append([f"{_day(report.first)}至{_day(report.last)}；截至 {report.made_at:%Y-%m-%d %H:%M} 的情况"])
    sheet.append(
        ["统计本月提出的吐槽、建议和表扬，不含任何患者姓名、电话和原话；要看原话，凭编号到工作台查。"]
    )
    sheet.append([])
    _write_head(sheet, ("指标", "本月", "上月", "变化"))
    rows: list[tuple[str, float | None, float | None, str]] = [
        ("吐槽", now.complaints, before.complaints, "0"),
        ("咨询", now.questions, before.questions, "0"),
        ("建议", now.suggestions, before.suggestions, "0"),
        ("表扬", now.praise, before.praise, "0"),
        ("未办结", now.open, before.open, "0"),
        ("超期未答复", now.overdue, before.overdue, "0"),
        ("严重", now.serious, before.serious, "0"),
        ("首次联系中位（小时）", now.contact.median, before.contact.median, "0.0"),
        ("首次联系九成内（小时）", now.contact.ninetieth, before.contact.ninetieth, "0.0"),
        ("答复中位（小时）", now.answer.median, before.answer.median, "0.0"),
        ("答复九成内（小时）", now.answer.ninetieth, before.answer.ninetieth, "0.0"),
        ("按期答复率", _share(now.in_time, now.due), _share(before.in_time, before.due), "0%"),
        ("确认满意", now.confirmed, before.confirmed, "0"),
        ("不满意重办", now.reopened, before.reopened, "0"),
        ("患者撤回", now.withdrawn, before.withdrawn, "0"),
        ("满意率（表态者中）", _content(now), _content(before), "0%"),
        ("评价人数", now.rated, before.rated, "0"),
        ("平均评分（1–5）", now.satisfaction, before.satisfaction, "0.00"),
        ("超时上报", now.escalated, before.escalated, "0"),
        ("谈话后转为咨询", now.turned, before.turned, "0"),
    ]
    for name, this, last, form in rows:
        change = None if this is None or last is None else this - last
        signed = f"+{form};-{form};{form}"
        sheet.append(
            [
                name,
                _cell(sheet, this, form=form),
                _cell(sheet, last, form=form),
                _cell(sheet, change, form=signed),
            ]
        )
    sheet.append([])
    sheet.append(["小时数从提出时算起，夜间和周末也算在内；“九成内”指九成患者等候不超过这个时间。"])
    sheet.append(
        [
            "按期答复率只算已经答复的和到期还没答复的；还没到期的不算。未办结、按期、满意、撤回都只算吐槽，不算咨询。撤回的不用答复，也不算没按期。"
        ]
    )


def _write_group(book: Workbook, group: str, report: MonthReport, names: dict[str, dict[str, str]]) -> Any:
    sheet = book.create_sheet(TITLES[group])
    _set_widths(sheet, 30, *(12 for _ in GROUP_HEAD))
    sheet.freeze_panes = "B2"
    _write_head(sheet, (TITLES[group].removeprefix("按"), *GROUP_HEAD))
    known = names.get(group, {})
    for one in report.groups[group]:
        _write_line(sheet, known.get(one.name, one.name) or UNSAID, one, report.total.complaints)
    _write_line(sheet, "合计", report.total, report.total.complaints, font=BOLD)
    return sheet


def _write_line(sheet: Any, name: str, one: Line, total: int, *, font: Font | None = None) -> None:
    values: list[tuple[Any, str]] = [
        (name, "@"), (one.complaints, "0"), (_share(one.complaints, total), "0%"), (one.open, "0"), (one.overdue, "0"),
        (one.serious, "0"), *_hours(one.contact), *_hours(one.answer), (_share(one.in_time, one.due), "0%"),
        (one.confirmed, "0"), (one.reopened, "0"), (one.withdrawn, "0"), (one.rated, "0"), (one.satisfaction, "0.00"),
        (one.escalated, "0"), (one.turned, "0"), (one.questions, "0"), (one.suggestions, "0"), (one.praise, "0"),
    ]  # fmt: skip
    sheet.append([_cell(sheet, value, font, form) for value, form in values])


def _hours(spread: Spread) -> list[tuple[Any, str]]:
    return [(spread.median, "0.0"), (spread.ninetieth, "0.0")]


def _write_statuses(book: Workbook, report: MonthReport, names: dict[str, dict[str, str]]) -> Any:
    sheet = book.create_sheet("办理状态")
    _set_widths(sheet, 24, 12)
    _write_head(sheet, ("状态", "吐槽"))
    for status, count in report.statuses:
        sheet.append([names["status"][status], count])
    return sheet


def _write_days(book: Workbook, report: MonthReport) -> Any:
    sheet = book.create_sheet("每日")
    _set_widths(sheet, 14, 10, 10, 10, 10)
    sheet.freeze_panes = "A2"
    _write_head(sheet, ("日期", *KINDS.values()))
    for day, *counts in report.days:
        sheet.append([_cell(sheet, day, form="m月d日"), *counts])
    return sheet


def _write_ratings(book: Workbook, report: MonthReport) -> Any:
    sheet = book.create_sheet("满意度")
    _set_widths(sheet, 24, 12)
    _write_head(sheet, ("办结后患者打分", "人数"))
    for name, count in zip(RATINGS, report.ratings, strict=True):
        sheet.append([name, count])
    return sheet


def _write_changes(book: Workbook, report: MonthReport, names: dict[str, dict[str, str]]) -> Any:
    sheet = book.create_sheet("改进")
    _set_widths(sheet, 20, 34, 10, 10, 12, 18, 12, 40, 40, 10, 10, 10)
    sheet.freeze_panes = "C2"
    _write_head(sheet, IMPROVEMENT_HEAD)
    for one in report.improvements:
        item, effect = one.improvement, one.effect
        values: list[tuple[Any, str]] = [
            (item.order_number, "@"), (_name_matter(one, names), "@"), (IMPROVEMENT_STATES[item.status], "@"),
            (item.count, "0"), (item.created_at.date(), "m月d日"), (item.owner or "", "@"), (item.due_on, "m月d日"),
            (item.plan or "", "@"), (item.result or "", "@"), (effect.days, "0"), (effect.before, "0"), (effect.after, "0"),
        ]  # fmt: skip
        sheet.append([_cell(sheet, value, None, form) for value, form in values])
    return sheet


def _name_matter(one: Change, names: dict[str, dict[str, str]]) -> str:
    where = one.improvement.place or one.improvement.department or "全院"
    return f"{where} {names['category'].get(one.improvement.category, one.improvement.category)}"


def _write_cases(
    book: Workbook, cases: Iterable[Case], names: dict[str, dict[str, str]], progress: Progress | None
) -> int:
    sheet = book.create_sheet("清单")
    _set_widths(sheet, 22, 8, 18, 12, 18, 16, 28, 16, 8, 8, 14, 12, 12, 10, 8, 10)
    sheet.freeze_panes = "B2"
    _write_head(sheet, CASE_HEAD)
    count = 0
    for count, one in enumerate(cases, 1):
        values = _case_values(one, names)
        for column, form in FORMS:
            values[column] = _cell(sheet, values[column], form=form)
        sheet.append(values)
        if progress is not None:
            progress(count)
    return count


def _add_charts(sheet: Any, report: MonthReport, groups: dict[str, Any], states: Any, days: Any) -> None:
    place = iter(("F5", "P5", "F22", "P22", "F39", "P39"))
    kinds = len(KINDS)
    for group in ("department", "place", "category"):
        rows = min(len(report.groups[group]), SHOWN)
        if rows:
            chart = _bars(groups[group], f"{TITLES[group]}：吐槽件数", rows, (2,))
            sheet.add_chart(chart, next(place))
    rows = min(len(report.groups["department"]), SHOWN)
    if rows:
        waits = _bars(groups["department"], "按科室：首次联系与答复中位（小时）", rows, (7, 9))
        sheet.add_chart(waits, next(place))
    if report.total.complaints:
        pie = PieChart()
        pie.title = "办理状态"
        pie.add_data(
            Reference(states, min_col=2, min_row=1, max_row=len(report.statuses) + 1), titles_from_data=True
        )
        pie.set_categories(Reference(states, min_col=1, min_row=2, max_row=len(report.statuses) + 1))
        sheet.add_chart(pie, next(place))
    line = LineChart()
    line.title, line.width, line.height = "每日件数", 18, 8
    line.add_data(
        Reference(days, min_col=2, max_col=1 + kinds, min_row=1, max_row=len(report.days) + 1),
        titles_from_data=True,
    )
    line.set_categories(Reference(days, min_col=1, min_row=2, max_row=len(report.days) + 1))
    _show_axes(line)
    sheet.add_chart(line, next(place))


def _add_content_charts(sheet: Any, report: MonthReport, ratings: Any, changes: Any) -> None:
    """How content patients were, and what improvements changed."""
    if report.total.rated:
        sheet.add_chart(_bars(ratings, "办结后患者打分：人数", len(RATINGS), (2,)), "F56")
    rows = min(len(report.improvements), SHOWN)
    if rows:
        chart = _bars(changes, "改进前后同样天数的吐槽", rows, (11, 12))
        chart.set_categories(Reference(changes, min_col=2, min_row=2, max_row=rows + 1))
        sheet.add_chart(chart, "P56")


def write_list(target: Path, cases: Iterable[Case], *, hospital: Hospital) -> None:
    """All cases as CSV (UTF-8 with a mark, as Excel wants it)."""
    names = _names(hospital)
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CASE_HEAD)
        writer.writerows(_case_values(one, names) for one in cases)


def _case_values(one: Case, names: dict[str, dict[str, str]]) -> list[Any]:
    return [
        one.order_number,
        KINDS.get(one.kind, one.kind),
        one.filed_at.replace(second=0, microsecond=0),
        names["category"].get(one.category, one.category),
        names["team"].get(one.team, one.team),
        one.department or UNSAID,
        one.place or UNSAID,
        names["status"].get(one.status, one.status),
        "是" if one.serious else "",
        "是" if one.anonymous else "",
        one.contact_hours,
        one.answer_hours,
        "是" if one.confirmed else "",
        one.reopened or None,
        one.satisfaction,
        "是" if one.withdrawn else "",
    ]


def _bars(sheet: Any, title: str, rows: int, columns: tuple[int, ...]) -> BarChart:
    chart = BarChart()
    chart.type, chart.title, chart.width, chart.height = "bar", title, 18, 8
    for column in columns:
        chart.add_data(Reference(sheet, min_col=column, min_row=1, max_row=rows + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=rows + 1))
    chart.x_axis.scaling.orientation = "maxMin"  # the longest bar on top, as in the table
    if len(columns) == 1:
        chart.legend = None
    _show_axes(chart)
    return chart


def _show_axes(chart: Any) -> None:
    """Excel hides the axes of a chart in which nothing says that they are not deleted."""
    chart.x_axis.delete = chart.y_axis.delete = False


def _write_head(sheet: Any, names: Iterable[str]) -> None:
    cells = []
    for name in names:
        cell = _cell(sheet, name, HEAD)
        cell.fill, cell.alignment = HEAD_FILL, Alignment(wrap_text=True, vertical="center")
        cells.append(cell)
    sheet.append(cells)


def _cell(sheet: Any, value: Any, font: Font | None = None, form: str = "") -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if font is not None:
        cell.font = font
    if form:
        cell.number_format = form
    return cell


def _set_widths(sheet: Any, *widths: int) -> None:
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _content(line: Line) -> float | None:
    """Yes among all who said whether the answer is good."""
    return _share(line.confirmed, line.confirmed + line.reopened)


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
