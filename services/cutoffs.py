"""Until when a patient may give up or move what begins at an hour; staff may at any time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.desk import Desk
from services.errors import NotAllowed


def check_cut_off(desk: Desk, record: Any, *, minutes: int) -> None:
    """``record.start`` less ``minutes`` is the last moment; after it ``NotAllowed("too_late")`` with ``until``."""
    until = record.start - dt.timedelta(minutes=minutes)
    if desk.now > until and not desk.actor.startswith("staff"):
        raise NotAllowed("too_late", field=str(record.__tablename__), value=record.id, until=until)
