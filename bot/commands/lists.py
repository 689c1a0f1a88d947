"""A list from Excel or CSV read into the house: what went in, what changed, and which rows are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

if TYPE_CHECKING:
    from services import Desk
    from services.lists import RowError


class Report(Protocol):
    @property
    def errors(self) -> tuple[RowError, ...]: ...


Read = TypeVar("Read", bound=Report)


def read_list(file: Path, read: Callable[[Desk], Read], tell: Callable[[Read], str]) -> None:
    """Keeps what ``read`` takes in; prints the wrong rows and what ``tell`` says of it. Exit 1 where a row is wrong."""
    from rich.console import Console
    from sqlmodel import Session

    from bot.console.lists import say_row
    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.errors import Invalid
    from services.reasons import explain

    console = Console(soft_wrap=True, highlight=False)
    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    engine = open_database(settings)
    try:
        with Session(engine) as session:
            report = read(Desk(session, hospital, now(), "command"))
            session.commit()
    except Invalid as error:
        console.print(f"{file}: {explain(error)}", markup=False)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    for one in report.errors:
        console.print(say_row(one), markup=False)
    console.print(tell(report), markup=False)
    raise typer.Exit(1 if report.errors else 0)
