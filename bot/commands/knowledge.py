"""`wenjin knowledge check`: every file of the hospital, with all problems at once."""

from __future__ import annotations

import typer

knowledge = typer.Typer(help="The hospital's data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(knowledge, name="knowledge")


@knowledge.command()
def check() -> None:
    """Reads and cross-checks everything; exit 1 with file, line and the nearest right name for each problem."""
    from rich.console import Console

    from bot.rooms import open_settings
    from knowledge import KnowledgeError, load_hospital

    settings = open_settings()
    console = Console(soft_wrap=True, highlight=False)
    try:
        hospital = load_hospital(settings.hospital_dir)
    except KnowledgeError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from None
    counts = ", ".join(
        f"{len(getattr(hospital, name))} {name.replace('_', ' ')}"
        for name in ("departments", "doctors", "places", "paths", "place_codes", "facilities", "faq")
    )
    console.print(f"[green]✓[/] {hospital.name}: {counts}")
