"""`wenjin privacy export | erase`: what is held of one contact, handed out or erased."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")
privacy = typer.Typer(help="What is held of one contact.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The contact, channel:sender, e.g. web:… or rest:a.")]


def register(app: typer.Typer) -> None:
    app.add_typer(privacy, name="privacy")


@privacy.command()
def export(
    contact: Name,
    file: Annotated[Path | None, typer.Option(help="Write to this file instead of the terminal.")] = None,
) -> None:
    """Everything held of a contact as JSON, in the open: for the person themselves, and nobody else."""
    import orjson

    from services.privacy import export_contact

    found = _with_contact(contact, export_contact)
    text = orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str)
    if file is None:
        typer.echo(text.decode())
    else:
        file.touch(mode=0o600)
        file.write_bytes(text)
        typer.echo(f"{file}: {sum(map(len, found.values()))} rows")


@privacy.command()
def erase(contact: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Ends what is open, then deletes everything of a contact. Backups made before still hold it."""
    from services.privacy import erase_contact

    if not yes:
        typer.confirm(f"everything of {contact} will be deleted for good; go on?", abort=True)
    erased = _with_contact(contact, erase_contact)
    typer.echo("，".join(f"{name} {count}" for name, count in erased.items()) or "nothing")


def _with_contact(name: str, work: Callable[..., T]) -> T:
    """Runs ``work(desk, contact_id=…)`` in one transaction."""
    from sqlmodel import Session

    from bot.hours import hospital_hours
    from bot.house import open_database
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.contacts import find_contact

    settings = open_settings()
    hospital = open_hospital(settings)
    engine = open_database(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    channel, _, sender = name.partition(":")
    try:
        with Session(engine, expire_on_commit=False) as session:
            desk = Desk(session, hospital, now(), "command")
            contact: Any = find_contact(desk, channel=channel, sender=sender)
            if contact is None:
                typer.echo(f"there is no contact {name}", err=True)
                raise typer.Exit(1)
            result = work(desk, contact_id=contact.id)
            session.commit()
            return result
    finally:
        engine.dispose()
