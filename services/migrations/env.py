"""Alembic's entry: runs on the connection that ``services.database.upgrade`` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

import services  # noqa: F401  # registers every table
from services.database import Encrypted


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """In a revision an encrypted column is what the database sees, so old revisions never need our classes."""
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({getattr(item.impl, 'length', None) or ''})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
    on_version_apply=context.config.attributes.get("on_step"),
)
with context.begin_transaction():
    context.run_migrations()
