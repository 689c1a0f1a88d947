"""`wenjin parse`, `wenjin assess`, `wenjin train`: the language model and triage without a server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import typer


def register(app: typer.Typer) -> None:
    app.command()(parse)
    app.command()(assess)
    app.command()(train)


def parse() -> None:
    """JSON lines {"text", "reference_time"?, "context"?} in, one answer of POST /model/parse a line out."""
    from bot.api.parse import parse_one, read_request
    from bot.rooms import rooms

    hospital, interpreter, now = rooms()
    _each_line(lambda data: parse_one(interpreter, read_request(data, hospital=hospital), now=now()))


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


def _each_line(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """One JSON line out for each line in, also for a broken one, so that answers stay beside their questions."""
    import orjson

    from bot.api.errors import ApiError, parse_object

    for line in _lines():
        try:
            result = answer(parse_object(line))
        except ApiError as error:
            result = {"error": error.code, "message": error.message} | (
                {"field": error.field} if error.field else {}
            )
        sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
        sys.stdout.buffer.flush()


def _lines() -> Iterator[bytes]:
    for line in sys.stdin.buffer:
        if line.strip():
            yield line
