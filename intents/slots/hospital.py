"""What the hospital has names for: departments, doctors, places, examinations, and what a patient needs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from intents.lexicon import Words, read_list
from intents.normalise import normalise
from intents.slots.examinations import ExaminationReader
from intents.slots.found import Found, longest
from intents.slots.needs import NeedReader
from intents.slots.origins import read_origins
from intents.slots.people import read_doctors
from knowledge import Hospital

WARD = re.compile(r"(?<=科)(?:病区|候诊区)$")
ADMITTED = re.compile(r"(?:病房|病区|住院部)$")
FLOOR_BEFORE = re.compile(
    r"(?P<building>门诊(?:楼|部)?|住院部|住院楼)?(?P<floor>\d{1,2}|[一二三四五六七八九]|十[一二]?)(?:楼|层)(?:的|那里|那边|有)?$"
)
FLOOR_OF = re.compile(r"[一二三四五六七八九十]楼")
FLOOR_WORD = re.compile(r"[楼层]$")
NUMERALS = {str(number): numeral for number, numeral in enumerate("零一二三四五六七八九十")} | {
    "11": "十一",
    "12": "十二",
}
ILLNESS_AFTER = re.compile(r"[结炎癌瘤病痛疼肿发红痒不](?!的?那?个?(?:科|医生|大夫|门诊|专家))")
WHERE_AFTER = re.compile(
    r"(?:的|那个|嗰个|嘅)?(?:地方|那里|那边|嗰度|那块|窗口|机器|房间)?[,，]?(?:是|要|得|应该|该|那|一般)?(?:在|去|到|往|上|喺|克|是)?(?:哪|边度|喺边|几楼|几层|咋走|怎么走|怎么去|点行|点去|有没有(?:专门|单独)?的?(?:房间|地方|屋子))(?!天|位|个医生|个专家|时|些)"
)
WHERE_BEFORE = re.compile(
    r"(?:哪里|哪儿|在哪|去哪|边度|喺边|哪边|哪块|哪点|有没有|有冇|边有|哪有)(?:里|儿)?(?:可以|能|有|得|可|去|来|做|给)*$"
)
NO_NAME = frozenset(" ,，。.、的号那就挂约看吧呢啊哦")
WITHIN = re.compile("是?(?:在|喺)")
LACKING = re.compile(r"(?<!有)(?:没有?|冇|无)$")
GOES_ON = re.compile(
    r"(?<=处)(?:[理方分于境置长罚罪]|在(?!哪|几|边|什么|楼[上下]|[一二三四五六七八九]|那|这|门诊|住院|吗|不))"
)
"""「投诉处理」 is no 投诉处."""


class HospitalReader:
    """Finds the hospital's names in normalised text; built once for a hospital."""

    def __init__(self, hospital: Hospital) -> None:
        self._examinations = ExaminationReader()
        self._needs = NeedReader()
        tests = {normalise(word).text for word in self._examinations.names()}
        self._departments, self._soft_departments = self._department_words(hospital, tests)
        self._nouns = tuple(read_list("places")["nouns"])
        self._places = Words("place", self._place_words(hospital))
        self._doctors = Words("doctor", [(normalise(one.name).text, one.name) for one in hospital.doctors])
        self._short = _short_names(hospital)
        self._names = {department.name for department in hospital.departments}
        self._known_doctors = frozenset(normalise(one.name).text for one in hospital.doctors)

    def words(self) -> set[str]:
        """Every name, for the segmenter's dictionary."""
        return {*self._names, *self._known_doctors, *self._examinations.standard(), *self._aliases}

    def standard_words(self) -> list[str]:
        """The standard names, for what two names are spelt alike."""
        return [*sorted(self._names), *sorted(self._examinations.standard()), *self._needs.words()]

    def spoken(self) -> set[str]:
        """Names that a recogniser may mishear: departments, examinations, places of more than one character."""
        return {*self._names, *self._aliases, *self._examinations.names(), *self._place_names}

    def _department_words(self, hospital: Hospital, tests: set[str]) -> tuple[Words, Words]:
        """Names that are also an examination (体检) mean the department only for who asks the way."""
        owners: dict[str, str] = {}
        for department in hospital.departments:
            for word in (department.name, *department.aliases):
                owners.setdefault(normalise(word).text, department.name)
        for place in hospital.places:
            if place.kind == "waiting" and place.department:  # one waits there for the department: 骨科门诊
                for word in (place.name, *place.aliases):
                    if not ADMITTED.search(word):
                        owners.setdefault(normalise(word).text, place.department)
        for name, words in read_list("departments").items():
            if hospital.find_department(name):
                for word in words:
                    owners.setdefault(normalise(word).text, name)
        self._aliases = {word for word in owners if word not in tests}
        sure = [(word, name) for word, name in owners.items() if word not in tests]
        return Words("department", sure), Words(
            "department", [one for one in owners.items() if one[0] in tests]
        )

    def _place_words(self, hospital: Hospital) -> list[tuple[str, str]]:
        """A word of one place is its name; a word shared by several (厕所) stands for itself, and the map picks the nearest."""
        owners: dict[str, list[str]] = defaultdict(list)
        for campus in hospital.campuses:
            owners[normalise(campus.name).text].append(campus.name)
        for place in hospital.places:
            if place.kind == "junction":
                continue
            ward = WARD.sub("", place.name)  # 住院部八楼骨科 is its ward, 门诊五楼骨科 its waiting area
            for word in (place.name, *place.aliases, *((ward,) if ward != place.name else ())):
                plain = normalise(word).text
                if place.name not in owners[plain]:
                    owners[plain].append(place.name)
        self._shared = {word: tuple(names) for word, names in owners.items() if len(names) > 1}
        entries = {word: names[0] if len(names) == 1 else word for word, names in owners.items()}
        for campus in hospital.campuses:  # 「东湖那边」
            known = normalise(campus.name).text
            for tail in ("那边", "那里", "那头", "这边", "分院", "那个院"):
                entries.setdefault(known.removesuffix("院区") + tail, entries.get(known, campus.name))
        for plain, words in read_list("places")["places"].items():
            known = normalise(plain).text
            if known in entries:
                for word in words:
                    entries.setdefault(normalise(word).text, entries[known])
        self._place_names = {word for word in entries if len(word) <= 6}
        for word, value in list(entries.items()):  # 「输液的地方」, 「拿片子的窗口」
            stem = word.removesuffix("的地方").removesuffix("室").removesuffix("处").removesuffix("窗口")
            if len(stem) > 1 and (stem != word or not word.endswith(self._nouns)):
                for tail in ("的地方", "的窗口", "那个地方", "的房间", "那里"):
                    entries.setdefault(stem + tail, value)
        return list(entries.items())

    def read(self, text: str) -> list[Found]:
        departments = [one for one in self._departments.find(text) if not _names_illness(text, one)]
        soft = self._soft_departments.find(text)
        places = [
            here
            for one in self._places.find(text)
            if not GOES_ON.match(text, one.end) and (here := self._on_floor(text, one))
        ]
        # A department of the list is a department, however a place is called after it; a longer place name wins.
        named = longest([*departments, *(self._weaken(text, one) for one in places)])
        named += self._departments_of(text, departments, named)
        origins = read_origins(text, named)
        named = _asked_first(text, named, origins)
        result = [one for one in named if one not in origins] + [one for one in origins.values() if one]
        result += [Found(one.slot, one.value, one.start, one.end, weak=True) for one in soft]
        result += [
            one
            for one in read_doctors(text, self._doctors.find(text))
            if not any(
                one.overlaps(other) and one.end - one.start < other.end - other.start for other in named
            )
        ]
        result += [  # 「体检中心」 is no examination
            one
            for one in self._examinations.read(text)
            if not any(
                one.overlaps(other)
                and other.slot == "department"
                and not other.weak
                and one.end - one.start < other.end - other.start
                for other in result
            )
        ]
        result += self._needs.read(text)
        return sorted(result, key=lambda one: one.start)

    def find_short(self, text: str, taken: list[Found]) -> list[Found]:
        """「肿瘤 下周三早」, 「周日牙」: what is left of a few words, when the day is taken out, names a department."""
        covered = 0
        for one in taken:
            covered |= one.bits
        rest = [at for at, char in enumerate(text) if not covered >> at & 1 and char not in NO_NAME]
        if not rest or rest[-1] - rest[0] + 1 != len(rest):
            return []
        name = self._short.get(text[rest[0] : rest[-1] + 1])
        return [Found("department", name, rest[0], rest[-1] + 1)] if name else []

    def _weaken(self, text: str, one: Found) -> Found:
        if LACKING.search(text, max(0, one.start - 3), one.start):
            return Found(one.slot, one.value, one.start, one.end, weak=True)
        if text[one.start : one.end].endswith(self._nouns) or FLOOR_WORD.search(
            text[max(0, one.start - 24) : one.start]
        ):
            return one
        if WHERE_AFTER.match(text, one.end) or WHERE_BEFORE.search(text[max(0, one.start - 24) : one.start]):
            return one
        return Found(one.slot, one.value, one.start, one.end, weak=True)

    @staticmethod
    def _departments_of(text: str, departments: list[Found], named: Iterable[Found]) -> list[Found]:
        """骨科病房, 住院部八楼骨科: a place that names its department as well."""
        places = [one for one in named if one.slot == "place"]
        return [
            one
            for one in departments
            if any(
                place.start <= one.start
                and one.end <= place.end
                and (
                    FLOOR_WORD.search(text[place.start : one.start])
                    or ADMITTED.search(text[one.end : place.end])
                )
                for place in places
            )
        ]

    def _on_floor(self, text: str, one: Found) -> Found | None:
        """「二楼厕所」, 「住院部三楼的卫生间」: of what every floor has, the one on the floor named."""
        said = FLOOR_BEFORE.search(text[max(0, one.start - 24) : one.start])
        if not said:
            return one
        names = self._shared.get(str(one.value), ())
        floor = f"{NUMERALS.get(said['floor'], said['floor'])}楼"
        if (
            not names
        ):  # 「三楼内科候诊区」 is not the waiting area on the fourth: better asked than sent astray
            return None if FLOOR_OF.search(str(one.value)) and floor not in str(one.value) else one
        inpatient = said["building"] in ("住院部", "住院楼")
        for name in names:
            if floor in name and name.startswith("住院" if inpatient else "门诊"):
                return Found("place", name, said.start(), one.end)
        return one


