"""Service lines as flows: each ``lines/*.yml`` of the hospital becomes, at load, one flow in the engine's own schema, with
the slots and actions that it needs.

    begin → whose → may he → question, check, question, check … → echo → done

A question whose answer was said is never asked; the flows shared by all lines (the echo, looking up, changing,
cancelling) stand in ``flows/lines.yml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action

from dialogues.actions.line_questions import (
    AskLineSlot,
    AskWhichLine,
    CheckLineSlot,
    name_before,
    name_slot,
)
from dialogues.line_starts import find_by_intent
from dialogues.schema import SlotEntry
from dialogues.slots import Slot, build_slot
from knowledge.schema import Line, LineQuestion
from knowledge.schema.lines import say_in

BUTTONS = {
    "query_request": {"zh": "查办理进度", "vi": "Xem tiến độ"},
    "change_request": {"zh": "改登记的内容", "vi": "Đổi nội dung đã đăng ký"},
    "cancel_request": {"zh": "取消登记", "vi": "Hủy đăng ký"},
    "postpone_request": {"zh": "这次来不了，接着排", "vi": "Lần này không đến được, chờ tiếp"},
    "unknown_request": {"zh": "查没登记过的事", "vi": "Hỏi việc chưa đăng ký"},
}
"""Asked for by buttons and by what is on record (line_matters.py); they have no phrases."""

DEEDS = ("query", "change", "cancel")
"""What may be done with what is under way already, instead of registering once more."""


@dataclass(slots=True)
class LineFlows:
    """What the lines of a hospital add to a book."""

    slots: dict[str, Slot] = field(default_factory=dict)
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    """In the schema of flow files."""
    actions: dict[str, Action] = field(default_factory=dict)
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    """Line → language → name: a button may ask for a line as for an intent."""


def build_lines(lines: Sequence[Line]) -> LineFlows:
    built = LineFlows(titles=dict(BUTTONS))
    for line in lines:
        _add(built, line)
    shared = {one.intent for line in lines for one in line.starts if one.intent and not one.words}
    for intent in sorted(shared):
        found = find_by_intent(lines, intent)
        if len(found) > 1:
            _add_choice(built, intent, found)
        else:
            built.flows[found[0].id]["nlu_trigger"].append({"intent": intent})
    if lines:
        built.flows["change_request"] = _build_change(lines)
    return built


def _add(built: LineFlows, line: Line) -> None:
    for question in line.collect:
        name = name_slot(line, question)
        if name != question.slot:
            entry = SlotEntry(
                type="any",
                title=question.title or question.slot,
                private=question.private,
                values={one.id: dict(one.name) for one in question.choices},
                show="date" if question.answered_as == "date" else "as_is",
                never=list(question.never) if question.takes_words else [],
            )
            built.slots[name] = build_slot(name, entry)
            if question.several:
                before = name_before(line, question)
                built.slots[before] = build_slot(before, entry.model_copy(update={"never": []}))
        for action in (AskLineSlot(line, question), CheckLineSlot(line, question)):
            built.actions[action.name()] = action
    built.titles[line.id] = dict(line.name)
    built.flows[line.id] = {
        "name": line.name["zh"],
        "names": {language: words for language, words in line.name.items() if language != "zh"},
        "description": (line.about or line.name)["zh"],
        "nlu_trigger": [{"intent": line.id}],
        "steps": list(_lay(line)),
    }


def _lay(line: Line) -> Iterator[dict[str, Any]]:
    yield {"set_slots": [{"line": line.id}]}
    yield {
        "id": "begin",
        "action": "action_begin_line",
        "next": [
            {"if": 'slots.outcome is "ask"', "then": "under_way"},
            {"if": 'slots.outcome is "stopped"', "then": "END"},
            {"else": "who"},
        ],
    }
    yield {
        "id": "under_way",
        "call": "line_under_way",
        "next": [
            *({"if": f'slots.outcome is "{deed}"', "then": [{"link": f"{deed}_request"}]} for deed in DEEDS),
            {"if": 'slots.outcome is "again"', "then": "who"},
            {"else": "END"},
        ],
    }
    if line.patient:
        yield {
            "id": "who",
            "call": "identify_patient",
            "next": [{"if": "slots.patient", "then": "eligible"}, {"else": "END"}],
        }
    else:
        yield {"id": "who", "noop": True}
    first = _name_need(line, 0)
    yield {
        "id": "eligible",
        "action": "action_check_line",
        "next": [{"if": 'slots.outcome is "eligible"', "then": first}, {"else": "END"}],
    }
    for at, question in enumerate(line.collect):
        yield from _lay_question(line, question, _name_need(line, at), _name_need(line, at + 1))
    yield {
        "id": "confirm",
        "call": "confirm_line",
        "next": [
            {"if": 'slots.outcome is "confirmed"', "then": "request"},
            {"if": 'slots.outcome is "changed"', "then": "eligible"},
            {"else": "END"},
        ],
    }
    yield {
        "id": "request",
        "action": "action_request_line",
        "next": [{"if": 'slots.outcome is "full"', "then": "eligible"}, {"else": "END"}],
    }


def _name_need(line: Line, at: int) -> str:
    return f"need_{line.collect[at].slot}" if at < len(line.collect) else "confirm"


def _lay_question(line: Line, question: LineQuestion, here: str, following: str) -> Iterator[dict[str, Any]]:
    slot, ask = name_slot(line, question), f"ask_{question.slot}"
    conditions = []
    for earlier, wanted in question.when.items():
        asked = line.find_question(earlier)
        known = name_slot(line, asked or earlier)
        if asked is not None and asked.several:
            conditions.append(
                f"({' or '.join(f'slots.{known} contains {chr(34)}{one}{chr(34)}' for one in wanted)})"
            )
            continue
        conditions.append(f"slots.{known} in [{', '.join(f'{chr(34)}{one}{chr(34)}' for one in wanted)}]")
    need: dict[str, Any] = {"id": here, "noop": True}
    if conditions:
        need["next"] = [{"if": " and ".join(conditions), "then": ask}, {"else": following}]
    yield need
    yield {
        "id": ask,
        "collect": slot,
        "utter": f"action_ask_{line.id}_{question.slot}",
        "optional": question.optional,
        "free_text": question.answered_as == "text" and slot != question.slot and not question.choices,
    }
    yield {
        "id": f"check_{question.slot}",
        "action": f"action_check_{line.id}_{question.slot}",
        "next": [
            {"if": 'slots.outcome in ["wrong", "more"]', "then": ask},
            {"if": 'slots.outcome is "stopped"', "then": "END"},
            {"else": following},
        ],
    }


def _add_choice(built: LineFlows, intent: str, lines: Sequence[Line]) -> None:
    """Several lines share an intent: the patient says which, unless the words did."""
    flow, action = f"lines_of_{intent}", AskWhichLine(intent, lines)
    built.actions[action.name()] = action
    built.flows[flow] = {
        "name": "、".join(line.name["zh"] for line in lines),
        "names": {"vi": ", ".join(say_in(line.name, "vi") for line in lines)},
        "nlu_trigger": [{"intent": intent}],
        "steps": [
            {
                "collect": "line",
                "utter": action.name(),
                "next": [
                    *({"if": f'slots.line is "{line.id}"', "then": [{"link": line.id}]} for line in lines),
                    {"else": "END"},
                ],
            }
        ],
    }


def _build_change(lines: Sequence[Line]) -> dict[str, Any]:
    """Which request and what of it; then its line again, with all that is known and only the changed asked."""
    return {
        "name": BUTTONS["change_request"]["zh"],
        "names": {"vi": BUTTONS["change_request"]["vi"]},
        "nlu_trigger": [{"intent": "change_request"}],
        "yields": ["cancel_request"],
        "steps": [
            {
                "id": "pick",
                "action": "action_pick_change",
                "next": [
                    {"if": 'slots.outcome is "many"', "then": "which"},
                    {"if": 'slots.outcome is "found"', "then": "guess"},
                    {"else": "END"},
                ],
            },
            {"id": "which", "collect": "record", "utter": "action_ask_request", "next": "pick"},
            {
                "id": "guess",
                "action": "action_guess_request_change",
                "next": [{"if": "slots.choice", "then": "load"}, {"else": "what"}],
            },
            {"id": "what", "collect": "choice", "utter": "action_ask_request_change"},
            {"id": "load", "action": "action_load_request"},
            {
                "id": "go",
                "noop": True,
                "next": [
                    *({"if": f'slots.line is "{line.id}"', "then": [{"link": line.id}]} for line in lines),
                    {"else": "END"},
                ],
            },
        ],
    }
