"""Which of the values found hold, now that the intent is known: one a slot, but for symptoms.

The readers look at words only. What a word means for a slot often hangs on the request: 「抽血」 is a place for who asks
the way and an examination for everybody else; for an appointment given back the old time counts, for a grievance and
a result the day in the past.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from intents.slots.found import Found
from intents.understanding import IntentScore, SlotValue

WAYS = frozenset({"ask_route", "request_onsite_help", "request_transfer"})
TESTED = frozenset({"book_examination", "query_report", "query_sampling"})
AILING = frozenset({"describe_symptom", "report_emergency", "report_recovery_problem"})
OLD_TIME = frozenset({"cancel_appointment", "cancel_escort"})
LOOKING_BACK = frozenset(
    {"file_complaint", "query_report", "query_herb_delivery", "ask_revisit", "query_bill"}
)
"""Their day lies in the past: of several days the first in the past is meant."""
IDLE = frozenset({"greet", "goodbye", "thank", "ask_bot", "repeat_last", "express_crisis"})
NOT_OF_TIMES = AILING | {"ask_medication"}
FIRST_SAID = frozenset({"department", "doctor", "relation", "age", "examination", "complaint_category"})
MOST = 200
"""Values looked at; a message with more is no request."""
UNLESS = frozenset({"date", "special_need"})
"""Weak values that hold unless the intent is against them."""
NOT_UNLIKELY = 0.15
NEEDS = ("stretcher", "wheelchair", "vision", "hearing", "pregnant", "alone")
"""Of two needs the one that asks for more."""


def settle(found: Sequence[Found], intent: str, ranking: Sequence[IntentScore] = ()) -> list[Found]:
    """The finds that hold for a request of ``intent``, in order of place.

    ``ranking``: what else it may be. A weak value holds where any intent that is not unlikely wants it, so that a
    request taken for its neighbour keeps its values.
    """
    likely = {intent, *(one.name for one in ranking if one.confidence >= NOT_UNLIKELY)}
    if intent in TESTED:  # 「抽血要空腹吗」 is about the test, however near the way to it is
        likely -= WAYS
    kept = [
        one
        for one in found
        if not one.weak
        or any(_likely(one, name) for name in (likely if one.slot not in UNLESS else (intent,)))
    ]
    places = [one for one in kept if one.slot in ("place", "origin")]
    kept = [
        one
        for one in kept
        if one.slot != "examination"
        or not (any(one.overlaps(other) for other in places) or (places and intent == "ask_route"))
    ]
    if intent in IDLE:
        kept = [one for one in kept if one.slot != "symptom"]
    if intent not in AILING:
        needs = [one for one in kept if one.slot == "special_need"]
        kept = [one for one in kept if not (one.slot == "symptom" and any(one.overlaps(n) for n in needs))]
    if intent in NOT_OF_TIMES:
        days = [one for one in kept if one.slot in ("date", "time")]
        kept = [one for one in kept if one.slot != "period" or any(_beside(one, day) for day in days)]
    if intent == "file_complaint":  # how long one waited is no course of an illness
        kept = [one for one in kept if one.slot != "duration"]
    if intent in OLD_TIME:
        kept = _first_of(kept, ("date", "period", "time"))
    return kept


def collect(found: Sequence[Found], intent: str, ranking: Sequence[IntentScore] = ()) -> dict[str, SlotValue]:
    """Slot → value of what holds: the last said, for a correction comes last."""
    slots: dict[str, SlotValue] = {}
    held = settle(found, intent, ranking)[:MOST]
    again = _said_again(held)
    for one in held:
        if one.slot == "symptom":
            values = slots.setdefault(one.slot, [])
            if isinstance(values, list) and one.value not in values:
                values.append(str(one.value))
        elif one.slot in FIRST_SAID:
            if one.slot not in slots or (one.slot, one.value) in again:
                slots[one.slot] = one.value
        elif one.slot == "special_need" and one.slot in slots:
            best = min((need for need in held if need.slot == one.slot), key=_urgency)
            slots[one.slot] = best.value
        elif one.slot == "time" and one.slot in slots and intent != "reschedule_appointment":
            continue
        else:
            slots[one.slot] = one.value
    if intent in LOOKING_BACK:
        slots |= _past(held)
    return slots


def _likely(one: Found, intent: str) -> bool:
    if one.slot == "place":
        return intent in WAYS
    if one.slot == "department":
        return intent in WAYS
    if one.slot == "date":
        return intent not in AILING
    if one.slot == "origin":
        return intent == "ask_transport"
    if one.slot == "special_need":
        return intent not in AILING and intent not in (
            "file_complaint",
            "ask_medication",
            "repeat_last",
            "query_doctor",
        )
    if one.slot in ("symptom", "duration"):
        return intent in AILING
    if one.slot == "complaint_category":
        return intent in ("file_complaint", "query_complaint")
    if one.slot == "examination":
        return intent in TESTED
    return False


def _beside(one: Found, day: Found) -> bool:
    return one.overlaps(day) or 0 <= one.start - day.end <= 2 or 0 <= day.start - one.end <= 2


def _first_of(found: Sequence[Found], slots: Iterable[str]) -> list[Found]:
    seen: set[str] = set()
    kept = []
    for one in found:
        if one.slot in slots:
            if one.slot in seen:
                continue
            seen.add(one.slot)
        kept.append(one)
    return kept


def _urgency(need: Found) -> tuple[bool, int]:
    return need.weak, NEEDS.index(str(need.value))


def _said_again(held: Sequence[Found]) -> set[tuple[str, SlotValue]]:
    """「覃志勇和罗建军，我想挂罗建军的」: of several the one that is named twice, if only one is."""
    times = Counter((one.slot, one.value) for one in held if one.slot in FIRST_SAID)
    twice = [key for key, count in times.items() if count > 1]
    return {key for key in twice if sum(slot == key[0] for slot, _ in twice) == 1}


def _past(found: Sequence[Found]) -> dict[str, SlotValue]:
    """The first day of a story with several."""
    days = [one for one in found if one.slot == "date"]
    return {"date": days[0].value} if len(days) > 1 else {}
