"""The phone is confirmed by the code sent to it; whoever does not get it is not held up, and is asked at the counter."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import person_button
from dialogues.payload import set_slots
from services import patients, phones
from services.errors import Invalid, NotAllowed, NotFound, WrongState
from services.identity import mask_phone

AGAIN, LATER = "again", "later"
MISSING = re.compile("没.{0,3}收到|收不到|没有?来|再发|重发|重新发|chưa nhận|gửi lại", re.IGNORECASE)
UNABLE = re.compile("到院|先不|跳过|不方便|以后|换了号")


class SendPhoneCode(DeskAction, name="action_send_phone_code"):
    """``outcome``: sent, confirmed (nothing to do), later (no code can be sent now)."""

    replies = ("utter_code_sent", "utter_code_wait", "utter_code_too_many")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        phone = _find_phone(desk, slots)
        if phone is None:
            return {"outcome": "later", "code": None}
        try:
            phones.send_code(desk, contact_id=slots.contact_id, phone=phone)
        except NotAllowed as error:
            if error.code == "confirmed":
                return {"outcome": "confirmed", "code": None}
            if error.code == "code_wait" and phones.find_open_code(desk, contact_id=slots.contact_id):
                if slots["code"] == AGAIN:
                    say("utter_code_wait", seconds=error.details["seconds"])
                return {"outcome": "sent", "code": None}
            say("utter_code_too_many")
            say.buttons([person_button(say)])
            return {"outcome": "later", "code": None}
        minutes = desk.hospital.registration.phone_code.valid_minutes
        say("utter_code_sent", number=mask_phone(phone), minutes=minutes)
        return {"outcome": "sent", "code": None}


def _find_phone(desk: Desk, slots: Slots) -> str | None:
    if slots["patient"] is None:
        return slots["phone"]
    patient = patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
    return None if patient.phone_confirmed_at else patient.phone


class AskCode(DeskAction, name="action_ask_code"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_code", digits=desk.hospital.registration.phone_code.digits)
        say.buttons(
            [
                (say.word("code_again"), set_slots(code=AGAIN)),
                (say.word("code_later"), set_slots(code=LATER)),
                person_button(say),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        text = slots.latest_text.strip()
        if found := re.search(r"(?<!\d)\d{4,8}(?!\d)", re.sub(r"(?<=\d)[\s-](?=\d)", "", text)):
            return found[0]
        if MISSING.search(text):
            return AGAIN
        return LATER if UNABLE.search(text) else None


class CheckCode(DeskAction, name="action_check_code"):
    """``outcome``: right, ask (wrong), send (another one), later."""

    replies = ("utter_code_right", "utter_code_wrong", "utter_code_over", "utter_code_later")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        given = str(slots["code"] or LATER)
        if given == AGAIN:
            return {"outcome": "send"}
        if given == LATER:
            say("utter_code_later")
            return {"outcome": "later", "code": None}
        try:
            phones.confirm_phone(desk, contact_id=slots.contact_id, code=given)
        except Invalid as error:
            if error.code == "wrong":
                say("utter_code_wrong", left=error.details["left"])
                return {"outcome": "ask", "code": None}
            say("utter_code_over")
            return {"outcome": "send", "code": None}
        except (NotFound, WrongState):
            say("utter_code_over")
            return {"outcome": "send", "code": None}
        say("utter_code_right")
        return {"outcome": "right", "code": None}
