"""Improvements 改进: what is complained of again and again is no accident, and is proposed to be changed.

When a complaint is filed and so many have been said of the same cause at the same place (``complaints.yml``,
``repeats``), an item is proposed; staff accept it with an owner and a day, do it, and see by counting before and after
whether it helped. Counted are complaints, never who made them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from knowledge.schema import Repeat
from services.database import Encrypted, Record, insert_new
from services.desk import Desk
from services.errors import Invalid, WrongState
from services.finding import get_record, list_records
from services.grievances import Complaint
from services.history import change_state, record_change
from services.numbers import count_up

PROPOSED, ACCEPTED, DONE, DISMISSED = "proposed", "accepted", "done", "dismissed"
NEXT = {PROPOSED: (ACCEPTED, DISMISSED), ACCEPTED: (DONE, DISMISSED), DONE: (), DISMISSED: ()}
OPEN = (PROPOSED, ACCEPTED)
QUIET = dt.timedelta(days=90)
"""What was dismissed, and what was done, is proposed again only so long after."""
WEEKS = 8
MOST_DAYS = 30


class Improvement(Record, table=True):
    __table_args__ = (
        Index("ix_improvement_status", "hospital_id", "status"),
        # one open item a matter, also when two complaints are filed at once
        Index(
            "ix_improvement_open",
            "hospital_id",
            "matter",
            unique=True,
            sqlite_where=sa.text("status IN ('proposed', 'accepted')"),
            postgresql_where=sa.text("status IN ('proposed', 'accepted')"),
        ),
    )

    order_number: str = Field(max_length=40)
    """``GJ-20260311-0001``."""
    matter: str = Field(max_length=160)
    """What it is about, as a key: ``place:门诊二楼彩超候诊区:waiting``."""
    by: str = Field(max_length=12)
    """``place``, ``department`` or ``cause``."""
    place: str | None = Field(default=None, max_length=80)
    department: str | None = Field(default=None, max_length=40)
    category: str = Field(max_length=20)
    count: int
    """Complaints within ``days`` when it was proposed."""
    days: int
    status: str = Field(default=PROPOSED, max_length=12)
    owner: str | None = Field(default=None, sa_type=Encrypted("improvement.owner"))
    """Who sees to it: somebody of the staff or a department."""
    due_on: dt.date | None = None
    plan: str | None = Field(default=None, sa_type=Encrypted("improvement.plan"))
    result: str | None = Field(default=None, sa_type=Encrypted("improvement.result"))
    accepted_at: NaiveDatetime | None = None
    done_at: NaiveDatetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Complaints on the matter, before and since something was changed."""

    turned_on: dt.date | None
    """When it was done; empty while nothing is changed yet, and then nothing is said of an effect."""
    days: int
    """Days counted on either side: those since, at most 30; the last 30 while nothing is changed."""
    before: int
    after: int | None
    weeks: tuple[tuple[dt.date, int], ...]
    """Each Monday and the complaints of its week, the oldest first."""


def propose_improvement(
    desk: Desk, *, place: str | None, department: str | None, category: str
) -> Improvement | None:
    """After a complaint was filed: the item that it proposes, if it was one too many and none is open."""
    for rule in desk.hospital.complaints.repeats:
        subject = {"place": place, "department": department, "cause": ""}[rule.by]
        if subject is None or (rule.by != "cause" and not subject):
            continue
        matter = f"{rule.by}:{subject}:{category}"
        if _is_known(desk, matter):
            return None  # the narrower matter is seen to: the wider need not be proposed for it
        count, contacts = _count_recent(desk, rule, subject, category)
        if count >= rule.count and contacts >= rule.contacts:
            return _propose(desk, rule, matter, subject, category, count)
    return None


def _is_known(desk: Desk, matter: str) -> bool:
    query = select(Improvement.id).where(
        Improvement.hospital_id == desk.hospital_id,
        Improvement.matter == matter,
        sa.or_(
            col(Improvement.status).in_(OPEN),
            col(Improvement.done_at) > desk.now - QUIET,
            sa.and_(col(Improvement.status) == DISMISSED, col(Improvement.created_at) > desk.now - QUIET),
        ),
    )
    return desk.session.exec(query.limit(1)).first() is not None


def _of_matter(desk: Desk, by: str, subject: str | None, category: str) -> list[Any]:
    conditions = [
        col(Complaint.hospital_id) == desk.hospital_id,
        col(Complaint.kind) == "complaint",
        col(Complaint.category) == category,
    ]
    if by == "place":
        conditions.append(col(Complaint.place) == subject)
    elif by == "department":
        conditions.append(col(Complaint.department) == subject)
    return conditions


def _count_recent(desk: Desk, rule: Repeat, subject: str, category: str) -> tuple[int, int]:
    found = sa.select(sa.func.count(), sa.func.count(sa.distinct(col(Complaint.contact_id)))).where(
        *_of_matter(desk, rule.by, subject, category),
        col(Complaint.created_at) > desk.now - dt.timedelta(days=rule.days),
    )
    count, contacts = desk.session.execute(found).one()
    return int(count), int(contacts)


