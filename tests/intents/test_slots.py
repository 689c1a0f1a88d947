"""The slots of some nine hundred messages, labelled by the contract's rules alone: F1 over slot and value.

``slots/<topic>.yml``: ``{voice, text, slots}``, composed and labelled without a look at the readers. A place is
labelled with the words said and counts as found where both words mean a place of the hospital in common; each symptom
of the list counts for itself; 疼 and 痛 are one word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from intents import Interpreter
from intents.phrases import inventory
from knowledge import Hospital

FOLDER = Path(__file__).parent / "slots"
NOW = datetime(2026, 3, 11, 9, 0)
CONTRACT = frozenset(
    {"department", "doctor", "date", "period", "time", "place", "origin", "symptom", "duration", "age", "sex",
     "special_need", "patient_name", "phone", "id_number", "address", "tracking_number", "order_number",
     "examination", "complaint_category"}
)  # fmt: skip
FLOOR = 0.97
FLOOR_OF_DAYS = 0.98
LEAST_OF_A_VOICE = 0.85
DAYS = ("date", "period", "time")

Pair = tuple[str, str]


@dataclass
class Tally:
    """Right, missed and invented values."""

    right: int = 0
    missed: int = 0
    invented: int = 0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.missed + self.invented
        return 2 * self.right / total if total else 1.0


@dataclass
class Score:
    slots: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    voices: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    wrong: list[tuple[str, str, set[Pair], set[Pair]]] = field(default_factory=list)

    def f1(self, slots: Iterable[str] | None = None) -> float:
        chosen = [self.slots[name] for name in (slots or list(self.slots))]
        whole = Tally(
            *(sum(getattr(one, part) for one in chosen) for part in ("right", "missed", "invented"))
        )
        return whole.f1


def messages() -> list[dict[str, object]]:
    return [
        message
        for path in sorted(FOLDER.glob("*.yml"))
        for message in yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # every value is a string
    ]


def pairs(slots: Mapping[str, object], hospital: Hospital) -> set[Pair]:
    found = set()
    for slot, value in slots.items():
        if slot in CONTRACT:
            for one in value if isinstance(value, list) else [value]:
                found.add((slot, plain(slot, str(one), hospital)))
    return found


def plain(slot: str, value: str, hospital: Hospital) -> str:
    if slot in ("place", "origin"):
        places = hospital.find_places(value)
        sure = [one.name for one in places if value in (one.name, *one.aliases)]
        return "|".join(sure or [one.name for one in places[:1]]) or value
    return value.replace("疼", "痛") if slot == "symptom" else value


def agree(wanted: set[Pair], found: set[Pair]) -> set[Pair]:
    """``found`` in the words of ``wanted`` where both name a place in common."""
    same = set()
    for slot, value in found:
        if slot in ("place", "origin"):
            common = [
                one for name, one in wanted if name == slot and set(one.split("|")) & set(value.split("|"))
            ]
            value = common[0] if common else value
        same.add((slot, value))
    return same


@pytest.fixture(scope="module")
def score(interpreter: Interpreter, hospital: Hospital) -> Score:
    return measure(interpreter, hospital)


def measure(interpreter: Interpreter, hospital: Hospital) -> Score:
    score = Score()
    for message in messages():
        text, voice = str(message["text"]), str(message["voice"])
        wanted = pairs(message["slots"], hospital)  # type: ignore[arg-type]
        understood = interpreter.understand(text, now=NOW)
        found = agree(wanted, pairs(understood.slots, hospital))
        for slot, _ in wanted & found:
            score.slots[slot].right += 1
            score.voices[voice].right += 1
        for slot, _ in wanted - found:
            score.slots[slot].missed += 1
            score.voices[voice].missed += 1
        for slot, _ in found - wanted:
            score.slots[slot].invented += 1
            score.voices[voice].invented += 1
        if wanted != found:
            score.wrong.append((text, understood.intent.name, wanted - found, found - wanted))
    return score


def test_slots_are_read_as_a_careful_labeller_reads_them(score: Score) -> None:
    worst = "\n".join(
        f"{text} ({intent}): missed {missed}, invented {more}"
        for text, intent, missed, more in score.wrong[:20]
    )
    table = "\n".join(
        f"{name:20} {tally.f1:.3f} {tally}"
        for name, tally in sorted(score.slots.items(), key=lambda item: item[1].f1)
    )
    assert score.f1() >= FLOOR, f"{score.f1():.3f}\n{table}\n{worst}"


def test_days_and_hours_are_read_best_of_all(score: Score) -> None:
    assert score.f1(DAYS) >= FLOOR_OF_DAYS, {name: str(score.slots[name]) for name in DAYS}


def test_no_voice_is_left_behind(score: Score) -> None:
    behind = {name: round(tally.f1, 2) for name, tally in score.voices.items() if tally.f1 < LEAST_OF_A_VOICE}
    assert not behind


def test_the_labels_use_the_names_of_the_contract() -> None:
    for message in messages():
        assert set(message["slots"]) <= CONTRACT, message  # type: ignore[call-overload]
    assert len(messages()) >= 600
    assert "file_complaint" in inventory()
