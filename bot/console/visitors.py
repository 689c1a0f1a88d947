"""Who is at the console, and what that person may read and do.

A session is a small mapping kept by the web toolkit on the server: the account, the browser's mark, a seal of the
password and the hour of the last action. Pages reach the database only through a ``Visitor``, who looks each time
whether the session still holds and the role permits it: hiding a button is never what protects a record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.house import House
from services import Desk
from services.errors import NotAllowed, NotFound
from services.staff import Staff, get_staff, may, verify_staff

T = TypeVar("T")
Session = MutableMapping[str, Any]


class Gone(Exception):
    """The session is over: logged out, idle for too long, password changed or account closed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is logged in."""

    id: int
    login: str
    name: str
    role: str

    @property
    def actor(self) -> str:
        return f"staff:{self.id}"


class Visitor:
    """One of the staff at an open page."""

    def __init__(self, house: House, session: Session, mark: str):
        self.house, self._session, self._mark = house, session, mark

    async def read(self, permission: str | None, work: Callable[[Desk], T]) -> T:
        """Reads beside the writer. Raises ``Gone``, or ``NotAllowed("role")`` where the role does not permit it."""
        return await self.house.read(lambda desk: work(self._enter(desk, permission)))

    async def write(self, permission: str | None, work: Callable[[Desk], T]) -> T:
        """One writing transaction in the person's name, with the same checks; it counts as activity."""
        done = await self.house.write(lambda desk: work(self._enter(desk, permission)), actor="console")
        self.stay()
        return done

    async def who(self) -> Person:
        """The person as on record now; raises ``Gone``."""
        return await self.read(None, self.introduce)

    def introduce(self, desk: Desk) -> Person:
        staff = self._find(desk)
        return Person(staff.id, staff.login, staff.name, staff.role)

    def stay(self) -> None:
        """The person did something."""
        if "staff" in self._session:
            self._session["seen"] = self.house.now.running().isoformat()

    def leave(self) -> None:
        self._session.clear()

    def _enter(self, desk: Desk, permission: str | None) -> Desk:
        staff = self._find(desk)
        if permission is not None and not may(staff, permission):
            raise NotAllowed("role", field=permission, value=staff.role)
        return desk.acting_as(f"staff:{staff.id}")

    def _find(self, desk: Desk) -> Staff:
        held = dict(self._session)
        idle = dt.timedelta(hours=self.house.settings.console_idle_hours)
        if not is_held(held, self._mark, now=self.house.now.running(), idle=idle):
            raise Gone
        try:
            staff = get_staff(desk, staff_id=held["staff"])
        except NotFound:
            raise Gone from None
        if not staff.active or not hmac.compare_digest(str(held.get("seal")), _seal(staff)):
            raise Gone
        return staff


def is_held(session: Session, mark: str, *, now: dt.datetime, idle: dt.timedelta) -> bool:
    """Whether somebody is logged in here, in the browser that logged in, and not idle for too long."""
    if "staff" not in session or not mark or not hmac.compare_digest(str(session.get("mark")), mark):
        return False
    return dt.datetime.fromisoformat(session["seen"]) > now - idle


async def log_in(house: House, session: Session, *, login: str, password: str, mark: str) -> bool:
    """Begins a session where login and password are right; what was in the session before is forgotten.

    ``mark`` is new with every log-in page and known only to the browser that got it: a session cookie planted by
    somebody else is worth nothing.
    """

    def check(desk: Desk) -> tuple[int, str] | None:
        staff = verify_staff(desk, login=login, password=password)
        return None if staff is None else (staff.id, _seal(staff))

    found = await house.write(check, actor="console")
    if found is None:
        return False
    session.clear()
    session.update(
        {"staff": found[0], "seal": found[1], "mark": mark, "seen": house.now.running().isoformat()}
    )
    return True


def _seal(staff: Staff) -> str:
    """Changes with the password, so that a new one ends the sessions begun with the old."""
    return hashlib.sha256((staff.password_hash or "").encode()).hexdigest()[:24]


class Turnstile:
    """Lets so many failed tries a minute through for each address: verifying a password is slow on purpose, and must
    not be a way to keep the house busy. A whole ward may log in from one address."""

    def __init__(self, tries: int = 12, *, clock: Callable[[], float] = time.monotonic):
        self.tries, self._clock = tries, clock
        self._seen: dict[str, deque[float]] = {}

    def let(self, address: str) -> bool:
        now = self._clock()
        for known in [one for one, times in self._seen.items() if times[-1] < now - 60]:
            del self._seen[known]
        times = self._seen.setdefault(address, deque(maxlen=self.tries))
        if len(times) == self.tries and times[0] > now - 60:
            return False
        times.append(now)
        return True

    def forgive(self, address: str) -> None:
        """The last try was right: it does not count."""
        times = self._seen.get(address)
        if times:
            times.pop()
        if not times:
            self._seen.pop(address, None)
