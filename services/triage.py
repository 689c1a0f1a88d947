"""Triage: from a patient's words to a level and departments, by the rules in ``knowledge/<hospital>/triage/``.

It never diagnoses and never reassures: a red flag can only raise the level, and where nothing is recognised the
level is ``None`` and no department is named, which is not "nothing is wrong". Pure: same words, same answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from knowledge import Hospital
from knowledge.evidence import Reading
from knowledge.schema import Level, Modifier, RedFlag, Triage, TriageComplaint, TriageQuestion
from services.errors import Invalid
from services.persons import Person, read_person
from services.red_flags import LEVELS, Rules, compile_rules, holds

_ASIDE = 0.5
_LOOSE = 0.4
_CLOSE = 0.6
"""A second department at this share of the first makes a clarifying question worth its trouble."""
_DURATION = re.compile(
    r"(\d{1,3}|[一二两三四五六七八九十半几]{1,3})\s*(?:多|来)?(?:个)?(?:多)?(分钟|小时|钟头|天|日|周|星期|礼拜|月|年)(?!前出生|大的|[岁龄])"
)
_DAYS = {
    "分钟": 0.001,
    "小时": 0.042,
    "钟头": 0.042,
    "天": 1,
    "日": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "月": 30,
    "年": 365,
}
_NUMBERS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "半": 0.5,
    "几": 3,
}


class DepartmentScore(NamedTuple):
    name: str
    score: float
    """Share of the evidence, 0 to 1."""


class RedFlagFound(NamedTuple):
    id: str
    evidence: str
    """The patient's own words, joined by 、."""


@dataclass(frozen=True, slots=True)
class Assessment:
    level: Level | None
    departments: tuple[DepartmentScore, ...] = ()
    red_flags: tuple[RedFlagFound, ...] = ()
    advice: str = ""
    questions: tuple[TriageQuestion, ...] = ()
    reasons: tuple[str, ...] = ()
    crisis: bool = False
    """Thoughts of suicide or self-harm are among the red flags."""

    def to_json(self) -> dict[str, Any]:
        """The answer of ``POST /triage/assess``."""
        return {
            "level": self.level,
            "departments": [one._asdict() for one in self.departments],
            "red_flags": [one._asdict() for one in self.red_flags],
            "advice": self.advice,
            "questions": [
                {
                    "id": one.id,
                    "text": one.text,
                    "choices": [{"title": choice.title, "value": choice.value} for choice in one.choices],
                }
                for one in self.questions
            ],
            "reasons": list(self.reasons),
        }


