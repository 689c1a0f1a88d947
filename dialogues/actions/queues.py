"""Arrival and queue 签到候诊: checking in, how many are ahead, who was passed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.appointments import find_meant
from dialogues.actions.bookings import slot_values
from dialogues.actions.crowds import advise_quiet_hours
from dialogues.actions.titles import (
    department_title,
    doctor_title,
    hour_title,
    patient_title,
    person_button,
    route_button,
)
from dialogues.fresh_matters import LATER_TURN
from dialogues.help_matters import LATE
from dialogues.payload import ask_for, set_slots
from services import appointments, arrivals, patients, queues
from services.appointments import Appointment
from services.arrivals import CALLED, PASSED, PRESENT, Arrival
from services.errors import NotAllowed, ServiceError
from services.queues import Standing
from services.registration import ARRIVED, BOOKED, NOSHOW

COME = re.compile(
    r"(?:现在才|刚才?|刚刚|已经|终于|总算)到(?![不得再])|(?<![迟晚快没未会要能就上等不唔])到[了啦咗](?!再)|签到|报到|(?<![没未])(?:回来|过来|返嚟|我来|人来)(?:了|啦|咗)"
    r"|đã đến|đến rồi|den roi|dao le",
    re.I,
)
"""「我到了」: no need to ask whether."""
HERE = re.compile(r"到(?:医院|诊区|科室|门诊|护士台|候诊)|回来", re.I)
AWAY = re.compile(
    r"没(?:有)?(?:到|回|来)|不在|路上|等会|等下|马上|快到|要到|才能到|堵|塞车|迟到|晚[一点]*到|要晚|来晚|赶|[\d一二两三四五半十]+个?(?:分钟|小时|钟头)"
    r"|厕所|洗手间|卫生间|chưa|kẹt xe|ket xe|muộn|muon|trễ|\btre\b|toilet|nhà vệ sinh",
    re.I,
)
STANDING = {
    "next": "utter_queue_next",
    "first": "utter_queue_first",
    "near": "utter_queue_near",
    "unknown": "utter_queue_unknown",
    "numbered": "utter_queue_standing_numbered",
    "plain": "utter_queue_standing",
}
ON_THE_WAY = re.compile("还?在(?:路上|外面|家)|没(?:有)?(?:到|回来)|走不开|dang tren duong|chua toi", re.I)
LONG = 5
"""So many ahead: worth saying when it is quieter."""


def _today(desk: Desk, slots: Slots) -> list[Appointment]:
    """Today's numbers of the contact that are not used up, those that fit what was said."""
    mine = [
        one
        for one in find_meant(desk, slots, by_date=False)
        if one.date == desk.now.date() and one.status in (BOOKED, ARRIVED)
    ]
    gone = appointments.list_appointments(
        desk, contact_id=slots.contact_id, date=desk.now.date(), statuses=(BOOKED, NOSHOW)
    )
    return mine or gone


def tell_standing(say: Speaker, arrival: Arrival) -> None:
    """Where the arrival stands now, with the way there."""
    desk = say.desk
    standing = queues.find_standing(desk, arrival=arrival)
    if arrival.status == CALLED:
        say("utter_queue_called", **_values(say, arrival))
    else:
        say(
            STANDING[_kind(desk, standing)],
            ahead=standing.ahead,
            minutes=_round(standing.minutes),
            number=arrival.number,
            **_values(say, arrival),
        )
        if (standing.ahead or 0) >= LONG:
            advise_quiet_hours(say, department=arrival.department, day=arrival.date)
    if arrival.place:
        say.buttons([route_button(say, arrival.place)])
    say.buttons([(say.word("look_again"), ask_for("query_queue")), person_button(say)])


def cannot_be_there(text: str) -> bool:
    """「赶不到了」, 「往后排几个」, 「还在路上」 of who has checked in."""
    return any(words.search(text) for words in (LATE, LATER_TURN, ON_THE_WAY))


def _late_buttons(say: Speaker) -> list[tuple[str, str]]:
    return [
        (say.word("reschedule"), ask_for("reschedule_appointment")),
        (say.word("cancel"), ask_for("cancel_appointment")),
        person_button(say),
    ]


