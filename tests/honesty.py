"""What the history of every record must hold, whatever was done with it: actor, time, an unbroken chain of states, and
a reason where something ended otherwise than was wished.

Looked at after every transcript (tests/conftest.py) and in the walks of tests/services/test_honest_history.py.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from sqlmodel import col, select

from bot.api.fhir import get_mapping
from services import Desk
from services.history import StateChange
from services.promises import CANCELLED, CLAIMED, DROPPED, KEPT, WAITING, Promise
from services.resources import INTERNAL, list_resources, type_of

WITHOUT = frozenset({"promise", "slot", "bed", "loan_stock", "consent", "companion", "escort_step"})
"""Whose states are not in the history: promises and consents hold actor-less times of their own, slots and beds are
counted, the roster is the hospital's."""
NEEDS_REASON = frozenset(
    {"cancelled", "rejected", "failed", "refused", "dismissed", "stopped", "lost", "noshow"}
)
"""Unless the contact did it himself, who owes nobody an explanation."""


def find_faults(desk: Desk, *, since: dt.datetime | None = None) -> list[str]:
    """One line for each record whose history does not say what it must; empty where all is well.

    ``since``: only records made then or later, for a transcript's world lays down years of visits at one stroke.
    """
    steps: dict[str, list[StateChange]] = defaultdict(list)
    for change in desk.session.exec(select(StateChange).order_by(col(StateChange.id))):
        steps[change.record].append(change)
    faults = []
    for resource in list_resources(desk):
        if resource.type in WITHOUT or (resource.kind is not None and resource.type != "complaint"):
            continue
        if resource.model.__tablename__ in INTERNAL or "status" not in resource.columns:
            continue
        made = resource.columns["created_at"]
        query = select(resource.model).where(made >= since) if since else select(resource.model)
        for record in desk.session.exec(query):
            faults += [f"{record.subject}: {fault}" for fault in _check(desk, record, steps[record.subject])]
    return faults + _check_promises(desk, steps)


def _check(desk: Desk, record: Any, steps: list[StateChange]) -> list[str]:
    if not steps:
        return [f"is {record.status}, and the history is empty"]
    faults = []
    state = ""
    at = record.created_at
    noted = get_mapping(type_of(record)).steps
    for one in steps:
        if one.new in noted:
            continue  # written down beside the states
        if one.old != state:
            faults.append(f"was {state!r}, and the history goes on from {one.old!r}")
        if not one.actor or (one.actor == "assistant" and one.new in NEEDS_REASON and not one.reason):
            faults.append(f"nobody made it {one.new}")
        if not at <= one.created_at <= desk.now:
            faults.append(f"became {one.new} at {one.created_at}, after {at}")
        if one.new in NEEDS_REASON and not one.reason and not one.actor.startswith("contact:"):
            faults.append(f"{one.actor} made it {one.new} without a reason")
        state, at = one.new, max(at, one.created_at)
    now = record.stage if getattr(record, "stage", None) else record.status
    if state != now:
        faults.append(f"is {now}, and the history ends in {state}")
    mapping = get_mapping(type_of(record))
    if not mapping.other and record.status not in mapping.states:
        faults.append(f"is {record.status}, which the map to FHIR does not know")
    return faults


def _check_promises(desk: Desk, steps: dict[str, list[StateChange]]) -> list[str]:
    """Each ended with its hour, and none told twice: what is told of a record at one hour is at most what changed then."""
    faults = []
    given: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in desk.session.exec(select(Promise)):
        if (one.status in (KEPT, DROPPED, CANCELLED)) != (one.ended_at is not None):
            faults.append(f"{one.subject} is {one.status} and ended at {one.ended_at}")
        if one.status not in (WAITING, CLAIMED, KEPT, DROPPED, CANCELLED):
            faults.append(f"{one.subject} is {one.status}")
        if one.status == DROPPED and not one.reason:
            faults.append(f"{one.subject} was dropped without a reason")
        if one.status == KEPT:
            given[one.contact_id, one.kind, one.about, one.due_at, one.values, one.created_at] += 1
    for (_, kind, about, _, _, at), count in given.items():
        if count > max(1, sum(step.created_at == at for step in steps[about])):
            faults.append(f"{kind} of {about} was told {count} times")
    return faults
