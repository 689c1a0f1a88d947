"""An escort asked for already: at another hour, and what one costs."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.escort_hours import find_late_meeting
from dialogues.actions.escorts import read_start, tell_wrong_time
from dialogues.actions.free_numbers import known
from dialogues.actions.own_escorts import escort_values
from dialogues.actions.titles import day_title, person_button
from dialogues.payload import ask_for
from services import escort_moves, escorts, patients
from services.errors import Invalid, NotAllowed, Taken, WrongState


class PickEscortToMove(DeskAction, name="action_pick_escort_to_move"):
    """``outcome``: found, many, or none. The date said is the new one; an hour alone moves it within its day, a day alone
    to the same hour."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        coming = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
        mine = [one for one in coming if one.status != escorts.IN_PROGRESS]
        if coming and not mine:
            say("utter_escort_cannot_move", phone_number=desk.hospital.escort.phone)
            return {"outcome": "none"}
        number = (slots["order_number"] or "").upper()
        fitting = [one for one in mine if str(one.id) == str(slots["record"]) or one.order_number == number]
        fitting = fitting or mine
        if not fitting:
            say("utter_no_escorts")
            return {"outcome": "none"}
        if len(fitting) > 1:
            return {"outcome": "many", "record": None}
        one = fitting[0]
        found: dict[str, Any] = {
            "outcome": "found",
            "record": one.id,
            "patient": one.patient_id,
            "place": one.place,
        }
        day, hour = known(slots["date"]), known(slots["time"])
        if day is None and (hour is not None or known(slots["period"])):
            found["date"] = one.start.date().isoformat()
        if hour is None and day is not None and not known(slots["period"]):
            found["time"] = f"{one.start:%H:%M}"
        return found


class AskEscortMove(DeskAction, name="action_ask_escort_move"):
    """Old and new hour in full before anything is changed."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        start = read_start(desk, slots)
        late = find_late_meeting(say, contact_id=slots.contact_id, patient_id=one.patient_id, start=start)
        if late:
            say("utter_escort_after_visit", **late)
        say(
            "utter_ask_escort_move",
            new_day=day_title(say, start.date()),
            new_hour=f"{start:%H:%M}",
            **escort_values(say, one),
        )


class MoveEscort(DeskAction, name="action_move_escort"):
    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            one = escort_moves.move_escort(
                desk,
                escort_id=int(slots["record"]),
                contact_id=slots.contact_id,
                start=read_start(desk, slots),
            )
        except WrongState:
            say("utter_escort_cannot_move", phone_number=desk.hospital.escort.phone)
            return {"outcome": "told"}
        except (Invalid, NotAllowed, Taken) as error:
            if error.code == "too_late":
                say("utter_escort_cannot_move", phone_number=desk.hospital.escort.phone)
                return {"outcome": "told"}
            return tell_wrong_time(desk, error, say)
        say("utter_escort_moved", order_number=one.order_number, **escort_values(say, one))
        say.buttons(escort_buttons(say, one.order_number))
        return {"outcome": "moved"}


def escort_buttons(say: Speaker, order_number: str) -> list[tuple[str, str]]:
    return [
        (say.word("move_escort"), ask_for("change_escort", order_number=order_number)),
        (say.word("cancel_escort"), ask_for("cancel_escort", order_number=order_number)),
        person_button(say),
    ]


class TellEscortFee(DeskAction, name="action_tell_escort_fee"):
    """Whether it costs him anything; who is not known yet hears for whom it is free."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        others = desk.hospital.escort.others
        needs = escorts.read_needs([*(slots["answers"] or ()), slots["special_need"] or "none"])
        if slots["patient"] is not None:
            patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
            found = escorts.check_eligibility(desk, patient=patient, needs=needs)
            if found.eligible:
                say("utter_escort_eligible", ground=say.name("escort_ground", found.ground, found.name))
                return
        fee = (
            say.word("yuan", fee=others.fee) if others is not None and others.fee else say.word("escort_free")
        )
        say("utter_escort_fee", fee=fee)
