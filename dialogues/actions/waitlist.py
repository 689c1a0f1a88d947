"""The waitlist 候补: joining it, and what to do with the place that is offered."""

from __future__ import annotations

import contextlib
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import BOOKED, REFUSALS, slot_values, tell_booked, tell_refusal
from dialogues.actions.departments import TOLD, make_out, tell_walk_in
from dialogues.actions.free_numbers import MOST, find_free_sessions, known
from dialogues.actions.offer_questions import DAYS_SHOWN
from dialogues.actions.titles import day_title, half_day_title, patient_title
from dialogues.actions.waiting import waiting_title, wants_that
from dialogues.payload import set_slots
from services import patients, schedules, waitlist
from services.errors import Invalid, NotAllowed, NotFound, ServiceError, WrongState
from services.registration import PROPOSED
from services.slots import last_open_day


class LookForWaitlist(DeskAction, name="action_look_for_waitlist"):
    """``outcome``: ask_department, ask_date, free (there is a number after all), ready or told."""

    replies = (*TOLD, "utter_department_walk_in", "utter_department_note")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = make_out(desk, slots, say)
        if meant.department is None:
            return meant.changes | {"outcome": "ask_department"}
        if tell_walk_in(desk, meant.department, say):
            return meant.changes | {"outcome": "told"}
        if known(slots["date"]) is None:
            return meant.changes | {"outcome": "ask_date"}
        try:
            if schedules.parse_days(slots["date"])[1] < desk.now.date():
                raise Invalid("past", field="date")
        except Invalid:
            say("utter_date_past")
            return meant.changes | {"outcome": "ask_date", "date": None}
        free = find_free_sessions(
            desk,
            department=meant.department,
            doctor=meant.doctor,
            date=slots["date"],
            period=known(slots["period"]),
        )
        return meant.changes | {"outcome": "free" if free and slots["alternative"] is None else "ready"}


class AskWaitlistDate(DeskAction, name="action_ask_waitlist_date"):
    """Days that are sold out first, for these one waits for."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        sessions = schedules.find_sessions(
            desk, department=slots["department"], doctor=known(slots["doctor"]), limit=MOST
        )
        full = list(dict.fromkeys(one.date for one in sessions if not one.remaining and not one.suspended))
        days = full or list(dict.fromkeys(one.date for one in sessions))
        say("utter_ask_waitlist_date")
        say.buttons((day_title(say, day), set_slots(date=day.isoformat())) for day in days[:DAYS_SHOWN])


class AskWaitlistFree(DeskAction, name="action_ask_waitlist_free"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        free = find_free_sessions(
            desk,
            department=slots["department"],
            doctor=known(slots["doctor"]),
            date=slots["date"],
            period=known(slots["period"]),
        )
        nearest = half_day_title(say, free[0].date, free[0].period) if free else ""
        say("utter_ask_waitlist_free", nearest=nearest)


class JoinWaitlist(DeskAction, name="action_join_waitlist"):
    replies = (*REFUSALS.values(), "utter_refused")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            entry = waitlist.join_waitlist(
                desk,
                contact_id=slots.contact_id,
                patient_id=slots["patient"],
                department=slots["department"],
                doctor=known(slots["doctor"]),
                date=known(slots["date"]) or _all_days(desk),
                period=known(slots["period"]),
            )
        except NotAllowed as error:
            if error.code == "too_many_waiting":
                elsewhere = error.field == "patient"
                limit = error.details.get("limit", "")
                say("utter_waitlist_full_elsewhere" if elsewhere else "utter_waitlist_full", limit=limit)
            else:
                tell_refusal(desk, error, say)
            return {"outcome": "told"}
        except WrongState:
            say("utter_date_past")
            return {"outcome": "told"}
        patient = patients.get_patient(desk, patient_id=entry.patient_id)
        ahead = waitlist.count_ahead(desk, entry=entry)
        say(
            "utter_waitlist_joined_behind" if ahead else "utter_waitlist_joined",
            ahead=ahead,
            who=patient_title(say, patient),
            date=slots["date"] or _all_days(desk),
            half_day=say.name("half_day", entry.period, ""),
            doctor=entry.doctor or "",
            minutes=desk.hospital.registration.waitlist_offer_minutes,
        )
        return {"outcome": "joined", "record": None}


def _all_days(desk: Desk) -> str:
    return f"{desk.now.date()}/{last_open_day(desk)}"


class AskWaitlistOffer(DeskAction, name="action_ask_waitlist_offer"):
    """The place that is kept, in full; asked with a time by which to answer."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        entry = waitlist.get_entry(desk, entry_id=slots["record"], contact_id=slots.contact_id)
        slot = waitlist.find_offered_slot(desk, entry=entry)
        if slot is None or entry.status != PROPOSED:
            return {"confirmation": False, "outcome": "settled"}
        patient = patients.get_patient(desk, patient_id=entry.patient_id)
        minutes = desk.hospital.registration.waitlist_offer_minutes
        say(
            "utter_ask_waitlist_offer",
            who=patient_title(say, patient),
            minutes=minutes,
            **slot_values(say, slot),
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「我要那个号」, also when it was kept too long: then it is said that it is gone."""
        return True if wants_that(slots.latest_text) else None


class AcceptWaitlistOffer(DeskAction, name="action_accept_waitlist_offer"):
    atomic = True
    replies = (*REFUSALS.values(), "utter_refused", *BOOKED)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        try:
            booked = waitlist.accept_offer(desk, entry_id=slots["record"], contact_id=slots.contact_id)
        except NotAllowed as error:
            tell_refusal(desk, error, say)
        except ServiceError:
            entry = waitlist.get_entry(desk, entry_id=slots["record"], contact_id=slots.contact_id)
            if entry.status in waitlist.OPEN:
                say("utter_waitlist_offer_gone")
            else:
                say("utter_waitlist_was_over", what=waiting_title(say, entry))
        else:
            tell_booked(desk, booked, say)


class DeclineWaitlistOffer(DeskAction, name="action_decline_waitlist_offer"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        with contextlib.suppress(NotFound):
            waitlist.leave_waitlist(desk, entry_id=slots["record"], contact_id=slots.contact_id)
        say("utter_waitlist_declined")
