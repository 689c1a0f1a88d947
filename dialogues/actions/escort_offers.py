"""An escort offered to who is free to have one, after a booking that told of it."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import patient_title
from services import escorts, patients


class WeighEscort(DeskAction, name="action_weigh_escort"):
    """``outcome``: eligible where what was said makes an escort free, so that one is worth offering."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        found = escorts.check_eligibility(
            desk, patient=patient, needs=escorts.read_needs([slots["special_need"]])
        )
        return {"outcome": "eligible" if found.eligible else "told"}


class AskEscortOffer(DeskAction, name="action_ask_escort_offer"):
    """Why it is free for this patient, and the day."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        needs = escorts.read_needs([slots["special_need"] or "none"])
        found = escorts.check_eligibility(desk, patient=patient, needs=needs)
        say(
            "utter_ask_escort_offer",
            who=patient_title(say, patient),
            ground=say.name("escort_ground", found.ground, found.name),
        )
