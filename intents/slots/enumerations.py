"""「明天上午的眼科和后天下午的口腔科」, 「上午看眼科，下午看骨科」, 「挂眼科和骨科」: one verb, several things wanted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from intents.slots.found import Found
from intents.understanding import SlotValue

TARGETS = ("department", "doctor", "examination")
AND = "和|跟|同|还有|以及|再加上?|另外|再|还要|加上?|仲有|与|rồi|và"
VERB = "帮|给|我|也|要|想|得|去|挂|约|预约|看|睇|一?个|然后|接着|khám|khám ở"
LINK = re.compile(rf"[,，、;；]?\s*(?:(?:{AND}|{VERB})\s*)*")
LISTED = re.compile(rf"(?:[、]|[,，]?\s*(?:{AND}))\s*(?:{VERB})*")
CHOICE = re.compile("[?？吗哪]|还是|或|都行|都可以|不|别|没|区别|了|怎么|多少")
"""「眼科和骨科哪个好」, 「眼科和骨科都行」 are no two errands."""
REST = "科室诊的号了吧呢"
"""What may be left of the words for what is wanted: 「看眼」 alone says 眼科."""
WHEN = ("date", "period", "time")
DAY = ("date", "period")


def split_enumeration(text: str, found: Sequence[Found], intent: str) -> list[tuple[int, int]]:
    """Where the parts stand, the whole text covered; one part where only one thing is wanted.

    A part has one target and its own day or half-day, between two parts stands nothing but a link. Departments listed
    for one day are parts where they are booked.
    """
    held = [one for one in found if not one.weak and one.slot in (*TARGETS, *WHEN)]
    targets = [one for one in held if one.slot in TARGETS]
    if len({one.value for one in targets}) < 2:
        return [(0, len(text))]
    cuts = _cut_days(text, held) or (_cut_list(text, held) if intent == "book_appointment" else [])
    return list(itertools.pairwise([0, *cuts, len(text)]))


def inherit_when(
    text: str, found: Sequence[Found], parts: Sequence[tuple[int, int]]
) -> list[dict[str, SlotValue]]:
    """What each part takes over of when it is wanted: the day before it (「明天上午…，下午…」), and what was said
    before or after all of them (「明天上午给我爸看骨科，我妈看眼科」)."""
    whens = [one for one in found if one.slot in WHEN]
    targets = [one for one in found if one.slot in (*TARGETS, "relation")]
    head = {one.slot: one.value for one in whens if targets and one.end <= targets[0].start}
    tail = {
        one.slot: one.value
        for one in whens
        if targets
        and one.start > targets[-1].end
        and re.search("[,，。;；]", text[targets[-1].end : one.start])
    }
    taken, day = [], head.get("date")
    for start, end in parts:
        own = {one.slot: one.value for one in whens if start <= one.start < end}
        if not own:
            taken.append(tail or head)
        elif tail and own == tail:
            taken.append({})
        else:
            taken.append({"date": day} if day and "date" not in own else {})
        day = own.get("date", day)
    return taken


def _cut_days(text: str, held: Sequence[Found]) -> list[int]:
    cuts: list[int] = []
    group: list[Found] = []
    for place, (one, follower) in enumerate(itertools.pairwise(held), start=1):
        group.append(one)
        bare = text[one.end : follower.start].lstrip(REST)
        if _is_whole(group) and _is_whole(held[place:]) and bare.strip() and LINK.fullmatch(bare):
            cuts.append(follower.start - len(bare))
            group = []
    return cuts


def _is_whole(group: Sequence[Found]) -> bool:
    return any(one.slot in TARGETS for one in group) and any(one.slot in DAY for one in group)


def _cut_list(text: str, held: Sequence[Found]) -> list[int]:
    if CHOICE.search(text):
        return []
    departments = [one for one in held if one.slot == "department"]
    return [
        follower.start - len(text[one.end : follower.start].lstrip(REST))
        for one, follower in itertools.pairwise(departments)
        if one.value != follower.value and LISTED.fullmatch(text[one.end : follower.start].lstrip(REST))
    ]
