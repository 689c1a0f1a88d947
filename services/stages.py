"""The stages of complaints and herb deliveries, which a hospital writes in its rules: what may follow what."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.schema import Stage
from services.errors import Invalid, WrongState


def get_stage(stages: Sequence[Stage], stage_id: str) -> Stage:
    for one in stages:
        if one.id == stage_id:
            return one
    raise Invalid("unknown_stage", field="status", value=stage_id, allowed=[one.id for one in stages])


def is_before(stages: Sequence[Stage], stage_id: str, limit: str) -> bool:
    """Whether a stage comes before another in the order in which the rules name them."""
    order = [one.id for one in stages]
    return order.index(stage_id) < order.index(limit)


def check_next(stages: Sequence[Stage], old: str, new: str, *, skipping: bool = False) -> Stage:
    """The new stage; ``WrongState`` where it may not follow.

    With ``skipping`` it may follow over others: a pharmacy's system does not report every step.
    """
    stage = get_stage(stages, new)
    reached = set(get_stage(stages, old).next)
    waiting = list(reached) if skipping else []
    while waiting:
        for one in get_stage(stages, waiting.pop()).next:
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    if new not in reached:
        raise WrongState(old, field="status", value=new)
    return stage
