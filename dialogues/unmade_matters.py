"""What is said of the very thing that is being made, while none like it is on record: 「退了」 at the echo of a booking gives
the booking up, 「改第二日」 asks for the day again, 「在哪里碰头」 wants what the echo says."""

from __future__ import annotations

from dataclasses import dataclass

from dialogues.line_starts import CHANGE, fold
from dialogues.walk import Walk
from intents.understanding import Request
from services.records import list_records

GIVEN_UP, CHANGED, ASKED = "given_up", "changed", "asked"
OVER = frozenset(
    {"cancelled", "completed", "rejected", "fulfilled", "noshow", "failed", "returned", "expired"}
)
WHEN = ("date", "period", "time", "offer")


@dataclass(frozen=True, slots=True)
class Making:
    """The type of the record that a flow makes, and what the intents that speak of one made already mean instead."""

    record: str
    meanings: dict[str, str]


MAKING = {
    "book_appointment": Making(
        "appointment",
        {"cancel_appointment": GIVEN_UP, "reschedule_appointment": CHANGED, "query_appointment": ASKED},
    ),
    "request_escort": Making(
        "escort", {"cancel_escort": GIVEN_UP, "change_escort": CHANGED, "query_escort": ASKED}
    ),
    "register_herb_delivery": Making("herb_delivery", {"query_herb_delivery": ASKED}),
}


def find_meaning(walk: Walk, wanted: Request) -> str | None:
    """``given_up``, ``changed`` or ``asked``; ``None`` where it is of something else, or one is on record that it may mean."""
    making = MAKING.get(walk.stack[walk.owner()].flow)
    meaning = making.meanings.get(wanted.intent) if making else None
    if making is None or meaning is None:
        return None
    mine = list_records(walk.desk, contact_id=walk.before.contact_id)
    if any(one["type"] == making.record and one["status"] not in OVER for one in mine):
        return None
    return CHANGED if meaning == GIVEN_UP and CHANGE.search(fold(wanted.text)) else meaning


def echoes_fee(walk: Walk) -> bool:
    """Whether what the running flow asks to confirm says what it costs."""
    return walk.stack[walk.owner()].flow == "book_appointment"


def ask_when_again(walk: Walk) -> bool:
    """Back to the question for the day; false where the flow asks for none."""
    at = walk.owner()
    step = walk.flow_of(walk.stack[at]).collected.get("date")
    if step is None:
        return False
    del walk.stack[at + 1 :]
    for name in WHEN:
        walk.put(name, None)
    walk.change_top(step=step, question=0)
    walk.answering = None
    return True
