"""Danger comes first: rules that hear an emergency or a crisis whatever else the message says.

A classifier alone misses some; a rule that is too eager calls the ambulance for a figure of speech. So the rules are
the hospital's own red flags and those of ``danger.yml``, both read with `Phrases` (denied, past, feared, told of
others), and the classifier is listened to where it suspects a danger that is not its first thought. A message that the
rules do not hear as it is written is read a second time as it sounds: pinyin, homophones and Vietnamese become the
Chinese words they stand for, so that there is one table of meanings for all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from intents.danger_sounds import DangerSounds, VietnameseWords
from intents.language import detect_language
from intents.slots.spelt import LATIN
from intents.understanding import IntentScore
from knowledge import Hospital
from knowledge.evidence import Phrases

EMERGENCY = "report_emergency"
CRISIS = "express_crisis"
HERE = Path(__file__).parent
DANGERS = (EMERGENCY, CRISIS)
DOUBTED = 0.001
"""Below this the classifier is so sure of something else that the words of the rules are taken for a mention. Measured
on 3,555 messages apart: 20 of 27 false alarms gone, no danger lost."""
SUSPECTED = 0.3
"""From this probability of a danger on the classifier is believed, though another intent is likelier."""
SPELT = 24
SUSPECTED_SPELT = 0.8
"""The same of up to so many letters of bare pinyin, where 「wo xiang」 is wo xiang si and wo xiang tui hao alike; what is danger the rules hear."""
CERTAIN = 0.99


@dataclass(frozen=True, slots=True)
class Danger:
    intent: str
    evidence: tuple[str, ...]
    """The words that the rules heard; none where only the classifier suspects it."""


class Calm(BaseModel):
    """Words of a message that tells, asks, pays or praises."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    history: tuple[str, ...]
    over: tuple[str, ...]
    asked: tuple[str, ...]
    figure: tuple[str, ...]
    mild: tuple[str, ...]
    unmeant: tuple[str, ...]
    slight: tuple[str, ...]
    alone: frozenset[str]
    now: tuple[str, ...]
    sure: tuple[str, ...]


