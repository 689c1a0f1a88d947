"""Changing a herb delivery that is not on its way yet: another address or phone, fetched instead, given up."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.herb_addresses import FETCHES, hear_address
from dialogues.actions.herbs import delivery_title, find_meant, read_mode, read_words
from dialogues.payload import ask_for, set_slots
from services import herbs
from services.errors import NotAllowed
from services.herbs import HerbDelivery
from services.identity import mask_phone

HINTS = {
    "pickup": FETCHES,
    "cancel": re.compile(r"退掉|不寄了|取消|不要寄|唔寄|huy|khong gui"),
    "address": re.compile(
        r"地址|搬家|寄到|改寄|(?:改|换|转|还是|想|要)(?:回|成|为|到|用)*(?:寄|邮|快递|送)|dia chi|(?:doi|chuyen) (?:lai )?(?:thanh |sang )?gui"
    ),
    "phone": re.compile(r"电话|手机|号码|dien thoai"),
}


class PickHerbs(DeskAction, name="action_pick_herbs"):
    """``outcome``: found, many, or told (there is none, or it is on its way)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["record"] is not None:
            found = [herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)]
        else:
            found = find_meant(desk, slots)
        if not found:
            say("utter_no_herbs", phone_number=desk.hospital.herbs.phone)
            return {"outcome": "told"}
        if len(found) > 1:
            return {"outcome": "many"}
        one = found[0]
        if not herbs.can_change(desk, one):
            _tell_too_late(desk, one, say)
            return {"outcome": "told"}
        return {"outcome": "found", "record": one.id}

    replies = ("utter_herb_too_late", "utter_herb_too_late_sent")


def _tell_too_late(desk: Desk, one: HerbDelivery, say: Speaker) -> None:
    stage = next(stage.name for stage in desk.hospital.herbs.stages if stage.id == one.status)
    say(
        "utter_herb_too_late_sent" if one.tracking_number else "utter_herb_too_late",
        state=say.name("herb_state", one.status, stage),
        courier=one.courier or say.word("courier"),
        tracking_number=one.tracking_number or "",
        phone_number=desk.hospital.herbs.phone,
    )


class AskHerbs(DeskAction, name="action_ask_herbs"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_herbs")
        for one in herbs.list_deliveries(desk, contact_id=slots.contact_id, under_way=True):
            say.buttons([(delivery_title(desk, one, say), set_slots(record=one.id))])


class GuessHerbChange(DeskAction, name="action_guess_herb_change"):
    """What is to be changed, where the words say so: an address given, a phone given, 自取, 不寄了."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["choice"]:
            return {}
        if slots["address"]:
            return {"choice": "address"}
        if slots["phone"]:
            return {"choice": "phone"}
        text = slots.latest_text
        if text.startswith("/"):
            return {}
        return {"choice": read_words(HINTS, text)}


class AskHerbChangeKind(DeskAction, name="action_ask_herb_change_kind"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_herb_change_kind")

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_words(HINTS, slots.latest_text)


class AskHerbChangeConfirmation(DeskAction, name="action_ask_herb_change_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        what = {
            "address": slots["address"],
            "phone": mask_phone(slots["phone"]) if slots["phone"] else "",
            "pickup": desk.hospital.herbs.pickup_place,
        }
        if slots["choice"] == "cancel":
            say("utter_ask_herb_cancel_confirmation")
        else:
            target = what[slots["choice"]]
            if slots["phone"] and slots["choice"] != "phone":  # 「换个电话」 said beside it
                besides = f"{say.name('herb_change', 'phone')} {what['phone']}"
                target = say.word("comma").join((str(target), besides))
            say(
                "utter_ask_herb_change_confirmation",
                what=say.name("herb_change", slots["choice"]),
                target=target,
            )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「算了还是寄」: not as echoed."""
        return False if _hear_turn(slots) else None


def _hear_turn(slots: Slots) -> str | None:
    """``pickup`` or ``address`` where the message turns to the other way."""
    mode = read_mode(slots.latest_text)
    if mode == herbs.PICKUP and slots["choice"] != "pickup":
        return "pickup"
    return "address" if mode == herbs.COURIER and slots["choice"] in ("pickup", "cancel") else None


class TurnHerbChange(DeskAction, name="action_turn_herb_change"):
    """``outcome``: turned (``choice`` is another), or kept: nothing is changed, sent as it was."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        choice, told = _hear_turn(slots), hear_address(slots.latest_text)
        one = herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)
        as_before = choice == "address" and told is None and one.delivery_mode == herbs.COURIER
        if choice is None or as_before:
            say("utter_herb_kept")
            return {"outcome": "kept"}
        return {"outcome": "turned", "choice": choice, "confirmation": None, "address": told}


class ChangeHerbs(DeskAction, name="action_change_herbs"):
    replies = ("utter_herb_too_late", "utter_herb_too_late_sent")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine: dict[str, Any] = {"delivery_id": int(slots["record"]), "contact_id": slots.contact_id}
        choice = slots["choice"]
        try:
            if choice == "cancel":
                one = herbs.cancel_delivery(desk, **mine)
                say("utter_herb_cancelled", order_number=one.order_number)
                return
            one = herbs.change_delivery(
                desk,
                **mine,
                address=slots["address"] if choice == "address" else None,
                phone=slots["phone"],
                delivery_mode=herbs.PICKUP if choice == "pickup" else None,
            )
        except NotAllowed:
            _tell_too_late(desk, herbs.get_delivery(desk, **mine), say)
            return
        say("utter_herb_changed", order_number=one.order_number, fee=one.fee)
        say.buttons([(say.word("progress"), ask_for("query_herb_delivery", order_number=one.order_number))])
