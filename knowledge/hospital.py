"""The hospital as the other rooms see it: frozen, with the look-ups they need.

``find_x`` answers ``None`` or nothing for a word it does not know; ``get_x`` raises `UnknownName` with the nearest
right name. Words are compared without regard to full width, capitals and blanks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from knowledge.calendar import Calendar
from knowledge.errors import UnknownName, find_nearest
from knowledge.names import fold
from knowledge.schema import (
    Building,
    Campus,
    CompanionEntry,
    ComplaintRules,
    Department,
    Doctor,
    EscortRules,
    Facility,
    Faq,
    FollowupPlan,
    HerbRules,
    Line,
    LoanRules,
    OutpatientRules,
    Path,
    Place,
    PlaceCode,
    RegistrationRules,
    Site,
    TransferRules,
    Triage,
    Ward,
)

T = TypeVar("T")

_TITLES = ("主任医师", "副主任医师", "主治医师", "住院医师", "主任技师", "主管护师")
_ADDRESS = re.compile(r"(?:副?主任(?:医师)?|主治医师|医师|医生|大夫|教授|专家|老师|院长)+$")
"""How a doctor is spoken of: 韦医生, 黄副主任, 莫教授."""
_COMPOUND = ("欧阳", "上官", "司徒", "诸葛", "司马")
_TAIL = re.compile(r"(?:门诊部?|诊室|科室|那边|那里|的医生|的专家|医生|专家)$")


@dataclass(frozen=True)
class Hospital:
    """One hospital and everything it has. Built by `load_hospital`; every name in it refers to something in it."""

    site: Site
    departments: tuple[Department, ...]
    doctors: tuple[Doctor, ...]
    places: tuple[Place, ...]
    paths: tuple[Path, ...]
    place_codes: tuple[PlaceCode, ...]
    facilities: tuple[Facility, ...]
    faq: tuple[Faq, ...]
    triage: Triage
    followup_plans: tuple[FollowupPlan, ...]
    registration: RegistrationRules
    outpatients: OutpatientRules
    escort: EscortRules
    companions: tuple[CompanionEntry, ...]
    loans: LoanRules
    transfers: TransferRules
    herbs: HerbRules
    complaints: ComplaintRules
    calendar: Calendar
    lines: tuple[Line, ...] = ()
    wards: tuple[Ward, ...] = ()

    @property
    def id(self) -> str:
        return self.site.id

    @property
    def name(self) -> str:
        return self.site.name

    @property
    def short_name(self) -> str:
        return self.site.short_name

    @property
    def phone(self) -> str:
        return self.site.phone

    @property
    def emergency_phone(self) -> str:
        return self.site.emergency_phone

    @property
    def timezone(self) -> str:
        return self.site.timezone

    @property
    def campuses(self) -> tuple[Campus, ...]:
        return self.site.campuses

    @property
    def buildings(self) -> tuple[Building, ...]:
        return self.site.buildings

    def find_department(self, words: str) -> Department | None:
        """By standard name or alias, also with a tail that patients add or leave out (骨科门诊, 心内那边, 皮肤)."""
        word = fold(words)
        bare = _TAIL.sub("", word)
        for spelling in (word, bare, f"{bare}科"):
            if spelling in self._departments:
                return self._departments[spelling]
        return None

    def get_department(self, name: str) -> Department:
        found = self.find_department(name)
        if found is None:
            raise UnknownName("department", name, find_nearest(name, self._departments))
        return found

    def find_doctors(self, words: str, *, department: str | None = None) -> tuple[Doctor, ...]:
        """Those meant by an id, a name, or a surname with a title (韦医生); the highest title first."""
        word = fold(words)
        exact = self._doctors.get(word)
        found: Iterable[Doctor]
        if exact:
            found = (exact,)
        else:
            name = _ADDRESS.sub("", word)
            exact = self._doctors.get(name)
            # A surname alone is meant only where an address follows it; a bare 黄 is no doctor.
            surname = name != word and (len(name) == 1 or name in _COMPOUND)
            found = (exact,) if exact else [d for d in self.doctors if surname and d.name.startswith(name)]
        wanted = self.get_department(department).name if department else None
        kept = [doctor for doctor in found if wanted in (None, doctor.department)]
        return tuple(sorted(kept, key=lambda doctor: _TITLES.index(doctor.title)))

    def get_doctor(self, name: str) -> Doctor:
        """By name or id."""
        found = self._doctors.get(fold(name))
        if found is None:
            raise UnknownName("doctor", name, find_nearest(name, (doctor.name for doctor in self.doctors)))
        return found

    def list_doctors(self, department: str) -> tuple[Doctor, ...]:
        """All of a department, the highest title first."""
        name = self.get_department(department).name
        return tuple(sorted(self._wards.get(name, ()), key=lambda doctor: _TITLES.index(doctor.title)))

    def get_place(self, name: str) -> Place:
        """By id or name; an alias does where it names one place only."""
        found = self._places.get(fold(name))
        if found is None:
            named = self._aliases.get(fold(name), ())
            if len(named) == 1:
                return named[0]
            raise UnknownName("place", name, find_nearest(name, (place.name for place in self.places)))
        return found

    def find_places(self, words: str) -> tuple[Place, ...]:
        """Places meant by the words, the surest first: id or name, alias, then names that contain the words or are
        contained in them. Corridor points are never meant."""
        word = fold(words)
        if not word:
            return ()
        exact = self._places.get(word)
        if exact and exact.kind != "junction":
            return (exact,)
        if word in self._aliases:
            return self._aliases[word]
        scores: dict[str, int] = {}
        for name, places in self._spoken.items():
            if len(name) >= 2 and (name in word or (len(word) >= 2 and word in name)):
                overlap = min(len(name), len(word)) * 100 - abs(len(name) - len(word))
                for place in places:
                    scores[place.id] = max(scores.get(place.id, 0), overlap)
        return tuple(self.get_place(name) for name in sorted(scores, key=lambda name: (-scores[name], name)))

    def find_place_code(self, code: str) -> PlaceCode | None:
        return self._codes.get(fold(code))

    def find_facility(self, words: str) -> Facility | None:
        """By id, name or alias."""
        return self._facilities.get(fold(words))

    def get_facility(self, name: str) -> Facility:
        found = self.find_facility(name)
        if found is None:
            raise UnknownName("facility", name, find_nearest(name, (entry.name for entry in self.facilities)))
        return found

    def find_faq(self, id: str) -> Faq | None:
        return self._faq.get(id)

    def get_faq(self, id: str) -> Faq:
        found = self.find_faq(id)
        if found is None:
            raise UnknownName("faq", id, find_nearest(id, self._faq))
        return found

    def find_followup_plan(self, id: str) -> FollowupPlan | None:
        return self._plans.get(id)

    def get_followup_plan(self, id: str) -> FollowupPlan:
        found = self.find_followup_plan(id)
        if found is None:
            raise UnknownName("followup plan", id, find_nearest(id, self._plans))
        return found

    def find_line(self, id: str | None) -> Line | None:
        return self._lines.get(id or "")

    def get_line(self, id: str) -> Line:
        found = self.find_line(id)
        if found is None:
            raise UnknownName("line", id, find_nearest(id, self._lines))
        return found

    def get_campus(self, name: str) -> Campus:
        for campus in self.campuses:
            if fold(name) in map(fold, (campus.name, *campus.aliases)):
                return campus
        raise UnknownName("campus", name, find_nearest(name, (campus.name for campus in self.campuses)))

    def get_building(self, name: str) -> Building:
        for building in self.buildings:
            if fold(name) in map(fold, (building.id, building.name, *building.aliases)):
                return building
        raise UnknownName(
            "building", name, find_nearest(name, (building.name for building in self.buildings))
        )

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {
            fold(word): entry
            for entry in self.departments
            for word in (*entry.names.values(), *entry.aliases, entry.name)
        }

    @cached_property
    def _doctors(self) -> dict[str, Doctor]:
        return {fold(word): doctor for doctor in self.doctors for word in (doctor.id, doctor.name)}

    @cached_property
    def _lines(self) -> dict[str, Line]:
        return {line.id: line for line in self.lines}

    @cached_property
    def _wards(self) -> dict[str, tuple[Doctor, ...]]:
        return _group((doctor.department, doctor) for doctor in self.doctors)

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {fold(word): place for place in self.places for word in (place.id, place.name)}

    @cached_property
    def _aliases(self) -> dict[str, tuple[Place, ...]]:
        return _group(
            (fold(alias), place)
            for place in self.places
            if place.kind != "junction"
            for alias in place.aliases
        )

    @cached_property
    def _spoken(self) -> dict[str, tuple[Place, ...]]:
        return _group(
            (fold(word), place)
            for place in self.places
            if place.kind != "junction"
            for word in (place.name, *place.aliases)
        )

    @cached_property
    def _codes(self) -> dict[str, PlaceCode]:
        return {fold(code.code): code for code in self.place_codes}

    @cached_property
    def _facilities(self) -> dict[str, Facility]:
        return {
            fold(word): entry for entry in self.facilities for word in (*entry.aliases, entry.name, entry.id)
        }

    @cached_property
    def _faq(self) -> dict[str, Faq]:
        return {entry.id: entry for entry in self.faq}

    @cached_property
    def _plans(self) -> dict[str, FollowupPlan]:
        return {plan.id: plan for plan in self.followup_plans}


def _group(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
