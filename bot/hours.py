"""What hour it is at the hospital. The only place of the house that reads a clock."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Hours(Protocol):
    def __call__(self) -> datetime:
        """Local time at the hospital, naive: what every rule goes by."""

    def running(self) -> datetime:
        """The same, but never standing still: for leases and waiting times between attempts."""


def hospital_hours(timezone: str, *, frozen: datetime | None = None) -> Hours:
    """The hours of a hospital in this time zone; ``frozen`` stands still (tests)."""
    zone = ZoneInfo(timezone)
    if frozen is None:
        return RealHours(zone)
    return FrozenHours(frozen.astimezone(zone).replace(tzinfo=None) if frozen.tzinfo else frozen)


class RealHours:
    def __init__(self, zone: ZoneInfo):
        self.zone = zone

    def __call__(self) -> datetime:
        return datetime.now(self.zone).replace(tzinfo=None)

    running = __call__


class FrozenHours:
    def __init__(self, at: datetime):
        self.at = at
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        return self.at

    def running(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._since)


class MovingHours:
    """Hours that a test or a transcript moves on by hand."""

    def __init__(self, start: datetime):
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    running = __call__
