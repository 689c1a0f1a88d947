"""What a service line says: the words of its file, filled in, and its answers as the patient reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dialogues.actions import Desk, Speaker
from dialogues.actions.titles import day_title, patient_title, person_button
from dialogues.payload import ask_for
from dialogues.slots import mask
from dialogues.words import name_weekday
from knowledge.schema import Line, LineQuestion
from knowledge.schema.lines import ENDED, list_held, say_in
from services.line_answers import count_prepared, find_chosen, list_lacking, list_weekdays, read_days
from services.patients import Patient
from services.requests import ServiceRequest

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def fill(text: str, values: Mapping[str, Any]) -> str:
    """``{name}`` replaced; what is not known leaves no trace."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1]) or ""), text)


def say_line(say: Speaker, words: str) -> None:
    say("utter_line_words", words=words)


def name_value(desk: Desk, say: Speaker, line: Line, question: LineQuestion, value: Any) -> str:
    """An answer as the patient reads it: a choice by its name, a day with its weekday, a phone by its ends."""
    if question.several:
        return _name_several(say, question, value)
    chosen = question.find_choice(value)
    if chosen is not None:
        return say_in(chosen.name, say.language)
    match question.answered_as:
        case "date":
            return " – ".join(_name_days(say, str(value)))
        case "period":
            return say.name("period", str(value))
        case "phone":
            return mask(str(value))
        case "photo":
            return say.word("received")
        case "yes_no":
            return say.word("yes" if value == "yes" else "no")
        case "department":
            return desk.hospital.get_department(str(value)).title(say.language)
    return str(value)


def _name_several(say: Speaker, question: LineQuestion, value: Any) -> str:
    """All by the word for all, else one by one."""
    held = list_held(value)
    if question.every is not None and all(one.id in held for one in question.ordinary):
        return say_in(question.every, say.language)
    names = {one.id: say_in(one.name, say.language) for one in question.choices}
    return say.word("list").join(names.get(one, str(one)) for one in held)


def _name_days(say: Speaker, value: str) -> list[str]:
    days = read_days(value)
    ends = days if len(days) < 2 else [days[0], days[-1]]
    return [day_title(say, day) for day in ends] or [value]


def name_title(say: Speaker, question: LineQuestion) -> str:
    return say_in(question.title, say.language) if question.title else say.name("line_slot", question.slot)


def list_values(desk: Desk, say: Speaker, line: Line, values: Mapping[str, Any]) -> dict[str, str]:
    """Every answer in the patient's words, by the name that stands in the file's sentences."""
    days = {field.slot for state in line.states for field in state.needs if field.kind == "date"}
    told = {
        name: " – ".join(_name_days(say, str(value))) if name in days else str(value)
        for name, value in values.items()
        if value is not None and line.find_question(name) is None
    }
    for question in line.collect:
        if values.get(question.slot) is not None:
            told[question.slot] = name_value(desk, say, line, question, values[question.slot])
    return told | {
        "what": say_in(line.name, say.language),
        "team": line.team.name,
        "phone_number": line.team.phone,
        "place": find_place(line, values) or "",
        "day": told.get("date", ""),
    }


def name_weekdays(say: Speaker, line: Line, values: Mapping[str, Any], question: LineQuestion) -> str:
    """The weekdays that can be chosen, from the very data by which days are offered."""
    days = list_weekdays(line, question, values)
    return say.word("list").join(name_weekday(one, say.language) for one in days)


def find_place(line: Line, values: Mapping[str, Any]) -> str | None:
    """Where it is done: the ward reserved, the place of what was chosen, else the line's own."""
    chosen = [one.place for one in find_chosen(line, values) if one.place]
    return values.get("ward") or (chosen[-1] if chosen else line.place)


