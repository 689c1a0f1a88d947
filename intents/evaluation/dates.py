"""Dates, times and durations of two public test sets, as far as a patient would say them and our rules agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from intents.interpreter import Interpreter

FAR = 800
"""Days from the reference time beyond which no patient speaks of a date."""
NEVER_SAID = (
    "世纪",
    "年代",
    "季度",
    "财年",
    "毫秒",
    "秒",
    "甲子",
    "公元",
    "北京时间",
    "星期几",
    "学期",
    "q1",
    "Q1",
)


@dataclass(frozen=True, slots=True)
class DateCase:
    text: str
    now: datetime
    slot: str
    """date, time or duration."""
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class DateReport:
    compared: int
    left_out: int
    """Cases of the sets that no patient says, or that name what we have no slot for."""
    right: int
    mistakes: tuple[tuple[str, str, str, str], ...]
    """(text, reference date, wanted, found)."""

    @property
    def rate(self) -> float:
        return round(self.right / max(1, self.compared), 4)


def score_dates(interpreter: Interpreter, shared: Path) -> DateReport | None:
    """``None`` where the sets are not there."""
    folder = shared / "dates"
    if not folder.is_dir():
        return None
    total, cases = 0, list[DateCase]()
    for path in sorted(folder.glob("*.json")):
        entries = orjson.loads(path.read_bytes())
        total += len(entries)
        read = _read_jionlp if path.name.startswith("jionlp") else _read_recognizers
        for entry in entries:
            cases.extend(read(entry))
    mistakes = []
    for case in cases:
        found = str(interpreter.understand(case.text, now=case.now).slots.get(case.slot, ""))
        if found != case.value:
            mistakes.append((case.text, case.now.date().isoformat(), case.value, found))
    return DateReport(len(cases), total - len(cases), len(cases) - len(mistakes), tuple(mistakes))


def _read_recognizers(entry: dict[str, Any]) -> Iterator[DateCase]:
    """Microsoft's: the future reading where two are given, ends exclusive."""
    results = entry.get("Results", [])
    if len(results) != 1 or "Context" not in entry or "Value" not in results[0] or _unsaid(entry["Input"]):
        return
    now = datetime.fromisoformat(entry["Context"]["ReferenceDateTime"][:19])
    kind, value = results[0]["Type"], results[0]["Value"]
    wanted = value.get("FutureResolution") or {}
    slot, text = "", ""
    if kind == "date" and "date" in wanted:
        slot, text = "date", wanted["date"]
    elif kind == "daterange" and {"startDate", "endDate"} <= wanted.keys():
        slot = "date"
        text = _span(wanted["startDate"], _before(wanted["endDate"]))
    elif kind == "time" and "time" in wanted:
        slot, text = "time", wanted["time"][:5]
    elif kind == "duration" and value["Timex"].startswith("P"):
        slot, text = "duration", value["Timex"]
    if text and (slot != "date" or _near(text, now)):
        yield DateCase(entry["Input"], now, slot, text, "recognizers")


def _read_jionlp(entry: list[Any]) -> Iterator[DateCase]:
    """JioNLP's: [text, reference, result], whole days given as their first and last second."""
    text, reference, result = entry[:3]
    now = _reference(reference)
    if now is None or _unsaid(text) or not isinstance(result, dict):
        return
    if result.get("type") not in ("time_point", "time_span") or result.get("definition") != "accurate":
        return
    first, last = (str(one) for one in result["time"])
    if first.endswith("00:00:00") and last.endswith("23:59:59"):
        value = _span(first[:10], last[:10])
        if _near(value, now):
            yield DateCase(text, now, "date", value, "jionlp")


def _reference(given: Any) -> datetime | None:
    if isinstance(given, list) and len(given) >= 3:
        return datetime(*given[:6])
    if isinstance(given, dict) and {"year", "month", "day"} <= given.keys():
        return datetime(given["year"], given["month"], given["day"])
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given)
    return None


def _unsaid(text: str) -> bool:
    return any(word in text for word in NEVER_SAID)


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}/{last}"


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _near(value: str, now: datetime) -> bool:
    try:
        days = [date.fromisoformat(part) for part in value.split("/")]
    except ValueError:
        return False
    return all(abs((day - now.date()).days) <= FAR for day in days)
