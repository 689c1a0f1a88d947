"""`wenjin followups import`: a discharge list from Excel or CSV, enrolled row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

followups = typer.Typer(help="Follow-ups after discharge.", no_args_is_help=True)


@followups.callback()
def group() -> None:
    """Keeps `import` a command of its own although it is the only one."""


def register(app: typer.Typer) -> None:
    app.add_typer(followups, name="followups")


@followups.command("import")
def import_list(file: Annotated[Path, typer.Argument(help="The .xlsx or .csv to read.")]) -> None:
    """Good rows are kept, bad ones told by sheet, row, column and reason (then exit 1); twice changes nothing."""
    from rich.console import Console
    from sqlmodel import Session

    from bot.hours import hospital_hours
    from bot.house import open_database
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.discharges import import_discharges
    from services.errors import Invalid
    from services.reasons import explain

    console = Console(soft_wrap=True, highlight=False)
    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    engine = open_database(settings)
    try:
        with Session(engine) as session:
            report = import_discharges(Desk(session, hospital, now(), "command"), file=file)
            session.commit()
    except OSError as error:
        console.print(f"{file}: {error.strerror}", markup=False)
        raise typer.Exit(1) from None
    except Invalid as error:
        console.print(f"{file}: {explain(error)}", markup=False)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    for one in report.errors:
        what = f"「{one.value}」" if one.value else ""
        console.print(f"{one.sheet} 第 {one.row} 行 {one.column}{what}：{one.text}", markup=False)
    console.print(f"新登记 {report.enrolled}，已有 {report.known}，有误 {len(report.errors)}", markup=False)
    raise typer.Exit(1 if report.errors else 0)
