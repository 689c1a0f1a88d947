"""The month's complaints, suggestions and praise in figures: counted by the database, without a word or a name in them.

What was filed in the month counts, wherever it stands today. Hours run from filing to the first contact and to the first
answer, nights and weekends included, because that is what the patient waited. Percentiles are by nearest rank: the
median is an hour that somebody really waited.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from services.complaints import Complaint
from services.desk import Desk
from services.errors import Invalid
from services.history import StateChange

CLOSED = "closed"
BATCH = 500
GROUPS = ("department", "place", "category", "team")


@dataclass(frozen=True, slots=True)
class Spread:
    """Hours waited: by half of the patients, and by nine in ten, at most."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The complaints of one department, place, category or team (``name`` empty: not said), or of all."""

    name: str
    complaints: int = 0
    suggestions: int = 0
    praise: int = 0
    open: int = 0
    serious: int = 0
    overdue: int = 0
    """Still without an answer after the day it was promised for."""
    in_time: int = 0
    """Answered by the day promised."""
    confirmed: int = 0
    """The patient said that the answer is good."""
    reopened: int = 0
    """The patient said at least once that it is not."""
    contact: Spread = Spread()
    answer: Spread = Spread()


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
    days: tuple[tuple[dt.date, int, int, int], ...]
    """Complaints, suggestions and praise of each day of the month."""


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


def parse_month(text: str) -> dt.date:
    """``2026-03`` → its first day; ``Invalid("month")``."""
    try:
        return dt.datetime.strptime(text.strip(), "%Y-%m").date()
    except ValueError:
        raise Invalid("month", field="month", value=text[:20]) from None


def report_month(desk: Desk, *, month: dt.date) -> MonthReport:
    """The figures of the month in which the day lies."""
    first, after = month.replace(day=1), _next_month(month)
    cases = _cases(desk, first, after)
    (total,) = _lines(desk, cases, None) or [Line("")]
    earlier = _cases(desk, (first - dt.timedelta(days=1)).replace(day=1), first)
    (before,) = _lines(desk, earlier, None) or [Line("")]
    return MonthReport(
        first,
        after - dt.timedelta(days=1),
        desk.now,
        total,
        before,
        {one: tuple(_lines(desk, cases, one)) for one in GROUPS},
        _count_statuses(desk, cases),
        _count_days(desk, cases, first, after),
    )


def count_cases(desk: Desk, *, month: dt.date) -> int:
    found = sa.select(sa.func.count()).select_from(Complaint)
    found = found.where(*_of_month(desk, month.replace(day=1), _next_month(month)))
    return int(desk.session.execute(found).scalar_one())


def stream_cases(desk: Desk, *, month: dt.date) -> Iterator[Case]:
    """What was filed in the month, in order, ``BATCH`` rows in memory at a time."""
    cases = _cases(desk, month.replace(day=1), _next_month(month)).subquery()
    query = sa.select(
        cases,
        _hours(desk, cases.c.created_at, cases.c.contacted_at).label("contact_hours"),
        _hours(desk, cases.c.created_at, cases.c.answered_at).label("answer_hours"),
    ).order_by(cases.c.created_at, cases.c.id)
    for one in desk.session.execute(query.execution_options(yield_per=BATCH)):
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
            one.contact_hours,
            one.answer_hours,
            bool(one.confirmed),
            int(one.reopened),
        )


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _of_month(desk: Desk, first: dt.date, after: dt.date) -> list[Any]:
    return [
        col(Complaint.hospital_id) == desk.hospital_id,
        col(Complaint.created_at) >= dt.datetime.combine(first, dt.time.min),
        col(Complaint.created_at) < dt.datetime.combine(after, dt.time.min),
    ]


def _cases(desk: Desk, first: dt.date, after: dt.date) -> sa.Select[Any]:
    """Each complaint of the time with what its history says: when first contacted, when answered, whether content."""
    step = StateChange.__table__.alias("step")  # type: ignore[attr-defined]
    contacted = sa.case((step.c.new.not_in(("received", CLOSED)), step.c.created_at))
    answered = sa.case((step.c.new == "answered", step.c.created_at))
    columns = (
        "id", "order_number", "kind", "created_at", "category", "team", "department", "place", "status", "serious",
        "anonymous", "answer_due_on",
    )  # fmt: skip
    table = Complaint.__table__  # type: ignore[attr-defined]
    subject = sa.literal("complaint:", sa.String) + sa.cast(table.c.id, sa.String)
    moved = sa.and_(step.c.record == subject, step.c.old != step.c.new)
    return (
        sa.select(
            *(table.c[name] for name in columns),
            sa.func.min(contacted).label("contacted_at"),
            sa.func.min(answered).label("answered_at"),
            sa.func.coalesce(sa.func.max(sa.case((step.c.new == "confirmed", 1), else_=0)), 0).label(
                "confirmed"
            ),
            sa.func.coalesce(sa.func.sum(sa.case((step.c.new == "reopened", 1), else_=0)), 0).label(
                "reopened"
            ),
        )
        .select_from(table.outerjoin(step, moved))
        .where(*_of_month(desk, first, after))
        .group_by(table.c.id)
    )


