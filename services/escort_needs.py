"""What an escorted patient needs: which question of safety comes next, and what follows for means and staff.

Pure rules over ``escort.yml``; nothing here asks what was said already, and nothing whose answer changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from knowledge.schema import EscortRules, Means, Risk, Speech

DENIED = re.compile(
    r"(?:不用|用不着|不要|不需要|不能|不|别|没有?|无需?|唔使|唔|冇|không(?: cần| dùng| phải| ngồi| nằm)*)"
    r"(?:再|怎么|有|带|去|坐|推|用|躺)?\s*$",
    re.IGNORECASE,
)
"""Stands right before a word that is denied: 不用吸氧, 没摔过."""
DENIED_AFTER = re.compile(r"(?:就|也|都|的话|车)*(?:不用|用不着|不要|不需要|没有|不坐|唔使|冇)")
"""Stands right after it: 吸氧不用."""
ALL_DENIED = re.compile(r"都没有?|都不[用是要]?|全没有?|一样也没有?|冇晒|đều không|không có gì")
"""「都没有」 answers every question of safety at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a patient is moved and by how many."""

    means: Means
    staff: int
    skills: tuple[str, ...]
    """Each must be found in one of the staff."""
    bring: tuple[str, ...]


def hear_risks(rules: EscortRules, text: str) -> dict[str, bool]:
    """The questions that these words answer."""
    heard = ((risk.id, _hear(risk.words, text), _hear(risk.no_words, text)) for risk in rules.risks)
    return {name: bool(yes) for name, yes, no in heard if yes is not None or no}


def hear_means(rules: EscortRules, text: str) -> dict[str, bool]:
    """The means asked for or denied: 「不用轮椅」, 「要躺着」."""
    heard = ((means.id, _hear(means.words, text)) for means in rules.means)
    return {name: yes for name, yes in heard if yes is not None}


def _hear(words: Collection[str], text: str) -> bool | None:
    """Whether one of the words is said (true) or denied (false); ``None`` where none is found."""
    found: bool | None = None
    text = text.lower()
    for word in words:
        at = text.find(word)
        if at >= 0:
            denied = DENIED.search(text[:at]) or DENIED_AFTER.match(text[at + len(word) :])
            found = bool(found) or not denied
    return found


def change_means(
    rules: EscortRules, *, heard: Mapping[str, bool], needs: Collection[str], answers: Mapping[str, bool]
) -> tuple[list[str], dict[str, bool]]:
    """Needs and answers after means were asked for or denied. What else speaks for a means (a fall, oxygen) stays: of
    that the patient decides nothing by refusing a wheelchair."""
    wanted = [one for one in rules.means if heard.get(one.id)]
    refused = [one for one in rules.means if heard.get(one.id) is False or (wanted and one not in wanted)]
    gone = {need for one in refused for need in one.needs} - {need for one in wanted for need in one.needs}
    kept = [need for need in needs if need not in gone]
    kept += [need for one in wanted for need in one.needs if need not in kept]
    told = {**answers, **{risk.id: False for risk in rules.risks if set(risk.needs) & gone}}
    return kept, told


def hear_speech(rules: EscortRules, text: str) -> Speech | None:
    """The language or dialect named, where one is."""
    return next((one for one in rules.speeches if any(word in text for word in one.words)), None)


def find_next_risk(rules: EscortRules, *, needs: Collection[str], answers: Mapping[str, bool]) -> Risk | None:
    """The first question not answered by words or needs and not made idle by a need or an answer."""
    have = {*needs, *(name for name, yes in answers.items() if yes)}
    for risk in rules.risks:
        if risk.id in answers or have & {*risk.needs, *risk.skip_for}:
            continue
        return risk
    return None


def choose_plan(rules: EscortRules, *, needs: Collection[str], answers: Mapping[str, bool]) -> Plan:
    """The first means of which any condition holds (the last has none), and who else must come."""
    yes = {one.id for one in rules.risks if answers.get(one.id) or set(one.needs) & set(needs)}
    fitting = (
        one
        for one in rules.means
        if set(one.needs) & set(needs) or set(one.risks) & yes or not (one.needs or one.risks)
    )
    means = next(fitting, rules.means[-1])
    risks = [one for one in rules.risks if one.id in yes]
    skills = [means.skill, *(one.skill for one in risks)]
    return Plan(
        means,
        means.staff + sum(one.staff for one in risks),
        tuple(dict.fromkeys(one for one in skills if one)),
        tuple(one.bring for one in risks if one.bring),
    )
