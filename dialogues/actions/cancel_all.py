"""All the appointments meant, given back with one yes: 「两个都退了」, 「我爸的号全退了」."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.appointments import appointment_line, find_meant
from dialogues.actions.bookings import slot_values
from dialogues.payload import ask_for
from services import appointments
from services.appointments import Appointment
from services.errors import NotAllowed, WrongState


class AskCancelAllConfirmation(DeskAction, name="action_ask_cancel_all_confirmation"):
    """Each of them in full, for once they are given back others may take them; ``record``: these and no others."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        meant = find_meant(desk, slots, by_date=True)
        lines = "\n".join(appointment_line(say, one) for one in meant)
        say("utter_ask_cancel_all_confirmation", lines=lines, count=len(meant))
        return {"record": [one.id for one in meant]}


class CancelAllAppointments(DeskAction, name="action_cancel_all_appointments"):
    """What is too near to be given back is said and stays; the others go."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        gone: list[Appointment] = []
        for number in slots["record"]:
            one = appointments.get_appointment(desk, appointment_id=number, contact_id=slots.contact_id)
            try:
                gone.append(appointments.cancel(desk, appointment_id=one.id, contact_id=slots.contact_id))
            except NotAllowed:
                say("utter_too_late_to_change", **slot_values(say, one))
            except WrongState:
                say("utter_not_open_any_more", **slot_values(say, one))
        if gone:
            say("utter_cancelled_all", lines="\n".join(appointment_line(say, one) for one in gone))
            say.buttons([(say.word("book_again"), ask_for("book_appointment"))])
        return {"outcome": "cancelled"}
