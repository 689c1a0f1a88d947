"""The copy of their data that a person gets: JSON with Chinese names for everything, and a page that says what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from knowledge import Hospital

WORDS = Path(__file__).with_suffix(".yml")
Found = Mapping[str, Sequence[Mapping[str, Any]]]


def write_copy(
    target: Path, found: Found, *, hospital: Hospital, at: datetime, kind: str, name: str
) -> tuple[Path, Path]:
    """Writes ``target`` (JSON) and the explanation beside it (``.txt``), readable by this user only; returns both.

    ``kind`` is ``contact`` or ``patient``, ``name`` how the person is called in it.
    """
    words = read_words()
    lines = "\n".join(f"· {words['tables'][table]}：{len(rows)} 条" for table, rows in found.items())
    cover = words["cover"].format(
        hospital=hospital.name,
        whose=words["whose"][kind].format(name=name),
        at=f"{at:%Y-%m-%d %H:%M}",
        count=sum(map(len, found.values())),
        lines=lines,
        file=target.name,
        phone=hospital.complaints.phone,
    )
    data = {"医院": hospital.name, "复制时间": f"{at:%Y-%m-%d %H:%M}"} | name_in_chinese(
        found, hospital=hospital
    )
    explanation = target.with_suffix(".txt")
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, orjson.dumps(data, option=orjson.OPT_INDENT_2))
    _write(explanation, cover.encode())
    return target, explanation


def name_in_chinese(found: Found, *, hospital: Hospital) -> dict[str, Any]:
    """Tables, columns and states by the names a patient understands; what a message or a request holds stays as it is."""
    words = read_words()
    stages = {
        "complaint": {one.id: one.name for one in hospital.complaints.stages},
        "herb_delivery": {one.id: one.name for one in hospital.herbs.stages},
        "parcel_ticket": {one.id: one.name for one in hospital.herbs.ticket_stages},
    }

    def rename(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        return {words["columns"].get(name, name): show(table, name, value) for name, value in row.items()}

    def show(table: str, name: str, value: Any) -> Any:
        if name in ("history", "looked_at"):
            return [rename(table, one) for one in value]
        if name not in words["coded"]:
            return value
        code = str(value).lower() if isinstance(value, bool) else value
        known = stages.get(table, {}) if name in ("status", "old", "new") else {}
        return known.get(code) or words["values"].get(code, value)

    return {words["tables"][table]: [rename(table, row) for row in rows] for table, rows in found.items()}


@cache
def read_words() -> dict[str, Any]:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def _write(target: Path, content: bytes) -> None:
    """Nobody else on the machine may read it, not even for the moment of writing."""
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
