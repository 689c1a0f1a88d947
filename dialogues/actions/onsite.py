"""Help on the spot: where the person is, who comes and how soon; asked again while somebody is on the way."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.own_escorts import NOT_THERE, SOON
from dialogues.actions.routes import find_origin
from dialogues.actions.titles import person_button
from dialogues.payload import ask_for, set_slots
from services import escorts, onsite_help
from services.handovers import call_person
from services.onsite_help import OnsiteHelp

FLOOR = re.compile(
    r"(?:门诊|住院部?|急诊|综合楼?|东湖院?区?)?楼?[一二三四五六七八九十\d]{1,3}[楼层][^，。,.!！?？走摔晕倒找迷痛站坐动不]{0,6}"
)
"""A floor named in passing: 我在门诊二楼走不动了."""
CAME = re.compile(
    r"(?:人|护士|有人)?(?:已经)?(?:来了|到了|扶起来了|好了|没事了|不用(?:来|了))|đến rồi|không cần",
    re.IGNORECASE,
)
LATE = re.compile(r"没(?:有)?人|没来|没到|没见|还没|怎么还|催|快点|半天|chưa|sao lâu|lâu quá", re.IGNORECASE)
"""Nobody has come yet: 怎么还没人来了."""
ESCORT = re.compile(r"陪[诊检护]|陪同|người đi cùng", re.IGNORECASE)


def read_wait(text: str) -> str | None:
    """What somebody who waits for help says: ``urge``, or ``over`` where he needs it no more."""
    if LATE.search(text):
        return "urge"
    return "over" if CAME.search(text) else None


class FindAwaited(DeskAction, name="action_find_awaited"):
    """Of whom 「怎么还没人来」, 「不用来了」 is said. ``outcome``: escort; help where somebody is on the way to the spot;
    both where it may be either."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        named = slots["order_number"] or slots["date"] or slots["missing"] or ESCORT.search(text)
        if named or text.startswith("/"):
            return {"outcome": "escort"}
        if onsite_help.find_open_help(desk, contact_id=slots.contact_id) is None:
            return {"outcome": "escort"}
        mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
        if LATE.search(text):  # nobody waits today for tomorrow's escort
            mine = [one for one in mine if one.start - SOON <= desk.now]
        return {"outcome": "both" if mine else "help"}


class AskAwaited(DeskAction, name="action_ask_awaited"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_awaited").buttons(
            [
                (say.word("awaited_help"), set_slots(choice="help")),
                (say.word("awaited_escort"), set_slots(choice="escort")),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return "escort" if ESCORT.search(slots.latest_text) else None


class RecallHelp(DeskAction, name="action_recall_help"):
    """``outcome``: called where somebody is on the way already, escort where the one waited for is an escort, new."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        known = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        if known is not None and slots["place"] in (None, known.place):
            said = read_wait(slots.latest_text)
            coming = known.status != onsite_help.REQUESTED  # who is on the way is told before urging
            choice = None if said == "urge" and coming else said
            return {"outcome": "called", "record": known.id, "choice": choice}
        if NOT_THERE.search(slots.latest_text):
            mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
            if any(one.start - SOON <= desk.now for one in mine):
                return {"outcome": "escort"}
        return {"outcome": "new"}


class LocateHelp(DeskAction, name="action_locate_help"):
    """The place said, or that of the place code; else it is asked."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["place"] is not None:
            return {}
        origin = find_origin(desk, slots)
        if origin is not None:
            return {"place": origin.name}
        said = FLOOR.search(slots.latest_text)
        return {"place": said[0] if said else None}


class CallHelp(DeskAction, name="action_call_help"):
    """The nearest on duty is called with an alarm in the console; a person for the conversation where nobody knows
    where the patient is."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        call = onsite_help.call_help(
            desk,
            contact_id=slots.contact_id,
            place=slots["place"],
            special_need=slots["special_need"],
            words=slots.latest_text,
        )
        call_person(desk, contact_id=slots.contact_id, reason="onsite_help", urgent=True)
        if not call.place:
            say("utter_help_called_anywhere")
        elif call.companion_id is None:
            say("utter_help_called_head", **help_values(desk, call))
        else:
            say("utter_help_called", **help_values(desk, call))
        return {"record": call.id}


def help_values(desk: Desk, call: OnsiteHelp) -> dict[str, Any]:
    """A call in the placeholders of replies."""
    head = desk.hospital.escort.help.head
    return {
        "place": call.place or "",
        "companion": onsite_help.name_companion(desk, call) or head.name,
        "minutes": call.minutes or 1,
        "head": head.name,
        "phone_number": head.phone,
    }


def tell_call(desk: Desk, call: OnsiteHelp, say: Speaker) -> None:
    """Who comes, as it stands now."""
    values = help_values(desk, call)
    if call.status == onsite_help.IN_PROGRESS:
        say("utter_help_there", **values)
    elif call.status == onsite_help.ACCEPTED:
        say("utter_help_coming" if call.minutes else "utter_help_coming_soon", **values)
    elif call.to_head:
        say("utter_help_head", **values)
    else:
        say("utter_help_next" if "," in call.asked else "utter_help_asked", **values)


class AskHelpAgain(DeskAction, name="action_ask_help_again"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.get_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        tell_call(desk, call, say)
        say.buttons(
            [
                (say.word("help_urge"), set_slots(choice="urge")),
                (say.word("help_over"), set_slots(choice="over")),
                person_button(say),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_wait(slots.latest_text)


class UrgeHelp(DeskAction, name="action_urge_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.urge_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_help_urged")
        tell_call(desk, call, say)


class EndHelp(DeskAction, name="action_end_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        if call is not None:
            onsite_help.end_help(desk, help_id=call.id, contact_id=slots.contact_id)
        say("utter_help_over")


class TellHelpChange(DeskAction, name="action_tell_help_change"):
    """For the clock: somebody has accepted, or the next was asked."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.get_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        if call.status in onsite_help.OPEN:
            tell_call(desk, call, say)
            say.buttons([(say.word("help_over"), ask_for("request_onsite_help")), person_button(say)])
