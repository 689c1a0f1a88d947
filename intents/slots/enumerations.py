"""「明天上午的眼科和后天下午的口腔科」: one verb, two things wanted, each with a day of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from intents.slots.found import Found

TARGETS = ("department", "doctor", "examination")
LINK = re.compile(r"[,，、;；]?\s*(?:和|跟|同|还有|以及|再加上?|另外|再|还要|加上?|仲有|与)?\s*")
WHEN = ("date", "period", "time")


def split_enumeration(text: str, found: Sequence[Found]) -> list[tuple[int, int]]:
    """Where the parts stand, the whole text covered; one part where only one thing is wanted.

    A part has one target and a day, another than the part before; between two parts stands nothing but a link.
    """
    held = [one for one in found if not one.weak and one.slot in (*TARGETS, *WHEN)]
    targets = [one for one in held if one.slot in TARGETS]
    dates = [one for one in held if one.slot == "date"]
    if len({one.value for one in targets}) < 2 or len({one.value for one in dates}) < 2:
        return [(0, len(text))]
    cuts = [0]
    group: list[Found] = []
    for one, follower in zip(held, [*held[1:], None], strict=True):
        group.append(one)
        if follower is None:
            break
        whole = any(o.slot in TARGETS for o in group) and any(o.slot == "date" for o in group)
        rest = held[held.index(follower) :]
        more = any(o.slot in TARGETS for o in rest) and any(o.slot == "date" for o in rest)
        between = text[one.end : follower.start]
        bare = between.lstrip("的号了吧呢")
        link = LINK.fullmatch(bare)
        if whole and more and link and bare.strip():
            cuts.append(one.end + len(between) - len(bare))
            group = []
    cuts.append(len(text))
    return list(itertools.pairwise(cuts))
