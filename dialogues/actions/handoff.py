"""A person is called."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from services.handovers import ASKED, call_off, call_person, find_open


class CallPerson(DeskAction, name="action_call_person"):
    """Puts the conversation on the list of those who wait for a person."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        waiting = find_open(desk, contact_id=slots.contact_id) is not None
        call_person(desk, contact_id=slots.contact_id, reason=ASKED, urgent=False)
        say("utter_person_coming" if waiting else "utter_person_called")
        return {}


class KeepAssistant(DeskAction, name="action_keep_assistant"):
    """No person is wanted: one who was called and has not come yet is called off."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        called_off = call_off(desk, contact_id=slots.contact_id)
        say("utter_person_called_off" if called_off else "utter_person_not_called")


class CallOffPerson(DeskAction, name="action_call_off_person"):
    """The same where the message goes on to say what is wanted: that is served next."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        called_off = call_off(desk, contact_id=slots.contact_id)
        say("utter_person_off" if called_off else "utter_person_not_wanted")
