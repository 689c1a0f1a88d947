"""`wenjin report monthly`: the month's 吐槽 report as an Excel workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

report = typer.Typer(help="Reports for the hospital.", no_args_is_help=True)


@report.callback()
def group() -> None:
    """Keeps `monthly` a command of its own although it is the only one."""


def register(app: typer.Typer) -> None:
    app.add_typer(report, name="report")


@report.command()
def monthly(
    month: Annotated[str, typer.Option(help="As 2026-03. Default: this month so far.")] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The .xlsx to write. Default: complaints-MONTH.xlsx."),
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(help="Also writes every case into this CSV, however many there are.")
    ] = None,
) -> None:
    """Complaints, suggestions and praise: how many, where, why, how long until contact and answer, how content."""
    from rich.console import Console
    from rich.progress import Progress
    from sqlmodel import Session

    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.monthly import LISTED, write_list, write_report
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.database import connect_reading
    from services.errors import Invalid
    from services.reports import count_cases, parse_month, report_month, stream_cases

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)()
    try:
        first = parse_month(month) if month else now.date().replace(day=1)
    except Invalid:
        console.print(f"月份写成 2026-03 这样：{month}", markup=False)
        raise typer.Exit(1) from None
    if first > now.date():
        console.print(f"{first:%Y-%m} 还没有到，最晚写 {now:%Y-%m}", markup=False)
        raise typer.Exit(1)
    target = output or Path(f"complaints-{first:%Y-%m}.xlsx")
    for file, ending in ((target, ".xlsx"), (cases, ".csv")):
        if file is None:
            continue
        if file.suffix.lower() != ending:
            console.print(f"{file}：文件名要以 {ending} 结尾", markup=False)
            raise typer.Exit(1)
        if not file.parent.is_dir():
            console.print(f"{file}：没有这个文件夹 {file.parent}", markup=False)
            raise typer.Exit(1)
    engine = open_database(settings)
    try:
        with (
            connect_reading(engine) as connection,
            Session(connection) as session,
            Progress(console=console, transient=True) as bar,
        ):
            desk = Desk(session, hospital, now, "command")
            count = count_cases(desk, month=first)
            task = bar.add_task(f"{first:%Y-%m}", total=count + min(count, LISTED))
            figures = report_month(desk, month=first, progress=lambda done: bar.update(task, completed=done))
            write_report(
                target,
                figures,
                stream_cases(desk, month=first, worst=LISTED if count > LISTED else None),
                hospital=hospital,
                progress=lambda done: bar.update(task, completed=count + done),
            )
            if cases is not None:
                task = bar.add_task(cases.name, total=count)
                everything = stream_cases(
                    desk, month=first, progress=lambda done: bar.update(task, completed=done)
                )
                write_list(cases, everything, hospital=hospital)
    except OSError as error:
        console.print(f"{target}: {error.strerror}", markup=False)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    total = figures.total
    typer.echo(
        f"{target}：{count} 件（吐槽 {total.complaints}，咨询 {total.questions}，建议 {total.suggestions}，"
        f"表扬 {total.praise}）"
    )
    if count > LISTED:
        typer.echo(f"清单里是最需要看的 {LISTED} 件；全部清单请加 --cases 文件.csv")
