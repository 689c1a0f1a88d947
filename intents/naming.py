"""From a message and the slots found in it to the names of its features, for all of it or for a part."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from intents.denial import set_aside
from intents.features import features
from intents.slots.found import Found
from intents.tokens import Segmenter

WHO = frozenset({"phone", "id_number", "patient_name"})
INTRODUCED = re.compile(
    r"[,，。;；:：\s]*(?:(?:我|本人)的?|名字|姓名|叫|我叫)?(?:联系)?(?:电话|手机|身份证|证件)?(?:号码?)?(?:就|都)?(?:是|为|:|：)?\s*"
)
"""What stands before a number or a name that only says who writes: 「我的电话是…」."""
REST = re.compile(r"[,，。;；\s]*(?=.*[a-z\u4e00-\u9fff])")


def name_parts(segmenter: Segmenter, text: str, found: Sequence[Found]) -> Callable[[int, int], list[str]]:
    """The features of any stretch of a normalised text, which is cut into words once."""
    words = segmenter.cut(text)
    said_first = _introduction(text, found)

    def name(start: int, end: int) -> list[str]:
        if start < said_first < end:
            start = said_first
        wanted, denied = set_aside(text[start:end])
        inside = segmenter.cut(wanted) if denied else [one for one in words if start <= one.start < end]
        held = [one for one in found if start <= one.start < end]
        return features(wanted, [one.text for one in inside], evidence(held), denied)

    return name


def _introduction(text: str, found: Sequence[Found]) -> int:
    """Where the request begins after numbers that only say who writes: 「10000001234，看下排队」 asks about the queue."""
    at, numbered = 0, False
    for one in found:
        if one.slot not in WHO or one.start < at:
            continue
        lead = INTRODUCED.match(text, at)
        if not lead or lead.end() < one.start:
            break
        at, numbered = one.end, numbered or one.slot != "patient_name"
    rest = REST.match(text, at) if numbered else None
    return rest.end() if rest else 0


def evidence(found: Sequence[Found]) -> list[str]:
    """The slots found for sure, as features of the classifier; a day that does not exist was meant as one."""
    return sorted({"date" if one.slot == "no_such_day" else one.slot for one in found if not one.weak})
