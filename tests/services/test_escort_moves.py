from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, NotAllowed, Taken, WrongState, escorts, promises
from services.companions import enrol_roster
from services.escort_moves import move_escort
from services.escorts import advance_escort
from services.numbers import read_count
from tests.services.builders import at
from tests.services.test_escort_requests import MEETING, asked, born

LATER = dt.datetime(2026, 3, 12, 15, 0)


def taken(desk: Desk, start: dt.datetime) -> int:
    return read_count(desk, name=f"escort:{start:%Y%m%d%H}{start.minute:02d}")


def test_the_number_stays_and_the_place_of_the_old_hour_is_free_again(desk: Desk) -> None:
    escort = asked(desk)
    moved = move_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, start=LATER)
    assert (moved.id, moved.order_number, moved.start) == (escort.id, escort.order_number, LATER)
    assert (taken(desk, MEETING), taken(desk, LATER)) == (0, escort.staff_count)
    kept = [one for one in promises.list_promises(desk, subject=escort.subject) if one.status == "waiting"]
    assert [one.due_at for one in kept] == [LATER - dt.timedelta(hours=1)]


def test_who_was_found_for_the_old_hour_is_free_and_somebody_is_found_anew(desk: Desk) -> None:
    enrol_roster(desk)
    escort = asked(desk)
    advance_escort(
        desk, escort_id=escort.id, status="accepted", companion="覃护工", companion_phone="10000005678"
    )
    moved = move_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, start=LATER)
    assert moved.companion != "覃护工" and moved.status == "accepted"


def test_a_full_hour_changes_nothing(desk: Desk) -> None:
    escort = asked(desk)
    for serial in range(desk.hospital.escort.capacity):
        asked(desk, born(desk, 82, serial=serial + 2, sender=f"x{serial}"), start=LATER)
    with pytest.raises(Taken):
        move_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, start=LATER)
    assert (escort.start, taken(desk, MEETING)) == (MEETING, escort.staff_count)


def test_too_late_or_over_it_stays(desk: Desk) -> None:
    escort = asked(desk)
    hours = (MEETING - desk.now) / dt.timedelta(hours=1) - 0.25
    with pytest.raises(NotAllowed):
        move_escort(at(desk, hour=hours), escort_id=escort.id, contact_id=escort.contact_id, start=LATER)
    with pytest.raises(NotAllowed):
        move_escort(
            desk, escort_id=escort.id, contact_id=escort.contact_id, start=MEETING + dt.timedelta(days=60)
        )
    escorts.cancel_escort(desk, escort_id=escort.id)
    with pytest.raises(WrongState):
        move_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, start=LATER)
