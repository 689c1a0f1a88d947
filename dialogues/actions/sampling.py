"""Village sampling 村采乡检: what came of it, when and where it is next, and whether a doctor has seen what was abnormal.

No word of what a value means: that it lies outside its range, whom to see, and a number with one press.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_words import name_value
from dialogues.actions.titles import day_title, department_title, person_button
from dialogues.choosing import fold, read_choice
from dialogues.payload import ask_for
from knowledge.schema import Line
from services import sampling
from services.finding import get_record
from services.identity import mask_name
from services.line_answers import list_open_days
from services.sampling import SamplingResult

SHOWN = 3
RESULT = re.compile(r"结果|报告|化验单|正常|指标|ket qua")
LINE = "village_sampling"


def find_line(desk: Desk) -> Line | None:
    return desk.hospital.find_line(LINE)


class AnswerSampling(DeskAction, name="action_answer_sampling"):
    """The results of the contact's patients, where there are any and no village is asked for; else the next days at the
    village named, or at each. ``outcome``: told, or question (the FAQ answers)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, text = find_line(desk), slots.latest_text
        spoken = "" if text.startswith("/") else text
        question = line.find_question("point") if line else None
        point = read_choice(question.choices, spoken) if question and spoken else None
        results = sampling.list_results(desk, contact_id=slots.contact_id, limit=SHOWN)
        if results and point is None:
            for one in results:
                tell_result(desk, say, one)
            return {"outcome": "told"}
        if point is None and RESULT.search(fold(spoken)):
            say("utter_sampling_none")
            return {"outcome": "told"}
        if line is None or question is None:
            return {"outcome": "question"}
        days = line.find_question("date")
        assert days is not None
        lines = []
        for choice in question.choices:
            if point in (None, choice.id):
                found = list_open_days(desk, line=line, question=days, values={"point": choice.id}, limit=2)
                when = say.word("list").join(day_title(say, day) for day in found)
                what = name_value(desk, say, line, question, choice.id)
                lines.append(say.word("line", what=what, about=when))
        say("utter_sampling_days", lines="\n".join(lines))
        say.buttons([(say.word("do_sampling"), ask_for(line.id)), person_button(say)])
        return {"outcome": "told"}


def tell_result(desk: Desk, say: Speaker, one: SamplingResult) -> None:
    facts = [_tell_item(say, item) for item in one.values]
    said = "abnormal" if one.abnormal else "unclear" if one.unclear else "result"
    say(
        f"utter_sampling_{said}",
        who=mask_name(one.name),
        day=day_title(say, one.sampled_on),
        facts="\n".join(facts),
    )
    if one.abnormal or one.unclear:
        department = one.department or "全科医学科"
        known = desk.hospital.find_department(department)
        if known is not None:
            title = say.word("book_department", department=department_title(say, known.name))
            say.buttons([(title, ask_for("book_appointment", department=known.name))])
    say.buttons([person_button(say)])


def _tell_item(say: Speaker, item: Mapping[str, Any]) -> str:
    value = " ".join(str(item.get(key) or "") for key in ("value", "unit")).strip()
    words = [say.word("sampling_item", what=item["name"], value=value)]
    if item.get("range"):
        words.append(say.word("sampling_range", range=item["range"]))
    if item.get("abnormal"):
        words.append(say.word("sampling_outside"))
    return "".join(words)


class TellSamplingResult(DeskAction, name="action_tell_sampling_result"):
    replies = ("utter_sampling_abnormal", "utter_sampling_unclear", "utter_sampling_result")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = get_record(desk, SamplingResult, int(slots["record"]), contact_id=slots.contact_id)
        tell_result(desk, say, one)
        sampling.note_told(desk, result_id=one.id)


class AskSeen(DeskAction, name="action_ask_seen"):
    """``outcome``: ask, or done where a doctor has seen it meanwhile."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        one = get_record(desk, SamplingResult, int(slots["record"]), contact_id=slots.contact_id)
        if one.status != sampling.TO_SEE:
            return {"outcome": "done"}
        sampling.note_asked(desk, result_id=one.id)
        return {"outcome": "ask", "date": one.sampled_on.isoformat(), "department": one.department or None}


class NoteSeen(DeskAction, name="action_note_seen"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        sampling.note_seen(desk, result_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_sampling_seen")


class SendToDoctor(DeskAction, name="action_send_to_doctor"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = get_record(desk, SamplingResult, int(slots["record"]), contact_id=slots.contact_id)
        say("utter_sampling_go")
        known = desk.hospital.find_department(one.department or "全科医学科")
        if known is not None:
            title = say.word("book_department", department=department_title(say, known.name))
            say.buttons([(title, ask_for("book_appointment", department=known.name))])
        say.buttons([person_button(say)])
