"""`wenjin webhooks` and `wenjin tokens`: which other systems are told of changes, and which may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

webhooks = typer.Typer(help="Other systems that are told of changes (docs/api.md).", no_args_is_help=True)
tokens = typer.Typer(help="Other systems that may call the API.", no_args_is_help=True)
T = TypeVar("T")


def register(app: typer.Typer) -> None:
    app.add_typer(webhooks, name="webhooks")
    app.add_typer(tokens, name="tokens")


@webhooks.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Address that is told, by POST.")],
    types: Annotated[
        str, typer.Option(help="Types of records, by commas (appointment,escort); * is every one.")
    ] = "*",
    detail: Annotated[
        bool,
        typer.Option("--detail", help="May be told the record too, identity masked; else ids and states."),
    ] = False,
) -> None:
    """Registers an address and prints its secret, by which the receiver checks signatures."""
    from services import endpoints

    wanted = tuple(one.strip() for one in types.split(",") if one.strip())
    made = _write(lambda desk: endpoints.add_endpoint(desk, url=url, types=wanted, detail=detail))
    _say(f"webhook {made.id}: {made.url} ({made.types}{', detail' if made.detail else ''})")
    _say(made.secret)


@webhooks.command("list")
def list_webhooks() -> None:
    """Who is told of what, and what could not be delivered."""
    from rich.console import Console
    from rich.table import Table

    from services import Desk, endpoints
    from services.webhooks import list_failed

    def read(desk: Desk) -> tuple[list[Any], list[Any]]:
        return endpoints.list_endpoints(desk), list_failed(desk)

    found, failed = _write(read)
    table = Table("id", "url", "types", "told", "given up")
    for one in found:
        count = sum(1 for _, endpoint in failed if endpoint.id == one.id)
        table.add_row(str(one.id), one.url, one.types, "detail" if one.detail else "states", str(count))
    Console().print(table)


@webhooks.command("remove")
def remove_webhook(webhook: Annotated[int, typer.Argument(help="Its number, from `webhooks list`.")]) -> None:
    """Tells this address nothing more, also of what waits."""
    from services import endpoints

    gone = _write(lambda desk: endpoints.remove_endpoint(desk, endpoint_id=webhook, reason="command"))
    _say(f"removed: {gone.url}")


@webhooks.command("test")
def test_webhook(webhook: Annotated[int, typer.Argument(help="Its number, from `webhooks list`.")]) -> None:
    """Sends a signed ping now; exit 1 where it is not answered with 2xx."""
    import asyncio

    import httpx

    from bot.webhooks import make_client, send_test
    from services import endpoints

    one = _write(lambda desk: endpoints.get_endpoint(desk, endpoint_id=webhook))

    async def send() -> int:
        async with make_client() as client:
            return await send_test(one.url, one.secret, hospital_id=one.hospital_id, client=client)

    try:
        status = asyncio.run(send())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _say(f"{one.url}: {type(error).__name__}")
        raise typer.Exit(1) from None
    _say(f"{one.url}: HTTP {status}")
    raise typer.Exit(0 if 200 <= status < 300 else 1)


@webhooks.command("retry")
def retry_webhook() -> None:
    """Lets everything that was given up begin anew."""
    from services import Desk
    from services.webhooks import list_failed, send_again

    def work(desk: Desk) -> int:
        dead = list_failed(desk, limit=10_000)
        for one, _ in reversed(dead):
            send_again(desk, delivery_id=one.id)
        return len(dead)

    _say(f"sent again: {_write(work)}")


@tokens.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="The system's name: his, lis, pharmacy. The history shows it.")],
    scopes: Annotated[str, typer.Option(help="read, write, reveal; by commas.")] = "read,write",
) -> None:
    """Makes a token and prints it; it is kept nowhere."""
    from services import api_clients

    wanted = tuple(one.strip() for one in scopes.split(",") if one.strip())
    client, token = _write(lambda desk: api_clients.add_client(desk, name=name, scopes=wanted))
    _say(f"{client.name}: {client.scopes}")
    _say(token)


@tokens.command("list")
def list_tokens() -> None:
    """Who may call, and what for."""
    from rich.console import Console
    from rich.table import Table

    from services import api_clients

    table = Table("name", "scopes", "since")
    for one in _write(lambda desk: api_clients.list_clients(desk)):
        table.add_row(one.name, one.scopes, f"{one.created_at:%Y-%m-%d}")
    Console().print(table)


@tokens.command("remove")
def remove_token(name: Annotated[str, typer.Argument(help="Whose token stops working.")]) -> None:
    """Shuts a system out at once."""
    from services import api_clients

    _say(f"removed: {_write(lambda desk: api_clients.remove_client(desk, name=name, reason='command')).name}")


def _write(work: Callable[[Any], T]) -> T:
    """``work`` in one transaction; what the services refuse ends the command with one line."""
    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.rooms import open_hospital, open_settings
    from bot.writers import Writers
    from services import Desk
    from services.errors import ServiceError
    from services.reasons import explain

    settings = open_settings()
    hospital = open_hospital(settings)
    engine = open_database(settings)
    writers = Writers(engine)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    try:
        return writers.transaction(lambda session: work(Desk(session, hospital, now(), actor="command")))
    except ServiceError as error:
        _say(f"{error.field or '没有办成'}{f'「{error.value}」' if error.value else ''}：{explain(error)}")
        raise typer.Exit(1) from None
    finally:
        writers.close()
        engine.dispose()


def _say(text: str) -> None:
    typer.echo(text)
