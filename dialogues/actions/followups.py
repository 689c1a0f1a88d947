"""The follow-up after discharge: greeting, one question at a time, answers as the patient says them, 退订."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import announce_chinese, person_button
from dialogues.controls import names_another, stops_at_once
from dialogues.payload import ask_for, set_slots
from dialogues.wording import DEFAULT_LANGUAGE
from dialogues.words import write_days
from intents.language import strip_marks
from services import answers, followups
from services.errors import NotFound, WrongState
from services.followups import FollowUpTask
from services.handovers import call_person

STOP = re.compile(
    r"退订|不要再(?:发|问|收)|别(?:再)?(?:发|问)|不想(?:再)?收|TD|h[uủ]y nh[aậ]n|(?:[dđ][uừ]ng|kh[oô]ng) (?:g[uử]i|nh[aắ]n|nh[aậ]n) n[uữ]a",
    re.IGNORECASE,
)
ASIDE = frozenset(
    {"book_appointment", "ask_route", "query_appointment", "query_report", "ask_facility", "stop_followup"}
)
"""What is served aside, and then the question is asked again."""
TRIES = 2
"""Answers to one question that may be unintelligible before a nurse is asked to telephone."""


def _find_task(desk: Desk, slots: Slots) -> FollowUpTask | None:
    """The step asked, if it is still open."""
    try:
        task = followups.get_task(desk, task_id=int(slots["record"]), contact_id=slots.contact_id)
    except NotFound:
        return None
    return task if task.status == followups.SENT else None


class GreetFollowup(DeskAction, name="action_greet_followup"):
    """The step's greeting; shorter where it is the second time of asking. ``outcome``: ask or over."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        task = _find_task(desk, slots)
        if task is None or answers.find_next_question(desk, task=task) is None:
            return {"outcome": "over"}
        _, step = followups.get_step(desk, task=task)
        if task.reminded_at is not None or task.answered:
            say("utter_followup_again")
            announce_chinese(say)
        elif step.greeting:
            announce_chinese(say)
            say("utter_followup_words", words=_greet(desk, task, step.greeting))
        return {"outcome": "ask", "attempts": 0}


def _greet(desk: Desk, task: FollowUpTask, greeting: str) -> str:
    """The plan's Chinese, true of this discharge and of today."""
    left = followups.get_follow_up(desk, follow_up_id=task.follow_up_id).discharged_on
    when = write_days(left.isoformat(), language=DEFAULT_LANGUAGE, year=desk.now.year)
    return greeting.replace("{discharged}", when).replace("{days}", str((desk.now.date() - left).days))


class AskFollowupQuestion(DeskAction, name="action_ask_followup_question"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        task = _find_task(desk, slots)
        question = answers.find_next_question(desk, task=task) if task else None
        if question is None:
            return {"choice": "over"}
        say("utter_followup_words", words=question.text)
        say.buttons((one.title, set_slots(choice=one.value)) for one in question.choices)
        if question.optional:
            say.buttons([(say.word("no_more"), set_slots(choice="没有"))])
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """Whatever is said is the answer, unless it surely asks for something else."""
        return None if slots.latest_intent in ASIDE else slots.latest_text


class NoteFollowupAnswer(DeskAction, name="action_note_followup_answer"):
    """``outcome``: ask (the next, or once more), stop, told."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = str(slots["choice"] or "")
        if STOP.search(text) and not names_another(strip_marks(text.lower())):
            return {"outcome": "stop", "choice": None}
        task = _find_task(desk, slots)
        question = answers.find_next_question(desk, task=task) if task else None
        if task is None or question is None:
            return {"outcome": "told", "choice": None}
        try:
            answer = answers.record_answer(desk, task_id=task.id, question=question.id, text=text)
        except WrongState:
            return {"outcome": "told", "choice": None}
        if answer.reply:
            say(
                "utter_followup_alarm" if answer.level == "alarm" else "utter_followup_words",
                words=answer.reply,
            )
        if not (answer.understood or answer.red_flags):
            return self._once_more(desk, slots, say)
        if not answer.done:
            return {"outcome": "ask", "choice": None, "attempts": 0}
        _, step = followups.get_step(desk, task=task)
        say("utter_followup_closing", words=step.closing)
        return {"outcome": "told", "choice": None}

    @staticmethod
    def _once_more(desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        tries = (slots["attempts"] or 0) + 1
        if tries < TRIES:
            say("utter_followup_unclear")
            return {"outcome": "ask", "choice": None, "attempts": tries}
        call_person(desk, contact_id=slots.contact_id, reason="followup_unclear")
        say("utter_followup_nurse")
        return {"outcome": "told", "choice": None}


class HearStop(DeskAction, name="action_hear_stop"):
    """``outcome``: stop where it is plain (the bare word, a button, an answer within the follow-up itself), else ask."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        plain = slots["outcome"] == "stop" or text.startswith("/") or stops_at_once(text)
        return {"outcome": "stop" if plain else "ask"}


class StopFollowup(DeskAction, name="action_stop_followup"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        followups.stop_followups(desk, contact_id=slots.contact_id)
        say("utter_followup_stopped")
        say.buttons([(say.word("book"), ask_for("book_appointment")), person_button(say)])
