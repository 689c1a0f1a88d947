"""An escort in trouble: the patient wants another companion, or nobody could be found. People at the desk see to it."""

from __future__ import annotations

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.own_escorts import escort_values, find_meant
from dialogues.actions.titles import person_button
from dialogues.payload import ask_for
from services import escorts
from services.handovers import call_person


class AskOtherCompanion(DeskAction, name="action_ask_other_companion"):
    """Whoever goes along stays until somebody else is there: nobody is left standing alone."""

    replies = ("utter_escort_other_asked", "utter_escort_other_asked_early")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots)
        if not mine:
            say("utter_no_escorts")
            return
        one = mine[0]
        under_way = one.status == escorts.IN_PROGRESS
        call_person(desk, contact_id=slots.contact_id, reason="escort_other", urgent=under_way)
        say(
            "utter_escort_other_asked" if under_way else "utter_escort_other_asked_early",
            **escort_values(say, one),
        )
        say.buttons([(say.word("see_escort"), ask_for("query_escort")), person_button(say)])


class HelpUnstaffed(DeskAction, name="action_help_unstaffed"):
    """The desk is asked to find a way; another hour can be asked for at once."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        newest = escorts.list_escorts(desk, contact_id=slots.contact_id, limit=1)
        if not newest:
            say("utter_no_escorts")
            return
        call_person(desk, contact_id=slots.contact_id, reason="escort_unstaffed", urgent=True)
        say("utter_escort_unstaffed", **escort_values(say, newest[0]))
        say.buttons([(say.word("request_escort_again"), ask_for("request_escort")), person_button(say)])
