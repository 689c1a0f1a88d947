"""`wenjin db upgrade | backup | restore | check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

db = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(db, name="db")


@db.command()
def upgrade() -> None:
    """Brings the schema to this version; all or nothing."""
    from bot.database import open_database
    from bot.rooms import open_settings

    engine = open_database(open_settings())
    typer.echo(f"{engine.dialect.name}: schema up to date")
    engine.dispose()


@db.command()
def backup(file: Annotated[Path, typer.Argument(help="The copy to write.")]) -> None:
    """A whole copy, also while the assistant serves. The data key is not in it: keep that apart, and safe."""
    from bot.archive import ArchiveError, back_up
    from bot.rooms import open_settings

    settings = open_settings()
    try:
        size = back_up(settings, file)
    except ArchiveError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{file}: {size / 2**20:.1f} MB")
    if settings.data_key is None:
        typer.echo(
            f"encrypted columns open only with the key in {settings.key_file}: keep a copy of it elsewhere"
        )


@db.command()
def restore(
    file: Annotated[Path, typer.Argument()],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Puts a backup in place of the current database; the assistant must not be running."""
    from bot.archive import ArchiveError, find_unopened
    from bot.archive import restore as put_back
    from bot.rooms import open_settings

    file.stat()  # a file that is not there is said so in one line
    if not yes:
        typer.confirm("当前数据库会被换掉，继续吗？", abort=True)
    try:
        settings = open_settings()
        kept = put_back(settings, file)
    except ArchiveError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"restored from {file}" + (f"; what was there before is in {kept}" if kept else ""))
    for problem in find_unopened(settings):
        typer.echo(f"warning: {problem}", err=True)


@db.command()
def check() -> None:
    """Looks for damage: the file itself, references, slots oversold, columns that do not open; exit 1 if any."""
    from bot.archive import find_damage
    from bot.rooms import open_settings

    problems = find_damage(open_settings())
    for problem in problems:
        typer.echo(problem)
    typer.echo("no damage found" if not problems else f"{len(problems)} problems")
    raise typer.Exit(1 if problems else 0)
