"""``人工:`` lines: a person of the staff takes over the conversation of 甲, writes, and hands it back."""

from __future__ import annotations

from bot.house import House
from bot.transcripts.people import get_contact_called
from services import Desk, handovers, outbox, staff

LOGIN = "transcript"


def act(desk: Desk, house: House, *, text: str, channel: str) -> None:
    """``接手``, ``交还``, or words to the patient."""
    contact_id = get_contact_called(desk, "甲", channel=channel).id
    if text == "接手":
        handovers.take_over(desk, contact_id=contact_id, staff_id=_get_staff(desk).id)
        house.turns.pause(desk, contact_id=contact_id, name="person_here")
    elif text == "交还":
        handovers.hand_back(desk, contact_id=contact_id)
        house.turns.resume(desk, contact_id=contact_id)
    else:
        outbox.post(desk, contact_id=contact_id, replies=[{"text": text}], author="staff")


def _get_staff(desk: Desk) -> staff.Staff:
    known = staff.find_staff(desk, login=LOGIN)
    return known or staff.add_staff(desk, login=LOGIN, name="值班护士", role="service")[0]
