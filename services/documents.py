"""What proves who somebody is: the citizen's number and the documents of those who have another, or none yet.

Sources: GB 11643-1999 (citizens' numbers, and the same form on residence permits of 港澳台居民 and on the permanent
residence card of 2023), the exit and entry administration's forms of the travel permits, ICAO Doc 9303 for the
machine-readable line of a passport, which alone carries check digits.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from services.errors import Invalid
from services.identity import parse_id_number

CITIZEN, PASSPORT, HONGKONG_MACAU, TAIWAN, CHILD = "citizen", "passport", "hongkong_macau", "taiwan", "child"
KINDS = (CITIZEN, PASSPORT, HONGKONG_MACAU, TAIWAN, CHILD)
"""``child``: none of its own yet; a guardian's number stands for it."""
FORMS = {
    PASSPORT: re.compile(r"(?=[A-Z0-9]*\d{4})[A-Z0-9]{6,9}"),
    HONGKONG_MACAU: re.compile(r"[HM]\d{8}(\d{2})?"),
    TAIWAN: re.compile(r"\d{8}|\d{10}[A-Z]"),
}
"""港澳居民来往内地通行证: H or M and eight digits (two more on the old form); 台湾居民来往大陆通行证: eight digits."""
MACHINE_LINE = re.compile(r"[A-Z0-9<]{44}")
SPACES = re.compile(r"[\s（）()-]")
WEIGHTS = (7, 3, 1)


@dataclass(frozen=True, slots=True)
class Document:
    kind: str
    text: str
    sex: str | None = None
    """``male`` or ``female``, where the number tells it."""
    birthday: dt.date | None = None


def parse_document(text: str, *, kind: str | None = None, today: dt.date) -> Document:
    """Reads a number; without ``kind`` whichever document it can be, a citizen's number first.

    Raises ``Invalid`` with field ``id_number`` and code ``length`` (or form), ``checksum``, ``birthday`` or ``expired``.
    """
    number = SPACES.sub("", text).upper().replace("Ｘ", "X")
    if MACHINE_LINE.fullmatch(number) and kind in (None, PASSPORT):
        return _read_machine_line(number, today)
    if kind is None:
        kind = find_kind(number)
    if kind in (None, CITIZEN):
        found = parse_id_number(number)
        if found.birthday > today:
            raise Invalid("birthday", field="id_number")
        return Document(CITIZEN, found.text, found.sex, found.birthday)
    if kind not in FORMS:
        raise Invalid("kind", field="id_kind", value=kind)
    if not FORMS[kind].fullmatch(number):
        raise Invalid("length", field="id_number")
    return Document(kind, number)


def find_kind(number: str) -> str | None:
    """The document whose form this is; a passport only where letters stand in it, for eight digits are a permit."""
    if re.fullmatch(r"\d{17}[\dX]", number):
        return CITIZEN
    for kind in (HONGKONG_MACAU, TAIWAN):
        if FORMS[kind].fullmatch(number):
            return kind
    return PASSPORT if re.search("[A-Z]", number) and FORMS[PASSPORT].fullmatch(number) else None


def list_numbers(text: str, *, today: dt.date) -> list[str]:
    """What may stand for the person who shows this number, whatever document it is of: eight digits are a permit and may be
    a passport. Raises what ``parse_document`` raises where it is of none."""
    first = parse_document(text, today=today)
    kinds = [kind for kind, form in FORMS.items() if form.fullmatch(first.text)]
    return [
        name_person(first),
        *(name_person(Document(kind, first.text)) for kind in kinds if kind != first.kind),
    ]


def name_person(document: Document) -> str:
    """A citizen's number is the person; other numbers are so only within their kind of document."""
    return document.text if document.kind == CITIZEN else f"{document.kind}:{document.text}"


def check_machine_digit(field: str) -> str:
    """ICAO 9303 part 3, 4.9: weights 7 3 1, A = 10 … Z = 35, ``<`` = 0, modulo 10."""
    return str(sum(_weigh(letter) * WEIGHTS[place % 3] for place, letter in enumerate(field)) % 10)


def _weigh(letter: str) -> int:
    return 0 if letter == "<" else int(letter, 36)


def _read_machine_line(line: str, today: dt.date) -> Document:
    """The second line of a passport (TD3): number, nationality, birth, sex, expiry, each with its check digit."""
    fields = ((line[:9], line[9]), (line[13:19], line[19]), (line[21:27], line[27]))
    whole = line[:10] + line[13:20] + line[21:43]
    if any(check_machine_digit(one) != digit for one, digit in (*fields, (whole, line[43]))):
        raise Invalid("checksum", field="id_number")
    birthday, expiry = _read_day(line[13:19], today, past=True), _read_day(line[21:27], today, past=False)
    if expiry < today:
        raise Invalid("expired", field="id_number")
    sex = {"M": "male", "F": "female"}.get(line[20])
    return Document(PASSPORT, line[:9].rstrip("<"), sex, birthday)


def _read_day(text: str, today: dt.date, *, past: bool) -> dt.date:
    try:
        day = dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        raise Invalid("birthday", field="id_number") from None
    return day.replace(year=day.year - 100) if past and day > today else day


WRITTEN = re.compile(
    r"\D*(?P<year>\d{4}|\d{2})\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\D*"
    r"|\D*(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})\D*"
)
YEAR_LAST = re.compile(r"\D*(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})\D*")
DAY_FIRST = re.compile(r"\D*(\d{1,2})\s*th[áa]ng\s*(\d{1,2})(?:\s*n[ăa]m)?[\s,/-]*(\d{4})\D*", re.IGNORECASE)
"""「12 tháng 5 năm 1988」."""


def parse_birthday(text: str, *, today: dt.date, day_first: bool = False) -> dt.date:
    """「1990年5月1日」, 1990-05-01, 19900501, 90.5.1; ``Invalid`` with field ``birthday``.

    13/05/1990 is read too. Of 12/05/1990 it is told by ``day_first`` (as one writes in Vietnamese) which is the month; else
    it is no date, for nobody is to be registered under a guessed one.
    """
    year, month, day = _read_birthday(text.strip(), day_first)
    if year < 100:
        year += 2000 if 2000 + year <= today.year else 1900
    try:
        born = dt.date(year, month, day)
    except ValueError:
        raise Invalid("birthday", field="birthday") from None
    if not dt.date(1890, 1, 1) <= born <= today:
        raise Invalid("birthday", field="birthday")
    return born


def _read_birthday(text: str, day_first: bool) -> tuple[int, int, int]:
    """Year, month and day as written; raises ``Invalid``."""
    if found := DAY_FIRST.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := YEAR_LAST.fullmatch(text):
        first, second, year = (int(one) for one in found.groups())
        if first == second or day_first or first > 12:
            return year, second, first
        if second > 12:
            return year, first, second
        raise Invalid("birthday", field="birthday")
    if found := WRITTEN.fullmatch(text):
        year, month, day = (int(one) for one in found.groups() if one is not None)
        return year, month, day
    raise Invalid("birthday", field="birthday")
