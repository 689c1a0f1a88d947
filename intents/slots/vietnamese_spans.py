"""Ages, sex and how long something has lasted, in Vietnamese without marks."""

from __future__ import annotations

import re

from intents.slots.found import Found
from intents.slots.vietnamese_days import COUNT, number

YEARS = re.compile(r" (?P<count>\d{1,3}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi) tuoi(?= )")
MONTHS = re.compile(r" (?P<count>\d{1,2}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi) thang tuoi(?= )")
SEX = re.compile(
    r" (?:(?P<male>be trai|dan ong|nam gioi|benh nhan nam|gioi tinh nam|nam (?=\d)|chau trai)|(?P<female>be gai|phu nu|nu gioi|benh nhan nu|gioi tinh nu|nu (?=\d)|chau gai))"
)
LASTED = re.compile(
    rf" (?:hon |khoang |gan |duoc |da )*{COUNT} (?P<unit>ngay|tuan|thang|nam|tieng|gio dong ho|phut)(?: (?:nay|roi|qua|lien))*(?= )(?! (?:nua|sau|tuoi|toi))"
)
NOT_LASTED = re.compile(
    r" (?:thai|bau|thu|thang|ngay|sau|tuoi|uong|cho|doi|luc|truoc|lich)(?: duoc| hon| da)*$"
)
SINCE = re.compile(
    r" tu (?P<when>hom qua|toi qua|dem qua|chieu qua|sang qua|hom kia|tuan truoc|thang truoc)(?= )"
)
SINCE_VALUES = {"hom kia": "P2D", "tuan truoc": "P1W", "thang truoc": "P1M"}
UNITS = {"ngay": "P{}D", "tuan": "P{}W", "thang": "P{}M", "nam": "P{}Y", "tieng": "PT{}H", "gio dong ho": "PT{}H", "phut": "PT{}M"}  # fmt: skip
HALVES = {"thang": "P15D", "nam": "P6M", "tieng": "PT30M"}


def read_age(text: str) -> list[Found]:
    """Years, or months as ``P8M``."""
    found = [
        Found("age", f"P{number(match['count'])}M", match.start(), match.end() - 1)
        for match in MONTHS.finditer(text)
    ]
    for match in YEARS.finditer(text):
        years = number(match["count"])
        if years and years < 125:
            found.append(Found("age", years, match.start(), match.end() - 1))
    return found


def read_sex(text: str) -> list[Found]:
    """「con trai」 is a son as 「我儿子」 is: the sex counts only where it is said of the patient."""
    return [
        Found("sex", match.lastgroup or "", match.start(), match.end() - 1) for match in SEX.finditer(text)
    ]


def read_lasting(text: str) -> list[Found]:
    """Durations of an ailment; 「có thai 7 tháng」 is none."""
    found = []
    for match in LASTED.finditer(text):
        if NOT_LASTED.search(text[max(0, match.start() - 24) : match.start()]):
            continue
        value = (
            HALVES.get(match["unit"]) if match[1] == "nua" else UNITS[match["unit"]].format(number(match[1]))
        )
        if value:
            found.append(Found("duration", value, match.start(), match.end() - 1))
    for match in SINCE.finditer(text):
        value = SINCE_VALUES.get(match["when"], "P1D")
        found.append(Found("duration", value, match.start(), match.end() - 1))
    return found
