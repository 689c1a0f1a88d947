"""What an escorted patient needs: which question of safety comes next, and what follows for means and staff.

Pure rules over ``escort.yml``; nothing here asks what was said already, and nothing whose answer changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from knowledge.schema import EscortRules, Means, Risk, Speech

DENIED = re.compile(r"(?:不用|不要|不需要|不|没有?|无需?|唔使|唔|冇)(?:再|怎么|有|带|去)?$")
"""Stands right before a word that is denied: 不用吸氧, 没摔过."""


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
    heard: dict[str, bool] = {}
    for risk in rules.risks:
        for word in risk.words:
            at = text.find(word)
            if at >= 0:
                heard[risk.id] = heard.get(risk.id, False) or not DENIED.search(text[:at])
    return heard


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
