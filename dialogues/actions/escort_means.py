"""How an escorted patient is moved, changed in words: 「不用轮椅」, 「要躺着」, at the echo or when asked what to change."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.payload import set_slots
from services import escort_needs

MEANS = "means"
CHANGED = {
    "place": re.compile("碰头|碰面|见面|地点|地方|位置|chỗ|nơi|địa điểm"),
    "date": re.compile("时间|几点|日子|日期|哪天|giờ|ngày"),
    "means": re.compile("怎么陪|轮椅|平车|cách"),
    "speech": re.compile("方言|[会讲说].{0,2}话|tiếng"),
    "stop": re.compile("不约|不要了|取消|hủy|thôi"),
}
"""What of an escort is to be otherwise, in words: 「换碰头地点」."""


def is_changed(desk: Desk, slots: Slots) -> bool:
    """Whether the message asks for means other than those arranged."""
    rules, needs, risks = desk.hospital.escort, slots["answers"] or (), slots["risks"] or {}
    heard = escort_needs.hear_means(rules, slots.latest_text)
    means = escort_needs.choose_plan(rules, needs=needs, answers=risks).means.id
    return any(yes is not (name == means) for name, yes in heard.items())


class AskEscortChange(DeskAction, name="action_ask_escort_change"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_escort_change")

    def read(self, desk: Desk, slots: Slots) -> str | None:
        if escort_needs.hear_means(desk.hospital.escort, slots.latest_text):
            return MEANS
        text = slots.latest_text.lower()
        return next((what for what, words in CHANGED.items() if words.search(text)), None)


class AskEscortMeans(DeskAction, name="action_ask_escort_means"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_escort_means").buttons(
            (one.names.get(say.language, one.name), set_slots(choice=one.id))
            for one in desk.hospital.escort.means
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        heard = escort_needs.hear_means(desk.hospital.escort, slots.latest_text)
        return next((name for name, yes in heard.items() if yes), None)


class ChangeEscortMeans(DeskAction, name="action_change_escort_means"):
    """``outcome``: changed, kept (something told before still needs the old means: said), or ask."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rules, needs, risks = desk.hospital.escort, slots["answers"] or (), slots["risks"] or {}
        chosen = slots["choice"] if slots["choice"] != MEANS else None
        heard = {str(chosen): True} if chosen else escort_needs.hear_means(rules, slots.latest_text)
        if not heard:
            return {"outcome": "ask", "choice": None}
        before = escort_needs.choose_plan(rules, needs=needs, answers=risks)
        kept, told = escort_needs.change_means(rules, heard=heard, needs=needs, answers=risks)
        after = escort_needs.choose_plan(rules, needs=kept, answers=told)
        if heard.get(after.means.id) is False or (
            after.means == before.means and not heard.get(after.means.id)
        ):
            reasons = [one.name for one in rules.risks if told.get(one.id) and one.id in after.means.risks]
            say(
                "utter_escort_means_kept",
                reason=say.word("list").join(reasons),
                means=after.means.names.get(say.language, after.means.name),
            )
            return {"outcome": "kept", "choice": None}
        first = kept[0] if kept else "none"
        return {"outcome": "changed", "choice": None, "answers": kept, "risks": told, "special_need": first}
