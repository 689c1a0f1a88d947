"""One record by its id, as the database has it now, for this hospital and this contact."""

from __future__ import annotations

from typing import TypeVar

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
