"""Where what was said to the hospital stands: by its number, or the latest of this contact."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.complaints import find_answered
from dialogues.actions.titles import announce_chinese, day_title, person_button
from services import complaints
from services.afterthoughts import is_withdrawn
from services.complaints import Complaint
from services.errors import Invalid
from services.escalation import is_late
from services.identity import parse_phone

SHOWN = 3
ANSWERED = ("answered", "confirmed", "closed")


class ShowComplaints(DeskAction, name="action_show_complaints"):
    """One by its number, else the latest of this contact; ``outcome``: told, ask_number, or answered where one waits for the
    patient's word (it is left to the flow that asks for it)."""

    replies = (
        "utter_complaint_state",
        "utter_complaint_answered",
        "utter_complaint_over",
        "utter_complaint_late_state",
        "utter_complaint_unheard",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        number = slots["order_number"]
        if number and _is_phone(number):
            say("utter_complaint_number_is_phone")
            return {"outcome": "ask_number", "order_number": None}
        if number:
            found = complaints.find_complaint(desk, order_number=number, contact_id=slots.contact_id)
            mine = [found] if found else []
            if not mine:
                say("utter_complaint_not_found")
                return {"outcome": "ask_number", "order_number": None}
        else:
            mine = complaints.list_complaints(desk, contact_id=slots.contact_id, limit=SHOWN)
            if not mine:
                say("utter_no_complaints")
                return {"outcome": "ask_number"}
        answered = find_answered(mine)
        for one in mine:
            if one is not answered:
                _tell(desk, one, say)
        return {"outcome": "told"} if answered is None else {"outcome": "answered", "record": answered.id}


def _tell(desk: Desk, one: Complaint, say: Speaker) -> None:
    told = complaints.describe_complaint(desk, one)
    answered = (
        bool(one.answer) and one.status in ANSWERED
    )  # of one reopened the new day counts, not the old answer
    if answered:
        announce_chinese(say)
    promised = one.kind in complaints.OWED and one.status != "closed"
    withdrawn = not promised and is_withdrawn(desk, one)
    say(
        "utter_complaint_answered" if answered else _find_state_reply(desk, one, promised=promised),
        order_number=one.order_number,
        date=told["date"],
        state=say.name("complaint_state", "withdrawn" if withdrawn else one.status, told["status_name"]),
        answer=one.answer or "",
        until=day_title(say, one.answer_due_on),
        hours=desk.hospital.complaints.first_contact_hours,
    )
    say.buttons([person_button(say)])


def _find_state_reply(desk: Desk, one: Complaint, *, promised: bool) -> str:
    """What was promised and not kept is never said as if it still were to come."""
    if not promised:
        return "utter_complaint_over"
    if is_late(desk, one):
        return "utter_complaint_late_state"
    unheard = one.status == "received" and one.contact_due_at <= desk.now
    return "utter_complaint_unheard" if unheard else "utter_complaint_state"


def _is_phone(text: str) -> bool:
    try:
        parse_phone(text)
    except Invalid:
        return False
    return True