def _asked_first(text: str, named: list[Found], origins: Iterable[Found]) -> list[Found]:
    """「去B超室要不要先交费，收费处在几楼」: of several places the one whose way is asked."""
    places = [one for one in named if one.slot == "place" and one not in origins]
    for one in places:  # 「病案室在住院部哪一层」
        inside = [
            other
            for other in places
            if other.start >= one.end and WITHIN.fullmatch(text, one.end, other.start)
        ]
        if inside:
            return [other for other in named if other not in inside]
    asked = [one for one in places if WHERE_AFTER.match(text, one.end)]
    if len(places) > 1 and len(asked) == 1:
        return [one for one in named if one not in places or one in asked]
    return named


def _short_names(hospital: Hospital) -> dict[str, str]:
    """「肿瘤」, 「血管外」, 「骨」: a department's names without their last word, where only one has it."""
    owners: dict[str, set[str]] = defaultdict(set)
    for department in hospital.departments:
        for word in (department.name, *department.aliases):
            plain = normalise(word).text
            for tail in ("科", "医学科", "内科", "门诊", "中心"):
                if plain.endswith(tail) and len(plain) > len(tail):
                    owners[plain.removesuffix(tail)].add(department.name)
    return {word: min(names) for word, names in owners.items() if len(names) == 1}


def _names_illness(text: str, one: Found) -> bool:
    """「看甲状腺结节」 asks for a doctor, not for a department."""
    word = text[one.start : one.end]
    return word[0] in "看睇" and word[-1] not in "的科" and bool(ILLNESS_AFTER.match(text, one.end))
