"""Whose matter it is: the 就诊人 known to this contact, a new one, and the consent before the first question."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.departments import recall_spoken_patient
from dialogues.actions.relations import ANOTHER, fits_relation, keep_relation
from dialogues.actions.titles import patient_title
from dialogues.payload import set_slots
from intents.slots.people import has_surname, read_name_alone
from services import patients
from services.documents import CHILD, CITIZEN, HONGKONG_MACAU
from services.errors import Invalid, NotAllowed, NotFound
from services.identity import mask_phone, parse_name, parse_phone

PURPOSE = "identity"
GIVEN = {"name": "patient_name", "id_number": "id_number", "phone": "phone"}
WORDING = "utter_ask_consent/1"
"""What was agreed to: the reply and its version, kept with the consent."""


class RecallPatient(DeskAction, name="action_recall_patient"):
    """``outcome``: known (``patient`` is set), only (one is known), choose, new (consent is there), agree (it is asked),
    agree_again (it was taken back)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        relation = keep_relation(slots["relation"])
        if slots["patient"] == "new":
            return {"patient": None} | _begin_new(desk, slots)
        if slots["patient"] is not None:
            try:
                patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
                return {"outcome": "known"}
            except (NotFound, ValueError):
                return {"patient": None} | _begin_new(desk, slots)
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        if mine and not patients.has_consent(desk, contact_id=slots.contact_id, purpose=PURPOSE):
            return {"outcome": "agree_again"}
        said = bool(slots["relation"] not in (None, "any") or slots["patient_name"])
        fitting = _find_fitting(mine, slots)
        spoken = None if said else recall_spoken_patient(desk, slots)
        if any(one.id == spoken for one in mine):
            return {"outcome": "known", "patient": spoken}
        if fitting and slots["relation"] == ANOTHER and not slots["patient_name"]:
            return {"outcome": "choose", "confirmation": None}
        if said and len(fitting) == 1:
            return {"outcome": "known", "patient": fitting[0].id}
        if len(fitting) > 1 or (mine and not said):  # 「给孩子挂」 of who has two
            return {"outcome": "only" if len(mine) == 1 else "choose", "confirmation": None}
        return {"relation": relation} | _begin_new(desk, slots)


def _find_fitting(mine: list[patients.Patient], slots: Slots) -> list[patients.Patient]:
    """Of these the ones that the family word and the name said allow."""
    return [one for one in mine if fits_patient(slots, one)]


def _begin_new(desk: Desk, slots: Slots) -> dict[str, Any]:
    given = patients.has_consent(desk, contact_id=slots.contact_id, purpose=PURPOSE)
    return {"outcome": "new" if given else "agree"}


