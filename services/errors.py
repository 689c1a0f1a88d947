"""What can go wrong in the hospital's services: one hierarchy, fields instead of prose.

Chinese for patients lives in the replies; staff and callers get ``code``, ``field`` and ``value``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knowledge.errors import find_nearest

FEW = 30
"""So many names are told in full; of more only the nearest."""


class ServiceError(Exception):
    """A service refused. ``code`` is stable and documented; ``field`` names the input at fault, if one is."""

    code = "refused"
    status = 409

    def __init__(
        self, code: str | None = None, *, field: str | None = None, value: Any = None, **details: Any
    ):
        self.code = code or self.code
        self.field = field
        self.value = value
        self.details = details
        super().__init__(self.code, field, value)


class NotFound(ServiceError):
    """The record named does not exist for this hospital or this contact."""

    code = "not_found"
    status = 404


class Invalid(ServiceError):
    """A value breaks a rule of form (checksum, length, a date in the past)."""

    code = "invalid"
    status = 422


def describe_known(value: Any, known: Iterable[str]) -> dict[str, Any]:
    """Details for an error about a name that is none of those known: ``nearest``, and ``allowed`` where they are few."""
    names = list(known)
    details: dict[str, Any] = {"nearest": find_nearest(str(value), names)}
    return details | ({"allowed": names} if len(names) <= FEW else {})


class Taken(ServiceError):
    """Somebody else was quicker: the slot is full."""

    code = "taken"


class NotAllowed(ServiceError):
    """The rules of the hospital say no (limits, cut-off, consent missing)."""

    code = "not_allowed"
    status = 403


class WrongState(ServiceError):
    """The record is not in a state from which this is possible."""

    code = "wrong_state"
