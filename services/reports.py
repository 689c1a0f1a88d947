"""The month's complaints, questions, suggestions and praise in figures: without a word or a name in them.

What was filed in the month counts, wherever it stands today. Hours run from filing to the first contact and to the first
answer, nights and weekends included, because that is what the patient waited. Percentiles are by nearest rank: the
median is an hour that somebody really waited, to the tenth (beyond ten days to the hour).

The rows are read once, in pieces, and only counted (``tallies``): a million need no more memory than a thousand. Sorting
them in the database for every median was tried and took a minute.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from services.desk import Desk
from services.errors import Invalid
from services.escalation import WORKING
from services.grievances import OWED, Complaint
from services.handling import CLOSED
from services.improvements import Effect, Improvement, list_improvements, measure_effect
from services.tallies import FLAGS, GROUPS, KINDS, Line, Spread, Tally

__all__ = [
    "GROUPS",
    "Case",
    "Change",
    "Line",
    "MonthReport",
    "Spread",
    "count_cases",
    "parse_month",
    "report_month",
    "stream_cases",
]

BATCH = 500
PIECE = 1_000
"""Rows counted at once: so few stay in the processor's cache; of 20,000 each took half as long again."""
Progress = Callable[[int], None]
_WITHDRAWN = (col(Complaint.status) == CLOSED, col(Complaint.rating_asked_at).is_(None))
"""Of what somebody is owed an answer to; `services.afterthoughts` sees to it."""


@dataclass(frozen=True, slots=True)
class Change:
    """An improvement and what came of it."""

    improvement: Improvement
    effect: Effect


@dataclass(frozen=True, slots=True)
class MonthReport:
    first: dt.date
    last: dt.date
    made_at: dt.datetime
    total: Line
    before: Line
    """The month before, for comparison."""
    groups: dict[str, tuple[Line, ...]]
    """By ``GROUPS``, the most complained of first."""
    statuses: tuple[tuple[str, int], ...]
    """Complaints by the stage they stand in, in the order of the rules."""
    days: tuple[tuple[dt.date, int, int, int, int], ...]
    """Complaints, questions, suggestions and praise of each day of the month."""
    ratings: tuple[int, ...] = (0, 0, 0, 0, 0)
    """How many gave one point, two, … five."""
    improvements: tuple[Change, ...] = ()
    """Open in the month, or ended in it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint as the report lists it: nothing that leads to a person."""

    order_number: str
    kind: str
    filed_at: dt.datetime
    category: str
    team: str
    department: str | None
    place: str | None
    status: str
    serious: bool
    anonymous: bool
    contact_hours: float | None
    answer_hours: float | None
    confirmed: bool
    reopened: int
    satisfaction: int | None = None
    withdrawn: bool = False


def parse_month(text: str) -> dt.date:
    """``2026-03`` → its first day; ``Invalid("month")``."""
    try:
        return dt.datetime.strptime(text.strip(), "%Y-%m").date()
    except ValueError:
        raise Invalid("month", field="month", value=text[:20]) from None


def report_month(desk: Desk, *, month: dt.date, progress: Progress | None = None) -> MonthReport:
    """The figures of the month in which the day lies; ``progress`` hears how many rows were counted."""
    first, after = month.replace(day=1), _next_month(month)
    tally = _count(desk, first, after, GROUPS, progress)
    earlier = (first - dt.timedelta(days=1)).replace(day=1)
    days = [first + dt.timedelta(days=number) for number in range((after - first).days)]
    return MonthReport(
        first,
        after - dt.timedelta(days=1),
        desk.now,
        tally.total(),
        _count(desk, earlier, first, (), None).total(),
        {one: tally.lines(one) for one in GROUPS},
        tuple((one.id, tally.statuses[one.id]) for one in desk.hospital.complaints.stages),
        tuple((one, *tally.on(one)) for one in days),
        tally.ratings,
        _list_changes(desk, first, after),
    )


def count_cases(desk: Desk, *, month: dt.date) -> int:
    found = sa.select(sa.func.count()).select_from(Complaint)
    found = found.where(*_of_month(desk, month.replace(day=1), _next_month(month)))
    return int(desk.session.execute(found).scalar_one())


