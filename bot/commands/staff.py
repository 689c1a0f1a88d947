"""`wenjin staff add | list`: accounts for the console, each by a link that sets its password once."""

from __future__ import annotations

from typing import Annotated

import typer

staff = typer.Typer(help="Who may log in to the console.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(staff, name="staff")


@staff.command()
def add(
    login: Annotated[str, typer.Argument(help="Name to log in with.")],
    name: Annotated[str, typer.Option(help="Name that colleagues see.")] = "",
    role: Annotated[
        str, typer.Option(help="admin, manager, lead, service, pharmacy, nurse, doctor or observer.")
    ] = "service",
) -> None:
    """Makes an account, or a new link for one that exists, and prints the set-up link; it works once."""
    from rich.console import Console

    from bot.reception import make_link
    from bot.rooms import open_settings
    from services.errors import ServiceError
    from services.reasons import explain

    console = Console(soft_wrap=True, highlight=False)
    try:
        link, made = make_link(open_settings(), login=login, name=name or login, role=role)
    except ServiceError as error:
        console.print(f"{error.field or 'account'}：{explain(error)}", markup=False)
        raise typer.Exit(1) from None
    console.print(f"{'account made' if made else 'new link for'}: {login}", markup=False)
    console.print(link, markup=False)


@staff.command("list")
def list_accounts() -> None:
    """Who may log in: login, name, role, and whether the account is open."""
    from rich.console import Console
    from rich.table import Table
    from sqlmodel import Session

    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.database import connect_reading
    from services.staff import list_staff

    settings = open_settings()
    hospital = open_hospital(settings)
    engine = open_database(settings)
    table = Table("login", "name", "role", "state")
    try:
        with connect_reading(engine) as connection, Session(connection) as session:
            now = hospital_hours(hospital.timezone, frozen=settings.now)()
            for one in list_staff(Desk(session, hospital, now, actor="command")):
                state = "closed" if not one.active else "open" if one.password_hash else "no password yet"
                table.add_row(one.login, one.name, one.role, state)
    finally:
        engine.dispose()
    Console().print(table)
