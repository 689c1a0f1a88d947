"""`wenjin parse`, `wenjin assess`, `wenjin train`: the language model and triage without a server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import typer


def register(app: typer.Typer) -> None:
    app.command()(parse)
    app.command()(assess)
    app.command()(train)


def parse() -> None:
    """JSON lines {"text", "reference_time"?, "context"?} in, one answer of POST /model/parse a line out.

    "context" says what was asked just before: {"requested_slot": "date"} reads 「后天」 as its answer, which stands in
    "answer". Also "flow", "options" (the buttons' titles) and "language". A line that cannot be read is answered with
    {"error", "message", "field"?, "nearest"?}. Exits with 1 where a line asks for a slot that no flow has.
    """
    from bot.api.parse import parse_one, read_request
    from bot.rooms import rooms
    from dialogues import load_assistant

    hospital, interpreter, now = rooms()

    @cache
    def slots() -> tuple[str, ...]:
        return tuple(load_assistant(hospital).book.slots)

    refused = _each_line(
        lambda data: parse_one(interpreter, read_request(data, hospital=hospital, slots=slots), now=now())
    )
    unknown = [one for one in refused if one["error"] == "unknown_slot"]
    for one in unknown:
        like = f"; did you mean {one['nearest']!r}?" if "nearest" in one else ""
        typer.echo(f"{one['field']}: {one['message']}{like}", err=True)
    if unknown:
        raise typer.Exit(1)


def assess() -> None:
    """JSON lines {"text", "age"?, "sex"?} in, one answer of POST /triage/assess a line out."""
    from bot.api.triage import assess_one
    from bot.rooms import open_hospital

    hospital = open_hospital()
    _each_line(lambda data: assess_one(hospital, data))


def train() -> None:
    """Builds the language model from intents/; the same input gives the same bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.rooms import open_hospital, open_settings
    from intents.training import train as build

    settings = open_settings()
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("language model: {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("reading", total=1.0)
        build(
            open_hospital(settings),
            settings.model_dir,
            lambda what, share: bar.update(task, completed=share, description=what),
        )


def _each_line(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """One JSON line out for each line in, also for a broken or an empty one, so that answers stay beside their
    questions; what was refused."""
    import orjson

    from bot.api.errors import ApiError, parse_object

    refused = []
    for line in sys.stdin.buffer:
        try:
            result = answer(parse_object(line))
        except ApiError as error:
            details = {"field": error.field, **error.details}
            result = {"error": error.code, "message": error.message}
            result |= {name: value for name, value in details.items() if value}
            refused.append(result)
        sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
        sys.stdout.buffer.flush()
    return refused
