"""Whether an answer can stand: what a service line collects, checked by its file, for chat and API alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from knowledge.schema import Line, LineChoice, LineQuestion
from knowledge.schema.lines import list_held
from services.addresses import check_address
from services.database import blind
from services.desk import Desk
from services.errors import Invalid, describe_known
from services.identity import parse_phone
from services.numbers import Counter

DAYS_AHEAD = 30
"""A day is looked for so far ahead where the file does not say."""
LONGEST = 500
MOST = 20
"""Answers to one question."""
YES, NO = "yes", "no"
SKIPPED = "-"
"""What was asked and left open; it is not kept."""


def check_answer(
    desk: Desk, *, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> Any:
    """The answer as it is kept; ``Invalid`` with the slot as field and a code that says what is wrong with it:
    ``choice``, ``day``, ``one_day``, ``period``, ``time``, ``phone``, ``address``, ``number``, ``department``, ``length``.

    ``values`` are the other answers: a clinic chosen before says which days there are. Of several what is kept is a list,
    each once.
    """
    try:
        if question.several:
            return _check_several(desk, line, question, value, values)
        return _CHECKS[question.answered_as](desk, line, question, value, values)
    except Invalid as error:
        raise Invalid(error.code, field=question.slot, value=error.value, **error.details) from None


def _check_several(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> list[str]:
    """One answer or a list of them; the choices in the order of the file, one that stands alone alone."""
    found = list(dict.fromkeys(one for one in list_held(value) if one not in (None, "")))
    if not found or len(found) > MOST:
        raise Invalid("choice" if question.choices else "length", value=value)
    kept = [_CHECKS[question.answered_as](desk, line, question, one, values) for one in found]
    known = [one.id for one in question.find_chosen(kept)]
    alone = [one.id for one in question.find_chosen(kept) if one.alone]
    return alone[:1] or known + [one for one in kept if one not in known]


def _check_choice(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> str:
    if question.find_choice(value) is not None:
        return str(value)
    if question.others:
        return _check_text(desk, line, question, value, values)
    known = [one.id for one in question.choices]
    raise Invalid("choice", value=value, **describe_known(value, known))


def _check_text(desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]) -> str:
    text = str(value).strip()
    if not (question.check.min or 1) <= len(text) <= (question.check.max or LONGEST):
        raise Invalid("length")
    return text


def _check_date(desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]) -> str:
    days = read_days(value)
    fitting = [day for day in days if is_open_day(desk, line, question, day, values)]
    if not fitting:
        open_days = list_open_days(desk, line=line, question=question, values=values)
        raise Invalid("day", value=value, allowed=[day.isoformat() for day in open_days])
    if len(days) > 1:
        raise Invalid("one_day")
    return fitting[0].isoformat()


def read_days(value: Any) -> list[dt.date]:
    """The days of ``2026-03-13`` or ``2026-03-13/2026-03-15``; none where it is no day."""
    try:
        ends = [dt.date.fromisoformat(one) for one in str(value).split("/")]
    except ValueError:
        return []
    count = min((ends[-1] - ends[0]).days, DAYS_AHEAD)
    return [ends[0] + dt.timedelta(days=at) for at in range(count + 1)]


def is_open_day(
    desk: Desk, line: Line, question: LineQuestion, day: dt.date, values: Mapping[str, Any]
) -> bool:
    check, today = question.check, desk.now.date()
    first = check.from_days or 0
    if check.before is not None and desk.now.time() > check.before:
        first = max(first, 1) + 1
    ahead = (day - today).days
    if ahead < first or ahead > (DAYS_AHEAD if check.to_days is None else check.to_days):
        return False
    if check.workdays and not desk.hospital.calendar.is_workday(day):
        return False
    if any(one.weeks and (day.day - 1) // 7 + 1 not in one.weeks for one in find_chosen(line, values)):
        return False
    return day.isoweekday() in list_weekdays(line, question, values)


def list_weekdays(line: Line, question: LineQuestion, values: Mapping[str, Any]) -> list[int]:
    """The weekdays that the question and every choice made so far leave open, Monday 1; what is offered and what is said."""
    allowed = [one.weekdays for one in find_chosen(line, values) if one.weekdays]
    if question.check.weekdays:
        allowed.append(question.check.weekdays)
    return [day for day in range(1, 8) if all(day in days for days in allowed)]


def count_prepared(line: Line, values: Mapping[str, Any]) -> dict[str, int]:
    """What must be kept before all that is chosen → for how many hours: the strictest of each."""
    wanted: dict[str, int] = {}
    for one in find_chosen(line, values):
        for name, hours in one.prepare.items():
            wanted[name] = max(hours, wanted.get(name, 0))
    return wanted


def list_lacking(line: Line, values: Mapping[str, Any]) -> Iterator[tuple[LineQuestion, list[LineChoice]]]:
    """Questions that wish for every choice and have not all, with those that lack."""
    for question in line.collect:
        held = list_held(values.get(question.slot))
        if question.lacking is None or not held or not line.is_asked(question, values):
            continue
        lacking = [one for one in question.ordinary if one.id not in held]
        if lacking:
            yield question, lacking


def list_open_days(
    desk: Desk, *, line: Line, question: LineQuestion, values: Mapping[str, Any], limit: int = 4
) -> list[dt.date]:
    """The next days that can be chosen, those with no place left passed over."""
    last = DAYS_AHEAD if question.check.to_days is None else question.check.to_days
    found = []
    for ahead in range(last + 1):
        day = desk.now.date() + dt.timedelta(days=ahead)
        told = {**values, question.slot: day.isoformat()}
        if is_open_day(desk, line, question, day, values) and has_place(desk, line=line, values=told):
            found.append(day)
            if len(found) == limit:
                break
    return found


def _check_period(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> str:
    allowed = list_periods(line, question, values)
    if value == "any":
        return allowed[0]
    if value not in allowed:
        raise Invalid("period", value=value, allowed=allowed)
    return str(value)


def list_periods(line: Line, question: LineQuestion, values: Mapping[str, Any]) -> list[str]:
    """Those of the choices made so far that name any, else morning and afternoon."""
    named = [one.periods for one in find_chosen(line, values) if one.periods]
    order = ("morning", "noon", "afternoon", "evening")
    if not named:
        return [one.id for one in question.choices] or ["morning", "afternoon"]
    return [one for one in order if all(one in periods for periods in named)] or list(named[0])


def _check_time(desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]) -> str:
    try:
        return f"{dt.time.fromisoformat(str(value).zfill(5)):%H:%M}"
    except ValueError:
        raise Invalid("time") from None


def _check_number(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Invalid("number") from None
    low, high = question.check.min, question.check.max
    if (low is not None and number < low) or (high is not None and number > high):
        raise Invalid("number", low=low, high=high)
    return number


def _check_yes_no(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> str:
    word = str(value).lower()
    if word in ("true", YES):
        return YES
    if word in ("false", NO):
        return NO
    raise Invalid("choice", value=value, allowed=[YES, NO])


def _check_department(
    desk: Desk, line: Line, question: LineQuestion, value: Any, values: Mapping[str, Any]
) -> str:
    found = desk.hospital.find_department(str(value))
    if found is None or (question.check.of_hospital and not found.bookable):
        known = [one.name for one in desk.hospital.departments if one.bookable]
        raise Invalid("department", value=value, **describe_known(value, known))
    return found.name


_CHECKS: dict[str, Any] = {
    "photo": lambda desk, line, question, value, values: YES,
    "choice": _check_choice,
    "text": _check_text,
    "date": _check_date,
    "period": _check_period,
    "time": _check_time,
    "number": _check_number,
    "yes_no": _check_yes_no,
    "department": _check_department,
    "phone": lambda desk, line, question, value, values: parse_phone(str(value)),
    "address": lambda desk, line, question, value, values: check_address(str(value)).text,
}


def check_answers(desk: Desk, *, line: Line, values: Mapping[str, Any]) -> dict[str, Any]:
    """All answers that belong to the line, checked; what is lacking is ``Invalid("missing")`` with its slot."""
    kept: dict[str, Any] = {}
    for question in line.collect:
        if not line.is_asked(question, kept):
            continue
        value = values.get(question.slot)
        if value in (None, "", SKIPPED, []):
            if question.optional:
                continue
            raise Invalid("missing", field=question.slot)
        kept[question.slot] = check_answer(desk, line=line, question=question, value=value, values=kept)
    return kept


def find_chosen(line: Line, values: Mapping[str, Any]) -> Iterator[LineChoice]:
    """The choices made so far, in the order of the questions."""
    for question in line.collect:
        if line.is_asked(question, values):
            yield from question.find_chosen(values.get(question.slot))


def name_seat(line: Line, values: Mapping[str, Any]) -> tuple[str, int] | None:
    """The counter that these answers take a place in, and how many it holds; ``None`` where the line has no limit or
    what it counts by is not said yet."""
    if line.capacity is None or any(values.get(slot) in (None, SKIPPED) for slot in line.capacity.per):
        return None
    own = [one.capacity for one in find_chosen(line, values) if one.capacity is not None]
    what = ":".join(str(values[slot]) for slot in line.capacity.per)
    return f"line:{blind(f'{line.id}:{what}', 'line_seat')[:30]}", min(own, default=line.capacity.limit)


def has_place(desk: Desk, *, line: Line, values: Mapping[str, Any]) -> bool:
    seat = name_seat(line, values)
    if seat is None:
        return True
    query = sa.select(Counter.value).where(  # type: ignore[call-overload]
        Counter.hospital_id == desk.hospital_id, Counter.name == seat[0]
    )
    return (desk.session.execute(query).scalar() or 0) < seat[1]
