"""A hospital's triage compiled, and its red flags looked for in any text (what `assess` and the answers share)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge import Hospital
from knowledge.evidence import Phrases, Reading
from knowledge.schema import Level, Match, RedFlag, Triage, TriageQuestion
from services.persons import Person, read_person

LEVELS: tuple[Level, ...] = ("critical", "emergent", "urgent", "routine", "self_care")
"""The most urgent first."""

LIKELY_CHILD = 2
"""A rule for children up to this age or older holds for 孩子, 宝宝 of unknown age; one for babies waits for the age."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A hospital's triage, compiled."""

    triage: Triage
    extra: tuple[RedFlag, ...]
    phrases: Phrases
    questions: Mapping[str, TriageQuestion]
    flags: Mapping[str, RedFlag]


@dataclass(frozen=True, slots=True)
class Danger:
    """A red flag met by a text outside triage (an answer to a follow-up)."""

    id: str
    level: Level
    advice: str
    evidence: tuple[str, ...]
    crisis: bool = False


def find_danger(
    hospital: Hospital,
    text: str,
    *,
    extra: tuple[RedFlag, ...] = (),
    age: float | None = None,
    sex: str | None = None,
) -> tuple[Danger, ...]:
    """The red flags in ``text`` that send somebody to the emergency department, the gravest first.

    ``extra`` are red flags besides the hospital's (those of a follow-up plan); ``urgent`` ones are left out.
    """
    rules = compile_rules(hospital.triage, extra)
    person = read_person(text, age=age, sex=sex)
    reading = rules.phrases.read(text)
    flags = [
        Danger(one.id, one.level, one.advice, reading.met[f"flag {one.id}"], one.crisis)
        for one in rules.flags.values()
        if one.level != "urgent"
        and f"flag {one.id}" in reading.met
        and holds(one, f"flag {one.id}", person, reading)
    ]
    return tuple(sorted(flags, key=lambda one: LEVELS.index(one.level)))


_compiled: dict[tuple[int, int], Rules] = {}


def compile_rules(triage: Triage, extra: tuple[RedFlag, ...] = ()) -> Rules:
    """Compiled once for each loaded hospital (and plan); both are kept with it, so their ids cannot be used again."""
    key = (id(triage), id(extra) if extra else 0)
    rules = _compiled.get(key)
    if rules is None:
        flags = (*triage.red_flags, *extra)
        phrases = Phrases(triage.words, triage.masks)
        for name, lines in _lines(triage, flags):
            phrases.add(name, lines)
        rules = _compiled[key] = Rules(
            triage,
            extra,
            phrases.build(),
            {one.id: one for one in triage.questions},
            {one.id: one for one in flags},
        )
    return rules


def _lines(triage: Triage, flags: tuple[RedFlag, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for flag in flags:
        yield f"flag {flag.id}", flag.when
        yield f"flag {flag.id} unless", flag.unless
    for one in triage.complaints:
        yield f"complaint {one.id}", one.when
        yield f"complaint {one.id} unless", one.unless
        for number, modifier in enumerate(one.modifiers):
            yield f"complaint {one.id} {number}", modifier.when
    for question in triage.questions:
        yield f"question {question.id}", question.unless


def holds(entry: Match, key: str, person: Person, reading: Reading) -> bool:
    if f"{key} unless" in reading.met or (entry.sex and person.sex and entry.sex != person.sex):
        return False
    if person.age is None:
        if not entry.age_known:
            return not (
                (person.child and entry.min_age is not None and entry.min_age >= 14)
                or (person.elder and entry.max_age is not None and entry.max_age < 60)
            )
        if entry.max_age is not None and entry.max_age < 14:
            return person.newborn or (person.child and entry.max_age >= LIKELY_CHILD)
        return person.elder
    return (entry.min_age or 0) <= person.age <= (entry.max_age if entry.max_age is not None else 200)