def _hours(desk: Desk, start: Any, end: Any) -> Any:
    """Hours between two times, ``NULL`` where one is missing."""
    if desk.session.get_bind().dialect.name == "sqlite":
        return sa.cast((sa.func.julianday(end) - sa.func.julianday(start)) * 24, sa.Float)
    return sa.cast(sa.extract("epoch", end - start) / 3600, sa.Float)


def _lines(desk: Desk, query: sa.Select[Any], group: str | None) -> list[Line]:
    """One line a value of ``group``, or one of all."""
    cases = query.subquery()
    name = sa.func.coalesce(cases.c[group], "") if group else sa.literal("", sa.String)

    def count(*conditions: Any) -> Any:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

    is_complaint = cases.c.kind == "complaint"
    is_open = sa.and_(is_complaint, cases.c.status != CLOSED)
    unanswered = cases.c.status.not_in(("answered", "confirmed", CLOSED))
    counts = (
        sa.select(
            name.label("name"),
            count(is_complaint).label("complaints"),
            count(cases.c.kind == "suggestion").label("suggestions"),
            count(cases.c.kind == "praise").label("praise"),
            count(is_open).label("open"),
            count(is_complaint, cases.c.serious.is_(True)).label("serious"),
            count(is_open, unanswered, cases.c.answer_due_on < desk.now.date()).label("overdue"),
            count(is_complaint, sa.func.date(cases.c.answered_at) <= cases.c.answer_due_on).label("in_time"),
            count(is_complaint, cases.c.confirmed == 1).label("confirmed"),
            count(is_complaint, cases.c.reopened > 0).label("reopened"),
        )
        .group_by(name)
        .order_by(sa.desc("complaints"), sa.desc("praise"), sa.desc("suggestions"), sa.asc("name"))
    )
    contact = _spreads(desk, cases, name, cases.c.contacted_at)
    answer = _spreads(desk, cases, name, cases.c.answered_at)
    return [
        Line(**row, contact=contact.get(row["name"], Spread()), answer=answer.get(row["name"], Spread()))
        for row in desk.session.execute(counts).mappings()
    ]


def _spreads(desk: Desk, cases: Any, name: Any, end: Any) -> dict[str, Spread]:
    """Median and ninetieth percentile of the hours until ``end``, by name."""
    hours = _hours(desk, cases.c.created_at, end)
    ranked = (
        sa.select(
            name.label("name"),
            hours.label("hours"),
            sa.func.row_number().over(partition_by=name, order_by=hours).label("rank"),
            sa.func.count().over(partition_by=name).label("count"),
        )
        .where(cases.c.kind == "complaint", end.is_not(None))
        .subquery()
    )
    reached = {p: sa.case((ranked.c.rank * 10 >= ranked.c.count * p, ranked.c.hours)) for p in (5, 9)}
    query = sa.select(
        ranked.c.name, sa.func.count(), sa.func.min(reached[5]), sa.func.min(reached[9])
    ).group_by(ranked.c.name)
    return {
        name: Spread(int(count), round(median, 2), round(ninetieth, 2))
        for name, count, median, ninetieth in desk.session.execute(query)
    }


def _count_statuses(desk: Desk, query: sa.Select[Any]) -> tuple[tuple[str, int], ...]:
    cases = query.subquery()
    counts = (
        sa.select(cases.c.status, sa.func.count()).where(cases.c.kind == "complaint").group_by(cases.c.status)
    )
    found: dict[str, int] = {row[0]: row[1] for row in desk.session.execute(counts)}
    return tuple((one.id, found.get(one.id, 0)) for one in desk.hospital.complaints.stages)


def _count_days(
    desk: Desk, query: sa.Select[Any], first: dt.date, after: dt.date
) -> tuple[tuple[dt.date, int, int, int], ...]:
    cases = query.subquery()
    day = sa.cast(sa.func.date(cases.c.created_at), sa.String)
    counts = sa.select(day, cases.c.kind, sa.func.count()).group_by(day, cases.c.kind)
    found = {(text, kind): count for text, kind, count in desk.session.execute(counts)}
    days = [first + dt.timedelta(days=number) for number in range((after - first).days)]
    return tuple(
        (one, *(found.get((one.isoformat(), kind), 0) for kind in ("complaint", "suggestion", "praise")))
        for one in days
    )
