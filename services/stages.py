"""The stages of complaints, herb deliveries and parcel tickets, which a hospital writes in its rules: what follows what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from knowledge.schema import Stage
from services.errors import Invalid, WrongState, describe_known


def get_stage(stages: Sequence[Stage], stage_id: str) -> Stage:
    for one in stages:
        if one.id == stage_id:
            return one
    known = describe_known(stage_id, [one.id for one in stages])
    raise Invalid("unknown_stage", field="status", value=stage_id, **known)


def is_before(stages: Sequence[Stage], stage_id: str, limit: str) -> bool:
    """Whether a stage comes before another in the order in which the rules name them."""
    order = [one.id for one in stages]
    return order.index(stage_id) < order.index(limit)


def check_next(stages: Sequence[Stage], old: str, new: str, *, skipping: bool = False) -> Stage:
    """The new stage; ``WrongState`` where it may not follow.

    With ``skipping`` it may follow over others, as long as each comes after the last in the order of the rules: a
    pharmacy's system does not report every step, but a parcel sent a second time is a step of its own.
    """
    stage = get_stage(stages, new)
    reached = set(get_stage(stages, old).next)
    waiting = [one for one in reached if skipping and is_before(stages, old, one)]
    while waiting:
        here = waiting.pop()
        for one in get_stage(stages, here).next:
            if one not in reached and is_before(stages, here, one):
                reached.add(one)
                waiting.append(one)
    if new not in reached:
        following = [one.id for one in stages if one.id in reached]
        raise WrongState(old, field="status", value=new, allowed=following)
    return stage


def find_expected(stages: Sequence[Stage], stage_id: str, *, now: dt.datetime) -> dt.datetime | None:
    """When the usual next stage is due at the latest, by the rules' hours."""
    following = [get_stage(stages, one) for one in get_stage(stages, stage_id).next]
    hours = [one.hours for one in following if one.hours is not None]
    return now + dt.timedelta(hours=max(hours)) if hours else None


def find_following(stages: Sequence[Stage], stage_id: str, *, without: Sequence[str] = ()) -> Stage | None:
    """The stage that usually follows: the first named that is not left out."""
    for one in get_stage(stages, stage_id).next:
        if one not in without:
            return get_stage(stages, one)
    return None