def stream_cases(
    desk: Desk, *, month: dt.date, worst: int | None = None, progress: Progress | None = None
) -> Iterator[Case]:
    """What was filed in the month, in order, ``BATCH`` rows in memory at a time; with ``worst`` only so many, those that
    most need a look (serious and open, late, reopened) first.
    """
    columns = (
        "order_number", "kind", "created_at", "category", "team", "department", "place", "status", "serious",
        "anonymous", "contacted_at", "first_answered_at", "confirmed", "reopened", "satisfaction", "rating_asked_at",
    )  # fmt: skip
    table = Complaint.__table__  # type: ignore[attr-defined]
    query = sa.select(*(table.c[name] for name in columns))
    query = query.where(*_of_month(desk, month.replace(day=1), _next_month(month)))
    order: list[Any] = [table.c.created_at, table.c.id]
    if worst is not None:
        bits = _flags(desk)
        need = 4 * bits["serious"] * bits["open"] + 3 * bits["overdue"] + 2 * bits["reopened"] + bits["open"]
        query, order = query.limit(worst), [need.desc(), *order]
    rows = desk.session.execute(query.order_by(*order).execution_options(yield_per=BATCH))
    for number, one in enumerate(rows, 1):
        yield Case(
            one.order_number,
            one.kind,
            one.created_at,
            one.category,
            one.team,
            one.department,
            one.place,
            one.status,
            bool(one.serious),
            bool(one.anonymous),
            _hours(one.created_at, one.contacted_at),
            _hours(one.created_at, one.first_answered_at),
            bool(one.confirmed),
            int(one.reopened),
            one.satisfaction,
            one.kind in OWED and one.status == CLOSED and one.rating_asked_at is None,
        )
        if progress is not None:
            progress(number)


def _hours(start: dt.datetime, end: dt.datetime | None) -> float | None:
    return None if end is None else round((end - start).total_seconds() / 3600, 2)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _of_month(desk: Desk, first: dt.date, after: dt.date) -> list[Any]:
    return [
        col(Complaint.hospital_id) == desk.hospital_id,
        col(Complaint.created_at) >= dt.datetime.combine(first, dt.time.min),
        col(Complaint.created_at) < dt.datetime.combine(after, dt.time.min),
    ]


def _flags(desk: Desk) -> dict[str, Any]:
    """What is true of a row, each as 0 or 1, in the order of ``tallies.FLAGS``."""

    def one(*conditions: Any) -> Any:
        return sa.case((sa.and_(*conditions), 1), else_=0)

    complaint = col(Complaint.kind) == "complaint"
    late = sa.and_(col(Complaint.status).in_(WORKING), col(Complaint.answer_due_on) < desk.now.date())
    return {
        "open": one(complaint, col(Complaint.status) != CLOSED),
        "serious": one(complaint, col(Complaint.serious).is_(True)),
        "overdue": one(complaint, late),
        "in_time": one(complaint, col(Complaint.in_time).is_(True)),
        "due": one(complaint, sa.or_(col(Complaint.in_time).is_not(None), late)),
        "confirmed": one(complaint, col(Complaint.confirmed).is_(True)),
        "reopened": one(complaint, col(Complaint.reopened) > 0),
        "turned": one(col(Complaint.filed_as) == "complaint", col(Complaint.kind) == "question"),
        "escalated": one(col(Complaint.escalated_at).is_not(None)),
        "withdrawn": one(complaint, *_WITHDRAWN),
    }


def _count(
    desk: Desk, first: dt.date, after: dt.date, groups: tuple[str, ...], progress: Progress | None
) -> Tally:
    """One reading of the month's rows, ``PIECE`` at a time; times come as the database writes them."""
    times = (Complaint.created_at, Complaint.contacted_at, Complaint.first_answered_at)
    raw = desk.session.get_bind().dialect.name == "sqlite"
    flags = sum((bit * 2**place for place, bit in enumerate(_flags(desk).values())), sa.literal(0))
    kinds = sa.case({name: code for code, name in enumerate(KINDS)}, value=col(Complaint.kind), else_=0)
    points = sa.func.coalesce(col(Complaint.satisfaction), 0)
    query = sa.select(
        *(sa.type_coerce(col(one), sa.String) if raw else col(one) for one in times),
        kinds + len(KINDS) * (flags + 2 ** len(FLAGS) * points),
        col(Complaint.status),
        *(getattr(Complaint, one) for one in groups),
    ).where(*_of_month(desk, first, after))
    tally = Tally(first, groups)
    counted = 0
    options = {} if raw else {"yield_per": PIECE}
    with desk.session.connection().execute(query.execution_options(**options)) as rows:
        for piece in _pieces(rows) if raw else rows.partitions():
            tally.add(piece)
            counted += len(piece)
            if progress is not None:
                progress(counted)
    return tally


def _pieces(rows: Any) -> Iterator[Sequence[Any]]:
    """As SQLite's driver gives them, one by one as it reads: what SQLAlchemy makes of a row took a fifth of the time."""
    while piece := rows.cursor.fetchmany(PIECE):
        yield piece


def _list_changes(desk: Desk, first: dt.date, after: dt.date) -> tuple[Change, ...]:
    """Improvements proposed by the end of the month and not ended before it."""

    def belongs(one: Improvement) -> bool:
        ended = one.done_at or (one.created_at if one.status == "dismissed" else None)
        return one.created_at.date() < after and (ended is None or ended.date() >= first)

    return tuple(
        Change(one, measure_effect(desk, improvement=one))
        for one in reversed(list_improvements(desk, limit=500))
        if belongs(one)
    )
