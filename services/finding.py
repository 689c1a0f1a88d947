"""Records as the database has them now, of this hospital: one by its id, or those that fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlmodel import col, select

from services.database import Record
from services.desk import Desk
from services.errors import NotFound

R = TypeVar("R", bound=Record)


def get_record(
    desk: Desk, model: type[R], record_id: int, *, contact_id: int | None = None, lock: bool = False
) -> R:
    """Raises ``NotFound`` (field: the record's type) also where it is another hospital's or another contact's.

    ``lock`` keeps everybody else's changes waiting until this transaction ends (PostgreSQL; SQLite has one writer).
    """
    found = desk.session.get(model, record_id, populate_existing=True, with_for_update=lock or None)
    if found is None or found.hospital_id != desk.hospital_id:
        raise NotFound(field=str(model.__tablename__), value=record_id)
    if contact_id is not None and getattr(found, "contact_id", None) != contact_id:
        raise NotFound(field=str(model.__tablename__), value=record_id)
    return found


def list_records(
    desk: Desk,
    model: type[R],
    *conditions: Any,
    order: Sequence[Any] = (),
    limit: int | None = 100,
    **columns: Any,
) -> list[R]:
    """Those that fit, newest first or in ``order``. A column is asked for by its value, by a collection of which it is
    one, or not at all (``None``)."""
    query = select(model).where(model.hospital_id == desk.hospital_id, *conditions)
    for name, value in columns.items():
        column = getattr(model, name)
        if isinstance(value, Collection) and not isinstance(value, str):
            query = query.where(column.in_(value))
        elif value is not None:
            query = query.where(column == value)
    query = query.order_by(*(order or (col(model.id).desc(),))).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))
