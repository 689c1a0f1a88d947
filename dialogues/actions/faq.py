"""Answers from the hospital's FAQ, each with a way on."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import announce_chinese, person_button
from dialogues.inventory import read_inventory, read_translations
from dialogues.payload import ask_for
from dialogues.wording import DEFAULT_LANGUAGE
from knowledge import Hospital

MAX_NEXT = 3


class AnswerFaq(DeskAction, name="action_answer_faq"):
    """The entry that matched (slot ``faq``), else the general one of the intent, else an honest 「我不知道」."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        entry = find_entry(desk.hospital, slots["faq"], slots.latest_intent)
        if entry is None:
            say("utter_faq_unknown")
            return {}
        answer = entry.answers.get(say.language)
        if answer is None:
            announce_chinese(say)
        say("utter_faq", answer=answer or entry.answer)
        say.buttons(ways_on(say, entry))
        if entry.phone:
            say.custom({"phone": entry.phone})
        return {}


def find_entry(hospital: Hospital, faq: str | None, intent: str) -> Any:
    """The entry with this id; else the general entry of the intent; else ``None``."""
    entries = [one for one in hospital.faq if one.id == faq] if faq else []
    entries = entries or [one for one in hospital.faq if one.intent == intent and one.general]
    return entries[0] if entries else None


def ways_on(say: Speaker, entry: Any) -> list[tuple[str, str]]:
    """Buttons: the way there, related questions, and always a person."""
    buttons = [
        (say.word("route_to", place=place), ask_for("ask_route", place=place)) for place in entry.places[:1]
    ]
    by_id = {one.id: one for one in say.desk.hospital.faq}
    for name in [one for one in entry.next if one != "talk_to_human"][:MAX_NEXT]:
        related = by_id.get(name)
        if related is not None:
            buttons.append((_title_question(say, related), ask_for(related.intent, faq=related.id)))
        else:
            buttons.append((_title_intent(say, name), ask_for(name)))
    return [*buttons, person_button(say)]


def _title_question(say: Speaker, entry: Any) -> str:
    """In a language that the entry does not speak, what it is about."""
    if say.language == DEFAULT_LANGUAGE:
        return str(entry.questions[0])
    return entry.titles.get(say.language) or _title_intent(say, entry.intent)


def _title_intent(say: Speaker, intent: str) -> str:
    return read_translations()[intent].get(say.language) or read_inventory()[intent][1]
