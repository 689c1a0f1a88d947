"""A person is called."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from services.handovers import call_person, find_open


class CallPerson(DeskAction, name="action_call_person"):
    """Puts the conversation on the list of those who wait for a person."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        waiting = find_open(desk, contact_id=slots.contact_id) is not None
        call_person(desk, contact_id=slots.contact_id, reason="asked", urgent=False)
        say("utter_person_coming" if waiting else "utter_person_called")
        return {}
