"""Referrals as staff see and register them: for institutions that telephone instead of sending them by system."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from services import Desk
from services.errors import Invalid
from services.referrals import cancel_referral, list_referrals, refer_patient


@dataclass(frozen=True, slots=True)
class Referred:
    id: int
    number: str
    name: str
    institution: str
    department: str
    status: str
    valid_until: dt.date


def list_referred(desk: Desk) -> tuple[Referred, ...]:
    """Newest first."""
    names = _names(desk)
    return tuple(
        Referred(
            one.id,
            one.order_number,
            one.masked_name,
            names.get(one.institution, one.institution),
            one.department,
            one.status,
            one.valid_until,
        )
        for one in list_referrals(desk)
    )


def add_referral(desk: Desk, *, institution: str, name: str, id_number: str, department: str) -> None:
    """``institution`` by its name as the rule has it; raises what ``refer_patient`` raises."""
    found = next((key for key, value in _names(desk).items() if value == institution), None)
    if found is None:
        raise Invalid("unknown_institution", field="institution", value=institution)
    refer_patient(
        desk,
        external_id=f"console-{secrets.token_hex(8)}",
        institution=found,
        name=name,
        id_number=id_number,
        department=department,
    )


def withdraw_referral(desk: Desk, *, referral_id: int, reason: str) -> None:
    if not reason.strip():
        raise Invalid("missing", field="reason")
    cancel_referral(desk, referral_id=referral_id, reason=reason)


def _names(desk: Desk) -> dict[str, str]:
    rules = desk.hospital.registration.quotas
    return {one.id: one.name for one in rules.institutions} if rules else {}
