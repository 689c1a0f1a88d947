"""All readers over one message; what two of them claim goes to the one that knows better."""

from __future__ import annotations

import re
from datetime import date

from intents.slots.addresses import read_addresses
from intents.slots.ages import read_ages, read_sex
from intents.slots.dates import read_dates
from intents.slots.durations import read_durations
from intents.slots.found import Found
from intents.slots.hospital import HospitalReader
from intents.slots.identity import read_numbers
from intents.slots.mobility import read_step_free
from intents.slots.people import read_names
from intents.slots.relations import read_relations
from intents.slots.symptoms import read_symptoms
from intents.slots.times import read_periods, read_times
from knowledge import Hospital

DENIED_BEFORE = re.compile(r"(?:不是|不|别|莫|唔|冇)(?:再|想|用|要)?(?:挂|看|约|要|是|去|给|帮|系|睇)?$")
REPLACED_AFTER = re.compile(r"^[^，,。]{0,3}(?:换成|改成|改为|换到|改到|换做)")


class SlotReader:
    def __init__(self, hospital: Hospital) -> None:
        self._hospital = HospitalReader(hospital)

    def words(self) -> set[str]:
        """The hospital's words, for the segmenter."""
        return self._hospital.words()

    def read(self, text: str, *, today: date) -> list[Found]:
        """Everything found in normalised ``text``, in order of place."""
        numbers = read_numbers(text)
        symptoms = read_symptoms(text)
        ages = _free(read_ages(text), numbers)
        step_free = read_step_free(text)
        named = _free(self._hospital.read(text), [*numbers, *step_free])
        durations = _free(read_durations(text, complaint=bool(symptoms)), [*ages, *numbers])
        fixed = [
            *numbers,
            *ages,
            *durations,
            *(one for one in named if one.slot in ("place", "doctor", "origin")),
        ]
        dates = _free(read_dates(text, today=today), fixed)
        times = _free(read_times(text), [*fixed, *dates])
        periods = read_periods(text)
        addresses = read_addresses(text)
        symptoms = [
            one
            for one in symptoms
            if not any(
                one.overlaps(other)
                and other.slot in ("department", "place", "examination")
                and other.end - other.start >= one.end - one.start
                for other in named
            )
        ]
        dates, periods = _free(dates, addresses), _free(periods, addresses)
        found = [
            *numbers, *ages, *durations, *named, *dates, *times, *periods, *addresses, *symptoms,
            *read_names(text), *read_sex(text), *read_relations(text), *step_free,
        ]  # fmt: skip
        return _without_denied(text, sorted(found, key=lambda one: (one.start, one.end)))


def _without_denied(text: str, found: list[Found]) -> list[Found]:
    """「不挂骨科了，挂皮肤科」, 「骨科换成皮肤科」: of two values of a slot the one turned down is none."""
    kept = []
    for at, one in enumerate(found):
        later = any(other.slot == one.slot and other.value != one.value for other in found[at + 1 :])
        denied = DENIED_BEFORE.search(text[: one.start]) or REPLACED_AFTER.match(text[one.end :])
        if not (later and denied):
            kept.append(one)
    return kept


def _free(found: list[Found], taken: list[Found]) -> list[Found]:
    return [one for one in found if not any(one.overlaps(other) for other in taken)]
