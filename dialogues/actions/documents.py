"""Who somebody is, where there is no citizen's number: another document, or a child under its guardian's."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.payload import set_slots
from intents.language import strip_marks
from intents.slots.people import has_surname
from services import patients
from services.documents import CHILD, CITIZEN, parse_birthday, parse_document
from services.errors import Invalid
from services.identity import mask_name, parse_id_number, parse_name

TRIES = 3
OTHER = "other"
LATER = "later"
"""The number is not at hand."""
ADULTS = ("本人", "父亲", "母亲", "配偶", "祖辈")
NOT_AT_HAND = re.compile(
    "(?:没带|忘带|不在身边|在家|在老家|丢了|不见了|找不到).{0,10}|(?:号码|号|身份证).{0,4}(?:不记得|记不得|记不住|忘了|背不出)|不记得.{0,4}号"
)
CHILDLESS = re.compile(
    "(?:用|拿|报|写|填|就)(?:我|他|她|孩子)?(?:的)?(?:监护人|家长|大人|爸爸?|妈妈?|父母|爹|娘)的?"
    "|(?:没有?|还没|没办|没上).{0,4}(?:身份证|证件|户口|证)|(?:身份证|证件|户口).{0,3}(?:没有|没办|还没)"
)
"""「孩子还没有身份证」."""
NUMBERISH = re.compile(r"[A-Z0-9<]{6,44}")
PASSPORT_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{1,2}\d{7,8}(?![A-Z0-9-])")
ANOTHER = re.compile(
    "(?<!没)(?<!没有)(?<!没带)(?:护照|通行证|台胞证|回乡证)|(?<!khong co )(?:ho chieu|giay thong hanh)|(?<!no )passport"
)
"""「我没有身份证，只有护照」."""
NONE_VI = re.compile("(?:khong|chua) (?:co|lam) (?:can cuoc|giay to|cmnd|cccd|ho chieu|giay khai sinh)")


def has_other_document(text: str) -> bool:
    """Whether the words name another document than the citizen's card as what the patient has, and give no number."""
    return ANOTHER.search(strip_marks(text.lower())) is not None and re.search(r"\d{6}", text) is None


class AskPatientName(DeskAction, name="action_ask_patient_name"):
    replies = ("utter_ask_patient_name", "utter_ask_foreign_name")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_foreign_name" if slots["id_kind"] == OTHER else "utter_ask_patient_name")


