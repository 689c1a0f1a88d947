"""Who may log in: adding, a new set-up link, closing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services import Desk
from services.errors import NotAllowed
from services.staff import Staff, add_staff, close_staff, get_staff, list_staff, make_setup_link


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    login: str
    name: str
    role: str
    active: bool
    ready: bool
    """A password is set."""
    last_login_at: dt.datetime | None
    locked: bool


def list_accounts(desk: Desk) -> tuple[Account, ...]:
    """Open ones first, in the order in which they were added."""
    found = [
        Account(
            one.id,
            one.login,
            one.name,
            one.role,
            one.active,
            one.password_hash is not None,
            one.last_login_at,
            one.locked_until is not None and one.locked_until > desk.now,
        )
        for one in list_staff(desk)
    ]
    return tuple(sorted(found, key=lambda one: not one.active))


def add_account(desk: Desk, *, login: str, name: str, role: str) -> str:
    """The token of the new account's set-up link."""
    return add_staff(desk, login=login, name=name, role=role)[1]


def renew_link(desk: Desk, *, staff_id: int) -> str:
    """A new set-up link, for a forgotten password; the old password holds until it is used."""
    staff = get_staff(desk, staff_id=staff_id)
    if not staff.active:
        raise NotAllowed("closed", field="staff", value=staff_id)
    return make_setup_link(desk, staff_id=staff_id)


def close_account(desk: Desk, *, staff_id: int) -> Staff:
    """Nobody closes his own account, nor the last administrator's: somebody must be able to add another."""
    staff = get_staff(desk, staff_id=staff_id)
    if desk.actor == f"staff:{staff_id}":
        raise NotAllowed("oneself", field="staff")
    heads = [one for one in list_staff(desk) if one.active and one.role == "admin"]
    if staff.role == "admin" and len(heads) <= 1:
        raise NotAllowed("last_admin", field="staff")
    return close_staff(desk, staff_id=staff_id)
