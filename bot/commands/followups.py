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
    from bot.commands.lists import read_list
    from services.discharges import import_discharges

    read_list(
        file,
        lambda desk: import_discharges(desk, file=file),
        lambda done: f"新登记 {done.enrolled}，已有 {done.known}，有误 {len(done.errors)}",
    )
