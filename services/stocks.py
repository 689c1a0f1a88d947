"""What stands to be borrowed at which point: the kinds of ``loans.yml``, and how many pieces are free where.

A point never lends more than it has: what is free moves by a conditional ``UPDATE`` and its row count. A point that nobody
has borrowed from yet has no row, and what ``loans.yml`` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from knowledge.schema import LoanKind
from services.database import Record, insert_new
from services.desk import Desk
from services.errors import Invalid
from services.history import record_change
from services.waygraph import get_map


class LoanStock(Record, table=True):
    """Pieces of a kind that stand free at a point."""

    __tablename__ = "loan_stock"
    __table_args__ = (UniqueConstraint("hospital_id", "kind", "place", name="uq_loan_stock"),)

    kind: str = Field(max_length=40)
    place: str = Field(max_length=80)
    free: int


@dataclass(frozen=True, slots=True)
class Point:
    place: str
    free: int
    minutes: float
    """On foot from where the patient is, for a slow walker."""


def get_kind(desk: Desk, kind: str) -> LoanKind:
    for one in desk.hospital.loans.kinds:
        if one.id == kind:
            return one
    raise Invalid("unknown", field="kind", value=kind)


def find_kind(desk: Desk, *, words: str, need: str | None = None) -> LoanKind | None:
    """What a patient asks to borrow: by his words, else by his need."""
    kinds = desk.hospital.loans.kinds
    spoken = [one for one in kinds if any(word in words for word in (one.name, *one.aliases))]
    if spoken:
        return spoken[0]
    return next((one for one in kinds if need and one.need == need), None)


def list_points(desk: Desk, *, kind: str, origin: str | None = None) -> list[Point]:
    """The points of a kind with what is free now: those that have any first, then the nearest on foot."""
    wanted = get_kind(desk, kind)
    query = select(LoanStock).where(LoanStock.hospital_id == desk.hospital_id, LoanStock.kind == kind)
    counted = {
        one.place: one.free for one in desk.session.exec(query.execution_options(populate_existing=True))
    }
    chart = get_map(desk.hospital)
    places = desk.hospital.find_places(origin) if origin else ()
    start = places[0] if places else chart.main_entrance
    minutes = nx.single_source_dijkstra_path_length(chart.ways, start.id, weight="weight")
    points = [
        Point(
            one.place,
            counted.get(one.place, one.count),
            minutes.get(desk.hospital.get_place(one.place).id, float("inf")),
        )
        for one in wanted.points
    ]
    return sorted(points, key=lambda one: (one.free < 1, one.minutes, one.place))


def _enter_points(desk: Desk, kind: LoanKind) -> None:
    """Before the first piece moves, its kind's points get the pieces of ``loans.yml``."""
    rows = [
        {
            "hospital_id": desk.hospital_id,
            "created_at": desk.now,
            "kind": kind.id,
            "place": point.place,
            "free": point.count,
        }
        for point in kind.points
    ]
    insert_new(desk.session, LoanStock, rows)


def set_stock(desk: Desk, *, kind: str, place: str, free: int, reason: str) -> None:
    """Staff have counted: so many stand there now."""
    _enter_points(desk, get_kind(desk, kind))
    if not reason.strip():
        raise Invalid("missing", field="reason")
    if free < 0:
        raise Invalid("free", field="free", value=free)
    query = select(LoanStock).where(
        LoanStock.hospital_id == desk.hospital_id, LoanStock.kind == kind, LoanStock.place == place
    )
    row = desk.session.exec(query.with_for_update()).one_or_none()
    if row is None:
        raise Invalid("unknown_place", field="place", value=place)
    old, row.free = row.free, free
    desk.session.add(row)
    record_change(desk, record=row, old=str(old), new=str(free), reason=reason.strip())
    desk.session.flush()


def move_stock(desk: Desk, *, kind: str, place: str, by: int) -> bool:
    """So many more (or, below zero, fewer) stand there; False, and nothing moved, where there are not so many."""
    _enter_points(desk, get_kind(desk, kind))
    query = (
        sa.update(LoanStock)
        .where(
            col(LoanStock.hospital_id) == desk.hospital_id,
            col(LoanStock.kind) == kind,
            col(LoanStock.place) == place,
            col(LoanStock.free) >= -by,
        )
        .values(free=col(LoanStock.free) + by)
        .execution_options(synchronize_session=False)
    )
    return desk.session.execute(query).rowcount == 1  # type: ignore[attr-defined]
