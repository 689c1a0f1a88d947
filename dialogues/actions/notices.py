"""What the clock has to tell: each reads the record as it is now, so that nothing outdated is said."""

from __future__ import annotations

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import slot_values
from dialogues.actions.herbs import tell_state
from dialogues.actions.line_news import tell_news
from dialogues.actions.own_escorts import escort_values
from dialogues.actions.titles import (
    patient_title,
    person_button,
    route_button,
)
from dialogues.payload import ask_for
from services import appointments, escorts, herbs, patients, requests
from services.appointments import Appointment
from services.registration import OPEN
from services.slots import Slot, get_slot

ESCORT_NEWS = {
    "accepted": "utter_escort_accepted",
    "in-progress": "utter_escort_under_way",
    "cancelled": "utter_escort_called_off",
    "rejected": "utter_escort_called_off",
    "failed": "utter_escort_called_off",
}


def _get_appointment(desk: Desk, slots: Slots) -> Appointment:
    return appointments.get_appointment(
        desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
    )


class TellAppointmentReminder(DeskAction, name="action_tell_appointment_reminder"):
    """Full date, doctor and place, what to bring, and the ways on; nothing for what was cancelled meanwhile."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        record = _get_appointment(desk, slots)
        if record.status not in OPEN:
            return
        patient = patients.get_patient(desk, patient_id=record.patient_id)
        today = record.date == desk.now.date()
        say(
            "utter_remind_today" if today else "utter_remind_tomorrow",
            who=patient_title(say, patient),
            **slot_values(say, record),
        )
        if record.place:
            say.buttons([route_button(say, record.place)])
        if not today:
            say.buttons(
                [
                    (
                        say.word("reschedule"),
                        ask_for("reschedule_appointment", order_number=record.order_number),
                    ),
                    (say.word("cancel"), ask_for("cancel_appointment", order_number=record.order_number)),
                ]
            )
        say.buttons([person_button(say)])


class TellHoldExpired(DeskAction, name="action_tell_hold_expired"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        if slots["hold"] is None:
            return
        hold = appointments.get_hold(desk, hold_id=int(slots["hold"]), contact_id=slots.contact_id)
        if hold.appointment_id is not None:
            return
        slot = get_slot(desk, slot_id=hold.slot_id)
        say("utter_hold_expired", **slot_values(say, slot))
        say.buttons([self._go_on(desk, slots, say, slot), person_button(say)])

    @staticmethod
    def _go_on(desk: Desk, slots: Slots, say: Speaker, slot: Slot) -> tuple[str, str]:
        """Who was moving an appointment goes on moving it: he has it still, and does not want a second."""
        day = slot.date.isoformat()
        if slots["record"] is None:
            return say.word("book_on"), ask_for("book_appointment", department=slot.department, date=day)
        moved = appointments.get_appointment(
            desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
        )
        wanted = ask_for("reschedule_appointment", order_number=moved.order_number, date=day)
        return say.word("move_on"), wanted


class TellEscortMeeting(DeskAction, name="action_tell_escort_meeting"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        escort = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        if escort.status not in (escorts.REQUESTED, escorts.ACCEPTED):  # under way, they have met
            return
        say(
            "utter_escort_meeting_with" if escort.companion else "utter_escort_meeting",
            **escort_values(say, escort),
        )
        say.buttons([route_button(say, escort.place), person_button(say)])


class TellEscortChange(DeskAction, name="action_tell_escort_change"):
    replies = tuple(dict.fromkeys(ESCORT_NEWS.values()))

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        escort = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        reply = ESCORT_NEWS.get(escort.status)
        if reply is None:
            return
        say(reply, **escort_values(say, escort))
        if escort.status in escorts.OPEN:
            say.buttons([route_button(say, escort.place)])
        else:
            say.buttons([(say.word("request_escort_again"), ask_for("request_escort"))])
        say.buttons([person_button(say)])


class TellHerbStage(DeskAction, name="action_tell_herb_stage"):
    replies = ("utter_herb_state", "utter_herb_state_ready")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)
        tell_state(desk, one, say)
        if one.status == "ready" and one.place:
            say.buttons([route_button(say, one.place)])
        if one.status == "returned":
            changing = ask_for("change_herb_delivery", order_number=one.order_number)
            say.buttons([(say.word("send_again"), changing)])
        elif one.status in ("delivered", "signed"):
            trouble = ask_for("report_parcel", order_number=one.order_number)
            say.buttons([(say.word("report_parcel"), trouble)])
        say.buttons([(say.word("how_to_take"), ask_for("ask_medication")), person_button(say)])


class TellHerbLate(DeskAction, name="action_tell_herb_late"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)
        say(
            "utter_herb_late",
            order_number=one.order_number,
            courier=one.courier or say.word("courier"),
            tracking_number=one.tracking_number or "",
            phone_number=desk.hospital.herbs.phone,
        )


class TellRequestChange(DeskAction, name="action_tell_request_change"):
    replies = ("utter_request_corrected",)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = requests.get_request(desk, request_id=int(slots["record"]), contact_id=slots.contact_id)
        if one.line is not None:
            tell_news(desk, say, one)
            return
        say(
            "utter_request_changed",
            what=say.name("request", one.kind, say.word("some_request")),
            order_number=one.order_number,
            state=say.name("request_state", one.status),
        )