class AskIdNumber(DeskAction, name="action_ask_id_number"):
    """The citizen's number; buttons lead to those who have another document or none."""

    replies = ("utter_ask_id_number", "utter_ask_other_document")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        if slots["id_kind"] == OTHER:
            say("utter_ask_other_document")
            return
        say("utter_ask_id_number")
        say.buttons([(say.word("other_document"), set_slots(id_number=OTHER))])
        if slots["relation"] not in ADULTS:
            say.buttons([(say.word("no_document"), set_slots(id_number=CHILD))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        text = slots.latest_text
        if has_other_document(text) and not NOT_AT_HAND.search(text):
            return OTHER
        childless = CHILDLESS.search(text) or NONE_VI.search(strip_marks(text.lower()))
        if NOT_AT_HAND.search(text) or (childless and slots["relation"] in ADULTS):
            return LATER
        if childless:
            return CHILD
        found = NUMBERISH.search(text.upper())
        return found[0] if found and re.search(r"\d{4}", found[0]) else None

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「我只有护照」, or its number, before the number is asked for."""
        text = slots.latest_text
        number = PASSPORT_NUMBER.search(text.upper())
        if number:
            return {"id_number": number[0]}
        return {"id_kind": OTHER} if has_other_document(text) else {}


class CheckIdNumber(DeskAction, name="action_check_id_number"):
    """``outcome``: right, incomplete (birthday and sex are still to be asked), child, other, wrong, give_up (after three
    wrong ones a person helps)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["id_number"] == CHILD:
            return {"id_number": None, "id_kind": CHILD, "outcome": "child", "attempts": None}
        if slots["id_number"] == LATER:
            say("utter_id_number_later")
            return {"id_number": None, "outcome": "wrong"}
        if slots["id_number"] == OTHER:
            return {"id_number": None, "id_kind": OTHER, "outcome": "other", "attempts": None}
        try:
            found = parse_document(_whole_number(slots), today=desk.now.date())
        except Invalid as error:
            return _count_try(slots, say, error)
        told = {"id_number": found.text, "id_kind": found.kind, "attempts": None}
        if found.birthday is None or found.sex is None:
            return told | {"outcome": "incomplete", "birthday": None}
        return told | {"outcome": "right", "birthday": found.birthday.isoformat(), "sex": found.sex}


def _whole_number(slots: Slots) -> str:
    """A document's letters belong to its number, also where only the digits were taken for one: E12345678."""
    number = str(slots["id_number"])
    for found in NUMBERISH.findall(slots.latest_text.upper()):
        if number.upper() in found:
            return found
    return number


def _count_try(slots: Slots, say: Speaker, error: Invalid) -> dict[str, Any]:
    tries = (slots["attempts"] or 0) + 1
    if tries >= TRIES:
        say("utter_id_number_give_up")
        return {"id_number": None, "outcome": "give_up", "attempts": None}
    if slots["id_kind"] == OTHER and error.code == "length":
        say("utter_document_invalid")
    else:
        say("utter_id_number_length" if error.code == "length" else "utter_id_number_invalid")
    return {"id_number": None, "outcome": "wrong", "attempts": tries}


class RecallGuardian(DeskAction, name="action_recall_guardian"):
    """Whoever writes is the guardian, if his own number is known; else he is asked for it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        own = next((one for one in mine if one.relation == "本人" and one.id_kind == CITIZEN), None)
        if own is None or own.id_number is None or own.age(desk.now.date()) < 18:
            return {"outcome": "unknown"}
        say("utter_guardian_known", who=mask_name(own.name))
        return {"guardian_name": own.name, "guardian_id": own.id_number, "outcome": "known"}


class CheckGuardian(DeskAction, name="action_check_guardian"):
    """``outcome``: right, name, number (asked again), unusual (no surname that we know), give_up."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            name = parse_name(slots["guardian_name"])
        except Invalid:
            say("utter_name_invalid")
            return {"guardian_name": None, "outcome": "name"}
        if slots["guardian_id"] is None:
            return {"guardian_name": name, "outcome": "number" if has_surname(name) else "unusual"}
        try:
            number = parse_id_number(slots["guardian_id"])
            if number.age(desk.now.date()) < 18:
                say("utter_guardian_too_young")
                return {"guardian_id": None, "outcome": "give_up"}
        except Invalid as error:
            told = _count_try(slots, say, error)
            outcome = "give_up" if told["outcome"] == "give_up" else "number"
            return {"guardian_id": None, "outcome": outcome, "attempts": told["attempts"]}
        return {"guardian_name": name, "guardian_id": number.text, "outcome": "right", "attempts": None}


def _read_birthday(text: str, told: str, *, today: dt.date, day_first: bool) -> dt.date:
    """As it is written, else the day that was understood; raises ``Invalid``."""
    try:
        return parse_birthday(text, today=today, day_first=day_first)
    except Invalid:
        if not told or "/" in told:
            raise
        return parse_birthday(told, today=today)


class CheckBirthday(DeskAction, name="action_check_birthday"):
    """``outcome``: right, wrong, too_old (a child of this age has its own document)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            told = slots.list_latest("date")  # 「去年7月1号」
            born = _read_birthday(
                slots["birthday"] or "",
                told[-1] if told else "",
                today=desk.now.date(),
                day_first=slots.language == "vi",
            )
        except Invalid:
            say("utter_birthday_invalid")
            return {"birthday": None, "outcome": "wrong"}
        limit = desk.hospital.registration.child_without_id_under
        if slots["id_kind"] == CHILD and (desk.now.date() - born).days >= limit * 365.25:
            say("utter_child_needs_document", limit=limit)
            return {"birthday": None, "id_kind": None, "outcome": "too_old"}
        return {"birthday": born.isoformat(), "outcome": "right"}
