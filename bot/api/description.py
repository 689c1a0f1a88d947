"""What OpenAPI says of our routes beyond what FastAPI knows: who may call, an example of each, and what an answer holds.

The examples stand in `examples.yml`; a test plays them on a fresh demonstration hospital, one after the other, and holds
that the answers look like that. The schema of an answer is read off its example: names and types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

FILE = Path(__file__).with_name("examples.yml")
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "WENJIN_API_TOKEN, or a system's own token (wenjin tokens add); without a token set, these routes "
    "answer on loopback only",
}
JSON = "application/json"
TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True)
class Example:
    """One call of a route: ``POST /api/v1/discharges``. ``world`` is what must hold before it (docs/transcripts.md)."""

    route: str
    answer: Any
    body: Mapping[str, Any] | None = None
    path: str = ""
    """With its parameters, where the route has any."""
    world: str = ""
    method: str = field(init=False)

    def __post_init__(self) -> None:
        method, _, path = self.route.partition(" ")
        object.__setattr__(self, "method", method)
        object.__setattr__(self, "path", self.path or path)


@cache
def read_examples(file: Path = FILE) -> tuple[Example, ...]:
    """In the order in which they can be played."""
    return tuple(Example(**one) for one in yaml.safe_load(file.read_text(encoding="utf-8")))


def install(app: FastAPI) -> None:
    """The application describes itself with all this."""
    plain = app.openapi

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            complete(plain())
        return app.openapi_schema or {}

    app.openapi = describe  # type: ignore[method-assign]


def complete(description: dict[str, Any]) -> None:
    """Adds the bearer token, the examples and the answers' schemas to an OpenAPI description. Raises ``KeyError`` for an
    example of a route that is not there."""
    description.setdefault("components", {}).setdefault("securitySchemes", {})["bearer"] = BEARER
    for methods in description["paths"].values():
        for operation in methods.values():
            if "401" in operation["responses"]:
                operation["security"] = [{"bearer": []}]
    for one in read_examples():
        path = description["paths"].get(one.route.partition(" ")[2])
        if path is None:  # a process with fewer rooms
            continue
        operation = path[one.method.lower()]
        operation["responses"]["200"]["content"] = {
            JSON: {"schema": schema_of(one.answer), "example": one.answer}
        }
        if one.body is not None:
            operation["requestBody"]["content"][JSON]["example"] = one.body


def schema_of(value: Any) -> dict[str, Any]:
    """``{"id": 1}`` → an object with an integer ``id``. What is null in the example may be anything."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: schema_of(one) for name, one in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": schema_of(value[0]) if value else {}}
    return {} if value is None else {"type": TYPES[type(value)]}
