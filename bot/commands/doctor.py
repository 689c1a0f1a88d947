"""`wenjin doctor`: is everything here that a start needs? `--settings` lists every setting."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(settings: Annotated[bool, typer.Option("--settings", help="List every setting.")] = False) -> None:
    """Looks over settings, knowledge, language model, key and database; exit 1 where something is wrong."""
    from bot.rooms import open_settings

    chosen = open_settings()
    if settings:
        _list_settings(chosen)
        return
    from rich.console import Console

    console = Console()
    failed = False
    for name, check in _checks(chosen):
        try:
            result = check()
        except Exception as error:
            failed = True
            console.print(f"[red]✗[/] {name}: {type(error).__name__}: {error}")
        else:
            console.print(f"[green]✓[/] {name}: {result}")
    raise typer.Exit(1 if failed else 0)


def _list_settings(settings: Any) -> None:
    from pydantic import SecretStr
    from rich.console import Console
    from rich.table import Table

    table = Table("variable", "value", "what it is", title="WENJIN_* (environment or .env)")
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown = "(set)"
        elif name == "database_url" and value:
            from sqlalchemy.engine import make_url

            shown = make_url(value).render_as_string(hide_password=True)
        else:
            shown = "" if value is None else str(value)
        style = "bold" if name in settings.model_fields_set else "dim"
        table.add_row(f"WENJIN_{name.upper()}", f"[{style}]{shown}[/]", field.description or "")
    Console().print(table)


def _checks(settings: Any) -> list[tuple[str, Callable[[], str]]]:
    def knowledge() -> str:
        from bot.rooms import open_hospital

        hospital = open_hospital(settings)
        return f"{hospital.name}: {len(hospital.departments)} departments, {len(hospital.doctors)} doctors"

    def model() -> str:
        from bot.rooms import rooms

        _, interpreter, now = rooms()
        heard = interpreter.understand("我想挂号", now=now())
        return f"understands ({heard.intent.name} {heard.intent.confidence:.2f})"

    def data() -> str:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free // 2**20
        if free < 200:
            raise OSError(f"only {free} MB are free in {settings.data_dir}")
        return f"{settings.data_dir.resolve()}, {free} MB free"

    def key() -> str:
        if settings.data_key is not None:
            return "from WENJIN_DATA_KEY"
        if not settings.key_file.exists():
            return "none yet, made at the first start"
        mode = stat.S_IMODE(settings.key_file.stat().st_mode)
        if mode & 0o077:
            raise PermissionError(f"{settings.key_file} can be read by others ({mode:o}); chmod 600")
        return str(settings.key_file)

    def database() -> str:
        from bot.archive import find_sealed
        from bot.database import open_database

        engine = open_database(settings)
        name = engine.dialect.name
        unopened = find_sealed(engine)
        engine.dispose()
        if unopened:
            raise ValueError("; ".join(one.zh for one in unopened))
        return f"{name}, schema up to date, the data key opens it"

    def access() -> str:
        if settings.api_token is None and settings.host not in ("127.0.0.1", "localhost", "::1"):
            return "no WENJIN_API_TOKEN: the HTTP API answers on loopback only"
        return "token set" if settings.api_token else "loopback only"

    def couriers() -> str:
        from bot.couriers.asking import is_pushed, is_set

        if not is_set(settings):
            return "no WENJIN_KUAIDI100_CUSTOMER and _KEY: only the pharmacy's events tell where parcels are"
        return (
            "快递100, reports pushed"
            if is_pushed(settings)
            else "快递100, asked; no reports without _SALT and URL"
        )

    return [
        ("knowledge", knowledge), ("language model", model), ("data directory", data),
        ("data key", key), ("database", database), ("HTTP API", access), ("couriers", couriers),
    ]  # fmt: skip
