"""The questions of service lines: one action that asks and one that checks for each, made from the line's file at load.

Longer than 300 lines, because what asks, what reads the answer and what checks it go through the same kinds of
questions in step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.line_words import (
    fill,
    list_values,
    name_value,
    name_weekdays,
    offer_booking,
    say_line,
)
from dialogues.actions.titles import day_title, person_button
from dialogues.choosing import changes_several, read_choice, read_choices, read_items
from dialogues.line_changes import read_change
from dialogues.line_starts import WHEN, find_by_words, is_asking, is_question
from dialogues.payload import set_slots
from dialogues.slots import ANY
from intents.answers import read_yes_or_no
from intents.slots.addresses import is_address
from intents.slots.numbers import NUMBER as NUMBERS
from intents.slots.numbers import read_number
from knowledge.schema import Line, LineQuestion
from knowledge.schema.lines import OF_CONTRACT, LineChoice, list_held, say_in
from services import patients
from services.errors import Invalid
from services.identity import mask_phone
from services.line_answers import (
    NO as ANSWERED_NO,
)
from services.line_answers import (
    SKIPPED,
    YES,
    check_answer,
    find_chosen,
    has_place,
    list_open_days,
    list_periods,
    name_seat,
    read_days,
)

SENT = "sent"
"""What stands for a picture that has just come (bot/pictures.py), until it is checked."""
NO_PHOTO = re.compile("跳过|没有|没带|没拍|不在|不方便|拍不了|不拍|不用|算了|bo qua|khong")
NO_MORE = re.compile("没有?了|就这|够了|好了|不用了|不要了|完了|齐了|het roi|vay thoi|khong con")
SURE = 2
"""Letters of a phrase that is heard while something else is asked; in a brief message (「寄家里」) one is enough."""
BRIEF = 5
NAMES_NOTHING = re.compile(
    r"(?:我|自己|本人|要|想|用|的|是|就|给|需要|来|去|拿|办|弄|确认|登记|\s|[，,。.!！])+"
)
"""「我自己要」, where one of several is to be named: no other one than those offered."""
LONGEST = 40
"""Letters up to which words that are none of the choices are taken as they are."""
ASKED_IN_WORDS = ("date", "period", "time", "phone", "address", "department")


def name_slot(line: Line, question: LineQuestion | str) -> str:
    """The dialogue's slot for a question: a slot of the contract, or the line's own under its name (always where it holds
    several)."""
    slot = question if isinstance(question, str) else question.slot
    several = not isinstance(question, str) and question.several
    return slot if slot in OF_CONTRACT and not several else f"{line.id}_{slot}"


def name_before(line: Line, question: LineQuestion) -> str:
    """The slot that keeps what was chosen of several while it is asked for once more."""
    return f"{name_slot(line, question)}_before"


def read_values(line: Line, slots: Mapping[str, Any]) -> dict[str, Any]:
    """What the dialogue knows, by the line's own names."""
    found = {question.slot: slots[name_slot(line, question)] for question in line.collect}
    return {slot: value for slot, value in found.items() if value not in (None, SKIPPED)}


