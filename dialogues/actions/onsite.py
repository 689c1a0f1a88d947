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


class RecallHelp(DeskAction, name="action_recall_help"):
    """``outcome``: called where somebody is on the way already, escort where the one waited for is an escort, new."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        known = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        if known is not None and slots["place"] in (None, known.place):
            return {"outcome": "called", "record": known.id}
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
        return "over" if CAME.search(slots.latest_text) else None


class UrgeHelp(DeskAction, name="action_urge_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.urge_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_help_urged")
        tell_call(desk, call, say)


class EndHelp(DeskAction, name="action_end_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        onsite_help.end_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_help_over")


class TellHelpChange(DeskAction, name="action_tell_help_change"):
    """For the clock: somebody has accepted, or the next was asked."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.get_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        if call.status in onsite_help.OPEN:
            tell_call(desk, call, say)
            say.buttons([(say.word("help_over"), ask_for("request_onsite_help")), person_button(say)])
