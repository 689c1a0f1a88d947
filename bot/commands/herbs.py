"""`wenjin herbs import`: the pharmacy's list from Excel or CSV, read row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

herbs = typer.Typer(help="Herb deliveries.", no_args_is_help=True)


@herbs.callback()
def group() -> None:
    """Keeps `import` a command of its own although it is the only one."""


def register(app: typer.Typer) -> None:
    app.add_typer(herbs, name="herbs")


@herbs.command("import")
def import_list(file: Annotated[Path, typer.Argument(help="The .xlsx or .csv to read.")]) -> None:
    """Good rows are kept, bad ones told by sheet, row, column and reason (then exit 1); twice changes nothing."""
    from rich.console import Console
    from sqlmodel import Session

    from bot.hours import hospital_hours
    from bot.house import open_database
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.errors import Invalid
    from services.herb_lists import import_deliveries
    from services.reasons import explain

    console = Console(soft_wrap=True, highlight=False)
    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    engine = open_database(settings)
    try:
        with Session(engine) as session:
            report = import_deliveries(Desk(session, hospital, now(), "command"), file=file)
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
    told = f"新登记 {report.registered}，有进展 {report.moved}，没有变化 {report.known}，有误 {len(report.errors)}"
    console.print(told, markup=False)
    raise typer.Exit(1 if report.errors else 0)
