"""The day wanted has nothing left: the nearest numbers, the waitlist, another doctor, another day."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import EXTRA, MOST, find_nearest, known
from dialogues.actions.titles import clinic_title, half_day_title, person_button
from dialogues.payload import set_slots
from services import extras, schedules
from services.slots import Slot, get_slot

WAITS = re.compile("候补|有人退|退号|帮我(?:排|等)|排队等|等别人")
ADD_ONE = re.compile("加(?:一个|个|塞)")


class AskAlternative(DeskAction, name="action_ask_alternative"):
    """The day wanted has nothing left: the nearest numbers by button, the waitlist, another day."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        doctor = known(slots["doctor"])
        nearest = find_nearest(desk, slots, department=slots["department"], doctor=doctor)
        date, period = known(slots["date"]), known(slots["period"])
        found = schedules.find_sessions(
            desk, department=slots["department"], doctor=doctor, date=date, period=period, limit=MOST
        )
        hour = known(slots["time"])
        moving = slots["record"] is not None
        if not nearest:
            say("utter_nothing_free")
        else:
            if not found:
                reply = "utter_no_session"
            elif all(one.suspended for one in found):
                reply = "utter_suspended"
            elif hour and any(one.remaining for one in found) and _is_wanted(nearest[0], date, period):
                reply = "utter_no_hour"  # not full: only this hour has no number
            else:
                reply = "utter_full_move" if moving else "utter_full_doctor" if doctor else "utter_full"
            say(
                reply,
                date=date or "",
                half_day=say.name("half_day", period, ""),
                doctor=doctor or slots["department"],
                nearest=half_day_title(say, nearest[0].date, nearest[0].period)
                + clinic_title(say, nearest[0].clinic),
                hour=hour or "",
                start=f"{nearest[0].start:%H:%M}",
            )
        for one in nearest:
            title = f"{half_day_title(say, one.date, one.period)} {one.start:%H:%M}"
            title += clinic_title(say, one.clinic)
            title += f" {one.doctor}" if doctor else ""
            say.buttons([(title, set_slots(alternative=str(one.id)))])
        if doctor:
            say.buttons([(say.word("other_doctors"), set_slots(alternative="doctor"))])
        if moving:
            say.buttons([(say.word("keep_old"), set_slots(alternative="keep"))])
        elif found or not nearest:
            say.buttons([(say.word("waitlist"), set_slots(alternative="waitlist"))])
            if doctor and self._may_extend(desk, slots, doctor):
                say.buttons([(say.word("ask_extra"), set_slots(alternative="extra"))])
        say.buttons([(say.word("other_day"), set_slots(alternative="other")), person_button(say)])

    @staticmethod
    def _may_extend(desk: Desk, slots: Slots, doctor: str) -> bool:
        wanted = {"date": known(slots["date"]), "period": known(slots["period"])}
        found = extras.find_session_to_extend(desk, department=slots["department"], doctor=doctor, **wanted)
        return found is not None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「能加个号吗」 where it was offered."""
        doctor, text = known(slots["doctor"]), slots.latest_text
        if slots["record"] is not None:
            return None
        if WAITS.search(text):
            return "waitlist"
        if not EXTRA.search(text) and not ADD_ONE.search(text):
            return None
        return "extra" if doctor is None or self._may_extend(desk, slots, doctor) else None

    replies = (
        "utter_full",
        "utter_full_move",
        "utter_full_doctor",
        "utter_no_hour",
        "utter_no_session",
        "utter_suspended",
    )


def _is_wanted(slot: Slot, date: str | None, period: str | None) -> bool:
    """Whether a number is on the day and in the half-day wanted."""
    return slot.date.isoformat() == date and period in (None, slot.period)


class TakeAlternative(DeskAction, name="action_take_alternative"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        chosen = known(slots["alternative"])
        if chosen is None:
            doctor = known(slots["doctor"])
            nearest = find_nearest(desk, slots, department=slots["department"], doctor=doctor)
            chosen = nearest[0].id if nearest else None
        if chosen is None:
            return {"alternative": None, "date": None, "period": None, "time": None}
        slot = get_slot(desk, slot_id=int(chosen))
        return {
            "alternative": None,
            "department": slot.department,
            "doctor": slot.doctor if slot.doctor == known(slots["doctor"]) else "any",
            "date": slot.date.isoformat(),
            "period": slot.period,
            "time": "any",
            "offer": slot.id,
        }