@dataclass(slots=True)
class _Tally:
    """What speaks for which department, while it is being added up."""

    weights: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    levels: list[Level] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def assess(
    hospital: Hospital,
    *,
    text: str,
    age: float | str | None = None,
    sex: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> Assessment:
    """How urgent ``text`` sounds and which departments see it, the best first, at most three.

    ``age`` in years or as the contract writes a baby's (``P8M``); ``sex`` ``male`` or ``female``; both are read from
    the text where not given. ``answers`` are the values chosen for questions asked before, by question id.
    Raises `Invalid` for an age or sex that is none.
    """
    rules = compile_rules(hospital.triage)
    person = read_person(text, age=read_age(age), sex=_read_sex(sex))
    reading = rules.phrases.read(text)
    chosen = [
        choice
        for question, value in (answers or {}).items()
        if question in rules.questions
        for choice in rules.questions[question].choices
        if value in (choice.value, choice.title)
    ]
    flags = [
        (flag, reading.met[f"flag {flag.id}"])
        for flag in rules.triage.red_flags
        if f"flag {flag.id}" in reading.met and holds(flag, f"flag {flag.id}", person, reading)
    ]
    known = {flag.id for flag, _ in flags}
    flags += [
        (rules.flags[one.red_flag], (one.title,))
        for one in chosen
        if one.red_flag and one.red_flag not in known
    ]
    flags.sort(key=lambda pair: (LEVELS.index(pair[0].level), not pair[0].age_known))

    tally = _Tally()
    days = _read_days(text)
    for complaint, weight, proof in _complaints(rules, reading, person):
        _count(tally, complaint, weight, person, days, reading, proof)
    for choice in chosen:
        for name, weight in choice.departments.items():
            tally.weights[name] += weight
        if choice.level:
            tally.levels.append(choice.level)
    if not flags and (reading.asked or not tally.levels):
        return Assessment(None, _ranked(tally.weights, rules.triage, person), reasons=tuple(tally.reasons))

    level = min((*(flag.level for flag, _ in flags), *tally.levels), key=LEVELS.index)
    ranked = _ranked(tally.weights, rules.triage, person)
    if flags:
        ranked = _flagged(flags, ranked)
    return Assessment(
        level=level,
        departments=ranked,
        red_flags=tuple(RedFlagFound(flag.id, "、".join(proof)) for flag, proof in flags),
        advice=_advice(rules.triage, level, flags, tally),
        questions=_questions(rules, tally, ranked, level, reading, answers or {}),
        reasons=tuple(f"{flag.name}：{'、'.join(proof)}" for flag, proof in flags) + tuple(tally.reasons),
        crisis=any(flag.crisis for flag, _ in flags),
    )


def read_age(value: float | str | None) -> float | None:
    """Years from ``70``, ``"70"``, ``"P8M"`` or ``"70岁"``. Raises `Invalid` (field ``age``)."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        if match := re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", text):
            years, months, weeks, days = (int(one or 0) for one in match.groups())
            return round(years + months / 12 + weeks / 52 + days / 365, 3)
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(岁|个月|月|天)?", text):
            return float(match[1]) / {"个月": 12, "月": 12, "天": 365}.get(match[2] or "", 1)
        raise Invalid("invalid_age", field="age", value=value)
    if isinstance(value, bool) or not 0 <= value <= 130:
        raise Invalid("invalid_age", field="age", value=value)
    return float(value)


def _read_sex(value: str | None) -> str | None:
    sex = {"男": "male", "女": "female", "": None}.get(value or "", value)
    if sex not in (None, "male", "female"):
        raise Invalid("invalid_sex", field="sex", value=value)
    return sex


def _complaints(
    rules: Rules, reading: Reading, person: Person
) -> list[tuple[TriageComplaint, float, tuple[str, ...]]]:
    found = []
    for complaint in rules.triage.complaints:
        key = f"complaint {complaint.id}"
        proof = reading.met.get(key) or reading.mentioned.get(key)
        if proof and holds(complaint, key, person, reading):
            share = _ASIDE if key in reading.mentioned else _LOOSE if key in reading.loose else 1
            found.append((complaint, complaint.weight * share, proof))
    found.sort(key=lambda one: -one[1])
    return found


def _count(
    tally: _Tally,
    complaint: TriageComplaint,
    weight: float,
    person: Person,
    days: float | None,
    reading: Reading,
    proof: tuple[str, ...],
) -> None:
    departments = dict(complaint.departments)
    level: Level = complaint.level
    advice = complaint.advice
    for number, modifier in enumerate(complaint.modifiers):
        if not _modifies(modifier, person, days, f"complaint {complaint.id} {number}" in reading.met):
            continue
        if modifier.replace:
            departments = dict(modifier.departments)
        else:
            for name, more in modifier.departments.items():
                departments[name] = departments.get(name, 0) + more
        if modifier.level:
            level = min(level, modifier.level, key=LEVELS.index)
        advice = modifier.advice or advice
    for name, share in departments.items():
        tally.weights[name] += share * weight
    if not complaint.hint:
        tally.levels.append(level)
    tally.questions += [one for one in complaint.questions if one not in tally.questions]
    tally.reasons.append(f"{complaint.name}：{'、'.join(proof)}")
    if advice:
        tally.advice.append(advice)


def _modifies(modifier: Modifier, person: Person, days: float | None, said: bool) -> bool:
    if modifier.when and not said:
        return False
    if modifier.sex and modifier.sex != person.sex:
        return False
    if modifier.pregnant is not None and modifier.pregnant != person.pregnant:
        return False
    if modifier.min_age is not None or modifier.max_age is not None:
        low, high = modifier.min_age or 0, modifier.max_age if modifier.max_age is not None else 200
        if person.age is not None:
            if not low <= person.age <= high:
                return False
        elif not ((person.child and high <= 18) or (person.elder and low >= 50)):
            return False
    if modifier.min_days is not None or modifier.max_days is not None:
        low, high = modifier.min_days or 0, modifier.max_days if modifier.max_days is not None else 1e6
        return days is not None and low <= days <= high
    return True


def _read_days(text: str) -> float | None:
    """The longest time named; how long it has lasted is nearly always the longest."""
    spans = []
    for match in _DURATION.finditer(text):
        number = match[1]
        if number.isdecimal():
            value = float(number)
        else:
            value = _NUMBERS[number] if number in _NUMBERS else 10.0 + _NUMBERS.get(number[-1], 0)
        spans.append(value * _DAYS[match[2]])
    return max(spans, default=None)


def _ranked(weights: Mapping[str, float], triage: Triage, person: Person) -> tuple[DepartmentScore, ...]:
    """The three best; a child is sent to those who see children."""
    moved: defaultdict[str, float] = defaultdict(float)
    for name, weight in weights.items():
        if person.child or person.newborn:
            name = triage.children.get(name, name)
        if person.newborn:
            name = triage.newborns.get(name, name)
        moved[name] += weight
    total = sum(moved.values()) or 1
    best = sorted(moved.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return tuple(DepartmentScore(name, round(weight / total, 2)) for name, weight in best if weight > 0)


def _flagged(
    flags: list[tuple[RedFlag, tuple[str, ...]]], ranked: tuple[DepartmentScore, ...]
) -> tuple[DepartmentScore, ...]:
    """The red flag's doors first, then what the complaints say."""
    names = list(dict.fromkeys([*flags[0][0].departments, *(one.name for one in ranked)]))[:3]
    known = {one.name: one.score for one in ranked}
    return tuple(
        DepartmentScore(name, 1.0 if place == 0 else min(0.9, known.get(name, 0.5)))
        for place, name in enumerate(names)
    )


def _advice(triage: Triage, level: Level, flags: list[tuple[RedFlag, tuple[str, ...]]], tally: _Tally) -> str:
    if flags:
        return flags[0][0].advice
    return next(iter(tally.advice), triage.advice.get(level, ""))


def _questions(
    rules: Rules,
    tally: _Tally,
    ranked: tuple[DepartmentScore, ...],
    level: Level,
    reading: Reading,
    answers: Mapping[str, str],
) -> tuple[TriageQuestion, ...]:
    """At most two, and only where the answer could change something."""
    if level in ("critical", "emergent") or not ranked:
        return ()
    close = len(ranked) > 1 and ranked[1].score >= _CLOSE * ranked[0].score
    asked = [
        rules.questions[one]
        for one in tally.questions
        if one not in answers and f"question {one}" not in {*reading.met, *reading.mentioned}
    ]
    return tuple(one for one in asked if close or any(c.level or c.red_flag for c in one.choices))[:2]
