"""The escorts 陪诊 a patient has asked for: who comes, where they meet, cancelling one."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.offers import known
from dialogues.actions.titles import day_title
from dialogues.payload import ask_for, set_slots
from services import escorts
from services.errors import NotAllowed, WrongState
from services.escorts import Escort


def escort_values(say: Speaker, escort: Escort) -> dict[str, Any]:
    """An escort in the placeholders of replies."""
    return {
        "day": day_title(say, escort.start.date()),
        "hour": f"{escort.start:%H:%M}",
        "place": escort.place,
        "state": say.name("escort_state", escort.status),
        "companion": escort.companion or "",
        "companion_phone": escort.companion_phone or "",
        "phone_number": say.desk.hospital.escort.phone,
    }


def find_meant(desk: Desk, slots: Slots) -> list[Escort]:
    """The open escorts that fit what was said; all where nothing fits."""
    mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
    number = (slots["order_number"] or "").upper()
    fitting = [one for one in mine if one.order_number == number] or mine
    wanted = known(slots["date"])
    return [one for one in fitting if one.start.date().isoformat() == wanted] or fitting


class ListEscorts(DeskAction, name="action_list_escorts"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots)
        if not mine:
            say("utter_no_escorts")
            return
        for one in mine[:3]:
            say(
                "utter_escort_with_companion" if one.companion else "utter_escort_state",
                order_number=one.order_number,
                **escort_values(say, one),
            )
        say.buttons(
            [
                (say.word("route_to", place=mine[0].place), ask_for("ask_route", place=mine[0].place)),
                (say.word("escort_missing"), ask_for("talk_to_human")),
                (say.word("cancel_escort"), ask_for("cancel_escort")),
            ]
        )


class PickEscort(DeskAction, name="action_pick_escort"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["record"] is not None:
            return {"outcome": "found"}
        found = find_meant(desk, slots)
        if not found:
            say("utter_no_escorts")
            return {"outcome": "none"}
        return {"outcome": "many"} if len(found) > 1 else {"outcome": "found", "record": found[0].id}


class AskEscort(DeskAction, name="action_ask_escort"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_escort")
        for one in escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True):
            title = f"{day_title(say, one.start.date())} {one.start:%H:%M} {one.place}"
            say.buttons([(title, set_slots(record=one.id))])

    def read(self, desk: Desk, slots: Slots) -> int | None:
        """「13号那次」"""
        days = slots.list_latest("date")
        mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
        meant = [one.id for one in mine if one.start.date().isoformat() in days]
        return meant[0] if len(meant) == 1 else None


class AskCancelEscortConfirmation(DeskAction, name="action_ask_cancel_escort_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        escort = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_ask_cancel_escort_confirmation", **escort_values(say, escort))


class CancelEscort(DeskAction, name="action_cancel_escort"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        escort = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        try:
            escorts.cancel_escort(desk, escort_id=escort.id, contact_id=slots.contact_id)
        except (NotAllowed, WrongState):
            say("utter_escort_too_late", **escort_values(say, escort))
        else:
            say("utter_escort_cancelled", **escort_values(say, escort))
