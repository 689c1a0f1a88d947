"""Codes that wait for their answer. Shown in full only where nothing sends them (the demonstration, a test house)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.console.names import name_contact
from services import Desk
from services.phones import list_codes


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    at: dt.datetime
    until: dt.datetime
    phone: str
    name: str
    status: str
    code: str
    """Empty where a gateway sends it: then it is nobody's business but the patient's."""


def list_waiting(desk: Desk, *, shown: bool) -> tuple[Waiting, ...]:
    """Newest first."""
    return tuple(
        Waiting(
            one.id,
            one.created_at,
            one.expires_at,
            one.masked_phone,
            name_contact(desk, one.contact_id),
            one.status,
            (one.code or "") if shown else "",
        )
        for one in list_codes(desk)
    )
