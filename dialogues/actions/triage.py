"""Which department sees what hurts, asked one question at a time; a red flag ends it and calls the hospital.

Never a diagnosis and never a reassurance: where nothing is recognised a person is offered, not comfort.
"""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.relations import keep_relation
from dialogues.actions.titles import announce_chinese, department_title
from dialogues.payload import ask_for, set_slots
from dialogues.wording import DEFAULT_LANGUAGE
from knowledge import Hospital
from knowledge.schema import TriageQuestion
from services import patients, triage
from services.errors import Invalid
from services.persons import read_person
from services.triage import Assessment

URGENT = ("critical", "emergent")
ASKING = re.compile(
    r"[，,。 ]*(?:该|要|应该|得)?(?:看|挂)(?:什么|哪个|哪一?)(?:科|门诊)(?:好|室)?(?:呢|啊|呀)?[？?]?$"
)
"""「……，看什么科」 is the question, not the complaint."""
MOST_QUESTIONS = 2
FALLBACK = "全科医学科"


CHILD, GROWN = "孩子", 14


class RecallChildAge(DeskAction, name="action_recall_child_age"):
    """The age of the one child on record, where it is of him that the message speaks: nobody says it twice."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["age"] is not None or keep_relation(slots["relation"]) != CHILD:
            return {}
        mine = patients.list_patients(desk, contact_id=slots.contact_id)
        children = [one for one in mine if one.relation == CHILD and one.age(desk.now.date()) < GROWN]
        if len(children) != 1:
            return {}
        return {"age": round((desk.now.date() - children[0].birthday).days / 365.25, 2)}


class AssessSymptoms(DeskAction, name="action_assess_symptoms"):
    """``outcome``: danger, crisis, ask_symptom, ask_age, ask_sex, ask_more, offer, book or told."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said, answers = _gather(slots)
        if not said:
            said = ASKING.sub(
                "", slots.latest_text
            )  # 「脖子上有个包」: no symptom by name, but the rules know it
            if said.startswith("/") or not _assess(desk.hospital, said, slots, answers).departments:
                return {"outcome": "ask_symptom"}
        found = _assess(desk.hospital, said, slots, answers)
        kept = {"said": said, "answers": answers, "choice": None, "question": None}
        if found.crisis or found.level in URGENT:
            return kept | {"outcome": "crisis" if found.crisis else "danger"}
        names = [one.name for one in found.departments if desk.hospital.get_department(one.name).bookable]
        if not names:
            return kept | self._unheard(slots, say)
        if slots["department"] is not None and slots["outcome"] != "offer":  # an offer was our own naming
            return kept | {"outcome": "book"}  # named by the patient meanwhile
        asked = _find_question(desk.hospital, said, slots, found, answers)
        if asked:  # what was offered before the new symptom no longer holds
            return kept | {"department": None} | asked
        return kept | {"outcome": "offer", "department": names[0]}

    @staticmethod
    def _unheard(slots: Slots, say: Speaker) -> dict[str, Any]:
        """Once more in other words; then the general clinic and a person."""
        if not slots["attempts"]:
            say("utter_symptom_unheard")
            return {"outcome": "ask_symptom", "attempts": 1, "symptom": None}
        say("utter_symptom_unknown")
        say.buttons(
            [
                (
                    say.word("book_department", department=department_title(say, FALLBACK)),
                    ask_for("book_appointment", department=FALLBACK),
                )
            ]
        )
        return {"outcome": "told"}


def _gather(slots: Slots) -> tuple[str, dict[str, str]]:
    """All that was told so far, and the questions answered."""
    answers = dict(slots["answers"] or {})
    if slots["question"] and slots["choice"] is not None:
        answers[slots["question"]] = str(slots["choice"])
    text = slots.latest_text
    told = list(slots["symptom"] or ())
    if (
        not slots["said"]
        and text
        and not text.startswith("/")
        and told
        and slots.language == DEFAULT_LANGUAGE
    ):
        return ASKING.sub("", text), answers
    parts = [slots["said"], *told] if slots["said"] else told
    if keep_relation(slots["relation"]) == CHILD and told and not slots["said"]:
        parts = [CHILD, *parts]  # 「con tôi sốt」: the rules read whose it is from the words
    return "，".join(dict.fromkeys(one for one in parts if one)), answers


