"""What hour it is at the hospital. The only place of the house that reads a clock for the rules' sake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

Now = Callable[[], datetime]


def hospital_hours(timezone: str, *, frozen: datetime | None = None) -> Now:
    """A function that gives local time at the hospital, naive, to the second; ``frozen`` stands still (tests)."""
    zone = ZoneInfo(timezone)
    if frozen is not None:
        still = frozen.astimezone(zone).replace(tzinfo=None) if frozen.tzinfo else frozen
        return lambda: still
    return lambda: datetime.now(zone).replace(tzinfo=None, microsecond=0)


class MovingHours:
    """Hours that a test or a transcript moves on by hand."""

    def __init__(self, start: datetime):
        self.time = start

    def __call__(self) -> datetime:
        return self.time
