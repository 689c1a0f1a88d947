"""What a patient is told of a registration without asking: a new state, a day that comes near, a promise not kept."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_requests import get_picked
from dialogues.actions.line_words import deeds, describe, fill, find_place, list_advice, say_due, say_line
from dialogues.actions.titles import route_button
from knowledge.schema.lines import ENDED, say_in
from services import line_records
from services.history import list_changes
from services.line_states import CORRECTED
from services.requests import ServiceRequest


def tell_news(desk: Desk, say: Speaker, one: ServiceRequest) -> None:
    """The words of the state that a request has reached."""
    line = line_records.get_line(desk, one.line)
    state = line.get_state(one.stage)
    changes = list_changes(desk, record=one)
    if changes and (changes[-1].reason or "").startswith(CORRECTED):
        say("utter_request_corrected")
    last = [change for change in changes if change.old != change.new]
    reason = last[-1].reason if last and last[-1].actor.startswith(("staff", "api")) else None
    told = describe(desk, say, line, one, reason=reason)
    if state.say is not None:
        say_line(say, fill(say_in(state.say, say.language), told))
    else:
        say("utter_request_state", **told)
    say_due(desk, say, line, one, told)
    say.buttons(deeds(say, line, one))


class TellRequestReminder(DeskAction, name="action_tell_request_reminder"):
    """Some days before: only while the request still stands where the reminder is of use."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        line, one = get_picked(desk, slots)
        reminder = next((known for known in line.reminders if known.id == slots["choice"]), None)
        reminder = reminder or (line.reminders[0] if line.reminders else None)
        if reminder is None or one.stage not in reminder.states:
            return None
        told = describe(desk, say, line, one)
        say_line(say, fill(say_in(reminder.say, say.language), told))
        advice = list_advice(desk, say, line, one.slots)
        if advice:
            say_line(say, "\n".join(advice))
        place = find_place(line, one.slots)
        if place and place in {known.name for known in desk.hospital.places}:
            say.buttons([route_button(say, place)])
        say.buttons(deeds(say, line, one))
        return None


class TellRequestLate(DeskAction, name="action_tell_request_late"):
    """The promised time is over: said honestly, if it is still so."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        line, one = get_picked(desk, slots)
        if one.late_at is None or line.get_state(one.stage).status in ENDED:
            return
        say("utter_request_late", **describe(desk, say, line, one))
        say.buttons(deeds(say, line, one))
