"""A ride arranged already, at another hour."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import known
from dialogues.actions.titles import person_button
from dialogues.actions.transfers import read_start, transfer_values
from dialogues.payload import ask_for
from services import transfer_moves, transfers
from services.errors import Invalid, NotAllowed, Taken, WrongState


class PickTransferToMove(DeskAction, name="action_pick_transfer_to_move"):
    """``outcome``: found (the one spoken of, else the newest arranged) or none. An hour alone moves it within its day."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = transfers.list_transfers(desk, contact_id=slots.contact_id, upcoming=True)
        able = [one for one in mine if one.status != transfers.IN_PROGRESS]
        if not able:
            say("utter_transfer_none")
            say.buttons([(say.word("transfer_again"), ask_for("request_transfer")), person_button(say)])
            return {"outcome": "none"}
        spoken = [one for one in able if str(one.id) == str(slots["record"])]
        one = (spoken or sorted(able, key=lambda each: each.id or 0))[-1]
        found: dict[str, Any] = {"outcome": "found", "record": one.id, "ride": one.ride}
        found["people"] = one.seats + one.stretchers
        found["special_need"] = "stretcher" if one.stretchers else None
        if known(slots["date"]) is None and (known(slots["time"]) or known(slots["period"])):
            found["date"] = one.start.date().isoformat()
        return found


class AskTransferMove(DeskAction, name="action_ask_transfer_move"):
    """Old and new hour in full before anything is changed."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_ask_transfer_move", date=slots["date"], time=slots["time"], **transfer_values(say, one))


class MoveTransfer(DeskAction, name="action_move_transfer"):
    """``outcome``: moved, ask_time (that hour is full) or told."""

    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            one = transfer_moves.move_transfer(
                desk,
                transfer_id=int(slots["record"]),
                contact_id=slots.contact_id,
                start=read_start(slots),
            )
        except (Taken, Invalid):
            say("utter_transfer_full_hour")
            return {"outcome": "ask_time", "time": None, "confirmation": None}
        except (NotAllowed, WrongState):
            say("utter_transfer_cannot_move", phone_number=desk.hospital.transfers.phone)
            say.buttons([person_button(say)])
            return {"outcome": "told"}
        say("utter_transfer_moved", **transfer_values(say, one))
        say.buttons([(say.word("transfer_mine"), ask_for("request_transfer")), person_button(say)])
        return {"outcome": "moved"}
