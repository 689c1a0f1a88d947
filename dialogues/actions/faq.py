"""Answers from the hospital's FAQ, each with a way on."""

from __future__ import annotations

from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import announce_chinese, department_title, person_button
from dialogues.inventory import read_inventory, read_translations
from dialogues.line_starts import find_by_intent
from dialogues.payload import ask_for
from dialogues.wording import DEFAULT_LANGUAGE
from knowledge import Hospital
from knowledge.schema.lines import say_in
from services import triage
from services.alarms import raise_alarm
from services.triage import Assessment

MAX_NEXT = 3
MAX_LINES = 2
COMPLAINING = frozenset({"report_recovery_problem", "ask_medication", "refill_prescription"})
"""Questions in which a complaint may stand: how urgent it is comes before any answer."""
MAX_WORDS = 100


class AnswerFaq(DeskAction, name="action_answer_faq"):
    """The entry that matched (slot ``faq``), else the general one of the intent, else an honest 「我不知道」.

    A complaint told with the question is weighed first; ``outcome``: danger, crisis (both said by their patterns),
    urgent or told.
    """

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        found = _weigh(desk.hospital, slots)
        if found is not None and (found.crisis or found.level in ("critical", "emergent")):
            return {"outcome": "crisis" if found.crisis else "danger"}
        if found is not None and found.level == "urgent":
            _send_today(desk, found, slots, say)
            return {"outcome": "urgent"}
        entry = find_entry(desk.hospital, slots["faq"], slots.latest_intent)
        if entry is None:
            say("utter_faq_unknown")
            return {"outcome": "told"}
        answer = entry.answers.get(say.language)
        if answer is None:
            announce_chinese(say)
        say("utter_faq", answer=answer or entry.answer)
        say.buttons(ways_on(say, entry))
        if entry.phone:
            say.custom({"phone": entry.phone})
        return {"outcome": "told"}


def _weigh(hospital: Hospital, slots: Slots) -> Assessment | None:
    text = slots.latest_text
    if slots.latest_intent not in COMPLAINING or not text or text.startswith("/"):
        return None
    return triage.assess(hospital, text=text)


def _send_today(desk: Desk, found: Assessment, slots: Slots, say: Speaker) -> None:
    """To be seen today: what to do, a number, a person; the ward's staff are told."""
    words = tuple(one.evidence for one in found.red_flags) or (slots.latest_text[:MAX_WORDS],)
    raise_alarm(desk, kind="red_flag", contact_id=slots.contact_id, words=words)
    say("utter_complaint_urgent", advice=say.name("triage_advice", found.level, found.advice))
    names = [one.name for one in found.departments if desk.hospital.get_department(one.name).bookable]
    say.buttons(
        (
            say.word("book_department", department=department_title(say, name)),
            ask_for("book_appointment", department=name),
        )
        for name in names[:2]
    )
    say.buttons([person_button(say)])


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
    return [*_lines_of(say, entry), *buttons, person_button(say)]


def _lines_of(say: Speaker, entry: Any) -> list[tuple[str, str]]:
    """What the answer speaks of can be done here and now."""
    lines = getattr(say.desk.hospital, "lines", ())
    own = [one for one in lines if one.faq == entry.id]
    found = find_by_intent(lines, entry.intent)
    found = own if own and not entry.general else found + [one for one in own if one not in found]
    return [
        (say.word("do_line", what=say_in(line.name, say.language)), ask_for(line.id))
        for line in found[:MAX_LINES]
    ]


def _title_question(say: Speaker, entry: Any) -> str:
    """In a language that the entry does not speak, what it is about."""
    if say.language == DEFAULT_LANGUAGE:
        return str(entry.questions[0])
    return entry.titles.get(say.language) or _title_intent(say, entry.intent)


def _title_intent(say: Speaker, intent: str) -> str:
    return read_translations()[intent].get(say.language) or read_inventory()[intent][1]
