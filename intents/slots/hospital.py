"""What the hospital has names for: departments, doctors, places, examinations, and what a patient needs."""

from __future__ import annotations

import re
from collections import defaultdict

from intents.lexicon import Words, read_list
from intents.normalise import normalise
from intents.slots.found import Found, longest
from intents.slots.people import read_doctors
from knowledge import Hospital

ORIGIN = re.compile(
    r"(?:我(?:现在|而家|这会儿)?(?:就?在|喺|到了|来到)|人在|从|由|自)(?:了|咗)?(?P<place>[^,，。;；?？!！]{0,14}?)(?=去|到|怎么|点去|点行|点样|咋|走|这里|呢度|,|，|。|$)"
)
FROM_HERE = re.compile(r"从[^,，。]{2,14}(?:怎么|点|咋)(?:样)?(?:过去|去|走过去|行)")
"""「从大门怎么过去」: the one place named is where the way begins; where to was said before."""
HERE_FLOOR = re.compile(
    r"(?:我|人)(?:们)?(?:现在|而家|这会儿)?(?:就?在|喺|到了)(?P<floor>(?:门诊|住院|综合)?[部楼]?(?:[一二三四五六七八九十]{1,2}|[1-9])[楼层])"
)
DIGIT = re.compile("[1-9]")
DIGITS = "零一二三四五六七八九"
CONTENT_DEPARTMENT = re.compile(r"科|门诊|中心")


WARD = re.compile(r"(?<=科)(?:病区|候诊区)$")
FLOOR_BEFORE = re.compile(
    r"(?P<building>门诊(?:楼|部)?|住院部|住院楼)?(?P<floor>\d{1,2}|[一二三四五六七八九]|十[一二]?)(?:楼|层)(?:的|那里|那边|有)?$"
)
FLOOR_WORD = re.compile(r"[楼层]$")
NUMERALS = {str(number): numeral for number, numeral in enumerate("零一二三四五六七八九十")} | {
    "11": "十一",
    "12": "十二",
}


class HospitalReader:
    """Finds the hospital's names in normalised text; built once for a hospital."""

    def __init__(self, hospital: Hospital) -> None:
        self.departments = Words("department", self._department_words(hospital))
        self.places = Words("place", self._place_words(hospital))
        data = read_list("examinations")["examinations"]
        self.examinations = Words(
            "examination",
            [(normalise(word).text, name) for name, aliases in data.items() for word in (name, *aliases)],
        )
        self.needs = Words(
            "special_need",
            [(word, need) for need, words in read_list("needs")["special_needs"].items() for word in words],
        )
        self.doctors = {normalise(doctor.name).text: doctor.name for doctor in hospital.doctors}
        self._department_names = {department.name for department in hospital.departments}

    def words(self) -> set[str]:
        """Every name, for the segmenter's dictionary."""
        data = read_list("examinations")["examinations"]
        return {*self._department_names, *self.doctors, *data, *self._aliases}

    def _department_words(self, hospital: Hospital) -> list[tuple[str, str]]:
        self._aliases = {
            normalise(alias).text for department in hospital.departments for alias in department.aliases
        }
        return [
            (normalise(word).text, department.name)
            for department in hospital.departments
            for word in (department.name, *department.aliases)
        ]

    def _place_words(self, hospital: Hospital) -> list[tuple[str, str]]:
        """A word of one place is its name; a word shared by several (厕所) stands for itself, and the map picks the nearest."""
        owners: dict[str, list[str]] = defaultdict(list)
        for place in hospital.places:
            if place.kind == "junction":
                continue
            ward = WARD.sub("", place.name)  # 住院部八楼骨科 is its ward, 门诊五楼骨科 its waiting area
            for word in (place.name, *place.aliases, *((ward,) if ward != place.name else ())):
                plain = normalise(word).text
                if place.name not in owners[plain]:
                    owners[plain].append(place.name)
        self._shared = {word: tuple(names) for word, names in owners.items() if len(names) > 1}
        return [(word, names[0] if len(names) == 1 else word) for word, names in owners.items()]

    def read(self, text: str) -> list[Found]:
        departments = self.departments.find(text)
        doctors = read_doctors(text, self.doctors)
        examinations = self.examinations.find(text)
        places = self.places.find(text)
        # A department of the list is a department, however a place is called after it; a longer place name wins.
        places = [self._on_floor(text, one) for one in places]
        named = longest([*departments, *places])
        named += [  # 住院部八楼骨科 names its department as well
            one
            for one in departments
            if any(one.overlaps(other) and other.slot == "place" for other in named)
            and one not in named
            and any(
                other.start <= one.start
                and one.end <= other.end
                and FLOOR_WORD.search(text[other.start : one.start])
                for other in places
            )
        ]
        origins = self._origins(text, named)
        result = [one for one in named if one not in origins] + list(origins.values())
        result.extend(self._floors(text, named) if not origins else [])
        result.extend(
            one
            for one in doctors
            if not any(
                one.overlaps(other) and one.end - one.start < other.end - other.start for other in named
            )
        )
        result.extend(examinations)
        needs: dict[str, Found] = {}
        for need in self.needs.find(text):
            needs.setdefault(str(need.value), need)
        result.extend(needs.values())
        return sorted(result, key=lambda one: one.start)

    def _on_floor(self, text: str, one: Found) -> Found:
        """「二楼厕所」, 「住院部三楼的卫生间」: of what every floor has, the one on the floor named."""
        said = FLOOR_BEFORE.search(text[: one.start])
        names = self._shared.get(str(one.value), ())
        if not said or not names:
            return one
        floor = f"{NUMERALS.get(said['floor'], said['floor'])}楼"
        inpatient = said["building"] in ("住院部", "住院楼")
        for name in names:
            if floor in name and name.startswith("住院" if inpatient else "门诊"):
                return Found("place", name, said.start(), one.end)
        return one

    @staticmethod
    def _origins(text: str, named: list[Found]) -> dict[Found, Found]:
        """「我在门诊大厅，去抽血怎么走」: the place one stands at is where the way begins."""
        origins: dict[Found, Found] = {}
        for match in ORIGIN.finditer(text):
            for one in named:
                alone = len(named) == 1 and not FROM_HERE.search(text)
                if match.start("place") <= one.start < match.end() and not alone and not origins:
                    origins[one] = Found("origin", one.value, one.start, one.end)
        return origins

    @staticmethod
    def _floors(text: str, named: list[Found]) -> list[Found]:
        """「我在门诊三楼，最近的厕所在哪」: of where he is only the floor is said, beside where he wants to go."""
        match = HERE_FLOOR.search(text) if named else None
        if match is None or any(match.start("floor") <= one.start < match.end("floor") for one in named):
            return []
        words = DIGIT.sub(lambda found: DIGITS[int(found[0])], match["floor"].replace("层", "楼"))
        return [Found("origin", words, *match.span("floor"))]
