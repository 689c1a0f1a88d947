"""The front desk a service works at: one unit of work, its hospital, its hour and who acts.

Every service function takes a ``Desk`` first and everything else by keyword. Services flush, they never commit;
they never read a clock, the environment or the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from knowledge import Hospital


@dataclass(frozen=True, slots=True)
class Desk:
    session: Session
    hospital: Hospital
    now: datetime
    """Local time of the hospital, naive (Asia/Shanghai has no daylight saving)."""
    actor: str = "assistant"
    """Who acts, for the history: ``assistant``, ``clock``, ``contact:12``, ``staff:3``, ``api``."""

    @property
    def hospital_id(self) -> str:
        return self.hospital.id

    def acting_as(self, actor: str) -> Desk:
        return replace(self, actor=actor)
