"""Asking for an escort 陪诊: may the patient have one, when, where to meet."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.escort_hours import can_start, find_late_meeting, find_meeting
from dialogues.actions.escort_means import is_changed
from dialogues.actions.escort_risks import UNSURE
from dialogues.actions.free_numbers import known
from dialogues.actions.own_escorts import escort_values
from dialogues.actions.patients import fits_patient
from dialogues.actions.repeated_bookings import find_just_made
from dialogues.actions.titles import day_title, patient_title, person_button
from dialogues.payload import ask_for, set_slots
from services import appointments, escort_needs, escorts, patients, schedules
from services.errors import Invalid, NotAllowed, ServiceError, Taken

HOURS = {
    "morning": ("08:00", "08:30", "09:00", "10:00"),
    "noon": ("12:00", "13:00"),
    "afternoon": ("14:00", "14:30", "15:00", "16:00"),
    "evening": (),
}
DAYS_SHOWN = 4
SELF = re.compile(
    r"我(?:今年|都|已经|有)*[\d一二三四五六七八九十]{2,3}多?(?:岁|了)|(?:我|就)(?:自己)?一个人[来去看]|我自己[来去看]|陪我|我.{0,8}(?:想要|要|需要)人陪"
    r"|tôi (?:đi )?một mình|toi (?:di )?mot minh|đi cùng tôi|di cung toi"
)
"""Who writes is who is to be escorted: 「我七十三了，自己一个人来」."""
KIN_AWAY = re.compile(
    r"(?:老公|老婆|爱人|先生|太太|老伴|儿子|女儿|孩子|家里人|家人|子女|孙子|我爸|我妈)们?(?:都|又|还|今天|明天|那天|要|得)*"
    r"(?:出差|不在|没空|没时间|冇得闲|上班|加班|在外地?|忙|走不开|来不了|不能来|没法来|回老家|不得空)"
)
"""Kin told of because they cannot come: 「老公出差了」."""


class HearNeeds(DeskAction, name="action_hear_needs"):
    """All needs said in one message; a slot holds only one. Right after a booking it is for that visit, if no other is
    spoken of."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        rules, said = desk.hospital.escort, slots.latest_text
        named = bool(slots.list_latest("relation")) and not KIN_AWAY.search(said)
        needs = (
            *slots.list_latest("special_need"),
            *([slots["special_need"]] if slots["special_need"] else []),
        )
        return _find_visit(desk, slots) | {
            "relation": "本人" if SELF.search(said) and not named else slots["relation"],
            "answers": list(escorts.read_needs(needs)),
            "risks": escort_needs.hear_risks(rules, said),
            "speech": _hear_speech(say, said),
        }


def _find_visit(desk: Desk, slots: Slots) -> dict[str, Any]:
    """Whose visit it is and when to meet, of what was booked a moment ago."""
    last = find_just_made(desk, contact_id=slots.contact_id)
    if last is None or slots["date"] not in (None, last.date.isoformat()):
        return {}
    patient = patients.get_patient(desk, patient_id=last.patient_id)
    if slots["patient"] not in (None, patient.id) or not fits_patient(slots, patient):
        return {}
    told = {"date": last.date.isoformat(), "time": find_meeting(desk, last)}
    if slots["time"] or slots["period"]:
        told.pop("time")
    return {"patient": patient.id, **told}


def _hear_speech(say: Speaker, said: str) -> str | None:
    """What the patient says he speaks; who writes Vietnamese, Vietnamese."""
    heard = escort_needs.hear_speech(say.desk.hospital.escort, said)
    if heard is not None:
        return heard.id
    known = {one.id for one in say.desk.hospital.escort.speeches}
    return "vietnamese" if say.language == "vi" and "vietnamese" in known else None


