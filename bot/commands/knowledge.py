"""`wenjin knowledge check | export | import`: the hospital's data, as files and as an Excel workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.errors import Problem

knowledge = typer.Typer(help="The hospital's data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(knowledge, name="knowledge")


@knowledge.command()
def check() -> None:
    """Reads and cross-checks everything, the dialogues with it; exit 1 with file, line and the nearest right name for each problem."""
    from rich.console import Console

    from bot.rooms import open_settings
    from knowledge.check import check as check_folder

    folder = open_settings().hospital_dir
    report = check_folder(folder)
    problems = [*report.problems, *(_check_dialogues(folder) if report.ok else ())]
    console = Console(soft_wrap=True, highlight=False)
    for problem in problems:
        console.print(str(problem), markup=False)
    counts = "，".join(f"{name} {count}" for name, count in report.counts.items())
    console.print(f"[green]✓[/] {counts}" if not problems else f"[red]✗[/] {len(problems)} 处要改")
    raise typer.Exit(1 if problems else 0)


def _check_dialogues(folder: Path | None) -> Sequence[Problem]:
    """What is wrong with flows and replies beside this hospital: names, and what another language lacks."""
    from dialogues import DialogueError, load_assistant
    from knowledge import load_hospital

    try:
        load_assistant(load_hospital(folder))
    except DialogueError as error:
        return error.problems
    return ()


@knowledge.command("export")
def export_workbook(file: Annotated[Path, typer.Argument(help="The .xlsx to write.")]) -> None:
    """Writes the hospital as an Excel workbook, one sheet a kind."""
    from rich.console import Console

    from bot.rooms import open_settings
    from knowledge import KnowledgeError
    from knowledge.workbook import export_workbook as export

    console = Console(soft_wrap=True, highlight=False)
    try:
        sheets = export(file, folder=open_settings().hospital_dir)
    except KnowledgeError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from None
    except OSError as error:
        console.print(f"{file}: {error.strerror}", markup=False)
        raise typer.Exit(1) from None
    console.print(f"[green]✓[/] {file}: " + "，".join(f"{name} {rows}" for name, rows in sheets.items()))


@knowledge.command("import")
def import_workbook(
    file: Annotated[Path, typer.Argument(help="The .xlsx to read.")],
) -> None:
    """Brings what was changed in a workbook into the hospital's files; with one problem nothing is written."""
    from rich.console import Console

    from bot.rooms import open_settings
    from knowledge import KnowledgeError
    from knowledge.workbook import import_workbook as bring
    from knowledge.workbook.sheets import head

    console = Console(soft_wrap=True, highlight=False)
    file.stat()  # a file that is not there is said so in one line
    try:
        done = bring(file, folder=open_settings().hospital_dir)
    except KnowledgeError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from None
    for problem in done.problems:
        console.print(str(problem), markup=False)
    for change in done.changes if done.ok else ():
        where = (
            f"{change.sheet} 第 {change.row} 行 {head(change.column, change.sheet)}".rstrip()
            if change.row
            else f"{change.sheet} 删去"
        )
        console.print(f"{where}: {change.old or '（空）'} → {change.new or '（空）'}", markup=False)
    if done.ok:
        console.print(f"[green]✓[/] {len(done.changes)} 处改动")
    else:
        console.print(f"[red]✗[/] {len(done.problems)} 处要改，什么都没有写入")
    raise typer.Exit(0 if done.ok else 1)
