"""Chinese identity data: the citizen's number of GB 11643-1999, phones, names, and how each is masked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from services.errors import Invalid

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999: ISO 7064 MOD 11-2 over the first 17 digits."""
CHECK_DIGITS = "10X98765432"
MOBILE = re.compile(r"1\d{10}")
LANDLINE = re.compile(r"0\d{9,11}")
ABROAD = re.compile(r"(?:\+|00)?(852\d{8}|853\d{8}|84[1-9]\d{8})|(?:\+|00)(886\d{8,9})")
"""With the code of Hong Kong, Macau (eight digits), Vietnam (nine, without its 0) or Taiwan."""
CODES = {"H": "+852", "M": "+853"}
"""The letter of a 港澳居民来往内地通行证 says where its holder's eight digits ring."""
NAME = re.compile(r"[^\W\d_]+(?:(?:[·・\s'’-]|\.\s?)[^\W\d_]+)*\.?")


@dataclass(frozen=True, slots=True)
class IdNumber:
    text: str
    sex: str
    """``male`` or ``female``."""
    birthday: dt.date

    def age(self, today: dt.date) -> int:
        return count_years(self.birthday, today)


def count_years(birthday: dt.date, today: dt.date) -> int:
    """Full years lived."""
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


def parse_id_number(text: str) -> IdNumber:
    """Reads an 18-digit citizen's number; ``Invalid`` with field ``id_number`` and code ``length``, ``checksum`` or
    ``birthday``. The area code is not looked up: codes are retired and their holders live on.
    """
    number = re.sub(r"[\s-]", "", text).upper().replace("Ｘ", "X")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Invalid("length", field="id_number")
    if number[17] != check_digit(number):
        raise Invalid("checksum", field="id_number")
    try:
        birthday = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Invalid("birthday", field="id_number") from None
    if birthday.year < 1890:
        raise Invalid("birthday", field="id_number")
    return IdNumber(number, "male" if int(number[16]) % 2 else "female", birthday)


def check_digit(number: str) -> str:
    """The 18th digit that belongs to the first 17."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11]


def parse_phone(text: str, *, permit: str | None = None) -> str:
    """Digits of a mainland mobile or a landline with its area code, or ``+`` and the digits of a number of Hong Kong, Macau,
    Vietnam or Taiwan said with its code; of whoever holds a ``permit`` (H…, M…) also without. ``Invalid`` with field
    ``phone``.
    """
    number = re.sub(r"[\s()（）-]", "", text)
    number = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", number)
    if MOBILE.fullmatch(number):
        return number
    if abroad := ABROAD.fullmatch(number):
        return f"+{abroad[1] or abroad[2]}"
    code = CODES.get((permit or "")[:1].upper())
    if code and re.fullmatch(r"\d{8}", number):
        return code + number
    if not LANDLINE.fullmatch(number):
        raise Invalid("phone", field="phone")
    return number


def parse_name(text: str) -> str:
    """A person's name in any script, 2 to 40 characters; ``Invalid`` with field ``patient_name``."""
    name = re.sub(r"\s+", " ", text).strip()
    if not 2 <= len(name) <= 40 or not NAME.fullmatch(name):
        raise Invalid("name", field="patient_name")
    return name


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳小明 → 欧**明: the first character, and the last where there are three or more."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(phone: str) -> str:
    """13800001234 → 138****1234."""
    return phone[:3] + "*" * max(len(phone) - 7, 4) + phone[-4:]


def mask_id_number(number: str) -> str:
    """Only the last four are shown, with the first as in print: 4*************1234."""
    return number[:1] + "*" * (len(number) - 5) + number[-4:]