class DangerTable(BaseModel):
    """What ``danger.yml`` may hold; names that are no set of words are found when the rules are built."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: dict[str, tuple[str, ...]]
    emergency: dict[str, tuple[str, ...]]
    crisis: dict[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    calm: Calm
    vietnamese: dict[str, str]


@lru_cache(maxsize=1)
def read_table() -> DangerTable:
    """Raises ``ValidationError`` for a field that does not exist or is of the wrong kind."""
    return DangerTable.model_validate(yaml.safe_load((HERE / "danger.yml").read_text("utf-8")))


class DangerRules:
    def __init__(self, hospital: Hospital) -> None:
        own = read_table()
        triage = hospital.triage
        self._phrases = Phrases({**triage.words, **own.words}, (*triage.masks, *own.harmless))
        self._unless: dict[str, re.Pattern[str]] = {}
        for intent, rules in ((EMERGENCY, own.emergency), (CRISIS, own.crisis)):
            for name, lines in rules.items():
                self._phrases.add(f"{intent}:{name}", lines)
        for flag in triage.red_flags:
            if flag.crisis or (flag.level == "critical" and not flag.age_known and flag.sex is None):
                key = f"{CRISIS if flag.crisis else EMERGENCY}:{flag.id}"
                self._phrases.add(key, flag.when)
                if flag.unless:
                    self._unless[key] = _any(flag.unless)
        self._phrases.build()
        calm = own.calm
        self._told = _any((*calm.history, *calm.over, *calm.asked, *calm.figure))
        self._unmeant = _any(calm.unmeant)
        self._mild = _any(calm.mild)
        self._now = _any(calm.now)
        self._over = _any(calm.sure)
        self._slight = _any(calm.slight)
        self._alone = calm.alone
        self._sounds = DangerSounds([*_literals(own), *own.harmless, *calm.now, *calm.history])
        self._vietnamese = VietnameseWords(own.vietnamese)

    def find(self, text: str) -> Danger | None:
        """What is dangerous in normalised ``text`` by the rules alone; a crisis before an emergency."""
        return next(filter(None, map(self._read, self._readings(text))), None)

    def weigh(
        self, text: str, ranking: Sequence[IntentScore], *, suspect: bool = True
    ) -> tuple[Danger | None, tuple[IntentScore, ...]]:
        """The danger in ``text`` and the classifier's ``ranking`` put right.

        What the rules hear stands first, unless the classifier is all but certain of something else. Where they hear nothing, a danger that the classifier suspects stands first too,
        unless the message is plainly calm: then it is no danger, however sure the classifier is. Without ``suspect`` only
        the rules are heard.
        """
        danger = None if text.strip(" 。！!？?") in self._alone else self.find(text)
        suspected = [one for one in ranking if one.name in DANGERS]
        if danger and sum(one.confidence for one in suspected) < DOUBTED and not self._now.search(text):
            return None, tuple(ranking)  # 「重症监护室能不能送花进去看昏迷的病人」
        if danger is None:
            said = suspect and any(map(str.isalnum, text))  # a weeping face alone is no call for help
            spelt = len(text) <= SPELT and text.isascii() and detect_language(text) == "zh"
            enough = SUSPECTED_SPELT if spelt else SUSPECTED
            if not said or sum(one.confidence for one in suspected) < enough:
                return None, tuple(ranking) if said and not spelt else _without(ranking, suspected)
            likeliest = max(suspected, key=lambda one: one.confidence)
            if any(self._is_no_more(one, likeliest.name) for one in self._readings(text)):
                return None, _without(ranking, suspected)
            danger = Danger(likeliest.name, ())
        first = IntentScore(danger.intent, CERTAIN)
        return danger, (first, *(one for one in ranking if one.name != danger.intent))

    def _readings(self, text: str) -> Iterator[str]:
        """What the message may mean, as it is written first."""
        if detect_language(text) == "vi":
            yield self._vietnamese.read(text)
            return
        yield text
        heard = self._sounds.repair(text)
        if heard != text:
            yield heard
        if text.isascii() and LATIN.search(text):  # 「ran doc can」 could be either
            yield self._vietnamese.read(text)

    def _read(self, text: str) -> Danger | None:
        met = self._phrases.read(text).met
        for intent in (CRISIS, EMERGENCY):
            proof = [
                word
                for key, words in met.items()
                if key.startswith(intent) and not (key in self._unless and self._unless[key].search(text))
                for word in words
            ]
            if proof and not self._is_calm(text, intent):
                return Danger(intent, tuple(dict.fromkeys(proof)))
        return None

    def _is_calm(self, text: str, intent: str) -> bool:
        if self._over.search(text):
            return True
        calm = self._told if intent == EMERGENCY else self._unmeant
        return bool(calm.search(text)) and not self._now.search(text)

    def _is_no_more(self, text: str, intent: str) -> bool:
        """Whether the classifier alone is not to be believed."""
        if text.strip(" 。！!？?") in self._alone or self._is_calm(text, intent):
            return True
        weak = self._mild.search(text) or (intent == EMERGENCY and self._slight.search(text))
        return bool(weak) and not self._now.search(text)


def _without(ranking: Sequence[IntentScore], doubted: Sequence[IntentScore]) -> tuple[IntentScore, ...]:
    """The ranking as it is if ``doubted`` are not meant; what is left adds up to one."""
    rest = [one for one in ranking if one not in doubted]
    share = sum(one.confidence for one in rest) or 1.0
    return (
        *(IntentScore(one.name, round(one.confidence / share, 4)) for one in rest),
        *(IntentScore(one.name, 0.0) for one in doubted),
    )


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(set(words), key=len, reverse=True))))


def _literals(table: DangerTable) -> list[str]:
    """The words of all lines, without signs and names of sets."""
    lines = [
        line
        for group in (table.words, table.emergency, table.crisis)
        for lines in group.values()
        for line in lines
    ]
    parts = (part for line in lines for part in re.split(r" \+ |~", line) if "{" not in part)
    return list(dict.fromkeys(part.strip() for part in parts))
