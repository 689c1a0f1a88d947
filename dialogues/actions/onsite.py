"""Help on the spot: where the person is, and somebody sent there at once; what may be borrowed."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.routes import find_origin
from dialogues.actions.titles import announce_chinese, person_button
from dialogues.payload import ask_for
from services import requests
from services.alarms import raise_alarm
from services.handovers import call_person

FLOOR = re.compile(
    r"(?:门诊|住院部?|急诊|综合楼?|东湖院?区?)?楼?[一二三四五六七八九十\d]{1,3}[楼层][^，。,.!！?？走摔晕倒找迷痛站坐动不]{0,6}"
)
"""A floor named in passing: 我在门诊二楼走不动了."""
EQUIPMENT = {"wheelchair": "轮椅", "stretcher": "平车"}
"""Need → the word by which the hospital's facility is found."""


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
    """An alarm for staff, a record, a person for the conversation; one short sentence for the patient."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        request = requests.request_service(
            desk,
            contact_id=slots.contact_id,
            kind="onsite_help",
            slots={"place": slots["place"], "special_need": slots["special_need"]},
            urgent=True,
        )
        where = (slots["place"],) if slots["place"] else ()
        raise_alarm(
            desk, kind="onsite_help", contact_id=slots.contact_id, words=where, subject=request.subject
        )
        call_person(desk, contact_id=slots.contact_id, reason="onsite_help", urgent=True)
        say("utter_help_called" if slots["place"] else "utter_help_called_anywhere")
        return {"record": request.id}


class TellEquipment(DeskAction, name="action_tell_equipment"):
    """Where and how to borrow it, from the hospital's facilities; a person where none is known."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        word = EQUIPMENT.get(slots["special_need"] or "")
        texts = [word, slots.latest_text] if word else [slots.latest_text]
        facility = next(
            (
                one
                for text in texts
                for one in desk.hospital.facilities
                if any(alias in text for alias in (one.name, *one.aliases))
            ),
            desk.hospital.find_facility("轮椅"),
        )
        if facility is None:
            say("utter_equipment_unknown")
            return
        place = facility.places[0] if facility.places else ""
        announce_chinese(say)
        say(
            "utter_equipment",
            name=facility.name,
            about=facility.about,
            hours=facility.hours,
            how=facility.how,
        )
        if place:
            say.buttons([(say.word("route_to", place=place), ask_for("ask_route", place=place))])
        say.buttons([(say.word("cannot_walk"), ask_for("request_onsite_help")), person_button(say)])
