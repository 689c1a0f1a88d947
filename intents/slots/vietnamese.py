"""Vietnamese, written with its marks or without: the same slots, with the same values as from Chinese.

Words come from ``lexicon/vietnamese.yml`` and the hospital's own Vietnamese names. Where a message has marks they are
believed (đầu is no đâu); a message without any is read by the bare letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import ahocorasick

from intents.language import HAN, MARKED, strip_marks
from intents.lexicon import read_list
from intents.slots.found import Found, free, longest
from intents.slots.vietnamese_days import read_days, read_hours, read_parts
from intents.slots.vietnamese_spans import read_age, read_lasting, read_sex
from knowledge import Hospital

LISTS = {"departments": "department", "examinations": "examination", "symptoms": "symptom", "needs": "special_need"}  # fmt: skip
OTHER = re.compile(r"[^\w]|_")
NOT_CARRIED = re.compile(r"(?:khong|ko|k|khoi)(?: (?:can|phai|nam|ngoi|dung|di|bang|tren))* $")
DENIED = re.compile(r"(?:khong|ko|k|chua|het|chang|khoi)(?: (?:bi|co|con|thay|phai|he|bao gio))* $")
NAME = re.compile(
    r"(?:ten (?:toi |benh nhan |nguoi nhan |me toi |bo toi |con toi |chau |be )?la|toi ten(?: la)?|nguoi nhan(?: la)?|ho ten(?: la)?) (?P<name>(?:[^\W\d]+ ){1,4})"
)
NAME_ENDS = re.compile(
    r"\b(?:so|dien|sinh|muon|bi|dang|o|can|nam|nu|tuoi|dia|va|sdt|cmnd|cccd|kham|dat|nhe|thoi)\b.*"
)
RISKY = frozenset({"ho", "non", "oi", "phu", "met", "mu", "cang", "bong", "xiu", "ngua", "ngat", "choang"})
"""Common words without their marks (họ, nón, ơi …): they count only where the marks are written."""
COUGH = re.compile(
    r"(?<= bi )ho(?= )|(?<= )ho(?= nhieu | khan | dom | ra )|(?<= sot )ho(?= )|(?<= va )ho(?= )"
)
ITCH = re.compile(r"(?<= bi )ngua(?= )|(?<= )ngua(?= ngay )")
ACTION = re.compile(r" ?(?:lay|dong|nop|thu|gui|tiem|phat) ")
"""「lấy thuốc」 is a place only for who asks the way."""
ASKS_WAY = re.compile(r" (?:o dau|o tang|tang may|duong nao|di the nao|cho nao|huong nao|loi nao) ")


SURNAMES = frozenset(read_list("vietnamese")["surnames"])
"""The commonest surnames of Vietnam, and those of the Tày and Nùng along the border, without their marks."""


def is_vietnamese_name(text: str) -> bool:
    """Two to five words of letters, a surname first: 「Nguyễn Văn Hùng」, as an answer to a question for a name."""
    words = text.strip(" .!").split()
    return (
        2 <= len(words) <= 5
        and all(word.isalpha() and len(word) <= 7 and not HAN.search(word) for word in words)
        and strip_marks(words[0].lower()) in SURNAMES
        and not NAME_ENDS.search(strip_marks(text.lower()))
    )


class VietnameseReader:
    def __init__(self, hospital: Hospital) -> None:
        data = read_list("vietnamese")
        known = {department.name for department in hospital.departments}
        entries = [
            (word, slot, value)
            for part, slot in LISTS.items()
            for value, words in data[part].items()
            for word in words
            if slot != "department" or value in known
        ]
        for department in hospital.departments:
            name = department.names.get("vi", "").lower()
            entries += [(name, "department", department.name)] if name else []
        for value, words in data["places"].items():
            named = _places(hospital, value)
            entries += [(word, "place", named[0] if len(named) == 1 else value) for word in words if named]
        self._where = {
            name: next(
                (ways for said in (name, f"照{name}", f"{name}室") if (ways := _places(hospital, said))), []
            )
            for name in data["examinations"]
        }
        self._marked = _automaton(entries)
        self._bare = _automaton((strip_marks(word), slot, value) for word, slot, value in entries)

    def read(self, text: str, today_iso: str) -> list[Found]:
        """Everything found in a normalised message; numbers of phones and parcels are read elsewhere."""
        plain = strip_marks(text)
        bare = len(plain) != len(text) or not MARKED.search(text)
        if len(plain) != len(text):
            plain = text
        padded = " " + OTHER.sub(" ", text) + " "
        stripped = " " + OTHER.sub(" ", plain) + " "
        words = _find(stripped, self._bare, RISKY) if bare else _find(padded, self._marked)
        if bare:
            words += [Found("symptom", "咳嗽", m.start() - 1, m.end() - 1) for m in COUGH.finditer(stripped)]
            words += [Found("symptom", "皮肤痒", m.start() - 1, m.end() - 1) for m in ITCH.finditer(stripped)]
        words = [self._settle(one, stripped) for one in longest(words) if not _denied(one, stripped)]
        if ASKS_WAY.search(stripped):
            words += self._test_places(words)
        spans = [*read_age(stripped)]
        if any(one.slot == "symptom" for one in words):
            spans += read_lasting(stripped)
        days = free(read_days(stripped, today_iso), spans)
        parts = free(read_parts(padded, stripped, bare), [one for one in spans if one.slot == "duration"])
        hours = read_hours(stripped, parts)
        found = [*words, *spans, *days, *parts, *hours, *read_sex(stripped), *_names(stripped, text)]
        return sorted(found, key=lambda one: (one.start, one.end))

    @staticmethod
    def _settle(one: Found, stripped: str) -> Found:
        """A side said after a part of the body belongs to it; what one does somewhere is no sure place."""
        if one.slot == "place" and ACTION.match(stripped, one.start):
            return replace(one, weak=True)
        if one.slot == "symptom" and str(one.value)[0] in "肩手腿耳眼膝脚":
            for word, side in ((" phai ", "右"), (" trai ", "左")):
                if stripped.startswith(word, one.end + 1):
                    return replace(one, value=side + str(one.value))
        return one

    def _test_places(self, words: list[Found]) -> list[Found]:
        """Where an examination is done, for who asks the way to it."""
        return [
            Found("place", self._where[str(one.value)][0], one.start, one.end, weak=True)
            for one in words
            if one.slot == "examination" and len(self._where.get(str(one.value), ())) == 1
        ]


def _places(hospital: Hospital, word: str) -> list[str]:
    return [one.name for one in hospital.find_places(word) if word in (one.name, *one.aliases)]


def _automaton(entries: Iterable[tuple[str, str, str]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word, slot, value in entries:
        key = f" {OTHER.sub(' ', word)} "
        if len(key) > 3 and key not in automaton:
            automaton.add_word(key, (len(key), slot, value, word))
    automaton.make_automaton()
    return automaton


def _find(
    padded: str, automaton: ahocorasick.Automaton, without: frozenset[str] = frozenset()
) -> list[Found]:
    found = []
    for last, (length, slot, value, word) in automaton.iter(padded):
        if word not in without:
            start = (
                last - length + 1
            )  # of the blank before the word, which the padding shifts to the word itself
            found.append(Found(slot, value, start, start + length - 2))
    return found


def _denied(one: Found, stripped: str) -> bool:
    before = stripped[max(0, one.start - 16) : one.start + 1]
    if one.slot == "special_need":  # 「không nằm cáng」
        return one.value in ("wheelchair", "stretcher") and bool(NOT_CARRIED.search(before))
    return one.slot == "symptom" and bool(DENIED.search(before))


def _names(stripped: str, text: str) -> list[Found]:
    match = NAME.search(stripped)
    words = NAME_ENDS.sub("", match["name"]).strip() if match else ""
    if not match or " " not in words:
        return []
    start = match.start("name") - 1
    return [Found("patient_name", text[start : start + len(words)].title(), start, start + len(words))]