class CheckEscort(DeskAction, name="action_check_escort"):
    """``outcome``: eligible, ask_need (one more fact would make it so), ask_paying, or told."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        needs, risks = _settle_needs(desk, slots)
        known = {"answers": needs, "risks": risks, "special_need": needs[0] if needs else "none"}
        found = escorts.check_eligibility(desk, patient=patient, needs=needs)
        if found.eligible:
            say("utter_escort_eligible", ground=say.name("escort_ground", found.ground, found.name))
            return {"outcome": "eligible", **known}
        if found.missing and not slots["attempts"]:
            return {"outcome": "ask_need", **known, "special_need": None, "attempts": 1}
        if desk.hospital.escort.others is not None:
            return {"outcome": "ask_paying", **known}
        say("utter_escort_not_eligible", phone_number=desk.hospital.escort.phone)
        return {"outcome": "told"}


def _settle_needs(desk: Desk, slots: Slots) -> tuple[list[str], dict[str, bool]]:
    """All needs told so far, without a wheelchair or stretcher that this message denies or exchanges."""
    rules, risks = desk.hospital.escort, dict(slots["risks"] or {})
    needs = escorts.read_needs([*(slots["answers"] or ()), slots["special_need"] or "none"])
    said = escort_needs.hear_means(rules, slots.latest_text)
    heard = {one.id: said[one.id] for one in rules.means if one.id in said and set(one.needs) & set(needs)}
    if not heard:
        return list(needs), risks
    return escort_needs.change_means(rules, heard=heard, needs=needs, answers=risks)


class AskMissingNeed(DeskAction, name="action_ask_missing_need"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        found = escorts.check_eligibility(desk, patient=patient, needs=slots["answers"] or ())
        say("utter_ask_missing_need")
        say.buttons((say.name("need", need), set_slots(special_need=need)) for need in found.missing)
        say.buttons([(say.word("none_of_these"), set_slots(special_need="none"))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return "none" if UNSURE.search(slots.latest_text) else None


class AskEscortPaying(DeskAction, name="action_ask_escort_paying"):
    replies = ("utter_ask_escort_paying", "utter_ask_escort_spare")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        others = desk.hospital.escort.others
        fee = others.fee if others is not None else 0
        say("utter_ask_escort_paying" if fee else "utter_ask_escort_spare", fee=fee)


class AskEscortDate(DeskAction, name="action_ask_escort_date"):
    """The days of the patient's appointments first."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        today = desk.now.date()
        booked = [one.date for one in _booked(desk, slots)]
        near = [today + dt.timedelta(days=ahead) for ahead in range(1, DAYS_SHOWN + 1)]
        days = list(dict.fromkeys([*booked, *near]))[:DAYS_SHOWN]
        say("utter_ask_escort_date")
        say.buttons((day_title(say, day), set_slots(date=day.isoformat())) for day in days)


class AskEscortTime(DeskAction, name="action_ask_escort_time"):
    """A while before the appointment of that day first."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        period = known(slots["period"])
        booked = _booked(desk, slots)
        before = [find_meeting(desk, one) for one in booked if one.date.isoformat() == slots["date"]]
        usual = HOURS.get(period, ()) if period else ("08:00", "09:00", "10:00", "14:30", "15:30")
        say("utter_ask_escort_time", half_day=say.name("half_day", period, ""))
        hours = [hour for hour in dict.fromkeys([*before, *usual]) if _can_start(desk, slots["date"], hour)]
        say.buttons((hour, set_slots(time=hour)) for hour in hours)
        say.buttons([(say.word("other_day"), set_slots(time="any", date=None))] if not hours else [])


def _can_start(desk: Desk, day: str | None, hour: str) -> bool:
    try:
        start = dt.datetime.combine(schedules.parse_days(day or "")[0], dt.time.fromisoformat(hour))
    except (Invalid, ValueError):
        return False
    return can_start(desk, start)


def _booked(desk: Desk, slots: Slots) -> list[Any]:
    return appointments.list_appointments(
        desk, contact_id=slots.contact_id, patient_id=slots["patient"], upcoming=True
    )


class CheckEscortTime(DeskAction, name="action_check_escort_time"):
    """Whether escorts go out then; says why not and asks for that part anew."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            start = read_start(desk, slots)
            escorts.check_start(desk, start=start)
        except (Invalid, NotAllowed) as error:
            return tell_wrong_time(desk, error, say)
        points = desk.hospital.escort.meeting_points
        return {"outcome": "ready", "date": start.date().isoformat(), "place": slots["place"] or points[0]}


def read_start(desk: Desk, slots: Slots) -> dt.datetime:
    day = known(slots["date"]) or (desk.now.date() + dt.timedelta(days=1)).isoformat()
    hour = known(slots["time"]) or "08:00"
    try:
        return dt.datetime.combine(schedules.parse_days(day)[0], dt.time.fromisoformat(hour))
    except ValueError:
        raise Invalid("time", field="time", value=hour) from None


def tell_wrong_time(desk: Desk, error: ServiceError, say: Speaker) -> dict[str, Any]:
    rules = desk.hospital.escort
    if error.code in ("past", "too_far", "closed_day") or error.field == "date":
        say("utter_escort_wrong_day", limit=rules.days_ahead)
        return {"outcome": "ask_date", "date": None, "confirmation": None}
    if error.code == "short_notice":
        say("utter_escort_short_notice", minutes=rules.notice_minutes, phone_number=rules.phone)
    elif error.code == "full":
        say("utter_escort_full")
    else:
        say("utter_escort_closed", start=f"{rules.hours.start:%H:%M}", end=f"{rules.hours.end:%H:%M}")
    return {"outcome": "ask_time", "time": None, "confirmation": None}


