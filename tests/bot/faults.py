"""Dying between any two steps, and looking at every row afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from services.database import connect_reading


class Killed(BaseException):
    """The process dies here."""


@contextmanager
def killed_at(engine: Engine, statement: int) -> Iterator[None]:
    """The process dies before its ``statement``-th statement, counted from 0."""
    begun = 0

    def count(*_: Any) -> None:
        nonlocal begun
        begun += 1
        if begun > statement:
            raise Killed

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)


def snapshot(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with connect_reading(engine) as connection:
        tables = sa.inspect(connection).get_table_names()
        return {
            name: [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))]
            for name in tables
        }
