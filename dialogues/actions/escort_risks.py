"""What an escort must know for safety, and the language to be spoken: asked one by one, heard wherever it is said."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import announce_chinese
from dialogues.payload import set_slots
from services import escort_needs

UNSURE = re.compile(
    r"不(?:太)?(?:记得|清楚|知道|确定|晓得)|记不(?:清|得|住)|忘(?:记)?了?|唔(?:记得|知)|可能|也许|不好说|không (?:nhớ|biết|rõ|chắc)|khong (?:nho|biet|ro|chac)",
    re.IGNORECASE,
)
"""「不记得了」 to a question of safety: taken for a yes, as long as it does not lay him on a stretcher."""


class FindEscortRisk(DeskAction, name="action_find_escort_risk"):
    """The next question of safety; what this message says of any of them is heard first."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rules = desk.hospital.escort
        heard = dict(slots["risks"] or {}) | escort_needs.hear_risks(rules, slots.latest_text)
        risk = escort_needs.find_next_risk(rules, needs=slots["answers"] or (), answers=heard)
        if risk is None:
            return {"outcome": "ready", "risks": heard}
        return {"outcome": "ask_risk", "risks": heard, "question": risk.id, "risk": None}


class AskEscortRisk(DeskAction, name="action_ask_escort_risk"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        risk = next(one for one in desk.hospital.escort.risks if one.id == slots["question"])
        if say.language not in risk.asks:
            announce_chinese(say)
        say("utter_ask_escort_risk", question=risk.asks.get(say.language, risk.ask))

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「半年前摔过」 to the question of falls; 「都没有」 to any; 「不记得了」 to be on the safe side."""
        if escort_needs.ALL_DENIED.search(slots.latest_text):
            return False
        rules, asked = desk.hospital.escort, slots["question"] or ""
        heard = escort_needs.hear_risks(rules, slots.latest_text).get(asked)
        if heard is None and UNSURE.search(slots.latest_text):
            return not any(one.id == asked and one.needs for one in rules.risks)
        return heard

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「不吸氧」 to the question of falls, or earlier."""
        heard = escort_needs.hear_risks(desk.hospital.escort, slots.latest_text)
        heard.pop(slots["question"] or "", None)
        return {"risks": {**(slots["risks"] or {}), **heard}} if heard else {}


class NoteEscortRisk(DeskAction, name="action_note_escort_risk"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rules = desk.hospital.escort
        heard = {slots["question"]: bool(slots["risk"])} | escort_needs.hear_risks(rules, slots.latest_text)
        told = {**(slots["risks"] or {}), **heard}
        if slots["risk"] and UNSURE.search(slots.latest_text):
            say("utter_escort_risk_unsure")
        if escort_needs.ALL_DENIED.search(slots.latest_text):
            told = {**{one.id: False for one in rules.risks}, **told}
        return {"risks": told, "risk": None}


class AskEscortSpeech(DeskAction, name="action_ask_escort_speech"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_escort_speech")
        say.buttons(
            (one.names.get(say.language, one.name), set_slots(choice=one.id))
            for one in desk.hospital.escort.speeches
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「要会讲壮话的」"""
        heard = escort_needs.hear_speech(desk.hospital.escort, slots.latest_text)
        return heard.id if heard else None


class NoteEscortSpeech(DeskAction, name="action_note_escort_speech"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"speech": slots["choice"], "choice": None}
