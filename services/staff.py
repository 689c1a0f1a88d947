"""Staff accounts: made with a one-time set-up link, passwords by argon2id, what each role may do.

There is no default password: the first administrator gets a link printed at the first start.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from pydantic import NaiveDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, describe_known
from services.finding import get_record
from services.history import record_change

EVERYBODY = frozenset({"conversations", "alarms"})
ROLES: dict[str, frozenset[str]] = {
    "admin": EVERYBODY
    | {
        "arrivals",
        "registration",
        "extras",
        "complaints",
        "escorts",
        "requests",
        "herbs",
        "followups",
        "reveal",
        "reports",
        "staff",
    },
    "manager": EVERYBODY
    | {
        "arrivals",
        "registration",
        "extras",
        "complaints",
        "escorts",
        "requests",
        "herbs",
        "followups",
        "reveal",
        "reports",
    },
    "lead": EVERYBODY | {"complaints", "reports"},
    "service": EVERYBODY
    | {"arrivals", "registration", "extras", "complaints", "escorts", "requests", "reveal"},
    "pharmacy": EVERYBODY | {"herbs"},
    "nurse": EVERYBODY | {"arrivals", "extras", "followups", "escorts", "requests", "reveal"},
    "doctor": frozenset({"extras"}),
    "observer": frozenset({"reports"}),
}
"""What each role may see and do in the console."""
LINK_HOURS = 72
PASSWORD_LENGTH = 10
"""At least; length is what counts (NIST SP 800-63B), so no rule on kinds of characters."""
MOST_FAILURES = 5
LOCK_MINUTES = 15

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""Verified where the login is unknown, so that the answer takes as long as for a known one."""


class Staff(Record, table=True):
    __table_args__ = (UniqueConstraint("hospital_id", "login"),)

    login: str = Field(max_length=40)
    name: str = Field(sa_type=Encrypted("staff.name"))
    role: str = Field(max_length=20)
    password_hash: str | None = Field(default=None, max_length=200)
    active: bool = True
    failures: int = 0
    locked_until: NaiveDatetime | None = None
    last_login_at: NaiveDatetime | None = None


class SetupLink(Record, table=True):
    """A link that sets a password once; only the hash of its token is kept."""

    __tablename__ = "setup_link"

    staff_id: int = Field(foreign_key="staff.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: NaiveDatetime
    used_at: NaiveDatetime | None = None


def add_staff(desk: Desk, *, login: str, name: str, role: str) -> tuple[Staff, str]:
    """The account and the token of its set-up link, which is nowhere else.

    Raises ``Invalid`` with field ``login``, ``name`` or ``role``, ``NotAllowed("login_taken")``.
    """
    login, name = login.strip().lower(), name.strip()
    if not 2 <= len(login) <= 40 or not login.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise Invalid("login", field="login")
    if not name:
        raise Invalid("missing", field="name")
    if role not in ROLES:
        raise Invalid("role", field="role", value=role, **describe_known(role, ROLES))
    if find_staff(desk, login=login) is not None:
        raise NotAllowed("login_taken", field="login", value=login)
    staff = Staff(hospital_id=desk.hospital_id, created_at=desk.now, login=login, name=name, role=role)
    desk.session.add(staff)
    desk.session.flush()
    record_change(desk, record=staff, old="", new=role)
    return staff, make_setup_link(desk, staff_id=staff.id)


def make_setup_link(desk: Desk, *, staff_id: int) -> str:
    """A new token, good for ``LINK_HOURS``; links made before stop working."""
    staff = get_staff(desk, staff_id=staff_id)
    earlier = sa.update(SetupLink).where(
        col(SetupLink.staff_id) == staff.id, col(SetupLink.used_at).is_(None)
    )
    desk.session.execute(earlier.values(used_at=desk.now).execution_options(synchronize_session=False))
    token = secrets.token_urlsafe(24)
    link = SetupLink(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        staff_id=staff.id,
        token_hash=_hash_token(token),
        expires_at=desk.now + dt.timedelta(hours=LINK_HOURS),
    )
    desk.session.add(link)
    desk.session.flush()
    return token


def find_setup_link(desk: Desk, *, token: str) -> Staff | None:
    """Whose link it is, while it can still be used."""
    query = select(SetupLink).where(
        SetupLink.hospital_id == desk.hospital_id,
        SetupLink.token_hash == _hash_token(token),
        col(SetupLink.used_at).is_(None),
        SetupLink.expires_at > desk.now,
    )
    link = desk.session.exec(query).one_or_none()
    return None if link is None else get_staff(desk, staff_id=link.staff_id)


def redeem_setup_link(desk: Desk, *, token: str, password: str) -> Staff:
    """Sets the password, once. Raises ``NotFound`` for a link unknown, used or too old, ``Invalid`` for a password
    that is too short, too long or the login itself.
    """
    staff = find_setup_link(desk, token=token)
    if staff is None:
        raise NotFound("link", field="token")
    if not PASSWORD_LENGTH <= len(password) <= 200 or password.lower() == staff.login:
        raise Invalid("password", field="password", limit=PASSWORD_LENGTH)
    used = (
        sa.update(SetupLink)
        .where(col(SetupLink.token_hash) == _hash_token(token), col(SetupLink.used_at).is_(None))
        .values(used_at=desk.now)
        .execution_options(synchronize_session=False)
    )
    if desk.session.execute(used).rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("link", field="token")
    staff.password_hash = _hasher.hash(password)
    staff.failures, staff.locked_until = 0, None
    desk.session.add(staff)
    desk.session.flush()
    return staff


def verify_staff(desk: Desk, *, login: str, password: str) -> Staff | None:
    """Who logs in; ``None`` where login or password is wrong or the account is closed or locked.

    It does not raise, because the caller must commit the count of failures: ``MOST_FAILURES`` in a row lock the
    account for ``LOCK_MINUTES``.
    """
    staff = find_staff(desk, login=login.strip().lower())
    right = _verify(staff.password_hash if staff else None, password[:200])
    if staff is None or not staff.active:
        return None
    if staff.locked_until is not None and staff.locked_until > desk.now:
        return None
    if right:
        staff.failures, staff.locked_until, staff.last_login_at = 0, None, desk.now
        if staff.password_hash and _hasher.check_needs_rehash(staff.password_hash):
            staff.password_hash = _hasher.hash(password)
    else:
        staff.failures += 1
        if staff.failures >= MOST_FAILURES:
            staff.failures, staff.locked_until = 0, desk.now + dt.timedelta(minutes=LOCK_MINUTES)
    desk.session.add(staff)
    desk.session.flush()
    return staff if right else None


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def may(staff: Staff, permission: str) -> bool:
    return staff.active and permission in ROLES.get(staff.role, frozenset())


def find_staff(desk: Desk, *, login: str) -> Staff | None:
    query = select(Staff).where(Staff.hospital_id == desk.hospital_id, Staff.login == login)
    return desk.session.exec(query).one_or_none()


def get_staff(desk: Desk, *, staff_id: int) -> Staff:
    return get_record(desk, Staff, staff_id)


def list_staff(desk: Desk) -> list[Staff]:
    query = select(Staff).where(Staff.hospital_id == desk.hospital_id)
    return list(desk.session.exec(query.order_by(col(Staff.id))))


def close_staff(desk: Desk, *, staff_id: int) -> Staff:
    """Nobody logs in with it any more; what was done stays on record under it."""
    staff = get_staff(desk, staff_id=staff_id)
    if staff.active:
        staff.active = False
        desk.session.add(staff)
        record_change(desk, record=staff, old=staff.role, new="closed")
        desk.session.flush()
    return staff