def _kind(desk: Desk, standing: Standing) -> str:
    if standing.ahead is None:
        return "unknown"
    if standing.ahead <= desk.hospital.outpatients.queue.near:
        if standing.ahead:
            return "near"
        return "next" if standing.arrival.ahead is not None else "first"  # others may check in elsewhere
    return "numbered" if standing.arrival.number else "plain"


def _round(minutes: int) -> int:
    """In steps of five: the expectation is no better than that."""
    return max(5, round(minutes / 5) * 5)


def _values(say: Speaker, arrival: Arrival) -> dict[str, Any]:
    patient = patients.get_patient(say.desk, patient_id=arrival.patient_id)
    return {
        "who": patient_title(say, patient),
        "department": department_title(say, arrival.department),
        "place": arrival.place or department_title(say, arrival.department),
    }


class LookAtQueue(DeskAction, name="action_look_at_queue"):
    """``outcome``: told, which (several numbers), ask (whether he is there), here (he said so), away (on his way), passed, absent (and not back yet),
    none."""

    replies = (
        *STANDING.values(),
        "utter_queue_called",
        "utter_queue_early",
        "utter_queue_not_today",
        "utter_quieter",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said = None if slots.latest_text.startswith("/") else _read_presence(slots.latest_text)
        here = said is True
        if slots["record"] is None:
            present = arrivals.list_arrivals(
                desk, contact_id=slots.contact_id, date=desk.now.date(), statuses=PRESENT
            )
            known = {one.appointment_id for one in present}
            coming = [one for one in _today(desk, slots) if one.id not in known and one.status != ARRIVED]
            passed = [one for one in present if one.status == PASSED]
            if passed:
                where = "back" if here else "absent" if said is False else "passed"
                return {"outcome": where, "record": passed[0].id}
            if present and not (here and coming):
                for arrival in reversed(present):
                    tell_standing(say, arrival)
                if cannot_be_there(slots.latest_text) and not here:
                    say("utter_queue_late", behind=desk.hospital.outpatients.queue.passed_behind)
                    say.buttons(_late_buttons(say))
                return {"outcome": "told"}
            if not coming:
                return {"outcome": self._tell_later(desk, slots, say)}
            if len(coming) > 1:
                return {"outcome": "which"}
            record = coming[0].id
        else:
            record = int(slots["record"])
        one = appointments.get_appointment(desk, appointment_id=record, contact_id=slots.contact_id)
        opens = arrivals.opening(desk, one)
        if desk.now < opens:
            say("utter_queue_early", opens=f"{opens:%H:%M}", **slot_values(say, one))
            advise_quiet_hours(say, department=one.department, day=one.date)
            return {"outcome": "told"}
        return {"outcome": "here" if here else "away" if said is False else "ask", "record": record}

    @staticmethod
    def _tell_later(desk: Desk, slots: Slots, say: Speaker) -> str:
        mine = appointments.list_appointments(desk, contact_id=slots.contact_id, upcoming=True)
        mine = [one for one in mine if one.date > desk.now.date()]
        if not mine:
            return "none"
        one = mine[0]
        say(
            "utter_queue_not_today",
            when=hour_title(say, one.start, one.end, one.period),
            **slot_values(say, one),
        )
        return "told"


class AskArrivalWhose(DeskAction, name="action_ask_arrival_whose"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_arrival_whose")
        for one in _today(desk, slots)[:5]:
            patient = patients.get_patient(desk, patient_id=one.patient_id)
            title = f"{one.start:%H:%M} {department_title(say, one.department)} {patient.masked_name}"
            say.buttons([(title, set_slots(record=one.id))])


class AskArrival(DeskAction, name="action_ask_arrival"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = appointments.get_appointment(
            desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
        )
        patient = patients.get_patient(desk, patient_id=one.patient_id)
        say("utter_ask_arrival", who=patient_title(say, patient), **slot_values(say, one))

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「到了」, 「还在路上」."""
        return _read_presence(slots.latest_text)


def _read_presence(text: str) -> bool | None:
    """「堵车，我现在才到医院」 is here; 「要迟到了」, 「还有十分钟到医院」 is not."""
    if COME.search(text):
        return True
    if AWAY.search(text):
        return False
    return True if HERE.search(text) else None


class TellNotArrived(DeskAction, name="action_tell_not_arrived"):
    """No hurry: how long the number holds, and when it is quieter; 「还能看吗」 is answered first."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = appointments.get_appointment(
            desk, appointment_id=int(slots["record"]), contact_id=slots.contact_id
        )
        minutes = desk.hospital.registration.late_minutes
        latest = one.start + dt.timedelta(minutes=minutes)
        if not LATE.search(slots.latest_text):
            say("utter_not_arrived", late=minutes, **slot_values(say, one))
        elif desk.now < latest:
            say("utter_late_is_fine", latest=f"{latest:%H:%M}", **slot_values(say, one))
        else:
            say("utter_late_behind", **slot_values(say, one))
        if one.place:
            say.buttons([route_button(say, one.place)])
        say.buttons(
            [(say.word("reschedule"), ask_for("reschedule_appointment", order_number=one.order_number))]
        )
        say.buttons([person_button(say)])
        advise_quiet_hours(say, department=one.department, day=one.date)


class CheckIn(DeskAction, name="action_check_in"):
    """Into the queue; then where he stands."""

    replies = (
        "utter_checked_in",
        "utter_checked_in_late",
        "utter_queue_early",
        "utter_queue_cannot_check_in",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        record = int(slots["record"])
        one = appointments.get_appointment(desk, appointment_id=record, contact_id=slots.contact_id)
        try:
            arrival = queues.check_in(desk, appointment_id=record, contact_id=slots.contact_id)
        except NotAllowed as error:
            opens = error.details.get("opens")
            say("utter_queue_early", opens=f"{opens:%H:%M}" if opens else "", **slot_values(say, one))
            return
        except ServiceError:
            say("utter_queue_cannot_check_in")
            return
        late = (desk.now - one.start).total_seconds() > desk.hospital.registration.late_minutes * 60
        doctor = doctor_title(say, one.doctor, one.title)
        say("utter_checked_in_late" if late else "utter_checked_in", doctor=doctor, **_values(say, arrival))
        tell_standing(say, arrival)


class RejoinQueue(DeskAction, name="action_rejoin_queue"):
    """过号: back into the queue where the rule puts him; then where he stands."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        arrival = arrivals.get_arrival(desk, arrival_id=int(slots["record"]), contact_id=slots.contact_id)
        if arrival.status == PASSED:
            arrival = queues.rejoin(desk, arrival_id=arrival.id)
            say("utter_rejoined", **_values(say, arrival))
        tell_standing(say, arrival)


class AskRejoin(DeskAction, name="action_ask_rejoin"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        arrival = arrivals.get_arrival(desk, arrival_id=int(slots["record"]), contact_id=slots.contact_id)
        say(
            "utter_ask_rejoin",
            behind=desk.hospital.outpatients.queue.passed_behind,
            **_values(say, arrival),
        )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「回来了」, 「还没回来」."""
        return _read_presence(slots.latest_text)


class TellQueueNear(DeskAction, name="action_tell_queue_near"):
    """As it is now: nothing where he has been called meanwhile."""

    replies = ("utter_queue_near", "utter_queue_next")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        arrival = arrivals.get_arrival(desk, arrival_id=int(slots["record"]), contact_id=slots.contact_id)
        if arrival.status != arrivals.WAITING:
            return
        standing = queues.find_standing(desk, arrival=arrival)
        values = _values(say, arrival) | {"number": arrival.number}
        say(
            "utter_queue_near" if standing.ahead else "utter_queue_next",
            ahead=standing.ahead,
            minutes=_round(standing.minutes),
            **values,
        )
        if arrival.place:
            say.buttons([route_button(say, arrival.place)])
        say.buttons([person_button(say)])


class TellQueueCalled(DeskAction, name="action_tell_queue_called"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        arrival = arrivals.get_arrival(desk, arrival_id=int(slots["record"]), contact_id=slots.contact_id)
        if arrival.status != CALLED:
            return
        say("utter_queue_called", **_values(say, arrival))
        if arrival.place:
            say.buttons([route_button(say, arrival.place)])
        say.buttons([person_button(say)])


class TellQueuePassed(DeskAction, name="action_tell_queue_passed"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        arrival = arrivals.get_arrival(desk, arrival_id=int(slots["record"]), contact_id=slots.contact_id)
        if arrival.status != PASSED:
            return
        say(
            "utter_queue_passed",
            behind=desk.hospital.outpatients.queue.passed_behind,
            **_values(say, arrival),
        )
        say.buttons(
            [(say.word("back_in_queue"), ask_for("query_queue", confirmation=True)), person_button(say)]
        )
