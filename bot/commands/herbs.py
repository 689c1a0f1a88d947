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
    from bot.commands.lists import read_list
    from services.herb_lists import import_deliveries

    read_list(
        file,
        lambda desk: import_deliveries(desk, file=file),
        lambda done: (
            f"新登记 {done.registered}，有进展 {done.moved}，没有变化 {done.known}，有误 {len(done.errors)}"
        ),
    )
