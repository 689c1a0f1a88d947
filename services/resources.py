"""Every record type by the name other systems call it, and one of its records as they may see it.

Derived from the tables: a new table can be read over the API the day it is made, and nothing of it is shown by
accident. What lies encrypted is masked (names, telephones, ID numbers) or left out (what people said, diagnoses); a
reveal gives it in full, with its reason, to who may.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from knowledge.errors import find_nearest
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotFound
from services.finding import get_record
from services.identity import mask_id_number, mask_name, mask_phone

INTERNAL = frozenset(
    {
        "api_client", "contact", "conversation_state", "duty_call", "external_event", "hold", "inbox_message", "note",
        "outbox_message", "phone_code", "setup_link", "staff", "webhook_delivery", "webhook_endpoint",
    }
)  # fmt: skip
"""Tables of the house itself: what people wrote, accounts, and the machinery of sending."""
KINDS = {"complaint": ("complaint", "question", "suggestion", "praise"), "service_request": ()}
"""Tables whose column ``kind`` is the type of the record."""
UNSEEN = frozenset(
    {"hospital_id", "person", "phone_index", "code_index", "text_index", "sender", "external_id"}
)
"""Blind indexes; ``external_id`` is shown by its own rule."""
WORDS = frozenset({"answer", "ended_reason", "note", "reason", "track_note"})
"""What somebody wrote, though it does not lie encrypted: seen like it, only by a reveal."""
MASKS = {
    "name": mask_name,
    "patient_name": mask_name,
    "guardian_name": mask_name,
    "companion": mask_name,
    "driver": mask_name,
    "phone": mask_phone,
    "companion_phone": mask_phone,
    "driver_phone": mask_phone,
    "id_number": mask_id_number,
    "guardian_id_number": mask_id_number,
}
FILTERS = ("status", "department", "external_id", "patient_id")
MOST = 200
"""Records of one page."""


Model = type[Record]


@dataclass(frozen=True, slots=True)
class Resource:
    """A type of record: all of a table, or those of one ``kind``."""

    type: str
    model: Model
    kind: str | None = None

    @property
    def columns(self) -> Mapping[str, sa.Column[Any]]:
        return dict(self.model.__table__.columns.items())  # type: ignore[attr-defined]

    @property
    def filters(self) -> tuple[str, ...]:
        """By what its records may be asked for."""
        return ("since", *(name for name in FILTERS if name in self.columns))

    @property
    def sealed(self) -> tuple[str, ...]:
        """Columns shown masked or not at all, in full only by a reveal."""
        columns = self.columns.items()
        return tuple(name for name, one in columns if name in WORDS or isinstance(one.type, Encrypted))

    @property
    def shown(self) -> tuple[str, ...]:
        """Columns that stand in the answer, some of them masked."""
        hidden = UNSEEN | (set(self.sealed) - set(MASKS))
        columns = self.columns.items()
        return tuple(name for name, one in columns if name not in hidden and not _is_binary(one))


def _is_binary(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.LargeBinary)


def type_of(record: Record) -> str:
    """``appointment``, ``praise``, ``record_copy``: what the contract calls a record."""
    table = str(record.__tablename__)
    return str(getattr(record, "kind", table)) if table in KINDS else table


def all_kinds(record: Record) -> tuple[str, ...]:
    """The type that means every kind of its table: ``service_request``. Other tables have none besides their kinds."""
    table = str(record.__tablename__)
    return (table,) if table in KINDS and not KINDS[table] else ()


def resource_of(record: Record) -> Resource:
    """Of which type a record is."""
    kind = type_of(record) if record.__tablename__ in KINDS else None
    return Resource(type_of(record), type(record), kind)


def list_resources(desk: Desk | None = None) -> list[Resource]:
    """Every type by name. The kinds of service requests are, where a desk can look, those of the hospital's lines and
    those on record (a line may be gone that has left requests)."""
    found = []
    for model in _tables():
        table = str(model.__tablename__)
        if table in INTERNAL:
            continue
        kinds: Sequence[str] = KINDS.get(table, ())
        if table == "service_request":
            found.append(Resource(table, model))
            if desk is not None:
                on_record = desk.session.exec(select(model.kind).distinct())  # type: ignore[attr-defined]
                kinds = list({line.kind for line in desk.hospital.lines} | set(on_record))
        found += [Resource(kind, model, kind) for kind in kinds] or (
            [] if table == "service_request" else [Resource(table, model)]
        )
    return sorted(found, key=lambda one: one.type)


def get_resource(desk: Desk, name: str) -> Resource:
    """The type called so; ``herb-deliveries`` is ``herb_delivery``. Raises ``NotFound("unknown_type")``."""
    singular = name.replace("-", "_")
    singular = f"{singular[:-3]}y" if singular.endswith("ies") else singular.removesuffix("s")
    for one in list_resources(desk):
        if one.type in (name, name.replace("-", "_"), singular):
            return one
    nearest = find_nearest(singular, [one.type for one in list_resources(desk)])
    raise NotFound("unknown_type", field="type", value=name, nearest=nearest)


def _tables() -> list[type[Record]]:
    return [one for one in Record.__subclasses__() if hasattr(one, "__table__")]


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[dict[str, Any]]
    next: int | None
    """The id to go on from, where there is more."""


def list_page(
    desk: Desk,
    *,
    resource: Resource,
    after: int | None = None,
    limit: int = 50,
    status: Sequence[str] = (),
    since: dt.datetime | None = None,
    department: str | None = None,
    external_id: str | None = None,
    patient_id: int | None = None,
    oldest_first: bool = False,
) -> Page:
    """A page of records, the newest first unless said; ``after`` is the last id of the page before.

    Raises ``Invalid("unsupported")`` with the filter's name where the type knows no such thing.
    """
    columns: dict[str, Any] = dict(resource.columns)
    number: Any = columns["id"]
    query: Any = select(resource.model).where(columns["hospital_id"] == desk.hospital_id)
    if resource.kind is not None:
        query = query.where(columns["kind"] == resource.kind)
    wanted = {
        "status": status or None,
        "department": department,
        "external_id": external_id,
        "patient_id": patient_id,
    }
    for name, value in wanted.items():
        if value is None:
            continue
        if name not in columns:
            raise Invalid("unsupported", field=name, allowed=resource.filters)
        query = query.where(columns[name].in_(value) if name == "status" else columns[name] == value)
    if since is not None:
        query = query.where(columns["created_at"] >= since)
    if after is not None:
        query = query.where(number > after if oldest_first else number < after)
    query = query.order_by(number if oldest_first else number.desc()).limit(limit + 1)
    found = list(desk.session.exec(query))
    rows = found[:limit]
    return Page(
        describe_records(desk, resource=resource, records=rows),
        rows[-1].id if len(found) > limit else None,
    )


def get_one(desk: Desk, *, resource: Resource, record_id: int) -> Record:
    """The record of this type; of another kind it is not found."""
    found = get_record(desk, resource.model, record_id)
    if resource.kind is not None and type_of(found) != resource.kind:
        raise NotFound(field=resource.type, value=record_id)
    return found


def find_record(desk: Desk, *, subject: str) -> Record | None:
    """The record that a subject, ``"appointment:12"``, names."""
    table, _, number = subject.partition(":")
    model = next((one for one in _tables() if one.__tablename__ == table), None)
    found: Record | None = None if model is None else desk.session.get(model, int(number))
    return found if found is not None and found.hospital_id == desk.hospital_id else None


def describe_records(desk: Desk, *, resource: Resource, records: Iterable[Record]) -> list[dict[str, Any]]:
    """``{"type", "id", "status", "created_at", …columns, "patient_name", "masked"}``; what is empty is left out."""
    rows = list(records)
    names = _find_names(desk, {getattr(one, "patient_id", None) for one in rows} - {None})
    return [_describe(resource, one, names) for one in rows]


def _describe(resource: Resource, one: Any, names: Mapping[int, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": type_of(one), "id": one.id}
    if hasattr(one, "status"):
        entry["status"] = one.status
    entry["created_at"] = one.created_at.isoformat(timespec="seconds")
    if "external_id" in resource.columns:
        entry["external_id"] = one.external_id
    sealed = resource.sealed
    for name in resource.shown:
        value = getattr(one, name)
        if name in sealed and value:
            value = MASKS[name](value)
        entry.setdefault(name, value.isoformat() if isinstance(value, dt.date | dt.time) else value)
    if (patient := names.get(getattr(one, "patient_id", None) or 0)) is not None:
        entry.setdefault("patient_name", patient)
    masked = [name for name in sealed if getattr(one, name) not in (None, "", "{}", "[]")]
    return {name: value for name, value in entry.items() if value not in (None, "")} | {"masked": masked}


def _find_names(desk: Desk, ids: Iterable[int | None]) -> dict[int, str]:
    from services.patients import Patient

    query = select(Patient.id, Patient.name).where(
        Patient.hospital_id == desk.hospital_id, col(Patient.id).in_(list(ids))
    )
    return {number: mask_name(name) for number, name in desk.session.exec(query)}