def _propose(
    desk: Desk, rule: Repeat, matter: str, subject: str, category: str, count: int
) -> Improvement | None:
    today = desk.now.date()
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "order_number": f"GJ-{today:%Y%m%d}-{count_up(desk, name=f'improvement:{today}'):04d}",
        "matter": matter,
        "by": rule.by,
        "place": subject if rule.by == "place" else None,
        "department": subject if rule.by == "department" else None,
        "category": category,
        "count": count,
        "days": rule.days,
        "status": PROPOSED,
    }
    if insert_new(desk.session, Improvement, row).rowcount != 1:
        return None
    query = select(Improvement).where(Improvement.matter == matter, Improvement.status == PROPOSED)
    made = desk.session.exec(query.where(Improvement.hospital_id == desk.hospital_id)).one()
    record_change(desk, record=made, old="", new=PROPOSED, reason="repeated")
    desk.session.flush()
    return made


def accept_improvement(
    desk: Desk, *, improvement_id: int, owner: str, due_on: dt.date, plan: str = ""
) -> Improvement:
    """Somebody sees to it, until a day. ``Invalid`` with field ``owner`` or ``due_on`` (a day that is past)."""
    if not owner.strip():
        raise Invalid("missing", field="owner")
    if due_on < desk.now.date():
        raise Invalid("past_day", field="due_on", value=due_on)
    one = _step(desk, improvement_id, ACCEPTED, reason="taken")
    one.owner, one.due_on, one.accepted_at = owner.strip()[:100], due_on, desk.now
    one.plan = plan.strip()[:1000] or None
    desk.session.add(one)
    desk.session.flush()
    return one


def finish_improvement(desk: Desk, *, improvement_id: int, result: str) -> Improvement:
    """What was changed; from now on is counted whether it helped. ``Invalid`` with field ``result``."""
    if not result.strip():
        raise Invalid("missing", field="result")
    one = _step(desk, improvement_id, DONE, reason="done")
    one.result, one.done_at = result.strip()[:1000], desk.now
    desk.session.add(one)
    desk.session.flush()
    return one


def dismiss_improvement(desk: Desk, *, improvement_id: int, reason: str) -> Improvement:
    """Not to be done, and why. ``Invalid`` with field ``reason``."""
    if not reason.strip():
        raise Invalid("missing", field="reason")
    return _step(desk, improvement_id, DISMISSED, reason=reason.strip()[:200])


def _step(desk: Desk, improvement_id: int, status: str, *, reason: str) -> Improvement:
    one = get_record(desk, Improvement, improvement_id, lock=True)
    if status not in NEXT[one.status]:
        raise WrongState(one.status, field="status", value=status)
    change_state(desk, record=one, new=status, reason=reason)
    return one


def get_improvement(desk: Desk, *, improvement_id: int) -> Improvement:
    return get_record(desk, Improvement, improvement_id)


def list_improvements(desk: Desk, *, status: str | None = None, limit: int = 200) -> list[Improvement]:
    """Newest first."""
    return list_records(desk, Improvement, status=status, limit=limit)


def list_grouped(desk: Desk, *, improvement: Improvement, limit: int = 20) -> list[Complaint]:
    """The complaints of its matter, from ``days`` before it was proposed until now, newest first."""
    subject = improvement.place if improvement.by == "place" else improvement.department
    query = select(Complaint).where(
        *_of_matter(desk, improvement.by, subject, improvement.category),
        col(Complaint.created_at) > improvement.created_at - dt.timedelta(days=improvement.days),
    )
    return list(desk.session.exec(query.order_by(col(Complaint.id).desc()).limit(limit)))


def measure_effect(desk: Desk, *, improvement: Improvement) -> Effect:
    """Complaints on the matter before it was changed and since, over equally many days, and week by week."""
    done = improvement.done_at
    days = MOST_DAYS if done is None else max(1, min(MOST_DAYS, (desk.now - done).days + 1))
    span, turned = dt.timedelta(days=days), done or desk.now
    monday = desk.now.date() - dt.timedelta(days=desk.now.weekday())
    first = monday - dt.timedelta(weeks=WEEKS - 1)
    subject = improvement.place if improvement.by == "place" else improvement.department
    since = min(dt.datetime.combine(first, dt.time.min), turned - span)
    query = sa.select(col(Complaint.created_at)).where(
        *_of_matter(desk, improvement.by, subject, improvement.category), col(Complaint.created_at) >= since
    )
    filed = list(desk.session.execute(query).scalars())
    weeks = [first + dt.timedelta(weeks=number) for number in range(WEEKS)]
    return Effect(
        done.date() if done else None,
        days,
        sum(turned - span <= one < turned for one in filed),
        sum(turned <= one < turned + span for one in filed) if done else None,
        tuple((one, sum(one <= at.date() < one + dt.timedelta(weeks=1) for at in filed)) for one in weeks),
    )
