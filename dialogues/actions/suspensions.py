"""A suspended session 停诊: the apology, two other numbers, one press."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.bookings import BOOKED, REFUSALS, slot_values, tell_booked, tell_refusal
from dialogues.actions.free_numbers import known
from dialogues.actions.titles import half_day_title, patient_title, person_button, route_button
from dialogues.line_starts import is_question
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import appointments, patients, suspensions
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.registration import OPEN
from services.suspensions import UNSETTLED

OTHER_DAY = re.compile(
    "(?:换|改|挪|另|选|看)(?:个|到|成|一|约)*.{0,3}(?:天|日子|时间|时候|日期)|(?:换|改)个?(?:号|期)|doi (?:ngay|lich)"
)
OTHER_DOCTOR = re.compile(
    "(?:换|改|另|找|看)(?:个|一|位|到|别的|其他|其它|另外)*(?:个|位|的)?(?:医生|大夫|专家|人看)|bac si khac"
)
GIVES_BACK = re.compile(
    "退(?:了|掉|号|吧|钱|款|给|就|$)|算了|取消|不(?:来|去)了|(?:都|全|一个都)(?:不|唔)要|(?:不|唔|莫)(?:换|改|约|挂|看)了|tra lai|khong can|thoi"
)
"""Nothing else is wanted: the number is given back already."""
NONE_FITS = re.compile(
    "(?:都|全|[一两二]个)(?:也|都)?(?:不|唔|冇)(?:行|得|想|合适|方便|可以|中意|好|去|来)|(?:都|全)(?:来|去)不了|khong (?:gio|ngay|lich) nao"
)
"""Of those offered: there may be other days."""
VENTS = re.compile(
    "停诊|又停|请假|请了假|白跑|专门|特意|特地|怎么(?:又|能|搞|回事|这样)|凭什么|(?:来|去)不(?:来|去)|(?:还|要|用)(?:用|要|得)?(?:来|去)(?:吗|么|不)|lai nghi|xin nghi|sao lai|co (?:phai )?den (?:khong|nua)"
)
"""Annoyed, or asks whether to come all the same: hears the apology and what is free once more."""
WISHES = ("date", "period", "time", "doctor")
"""What the patient may wish for instead of the numbers offered."""


class AskAfterSuspension(DeskAction, name="action_ask_after_suspension"):
    """What is suspended, and the nearest numbers as buttons; nothing where the patient has found one by himself."""

    replies = (
        "utter_session_suspended",
        "utter_session_suspended_no_others",
        "utter_suspension_again",
        "utter_suspension_sorry",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        notice = suspensions.get_notice(desk, notice_id=int(slots["record"]), contact_id=slots.contact_id)
        if notice.status == suspensions.RESUMED:
            tell_resumed(desk, notice.appointment_id, say)
        if notice.status not in UNSETTLED:
            return {"alternative": "settled"}
        if any(known(slots[name]) for name in WISHES):  # 「改到周五下午」
            return {"alternative": "other"}
        suspensions.note_told(desk, notice_id=notice.id)
        old = appointments.get_appointment(desk, appointment_id=notice.appointment_id)
        patient = patients.get_patient(desk, patient_id=notice.patient_id)
        free = suspensions.find_alternatives(desk, notice=notice)
        if slots["outcome"] == "taken":
            say("utter_suspension_again")
        elif slots["outcome"] == "vented" and free:
            say("utter_suspension_sorry", **slot_values(say, old))
        else:
            say(
                "utter_session_suspended" if free else "utter_session_suspended_no_others",
                who=patient_title(say, patient),
                **slot_values(say, old),
            )
        for one in free:
            when = f"{half_day_title(say, one.date, one.period)} {one.start:%H:%M} {one.doctor}"
            say.buttons([(when, set_slots(alternative=str(one.id)))])
        say.buttons(
            [
                (say.word("other_days"), set_slots(alternative="other")),
                (say.word("no_other_number"), set_slots(alternative=None)),
                person_button(say),
            ]
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「换一天」, 「换个医生」, 「下周二有没有」: another than those offered; 「那给我退了」: none; 「怎么又停诊」: vents."""
        plain = strip_marks(slots.latest_text.lower())
        if _wishes(desk, slots) and (is_question(slots.latest_text) or not GIVES_BACK.search(plain)):
            return "other"
        if OTHER_DOCTOR.search(slots.latest_text):
            return "doctor"
        if OTHER_DAY.search(slots.latest_text):
            return "other"
        if GIVES_BACK.search(plain):
            return "none"
        if NONE_FITS.search(plain):
            return "other"
        return "vents" if VENTS.search(plain) and slots.latest_intent != "file_complaint" else None


def _wishes(desk: Desk, slots: Slots) -> bool:
    """Whether a day, an hour or a doctor is named; the day that is suspended is no wish."""
    notice = suspensions.get_notice(desk, notice_id=int(slots["record"]), contact_id=slots.contact_id)
    day = appointments.get_appointment(desk, appointment_id=notice.appointment_id).date.isoformat()
    named = [one for name in WISHES for one in slots.list_latest(name) if known(one)]
    return any(one != day for one in named)


class WishOtherDoctor(DeskAction, name="action_wish_other_doctor"):
    """Another doctor of the department, the same half-day."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        notice = suspensions.get_notice(desk, notice_id=int(slots["record"]), contact_id=slots.contact_id)
        old = appointments.get_appointment(desk, appointment_id=notice.appointment_id)
        return {"date": old.date.isoformat(), "period": old.period, "doctor": None}


class RebookAfterSuspension(DeskAction, name="action_rebook_after_suspension"):
    """One press books; ``outcome``: booked, taken (others are offered), told."""

    atomic = True
    replies = (*REFUSALS.values(), "utter_refused", *BOOKED)

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            booked = suspensions.rebook(
                desk,
                notice_id=int(slots["record"]),
                slot_id=int(slots["alternative"]),
                contact_id=slots.contact_id,
            )
        except (Taken, Invalid, WrongState):
            return {"outcome": "taken"}
        except NotAllowed as error:
            if error.code == "suspended":
                return {"outcome": "taken"}
            tell_refusal(desk, error, say)
            return {"outcome": "told"}
        tell_booked(desk, booked, say)
        return {"outcome": "booked"}


class DeclineAfterSuspension(DeskAction, name="action_decline_after_suspension"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        suspensions.decline(desk, notice_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_suspension_declined")


class TellSessionResumed(DeskAction, name="action_tell_session_resumed"):
    """The doctor comes after all, and the number stands; nothing where that is no longer so."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        notice = suspensions.get_notice(desk, notice_id=int(slots["record"]), contact_id=slots.contact_id)
        if notice.status == suspensions.RESUMED:
            tell_resumed(desk, notice.appointment_id, say)


def tell_resumed(desk: Desk, appointment_id: int, say: Speaker) -> None:
    one = appointments.get_appointment(desk, appointment_id=appointment_id)
    if one.status not in OPEN:
        return
    who = patient_title(say, patients.get_patient(desk, patient_id=one.patient_id))
    say("utter_session_resumed", who=who, order_number=one.order_number, **slot_values(say, one))
    if one.place:
        say.buttons([route_button(say, one.place)])
    number = {"order_number": one.order_number}
    say.buttons(
        [
            (say.word("reschedule"), ask_for("reschedule_appointment", **number)),
            (say.word("cancel"), ask_for("cancel_appointment", **number)),
        ]
    )
