"""Slots against a labelled set: YAML files of ``{text, slots, voice}``, read at the reference time of all measurements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from intents.evaluation.judging import NOW
from intents.interpreter import Interpreter
from knowledge import Hospital, load_hospital

WHEN = frozenset({"date", "period", "time"})


OURS = frozenset({"relation", "step_free"})
"""Slots beyond the contract's, which no label names."""


@dataclass(frozen=True, slots=True)
class SlotScore:
    wanted: int
    found: int
    right: int

    @property
    def f1(self) -> float:
        return round(2 * self.right / max(1, self.wanted + self.found), 4)


@dataclass(frozen=True, slots=True)
class SlotMistake:
    text: str
    voice: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotReport:
    messages: int
    all_right: int
    """Messages of which every slot is right and none is too many."""
    overall: SlotScore
    when: SlotScore
    """Dates, periods of the day and times of the clock."""
    by_slot: Mapping[str, SlotScore]
    by_voice: Mapping[str, SlotScore]
    mistakes: tuple[SlotMistake, ...]


def score_slots(interpreter: Interpreter, folder: Path) -> SlotReport | None:
    """``None`` where ``folder`` holds no labelled messages. A list counts by its items, everything else as it is."""
    entries = [entry for path in sorted(folder.glob("*.yml")) for entry in _read(path)]
    if not entries:
        return None
    hospital = load_hospital()
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("wanted", "found", "right")}
    voices: dict[str, Counter[str]] = defaultdict(Counter)
    mistakes = []
    for entry in entries:
        wanted = _pairs(entry["slots"] or {}, hospital)
        found = _agree(wanted, _pairs(interpreter.understand(entry["text"], now=NOW).slots, hospital))
        voice = entry.get("voice", "plain")
        for kind, pairs in (("wanted", wanted), ("found", found), ("right", wanted & found)):
            counts[kind].update(slot for slot, _ in pairs)
            voices[voice][kind] += len(pairs)
        if wanted != found:
            missed, wrong = (
                sorted(f"{slot} {value}" for slot, value in rest) for rest in (wanted - found, found - wanted)
            )
            mistakes.append(SlotMistake(entry["text"], voice, tuple(missed), tuple(wrong)))
    by_slot = {name: _score(counts, [name]) for name in sorted({*counts["wanted"], *counts["found"]})}
    return SlotReport(
        len(entries),
        len(entries) - len(mistakes),
        _score(counts, by_slot),
        _score(counts, WHEN),
        by_slot,
        {name: SlotScore(one["wanted"], one["found"], one["right"]) for name, one in sorted(voices.items())},
        tuple(mistakes),
    )


def _read(path: Path) -> list[dict[str, Any]]:
    data = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return [entry for entry in data or [] if "text" in entry and "slots" in entry]


def _pairs(slots: Mapping[str, Any], hospital: Hospital) -> set[tuple[str, str]]:
    return {
        (name, _plain(name, str(one), hospital))
        for name, value in slots.items()
        if name not in OURS
        for one in (value if isinstance(value, list) else [value])
    }


def _plain(slot: str, value: str, hospital: Hospital) -> str:
    """A place is labelled with the words said: all places that these may mean; 疼 and 痛 are one word."""
    if slot in ("place", "origin"):
        places = hospital.find_places(value)
        sure = [one.name for one in places if value in (one.name, *one.aliases)]
        return "|".join(sure or [one.name for one in places[:1]]) or value
    return value.replace("疼", "痛") if slot == "symptom" else value


def _agree(wanted: set[tuple[str, str]], found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """``found`` in the words of ``wanted`` where both mean a place in common."""
    same = set()
    for slot, value in found:
        if slot in ("place", "origin"):
            common = (
                one for name, one in wanted if name == slot and set(one.split("|")) & set(value.split("|"))
            )
            value = next(common, value)
        same.add((slot, value))
    return same


def _score(counts: Mapping[str, Counter[str]], names: Any) -> SlotScore:
    return SlotScore(*(sum(counts[kind][name] for name in names) for kind in ("wanted", "found", "right")))