class AskMeetingPoint(DeskAction, name="action_ask_meeting_point"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_meeting_point")
        say.buttons((one, set_slots(place=one)) for one in desk.hospital.escort.meeting_points)


class AskEscortConfirmation(DeskAction, name="action_ask_escort_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        late = find_late_meeting(
            say, contact_id=slots.contact_id, patient_id=patient.id, start=read_start(desk, slots)
        )
        if late:
            say("utter_escort_after_visit", **late)
        say(
            "utter_ask_escort_confirmation",
            who=patient_title(say, patient),
            date=slots["date"],
            time=known(slots["time"]) or "08:00",
            place=slots["place"],
            needs=_describe_needs(say, slots["answers"]),
            way=_describe_way(say, slots),
            fee=_describe_fee(say, slots),
        )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「不用轮椅」: not as echoed."""
        return False if is_changed(desk, slots) else None

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「他会讲白话吗」: wished for, at any question. 「不吸氧」 at the echo: otherwise than told before."""
        rules, told = desk.hospital.escort, slots["risks"] or {}
        wished = escort_needs.hear_speech(rules, slots.latest_text)
        found: dict[str, Any] = {"speech": wished.id} if wished and wished.id != slots["speech"] else {}
        heard = escort_needs.hear_risks(rules, slots.latest_text) if slots["place"] else {}
        if any(yes is not bool(told.get(name)) for name, yes in heard.items()):
            found["risks"] = {**told, **heard}
        return found


def _describe_needs(say: Speaker, needs: Any) -> str:
    told = [say.name("need", one, "") for one in needs or ()]
    return say.word("list").join(one for one in told if one) or say.word("no_needs")


def _describe_way(say: Speaker, slots: Slots) -> str:
    """轮椅推送，2 位陪诊员，带便携氧气瓶，会说壮话的优先"""
    rules = say.desk.hospital.escort
    plan = escort_needs.choose_plan(rules, needs=slots["answers"] or (), answers=slots["risks"] or {})
    told = say.word("escort_way", means=plan.means.names.get(say.language, plan.means.name), count=plan.staff)
    if plan.bring:
        names = {one.bring: one.bring_names.get(say.language, one.bring) for one in rules.risks}
        told += say.word("escort_brings", what=say.word("list").join(names[one] for one in plan.bring))
    spoken = next((one for one in rules.speeches if one.id == slots["speech"]), None)
    if spoken is not None:
        told += say.word("escort_speaks", speech=spoken.names.get(say.language, spoken.name))
    return told


def _describe_fee(say: Speaker, slots: Slots) -> str:
    others = say.desk.hospital.escort.others
    fee = others.fee if others is not None and slots["paying"] else 0
    return say.word("yuan", fee=fee) if fee else say.word("escort_free")


class RequestEscort(DeskAction, name="action_request_escort"):
    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            escort = escorts.request_escort(
                desk,
                contact_id=slots.contact_id,
                patient_id=slots["patient"],
                start=read_start(desk, slots),
                needs=slots["answers"],
                place=slots["place"],
                department=slots["department"],
                phone=slots["phone"],
                risks=slots["risks"],
                speech=slots["speech"],
                paying=bool(slots["paying"]),
            )
        except Taken as error:
            return tell_wrong_time(desk, error, say)
        except NotAllowed as error:
            if error.code == "duplicate":
                say("utter_escort_duplicate")
                return {"outcome": "told"}
            if error.code == "not_eligible":
                say("utter_escort_not_eligible", phone_number=desk.hospital.escort.phone)
                return {"outcome": "told"}
            return tell_wrong_time(desk, error, say)
        except Invalid as error:
            return tell_wrong_time(desk, error, say)
        say("utter_escort_requested", order_number=escort.order_number, **escort_values(say, escort))
        say.buttons(
            [
                (say.word("route_to", place=escort.place), ask_for("ask_route", place=escort.place)),
                (say.word("move_escort"), ask_for("change_escort", order_number=escort.order_number)),
                (say.word("cancel_escort"), ask_for("cancel_escort", order_number=escort.order_number)),
                person_button(say),
            ]
        )
        return {"outcome": "requested", "record": escort.id}
