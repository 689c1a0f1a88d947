"""The escorts 陪诊 a patient has asked for: who comes, where they meet, cancelling one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlencode

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import known
from dialogues.actions.titles import day_title, person_button, route_button
from dialogues.payload import ask_for, set_slots
from services import escort_stages, escorts
from services.alarms import raise_alarm
from services.errors import NotAllowed, WrongState
from services.escorts import Escort
from services.handovers import call_person
from services.waygraph import get_map

MISSING = "missing"
SOON = dt.timedelta(minutes=10)
NOT_THERE = re.compile(
    r"没来|没到|未到|还没人|没有人|没人来|怎么还没|还没见|没见|没看[到见]|找不[到着]|找唔到|唔见|不见|等(?:了)?半天|không thấy|chưa (?:đến|tới)",
    re.IGNORECASE,
)
"""Of somebody who should be there: 约的陪诊员没来，找不到人."""


def escort_values(say: Speaker, escort: Escort) -> dict[str, Any]:
    """An escort in the placeholders of replies."""
    return {
        "day": day_title(say, escort.start.date()),
        "hour": f"{escort.start:%H:%M}",
        "place": escort.place,
        "state": say.name("escort_state", escort.status),
        "companion": escort.companion or "",
        "companion_phone": escort.companion_phone or say.desk.hospital.escort.phone,
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
    """``outcome``: missing where the patient waits for somebody who should be there by now."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = find_meant(desk, slots)
        if not mine:
            say("utter_no_escorts")
            return {"outcome": "told"}
        waited = desk.now >= mine[0].start - SOON and mine[0].status != escorts.IN_PROGRESS
        if slots["missing"] or (waited and NOT_THERE.search(slots.latest_text)):
            return {"outcome": MISSING}
        for one in mine[:3]:
            _tell_escort(desk, one, say)
        if mine[0].status == escorts.IN_PROGRESS:
            say.buttons([person_button(say)])
            return {"outcome": "told"}
        place = mine[0].place
        if desk.hospital.find_places(place):
            say.image(draw_spot(desk, place))
        say.buttons(
            [
                (say.word("route_to", place=place), ask_for("ask_route", place=place)),
                (say.word("escort_missing"), ask_for("query_escort", missing=True)),
                (say.word("move_escort"), ask_for("change_escort")),
                (say.word("cancel_escort"), ask_for("cancel_escort")),
            ]
        )
        return {"outcome": "told"}


def draw_spot(desk: Desk, place: str) -> str:
    """The drawn floor on which the meeting point lies, the way to it from the main door."""
    spot = desk.hospital.find_places(place)[0]
    chart = get_map(desk.hospital)
    area = spot.building or chart.campus(spot)
    return f"/maps/{area}/{spot.floor}.png?" + urlencode({"to": spot.id})


def _tell_escort(desk: Desk, one: Escort, say: Speaker) -> None:
    """Who comes and where; once under way, the present step with its hour and what lies behind."""
    values = escort_values(say, one)
    steps = escort_stages.list_steps(desk, escort_id=one.id)
    if one.status == escorts.IN_PROGRESS and steps:
        lines = [
            say.word(
                "step_line", hour=f"{step.at:%H:%M}", step=step.stage.names.get(say.language, step.stage.name)
            )
            for step in steps
        ]
        say("utter_escort_steps", order_number=one.order_number, steps="\n".join(lines), **values)
        return
    say(
        "utter_escort_with_companion" if one.companion else "utter_escort_state",
        order_number=one.order_number,
        **values,
    )


class ReportMissingEscort(DeskAction, name="action_report_missing_escort"):
    """Whom the patient waits for does not come: staff see it at once with the escort's name, and a person is called."""

    replies = ("utter_escort_missing", "utter_escort_missing_anybody")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots)
        if not mine:
            say("utter_no_escorts")
            return
        one = mine[0]
        raise_alarm(
            desk,
            kind="escort_missing",
            contact_id=slots.contact_id,
            words=[f"{one.start:%H:%M} {one.place} {one.companion or ''}".strip()],
            subject=one.subject,
        )
        call_person(desk, contact_id=slots.contact_id, reason="escort_missing", urgent=True)
        say(
            "utter_escort_missing" if one.companion else "utter_escort_missing_anybody",
            **escort_values(say, one),
        )


class TellEscortStep(DeskAction, name="action_tell_escort_step"):
    """For the clock: the step the visit is at now."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        steps = escort_stages.list_steps(desk, escort_id=one.id)
        if not steps:
            return
        at = steps[-1]
        say(
            "utter_escort_under_way_now",
            order_number=one.order_number,
            step=at.stage.names.get(say.language, at.stage.name),
            step_hour=f"{at.at:%H:%M}",
            **escort_values(say, one),
        )


class TellEscortCorrection(DeskAction, name="action_tell_escort_correction"):
    """What was told of the visit was not so: what holds instead."""

    replies = ("utter_escort_not_begun", "utter_escort_not_there")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        if one.status == escorts.ACCEPTED:
            say("utter_escort_not_begun", **escort_values(say, one))
            say.buttons([route_button(say, one.place), person_button(say)])
        elif one.status == escorts.IN_PROGRESS:
            say("utter_escort_not_there", order_number=one.order_number, **escort_values(say, one))
            say.buttons([(say.word("see_escort"), ask_for("query_escort")), person_button(say)])


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