def _assess(hospital: Hospital, text: str, slots: Slots, answers: dict[str, str], **known: Any) -> Assessment:
    age, sex = known.get("age", slots["age"]), known.get("sex", slots["sex"])
    try:
        return triage.assess(hospital, text=text, age=age, sex=sex, answers=answers)
    except Invalid:
        return triage.assess(hospital, text=text, sex=slots["sex"], answers=answers)


def _find_question(
    hospital: Hospital, said: str, slots: Slots, found: Assessment, answers: dict[str, str]
) -> dict[str, Any] | None:
    """The one question whose answer would change where the patient is sent or how soon."""
    person = read_person(said)
    if person.child and person.age is None and slots["age"] is None:
        young, older = (_assess(hospital, said, slots, answers, age=age) for age in (0.1, 6))
        if young.level != older.level:
            return {"outcome": "ask_age"}
    if person.sex is None and slots["sex"] is None:
        man, woman = (_assess(hospital, said, slots, answers, sex=sex) for sex in ("male", "female"))
        if (
            man.departments[:1]
            and woman.departments[:1]
            and man.departments[0].name != woman.departments[0].name
        ):
            return {"outcome": "ask_sex"}
    left = [one for one in found.questions if one.id not in answers]
    if left and len(answers) < MOST_QUESTIONS:
        return {"outcome": "ask_more", "question": left[0].id}
    return None


class AskAge(DeskAction, name="action_ask_child_age"):
    """Asked only of a child: 「两个月」 and 「刚满月」 are ages here."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_age")

    def read(self, desk: Desk, slots: Slots) -> str | None:
        age = read_person(f"宝宝{slots.latest_text}").age
        if age is None:
            return "P1M" if "满月" in slots.latest_text else None
        return f"P{round(age)}Y" if age >= 1 else f"P{round(age * 12)}M"


class AskTriageQuestion(DeskAction, name="action_ask_triage_question"):
    """The clarifying question of the rules; passed over where the patient names a department himself."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        question = _get_question(desk.hospital, slots["question"])
        if slots["department"] is not None or question is None:
            return {"choice": "skip"}
        words = question.texts.get(say.language)
        if words is None:
            announce_chinese(say)
        say("utter_triage_question", words=words or question.text)
        say.buttons(
            (one.titles.get(say.language, one.title), set_slots(choice=one.value)) for one in question.choices
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """By the choices' own words; a bare yes or no takes the choice that says the same."""
        question = _get_question(desk.hospital, slots["question"])
        text = slots.latest_text
        for one in question.choices if question else ():
            if any(word in text for word in (one.title, *one.words)):
                return one.value
        if slots.latest_intent == "book_appointment":
            return "skip"  # 「直接约吧」: enough was said
        wanted = {"affirm": "yes", "deny": "no"}.get(slots.latest_intent)
        return (
            next((one.value for one in question.choices if one.value == wanted), None) if question else None
        )


def _get_question(hospital: Hospital, name: str | None) -> TriageQuestion | None:
    return next((one for one in hospital.triage.questions if one.id == name), None)


class AskTriageDepartment(DeskAction, name="action_ask_triage_department"):
    """Proposes the best department; anew where age or sex was said meanwhile."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = _assess(desk.hospital, slots["said"] or "", slots, dict(slots["answers"] or {}))
        names = [one.name for one in found.departments if desk.hospital.get_department(one.name).bookable]
        best = names[0] if names else slots["department"]
        say(
            "utter_triage_urgent" if found.level == "urgent" else "utter_triage_department",
            department=best,
            about=desk.hospital.get_department(best).describe(say.language),
            advice=say.name("triage_advice", found.level, found.advice),
        )
        say.buttons(
            (say.word("book_with", who=department_title(say, one)), set_slots(department=one))
            for one in names or [best]
        )
        say.buttons(
            [
                (say.word("doctors"), ask_for("query_doctor", department=best)),
                (say.word("not_now"), set_slots(department=None)),
            ]
        )
        return {"department": best}
