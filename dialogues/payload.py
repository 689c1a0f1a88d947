"""What a button sends: ``/SetSlots(slot=value)#question``, ``/intent`` or ``/intent{"slot": "value"}``.

The number after ``#`` is the question under which the button stood, so a press on an old button is known as old.
A payload sent as text is the same as pressing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PAYLOAD = re.compile(
    r"^/(?:(?P<set>SetSlots)\((?P<pairs>.*)\)(?:#(?P<question>\d{1,9}))?|(?P<intent>[a-z][a-z0-9_]*)\s*(?P<slots>\{.*\})?)$",
    re.DOTALL,
)
_SLOT = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*=\s*")
_BARE = re.compile(r'[^\s,"\[\]()][^,"\[\]()]*')
_WORDS = {"true": True, "false": False, "null": None}
_JSON = json.JSONDecoder()
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Payload:
    intent: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    question: int | None = None


def parse_payload(text: str) -> Payload | None:
    """``None`` where the text is no payload (then it is something a patient says)."""
    text = text.strip()
    if not text.startswith("/") or len(text) > LONGEST or not (found := _PAYLOAD.match(text)):
        return None
    if found["set"]:
        pairs = _read_pairs(found["pairs"])
        return (
            None
            if pairs is None
            else Payload(slots=pairs, question=int(found["question"]) if found["question"] else None)
        )
    try:
        slots = json.loads(found["slots"]) if found["slots"] else {}
    except (json.JSONDecodeError, RecursionError):
        return None
    return Payload(intent=found["intent"], slots=slots)


def _read_pairs(text: str) -> dict[str, Any] | None:
    """``slot=value, slot=value`` with values bare or in JSON; ``None`` where it is anything else."""
    pairs: dict[str, Any] = {}
    at = 0
    while found := _SLOT.match(text, at):
        at = found.end()
        if text[at : at + 1] in ('"', "["):
            try:
                pairs[found[1]], at = _JSON.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError):
                return None
        else:
            bare = _BARE.match(text, at)
            if bare is None:
                return None
            word, at = bare[0].strip(), bare.end()
            pairs[found[1]] = _WORDS.get(word, word)
        if at == len(text):
            return pairs
        if text[at] != ",":
            return None
        at += 1
    return None


def set_slots(**slots: Any) -> str:
    """The payload that sets these slots; the engine adds the number of the question."""
    return f"/SetSlots({', '.join(f'{slot}={_write(value)}' for slot, value in slots.items())})"


def ask_for(intent: str, **slots: Any) -> str:
    """The payload that asks for something, as if the patient had said it."""
    return f"/{intent}" + (json.dumps(slots, ensure_ascii=False) if slots else "")


def _write(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    if (
        isinstance(value, list)
        or text in ("true", "false", "null")
        or not _BARE.fullmatch(text)
        or text != text.strip()
    ):
        return json.dumps(value, ensure_ascii=False)
    return text


def number_payload(payload: str, question: int) -> str:
    """The payload with the number of the open question, if it is one that fills slots and has none yet."""
    return f"{payload}#{question}" if payload.startswith("/SetSlots(") and payload.endswith(")") else payload
