"""A request read otherwise than it was taken for, because of the words and of what is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from intents.understanding import Request

SURE = 0.9
"""What is on record leaves little doubt."""


def mean(wanted: Request, intent: str, slots: Mapping[str, Any] | None = None) -> Request:
    """With what it said already, and ``slots`` besides."""
    return replace(
        wanted,
        intent=intent,
        confidence=max(wanted.confidence, SURE),
        slots={**wanted.slots, **(slots or {})},
    )
