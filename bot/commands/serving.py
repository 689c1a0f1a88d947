"""`wenjin run` and its parts as separate processes: `worker`, `clock`, `console`, `actions`."""

from __future__ import annotations

from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")]


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(worker)
    app.command()(clock)
    app.command()(console)
    app.command()(actions)


def run(host: Host = None, port: Port = None) -> None:
    """Everything in one process: patient chat, staff console, HTTP API, channels and clock."""
    from bot.serving import serve

    serve(host=host, port=port)


def worker(host: Host = None, port: Port = None) -> None:
    """Patient chat, HTTP API, channels and delivery, without the clock."""
    from bot.serving import serve

    serve(host=host, port=port, clock=False, staff=False)


def clock() -> None:
    """Only the clock: starts what is due; workers deliver it."""
    from bot.serving import tick_forever

    tick_forever()


def console(host: Host = None, port: Port = None) -> None:
    """Only the staff console; workers deliver what staff write."""
    from bot.serving import serve

    serve(host=host, port=port, clock=False, patients=False)


def actions(host: Host = None, port: Port = None) -> None:
    """Our actions over the protocol of Rasa's action server, for a hospital that already runs Rasa."""
    from bot.serving import serve_actions

    serve_actions(host=host, port=port)