class CheckConsent(DeskAction, name="action_check_consent"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        """What was said of the new patient meanwhile stays; 「给我妈」 is not asked again."""
        return _begin_new(desk, slots) | {"relation": keep_relation(slots["relation"])}


class AskPatient(DeskAction, name="action_ask_patient"):
    """Asks whose, unless the family word or the name said meanwhile answers it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        relation = keep_relation(slots["relation"])
        fitting = _find_fitting(mine, slots)
        if len(fitting) < 2 and (relation or slots["patient_name"]):
            return {"patient": fitting[0].id if fitting else "new", "relation": relation}
        say("utter_ask_patient")
        say.buttons((patient_title(say, one), set_slots(patient=one.id)) for one in fitting)
        say.buttons([(say.word("new_patient"), set_slots(patient="new"))])
        return None

    def read(self, desk: Desk, slots: Slots) -> int | None:
        return _find_named(desk, slots)


def _find_named(desk: Desk, slots: Slots) -> int | None:
    """The one patient of this contact whose name was said; titles show it masked, so no button does."""
    mine = patients.list_patients(desk, contact_id=slots.contact_id)
    named = [one.id for one in mine if one.name in slots.latest_text]
    return named[0] if len(named) == 1 else None


class AskOnlyPatient(DeskAction, name="action_ask_only_patient"):
    """A yes or no is enough where only one patient is known."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        only = patients.list_patients(desk, contact_id=slots.contact_id)[0]
        if slots["relation"] not in (None, "any") or slots["patient_name"]:
            return {"confirmation": fits_patient(slots, only)}
        say("utter_ask_only_patient", who=patient_title(say, only))
        say.buttons(
            [
                (say.word("for_patient", name=only.masked_name), set_slots(confirmation=True)),
                (say.word("for_another"), set_slots(confirmation=False)),
            ]
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「是我自己」, 「给我妈」, 「给李四办」: yes where that is who is known, else it is for another."""
        if _find_named(desk, slots) is not None:
            return True
        said = [one for one in slots.list_latest("relation") if one != "any"]
        if not said:
            return None
        only = patients.list_patients(desk, contact_id=slots.contact_id)[0]
        return fits_relation(str(said[-1]), only.relation)


class TakeOnlyPatient(DeskAction, name="action_take_only_patient"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        only = patients.list_patients(desk, contact_id=slots.contact_id)[0]
        return {"patient": only.id, "confirmation": None}


class NotePatient(DeskAction, name="action_note_patient"):
    """Who was chosen, in the slots: 「不对，是给我妈挂」 said later is then known as a change."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["patient"] is None:
            return {}
        patient = patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
        return {"patient": patient.id, "patient_name": patient.name, "relation": patient.relation}


def fits_patient(slots: Slots, patient: patients.Patient) -> bool:
    """Whether the relation and the name said last are still those of the patient."""
    return slots["patient_name"] in (None, patient.name) and fits_relation(
        slots["relation"], patient.relation
    )


class GiveConsent(DeskAction, name="action_give_consent"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patients.give_consent(desk, contact_id=slots.contact_id, purpose=PURPOSE, wording=WORDING)


class CheckPatientName(DeskAction, name="action_check_patient_name"):
    """``outcome``: right, unusual (no surname that we know: 「很急」 may be no name at all), wrong."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            name = parse_name(slots["patient_name"])
        except Invalid:
            say("utter_name_invalid")
            return {"patient_name": None, "outcome": "wrong"}
        sure = has_surname(name) or slots["id_kind"] not in (None, CITIZEN, CHILD)
        return {"patient_name": name, "outcome": "right" if sure else "unusual"}


class AskNameRight(DeskAction, name="action_ask_name_right"):
    """Read back in full once: behind the mask of a title nobody sees the mistake."""

    slot = "patient_name"

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        name = str(slots[self.slot])
        if has_surname(name):  # said anew instead of a no
            return {"confirmation": True}
        say("utter_ask_name_right", name=name)
        return None

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """The name itself, said instead of a no."""
        if slots[self.slot] is None or has_surname(str(slots[self.slot])):
            return {}
        name = read_name_alone(slots.latest_text)
        return {self.slot: name} if name and has_surname(name) else {}


class AskGuardianRight(AskNameRight, name="action_ask_guardian_right"):
    slot = "guardian_name"


SAME_PHONE = re.compile(
    "(?:跟|和|同|用|就|是|留)?(?:我|本人)(?:的|自己的)?.{0,5}(?:一样|号码|电话|手机|那个|同一个)|同一个(?:号|电话)"
)


class AskPhone(DeskAction, name="action_ask_phone"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_phone")

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「跟我一样」: the number on record of whoever writes."""
        if SAME_PHONE.search(slots.latest_text) is None:
            return None
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        mine.sort(key=lambda one: one.relation != "本人")
        return next((one.phone for one in mine if one.phone), None)


WITH_CODE = re.compile(r"(?:\+|00)\s?8(?:52|53|4|86)[\d\s-]{7,14}\d")


def _whole_phone(slots: Slots) -> str:
    """The code of a country belongs to its number, also where only the rest was taken for one."""
    said, number = WITH_CODE.search(slots.latest_text), str(slots["phone"])
    return said[0] if said and re.sub(r"\D", "", said[0]).endswith(re.sub(r"\D", "", number)) else number


class CheckPhone(DeskAction, name="action_check_phone"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            permit = slots["id_number"] if slots["id_kind"] == HONGKONG_MACAU else None
            return {"phone": parse_phone(_whole_phone(slots), permit=permit)}
        except Invalid:
            say(
                "utter_phone_invalid",
                number=slots["phone"],
                digits=len(re.sub(r"\D", "", str(slots["phone"]))),
            )
            return {"phone": None}


class RecallPhone(DeskAction, name="action_recall_phone"):
    """The phone already on record, said by its ends, so that nobody gives it twice."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["phone"]:
            return {}
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        if slots["patient"] is not None:
            mine.sort(key=lambda one: one.id != slots["patient"])
        found = next((one.phone for one in mine if one.phone), None)
        if found:
            say("utter_phone_recalled", number=mask_phone(found))
        return {"phone": found}


class AddPatient(DeskAction, name="action_add_patient"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        relation = keep_relation(slots["relation"]) or "本人"
        try:
            patient = _add(desk, slots, relation, _gather(slots))
        except NotAllowed as error:
            if error.code == "name_differs":
                say("utter_name_differs")
                return {"patient": None, "patient_name": None, "id_number": None}
            say("utter_too_many_patients", limit=error.details.get("limit", ""))
            return {"patient": None}
        return {"patient": patient.id, "relation": patient.relation}


def _gather(slots: Slots) -> dict[str, Any]:
    """What was told of the new patient; a citizen's number says the rest itself."""
    given: dict[str, Any] = {name: slots[key] for name, key in GIVEN.items()}
    if slots["id_kind"] in (None, CITIZEN):
        return given
    given |= {"id_kind": slots["id_kind"], "sex": slots["sex"]}
    given["birthday"] = dt.date.fromisoformat(slots["birthday"])
    if slots["id_kind"] == CHILD:
        given |= {"guardian_name": slots["guardian_name"], "guardian_id_number": slots["guardian_id"]}
    return given


def _add(desk: Desk, slots: Slots, relation: str, given: dict[str, Any]) -> patients.Patient:
    try:
        return patients.add_patient(desk, contact_id=slots.contact_id, relation=relation, **given)
    except NotAllowed as error:
        if error.code != "second_self":
            raise
        return patients.add_patient(desk, contact_id=slots.contact_id, relation="其他", **given)


class TellPatientAdded(DeskAction, name="action_tell_patient_added"):
    """``outcome``: added, or unconfirmed where the phone still waits for its code."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        say("utter_patient_added", who=patient_title(say, patient))
        return {"outcome": "added" if patient.phone_confirmed_at else "unconfirmed"}


class ListPatients(DeskAction, name="action_list_patients"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        if not mine:
            say("utter_no_patients")
            return {"outcome": "none"}
        lines = [say.word("phone_of", who=patient_title(say, one), number=one.masked_phone) for one in mine]
        say("utter_patients", lines="\n".join(lines))
        return {"outcome": "some"}


class AskPatientToRemove(DeskAction, name="action_ask_patient_to_remove"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_patient_to_remove")
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        say.buttons((patient_title(say, one), set_slots(patient=one.id)) for one in mine)

    def read(self, desk: Desk, slots: Slots) -> int | None:
        return _find_named(desk, slots)


class AskRemoveConfirmation(DeskAction, name="action_ask_remove_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
        say("utter_ask_remove_confirmation", who=patient_title(say, patient))


class RemovePatient(DeskAction, name="action_remove_patient"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patients.remove_patient(desk, patient_id=int(slots["patient"]), contact_id=slots.contact_id)
        say("utter_patient_removed")


class WithdrawConsent(DeskAction, name="action_withdraw_consent"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        purposes = (
            PURPOSE,
            "platform_abroad",
        )  # the second is asked for by channels whose platform is abroad
        given = [
            patients.withdraw_consent(desk, contact_id=slots.contact_id, purpose=one) for one in purposes
        ]
        say("utter_consent_withdrawn" if any(given) else "utter_consent_not_given")