def list_changes(
    desk: Desk, say: Speaker, line: Line, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    """The answers that are not what they were, each under its title; a day in full."""
    return [
        say.word(
            "fact",
            title=name_title(say, question),
            value=name_value(desk, say, line, question, after[question.slot]),
        )
        for question in line.collect
        if question.slot in after and after[question.slot] != before.get(question.slot)
    ]


def list_facts(desk: Desk, say: Speaker, line: Line, values: Mapping[str, Any]) -> list[str]:
    """The lines of the echo: every answer that belongs to it, fee and place."""
    facts = []
    for question in line.collect:
        value = values.get(question.slot)
        if value is not None and line.is_asked(question, values):
            facts.append(
                say.word(
                    "fact",
                    title=name_title(say, question),
                    value=name_value(desk, say, line, question, value),
                )
            )
    for fee in list_fees(say, line, values):
        facts.append(say.word("fact", title=say.word("fee"), value=fee))
    place = find_place(line, values)
    if place:
        facts.append(say.word("fact", title=say.word("where"), value=place))
    return facts


def list_fees(say: Speaker, line: Line, values: Mapping[str, Any]) -> list[str]:
    """What the choices cost, each by its name where there are several; else what the line costs."""
    own = [one for one in find_chosen(line, values) if one.fee]
    if len(own) > 1:
        return [
            say.word("fact", title=say_in(one.name, say.language), value=say_in(one.fee or {}, say.language))
            for one in own
        ]
    fee = own[0].fee if own else line.fee
    return [say_in(fee, say.language)] if fee else []


def list_advice(desk: Desk, say: Speaker, line: Line, values: Mapping[str, Any]) -> list[str]:
    """What to prepare, each once: what the choices say, the answers of the hospital's FAQ that they name, of what several
    want to be kept the strictest, and what lacks."""
    found = []
    for name, hours in count_prepared(line, values).items():
        found.append(fill(say_in(line.prepare[name], say.language), {"hours": hours}))
    for question, lacking in list_lacking(line, values):
        names = say.word("list").join(say_in(one.name, say.language) for one in lacking)
        found.append(fill(say_in(question.lacking or {}, say.language), {"lacking": names}))
    for chosen in find_chosen(line, values):
        if chosen.about is not None:
            found.append(fill(say_in(chosen.about, say.language), list_values(desk, say, line, values)))
        entry = desk.hospital.find_faq(chosen.advice) if chosen.advice else None
        if entry is not None:
            found.append(entry.answers.get(say.language) or entry.answer)
    if line.bring is not None:
        found.append(fill(say_in(line.bring, say.language), list_values(desk, say, line, values)))
    return list(dict.fromkeys(found))


def describe(
    desk: Desk, say: Speaker, line: Line, request: ServiceRequest, *, reason: str | None = None
) -> dict[str, str]:
    """Everything a sentence about a request may name."""
    patient = desk.session.get(Patient, request.patient_id) if request.patient_id else None
    due, told = request.due_at, list_values(desk, say, line, request.slots)
    ahead = str(request.slots.get("date") or "") >= desk.now.date().isoformat()
    hours = "".join(told[slot] for slot in ("date", "period") if ahead and told.get(slot))
    several = [
        told[one.slot]
        for one in line.collect
        if len(list_held(request.slots.get(one.slot))) > 1
        and told[one.slot] not in (one.every or {}).values()
    ]  # 「都有」 of what is brought says nothing of what is done
    return told | {
        "when": say.word("comma").join([*several, *(one for one in (hours, told["place"]) if hours and one)]),
        "order_number": request.order_number,
        "who": patient_title(say, patient) if patient else "",
        "state": say_in(line.get_state(request.stage).name, say.language),
        "reason": reason or "",
        "due": say.word("until", day=day_title(say, due.date()), hour=f"{due:%H:%M}") if due else "",
    }


def list_changeable(line: Line, values: dict[str, Any], say: Speaker) -> list[tuple[str, str]]:
    """Which answers the patient may give anew: the question's slot and its button."""
    return [
        (one.slot, say.word("change_one", what=name_title(say, one)))
        for one in line.collect
        if one.change and line.is_asked(one, values)
    ]


def deeds(say: Speaker, line: Line, one: ServiceRequest) -> list[tuple[str, str]]:
    """What the patient may do with a request, by buttons."""
    state, number = line.get_state(one.stage), {"order_number": one.order_number}
    found = []
    if "book" in state.offer:
        found += offer_booking(say, line, one.slots)[:1]
    if "again" in state.offer:
        found.append((say.word("do_line", what=say_in(line.name, say.language)), ask_for(line.id)))
    if state.status not in ENDED:
        found.append((say.word("progress"), ask_for("query_request", **number)))
    if state.back is not None:
        found.append((say.word("not_this_time"), ask_for("postpone_request", **number)))
    if "change" in state.patient:
        found.append((say.word("change_it"), ask_for("change_request", **number)))
    if "cancel" in state.patient:
        found.append((say.word("cancel_it"), ask_for("cancel_request", **number)))
    return [*found, person_button(say)]


def offer_booking(say: Speaker, line: Line, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a doctor must see is booked with one press, in the department that the answers point to."""
    chosen = [one.department for one in find_chosen(line, values) if one.department]
    named = chosen[0] if chosen else values.get("department")
    if named is None:
        return [
            (say.word("book"), ask_for("book_appointment")),
            (say.word("unsure_department"), ask_for("describe_symptom")),
        ]
    title = say.desk.hospital.get_department(str(named)).title(say.language)
    return [(say.word("book_department", department=title), ask_for("book_appointment", department=named))]


def say_due(desk: Desk, say: Speaker, line: Line, one: ServiceRequest, told: Mapping[str, str]) -> None:
    """Until when the next step comes; one that is over is owned up to."""
    state = line.get_state(one.stage)
    if state.tell_due and state.status not in ENDED and one.due_at is not None:
        say("utter_request_overdue" if one.due_at <= desk.now else "utter_request_due", **told)