class AskLineSlot(DeskAction):
    """Asks one question of a line, with what can be chosen as buttons; says nothing where only one answer is possible."""

    def __init__(self, line: Line, question: LineQuestion) -> None:
        self.line, self.question = line, question
        self.action_name = f"action_ask_{line.id}_{question.slot}"

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        line, question = self.line, self.question
        slot, kind = name_slot(line, question), question.answered_as
        values = read_values(line, slots)
        options = self._find_options(desk, slots, say, values)
        if kind == "phone" and (known := _recall_phone(desk, slots)):
            say("utter_phone_recalled", number=mask_phone(known))
            return {slot: known}
        if kind == "period" and len(options) == 1:
            return {slot: options[0][0]}
        if kind == "date" and not options:
            say("utter_line_no_days", words=line.team.phone)
            say.buttons([person_button(say)])
            return None
        words = say_in(question.ask, say.language) if question.ask else say.name("line_ask", kind)
        held = list_held(slots[name_before(line, question)]) if question.several else ()
        if held and question.more and slots["choice"] != question.slot:
            chosen = name_value(desk, say, line, question, held)
            say("utter_line_more", chosen=chosen)
            left = [one.id for one in question.ordinary if one.id not in held]
            say.buttons((title, set_slots(**{slot: value})) for value, title in options if value in left)
            say.buttons([(say.word("no_more"), set_slots(**{slot: list(held)}))])
            return None
        say_line(say, fill(words, list_values(desk, say, line, values)))
        if question.every is not None:
            every = [one.id for one in question.ordinary]
            say.buttons([(say_in(question.every, say.language), set_slots(**{slot: every}))])
        say.buttons((title, set_slots(**{slot: value})) for value, title in options)
        if question.optional:
            say.buttons([(say.word("skip"), set_slots(**{slot: None}))])
        return None

    def _find_options(
        self, desk: Desk, slots: Slots, say: Speaker, values: Mapping[str, Any]
    ) -> list[tuple[Any, str]]:
        line, question = self.line, self.question
        match question.answered_as:
            case "choice" | "text":
                return [(one.id, say_in(one.name, say.language)) for one in question.choices]
            case "date":
                days = list_open_days(desk, line=line, question=question, values=values, limit=30)
                wanted = read_days(slots["days"]) if slots["days"] else []
                within = [day for day in days if day in wanted] or days
                return [(day.isoformat(), day_title(say, day)) for day in within[:4]]
            case "period":
                return [(one, say.name("period", one)) for one in list_periods(line, question, values)]
            case "yes_no":
                return [(YES, say.word("yes")), (ANSWERED_NO, say.word("no"))]
        return []

    def read(self, desk: Desk, slots: Slots) -> Any:
        question, text = self.question, slots.latest_text.strip()
        kind = question.answered_as
        if question.several and question.choices and (several := self._read_several(slots, text)):
            return several
        if (
            question.choices
            and not question.several
            and (found := read_choice(question.choices, text) or _read_near(desk, question, slots))
        ):
            return found
        if (plain := _read_plain(question, text)) is not None:
            return plain
        if kind == "yes_no":
            return {True: YES, False: ANSWERED_NO, None: None}[read_yes_or_no(text)]
        if kind in ASKED_IN_WORDS and (told := slots.list_latest(kind)):
            return told[-1]
        if kind == "photo":
            return SKIPPED if NO_PHOTO.search(text) else None
        if kind == "number" and (number := re.search(NUMBERS, text)):
            return read_number(number[0])
        open_ended = (kind == "text" and not question.choices) or question.others
        if question.choices and NAMES_NOTHING.fullmatch(text):
            return None
        if open_ended and text and len(text) <= LONGEST and not is_question(text):
            return text
        return None

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「后天就要，寄到家」 while it is asked which stay; an address before it is asked for."""
        question, text = self.question, slots.latest_text
        told: Any = None
        if question.several:
            held = slots[name_slot(self.line, question)]
            if held is None and question.choices and not is_asking(text):
                return tell_early(self.line, question, text)
            if held is not None:
                told = read_change(question, text, held=held)
        elif question.choices and not WHEN.search(text):  # 「几时可以来拿」 chooses nothing
            least = 1 if len(text.strip()) <= BRIEF else SURE
            told = read_choice(question.choices, text, least=least) or _read_near(desk, question, slots)
        elif question.answered_as == "address" and is_address(text):
            told = text.strip()
        return {name_slot(self.line, question): told} if told else {}

    def _read_several(self, slots: Slots, text: str) -> list[str] | None:
        """An answer in words; beside what was chosen by a button a moment ago it is one more, and 「没有了」 ends it."""
        question, held = self.question, slots[name_before(self.line, self.question)]
        more = held is not None and question.more and slots["choice"] != question.slot
        found = read_choices(question, text, held=held, asked=not more)
        if found is None and more and (read_yes_or_no(text) is False or NO_MORE.search(text)):
            return list(list_held(held))
        if found is None and not more and question.every is not None:
            plain = read_yes_or_no(text)
            alone = [one.id for one in question.choices if one.alone]
            found = {True: [one.id for one in question.ordinary], False: alone[:1] or None, None: None}[plain]
        return [*(found or ()), *list_unknown(self.line, question, slots)] or None


def _read_plain(question: LineQuestion, text: str) -> str | None:
    """「对」 to 「医生开好检查单了吗」: the choice that says yes to it."""
    if not any(one.answers for one in question.choices):
        return None
    meant = {True: "yes", False: "no", None: ""}[read_yes_or_no(text)]
    return next((one.id for one in question.choices if one.answers == meant), None)


def tell_early(line: Line, question: LineQuestion, text: str) -> dict[str, Any]:
    """What words said before the question say for it: slots to set. 「片子有」 says nothing yet of the rest that is to be
    there, which is then asked for."""
    told = read_choices(question, text)
    if told is None:
        return {}
    partly = question.every is not None and question.more and not changes_several(question, text)
    whole = len(told) == len(question.ordinary) or any(one.alone for one in question.find_chosen(told))
    return {(name_before if partly and not whole else name_slot)(line, question): told}


def list_unknown(line: Line, question: LineQuestion, slots: Slots) -> list[str]:
    """What was named besides the choices of several: told at the check that it cannot be had here, and not lost unseen."""
    if question.slot not in OF_CONTRACT:
        return []
    generic = [*line.called, *(word for start in line.starts for word in start.words)]
    named = dict.fromkeys(str(one) for one in slots.list_latest(question.slot))
    return [
        one
        for one in named
        if not read_choices(question, one, asked=True) and not any(word in one for word in generic)
    ]


def _read_near(desk: Desk, question: LineQuestion, slots: Slots) -> str | None:
    """「后天就要」 to 「急不急」: the choice for days so near, else the other."""
    told = [day for value in slots.list_latest("date") for day in read_days(value)[-1:]]
    if not told or not any(one.within_days is not None for one in question.choices):
        return None
    ahead = (max(told) - desk.now.date()).days
    if ahead < 0:
        return None  # 「上个月住的」 says when he lay here
    near = [one.id for one in question.choices if one.within_days is not None and ahead <= one.within_days]
    return (near or [one.id for one in question.choices if one.within_days is None])[0]


def _recall_phone(desk: Desk, slots: Slots) -> str | None:
    """The phone on record already, so that nobody gives it twice; none when it is just being changed."""
    if slots["choice"] == "phone":
        return None
    mine = patients.list_patients(desk, contact_id=slots.contact_id)
    mine.sort(key=lambda one: one.id != slots["patient"])
    return next((one.phone for one in mine if one.phone), None)


class CheckLineSlot(DeskAction):
    """``outcome``: right, wrong (said why, the slot is empty again) or stopped (this is not done online)."""

    def __init__(self, line: Line, question: LineQuestion) -> None:
        self.line, self.question = line, question
        self.action_name = f"action_check_{line.id}_{question.slot}"

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        line, question = self.line, self.question
        slot, value = name_slot(line, question), slots[name_slot(line, question)]
        if value is None or value == SKIPPED:
            return {slot: SKIPPED, "outcome": "right"}
        values = read_values(line, slots)
        values.pop(question.slot, None)
        if question.several:
            return self._check_several(desk, slots, say, value, values)
        try:
            kept = check_answer(
                desk, line=line, question=question, value=self._settle(desk, value, values), values=values
            )
        except Invalid as error:
            self._explain(desk, error, say, values)
            days = str(value) if error.code == "one_day" else None
            return {slot: None, "outcome": "wrong", "days": days}
        chosen = question.find_choice(kept)
        if chosen is not None and tell_stop(line, chosen, values, say):
            return {"outcome": "stopped"}
        if question.answered_as == "photo" and value == SENT:
            say("utter_line_photo_kept")
        told = values | {question.slot: kept}
        if name_seat(line, values) is None and not has_place(desk, line=line, values=told):
            say("utter_line_full", words=name_value(desk, say, line, question, kept))
            return {slot: None, "outcome": "wrong"}
        return {slot: kept, "outcome": "right", "days": None}

    def _check_several(
        self, desk: Desk, slots: Slots, say: Speaker, value: Any, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Each by itself: what cannot be is told and left out, the rest stands. ``more`` after a button, while others are
        left to choose."""
        line, question = self.line, self.question
        slot, before = name_slot(line, question), name_before(line, question)
        if isinstance(value, str) and not question.choices:
            held = slots[before] if changes_several(question, value, held=slots[before]) else None
            value = read_items(value, held=held)
        chosen_by_button = isinstance(value, str) and slots.latest_text.startswith("/")
        if chosen_by_button and slots["choice"] != question.slot:
            value = [*list_held(slots[before]), value]
        kept: list[Any] = []
        refused: list[tuple[Any, Invalid]] = []
        for one in list_held(value):
            one = question.choices[0].id if one == ANY and question.choices else one
            chosen = question.find_choice(one)
            if chosen is not None and chosen.stop is not None:
                alone = len(list_held(value)) == 1
                tell_stop(line, chosen, values, say)
                if alone:
                    return {"outcome": "stopped"}
                continue
            try:
                kept += check_answer(desk, line=line, question=question, value=one, values=values)
            except Invalid as error:
                refused.append((one, error))
        if not kept:
            if refused:
                self._explain(desk, refused[0][1], say, values)
            return {slot: None, "outcome": "wrong"}
        if refused:
            say("utter_line_not_this", what=say.word("list").join(str(one) for one, _ in refused))
        kept = check_answer(desk, line=line, question=question, value=kept, values=values)
        alone = any(one.alone for one in question.find_chosen(kept))
        left = [one for one in question.ordinary if one.id not in kept]
        if chosen_by_button and question.more and left and not alone:
            return {slot: None, before: kept, "outcome": "more", "choice": None}
        return {slot: kept, before: None, "outcome": "right"}

    def _settle(self, desk: Desk, value: Any, values: Mapping[str, Any]) -> Any:
        """都行 → the first that can be had; the patient's word → the choice it names."""
        question = self.question
        if value == ANY and question.answered_as == "date":
            days = list_open_days(desk, line=self.line, question=question, values=values, limit=1)
            return days[0].isoformat() if days else value
        if value == ANY and question.choices:
            return question.choices[0].id
        if question.choices and question.find_choice(value) is None:
            return read_choice(question.choices, str(value)) or value
        return value

    def _explain(self, desk: Desk, error: Invalid, say: Speaker, values: Mapping[str, Any]) -> None:
        """Why not, in the file's words or in ours."""
        if error.code == "one_day":
            return  # the days of the span are offered
        days = [one for one in find_chosen(self.line, values) if one.weekdays and not one.weeks]
        when = name_weekdays(say, self.line, values, self.question)
        if error.code == "day" and days:
            say("utter_line_other_days", words=say_in(days[-1].name, say.language), days=when)
            return
        words = self.question.check.say
        text = say_in(words, say.language) if words else say.name("line_wrong", error.code, say.word("wrong"))
        say_line(say, fill(text, list_values(desk, say, self.line, values) | {"weekdays": when}))


def tell_stop(line: Line, chosen: LineChoice, values: Mapping[str, Any], say: Speaker) -> bool:
    """What is not done online is said, with the way on; False where it is done."""
    if chosen.stop is None:
        return False
    say_line(say, fill(say_in(chosen.stop, say.language), list_values(say.desk, say, line, values)))
    if chosen.book:
        say.buttons(offer_booking(say, line, values))
    say.buttons([person_button(say)])
    return True


class AskWhichLine(DeskAction):
    """Which of the lines that one intent may mean."""

    def __init__(self, intent: str, lines: Sequence[Line]) -> None:
        self.intent, self.lines = intent, lines
        self.action_name = f"action_ask_line_of_{intent}"

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        say("utter_ask_which_line")
        say.buttons((say_in(one.name, say.language), set_slots(line=one.id)) for one in self.lines)
        say.buttons([person_button(say)])
        spoken = slots.latest_text
        return {} if spoken.startswith("/") or slots["said"] else {"said": spoken}  # the line reads it then

    def read(self, desk: Desk, slots: Slots) -> str | None:
        found = find_by_words(self.lines, self.intent, slots.latest_text)
        return found.id if found else None
