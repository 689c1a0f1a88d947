"""`wenjin chat`, `wenjin transcript`, `wenjin world`: conversations without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(chat)
    app.command()(transcript)
    app.command()(world)


def chat(
    record: Annotated[
        Path | None, typer.Option(help="Write the conversation to this file as a transcript.")
    ] = None,
    name: Annotated[str, typer.Option(help="Who you are: a sender of the terminal channel.")] = "me",
) -> None:
    """The same assistant in the terminal, on the same database. A number presses a button; Ctrl-D ends."""
    from bot.channels.terminal import talk
    from bot.rooms import open_settings
    from bot.serving import open_shown

    house = open_shown(open_settings())
    try:
        talk(house, sender=name, record=record)
    finally:
        house.close()


def transcript(
    files: Annotated[list[Path], typer.Argument(exists=True, help="Transcripts, or folders of them.")],
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite < lines to what is said; never ! lines.")
    ] = False,
) -> None:
    """Plays conversation transcripts on a fresh demonstration hospital; exit 1 where one differs."""
    from rich.console import Console

    from bot.journal import set_up_logs
    from bot.rooms import open_settings
    from bot.transcripts import play_files

    set_up_logs("error")
    console = Console(soft_wrap=True, highlight=False)
    failed = 0
    for played in play_files(files, settings=open_settings(), update=update):
        if played.passed:
            console.print(f"[green]✓[/] {played.script.name}")
        else:
            failed += 1
            console.print(f"[red]✗[/] {played.script.name}")
            console.print(played.report(), markup=False)
    raise typer.Exit(1 if failed else 0)


def world(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Test only (WENJIN_ENV=test): applies 世界 lines to the current database."""
    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.rooms import open_hospital, open_settings
    from bot.transcripts.world import WorldError, apply_file

    settings = open_settings()
    if settings.env != "test":
        typer.echo("wenjin world changes records at will: WENJIN_ENV=test is needed", err=True)
        raise typer.Exit(2)
    hospital = open_hospital(settings)
    engine = open_database(settings)
    try:
        now = hospital_hours(hospital.timezone, frozen=settings.now)()
        count = apply_file(file.read_text(encoding="utf-8"), engine=engine, hospital=hospital, now=now)
    except WorldError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    typer.echo(f"{count} 世界 lines applied")
