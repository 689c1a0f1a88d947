"""All readers over one message; what two of them claim goes to the one that knows better."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

from intents.language import HAN, detect_language
from intents.lexicon import read_list
from intents.slots.addresses import read_addresses
from intents.slots.ages import read_ages, read_sex
from intents.slots.complaints import read_complaint
from intents.slots.corrections import drop_turned_down, keep_new_time
from intents.slots.dates import read_dates
from intents.slots.durations import read_durations, since
from intents.slots.found import Found, free
from intents.slots.heard import Hearing
from intents.slots.hospital import HospitalReader
from intents.slots.identity import read_numbers
from intents.slots.people import read_names
from intents.slots.relations import read_relations, read_vietnamese_relations
from intents.slots.spelt import Spelling
from intents.slots.symptoms import read_symptoms, spoken_symptoms
from intents.slots.times import read_periods, read_times
from intents.slots.vietnamese import VietnameseReader
from intents.tokens import is_word
from knowledge import Hospital

NAMED = ("department", "place", "examination", "doctor")
SHORT = 16
HURT = re.compile(r"摔|跌|扭|崴|撞|咬|烫|割|扎|砸|炸|拔")
"""What happened on a day in the past and is felt since."""
HABIT = re.compile(
    r"(?:老是?|总是?|总|都|就|会|一直|起来|咳|痛|疼|睡|瞓|困|麻|醒|起床|起夜|还要垫|不敢|经常|特别|更|咁|又)"
)
"""「晚上老是咳」: a part of the day in which something is felt, not one to book."""


class SlotReader:
    def __init__(self, hospital: Hospital) -> None:
        self._hospital = HospitalReader(hospital)
        self._vietnamese = VietnameseReader(hospital)
        sounds = read_list("sounds")
        spoken = sorted(self._hospital.spoken() | spoken_symptoms())
        self._hearing = Hearing([*sounds["heard"], *(word for word in spoken if _is_long(word))], is_word)
        self._spelling = Spelling(
            [
                *sounds["spelt"],
                *sounds["heard"],
                *self._hospital.standard_words(),
                *(word for word in spoken if len(word) > 1),
            ],
            [name for name, _ in Counter(doctor.name[0] for doctor in hospital.doctors).most_common()],
        )

    def words(self) -> set[str]:
        """The hospital's words, for the segmenter."""
        return self._hospital.words()

    def read(self, text: str, *, today: date, language: str | None = None) -> list[Found]:
        """Everything found in normalised ``text``, in order of place; misheard and spelt words are read as meant."""
        if (language or detect_language(text)) == "vi":
            return self._read_vietnamese(text, today)
        spelt = self._spelling.repair(text)
        heard = self._hearing.repair(spelt.text)
        return [spelt.back(one) for one in self._read(heard.text, today=today)]

    def _read_vietnamese(self, text: str, today: date) -> list[Found]:
        """Numbers, and days and hours in digits, are read as ever; what is Chinese among it too."""
        found = [*read_numbers(text), *self._vietnamese.read(text, today.isoformat()), *read_complaint(text)]
        found += read_vietnamese_relations(text)
        others = [*read_times(text), *read_dates(text, today=today)]
        if HAN.search(text):
            others = self._read(text, today=today)
        found += [one for one in others if not any(one.slot == other.slot for other in found)]
        return drop_turned_down(text, sorted(found, key=lambda one: (one.start, one.end)))

    def _read(self, text: str, *, today: date) -> list[Found]:
        numbers = read_numbers(text)
        addresses = free(read_addresses(text), numbers)
        names = read_names(text)
        named = free(self._hospital.read(text), [*numbers, *addresses, *names])
        symptoms = _not_named(read_symptoms(text), named)
        ages = free(read_ages(text), [*numbers, *addresses])
        taken = [
            *numbers,
            *ages,
            *addresses,
            *names,
            *(one for one in named if one.slot in NAMED and not one.weak),
        ]
        dates = free(read_dates(text, today=today), taken)
        nowhere = [one for one in dates if one.slot != "date"]
        dates = [one for one in dates if one.slot == "date"]
        durations = free(read_durations(text, complaint=bool(symptoms)), [*taken, *dates, *nowhere])
        began = since(text, dates, today, symptoms) if symptoms or HURT.search(text) else {}
        dates = [one for one in dates if one not in began]
        durations += [lasted for lasted in began.values() if lasted]
        if symptoms:  # of an illness the past is told, not asked for
            dates = [replace(one, weak=str(one.value).split("/")[-1] < today.isoformat()) for one in dates]
        periods = [
            one
            for one in free(read_periods(text), [*addresses, *durations, *(d for d in began)])
            if not (symptoms and HABIT.match(text, one.end) and not _dated(one, dates))
        ]
        times = free(read_times(text, periods), [*taken, *durations, *dates, *nowhere])
        if len(text) <= SHORT and (dates or periods or times) and not any(one.slot in NAMED for one in named):
            named += self._hospital.find_short(text, [*dates, *periods, *times])
        found = [
            *numbers, *ages, *durations, *named, *dates, *nowhere, *times, *periods, *addresses, *symptoms, *names,
            *read_sex(text), *read_relations(text), *read_complaint(text),
        ]  # fmt: skip
        found.sort(key=lambda one: (one.start, one.end))
        return drop_turned_down(text, keep_new_time(text, found))


def _is_long(word: str) -> bool:
    """Words of two characters sound like too much else; departments (骨科) are said too often to be left out."""
    return len(word) > 2 or word.endswith("科")


def _not_named(symptoms: list[Found], named: list[Found]) -> list[Found]:
    """「头痛门诊」 is a department, 「肺功能」 an examination."""
    return [
        one
        for one in symptoms
        if not any(
            one.overlaps(other)
            and other.slot in NAMED
            and (other.slot == "doctor" or other.end - other.start >= one.end - one.start)
            for other in named
        )
    ]


def _dated(one: Found, dates: list[Found]) -> bool:
    return any(one.overlaps(day) or 0 <= one.start - day.end <= 1 for day in dates)
