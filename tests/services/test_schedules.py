from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from knowledge import Hospital
from services import Desk, Invalid, NotAllowed, NotFound, Taken, schedules
from services.closings import close_slots
from services.slots import Slot, get_slot, give_back, take_place
from tests.services.builders import NOW, at, make_slot
from tests.services.conftest import OpenDesk


def only_orthopaedics(hospital: Hospital) -> Hospital:
    return replace(hospital, doctors=tuple(one for one in hospital.doctors if one.department == "骨科"))


@pytest.fixture
def small(hospital: Hospital) -> Hospital:
    return only_orthopaedics(hospital)


def all_slots(desk: Desk) -> list[Slot]:
    from sqlmodel import col, select

    return list(desk.session.exec(select(Slot).order_by(col(Slot.start), col(Slot.doctor_id))))


def test_sessions_become_slots_of_at_most_thirty_minutes_that_never_overlap(
    open_desk: OpenDesk, small: Hospital
) -> None:
    with open_desk(hospital=small) as desk:
        opened = schedules.open_slots(desk, days=7)
        slots = all_slots(desk)
    assert opened == len(slots) > 0
    assert all(dt.timedelta(0) < one.end - one.start <= dt.timedelta(minutes=30) for one in slots)
    ends: dict[str, dt.datetime] = {}
    for one in slots:
        assert one.start >= ends.get(one.doctor_id, one.start)
        ends[one.doctor_id] = one.end


def test_a_doctor_has_slots_only_on_the_weekdays_and_hours_of_his_sessions(
    open_desk: OpenDesk, small: Hospital
) -> None:
    doctor = small.get_doctor("韦建江")
    with open_desk(hospital=small) as desk:
        schedules.open_slots(desk, days=13)
        mine = [one for one in all_slots(desk) if one.doctor_id == doctor.id]
    sold = {(one.date.isoweekday(), one.period) for one in mine}
    assert sold == {(day, session.period) for session in doctor.sessions for day in session.weekdays}
    assert {one.fee for one in mine} <= {session.fee for session in doctor.sessions}


def test_opening_twice_changes_nothing_and_the_next_day_adds_one_day(
    open_desk: OpenDesk, small: Hospital
) -> None:
    with open_desk(hospital=small) as desk:
        first = schedules.open_slots(desk, days=6)
        assert schedules.open_slots(desk, days=6) == 0
        assert len(all_slots(desk)) == first
    with open_desk(now=NOW + dt.timedelta(days=1), hospital=small) as desk:
        schedules.open_slots(desk, days=6)
        days = {one.date for one in all_slots(desk)}
    assert max(days) == dt.date(2026, 3, 18)


def test_what_was_taken_stays_taken_when_slots_are_opened_again(open_desk: OpenDesk, small: Hospital) -> None:
    with open_desk(hospital=small) as desk:
        schedules.open_slots(desk, days=3)
        slot = schedules.find_free_slots(desk, date="2026-03-13", limit=1)[0]
        take_place(desk, slot_id=slot.id)
        schedules.open_slots(desk, days=3)
        assert get_slot(desk, slot_id=slot.id).taken == 1


def test_clinics_that_close_on_holidays_have_no_slots_on_labour_day(
    open_desk: OpenDesk, small: Hospital
) -> None:
    with open_desk(now=dt.datetime(2026, 4, 28, 9), hospital=small) as desk:
        schedules.open_slots(desk, days=9)
        slots = all_slots(desk)
    closed = set(small.registration.closed_on_holidays)
    assert closed
    on_holiday = {one.clinic for one in slots if one.date == dt.date(2026, 5, 1)}
    assert not on_holiday & closed
    assert {one.clinic for one in slots if one.date == dt.date(2026, 4, 29)} & closed


def test_a_session_suspended_before_its_day_opens_is_not_on_sale(
    open_desk: OpenDesk, small: Hospital
) -> None:
    with open_desk(hospital=small) as desk:
        doctor = small.get_doctor("韦建江")
        day = next(
            NOW.date() + dt.timedelta(days=ahead)
            for ahead in range(1, 8)
            if (NOW + dt.timedelta(days=ahead)).isoweekday() in doctor.sessions[0].weekdays
        )
        close_slots(desk, doctor_id=doctor.id, date=day)
        close_slots(desk, doctor_id=doctor.id, date=day)
        schedules.open_slots(desk, days=8)
        assert {one.status for one in all_slots(desk) if one.doctor_id == doctor.id and one.date == day} == {
            "busy-unavailable"
        }
        assert schedules.find_free_slots(desk, doctor="韦建江", date=day) == []
        offer = schedules.find_sessions(desk, doctor="韦建江", date=day)[0]
        assert offer.suspended
        assert offer.remaining == 0


def test_free_slots_are_found_by_department_doctor_day_period_and_minute(desk: Desk) -> None:
    early = make_slot(desk, dt.datetime(2026, 3, 13, 8, 0), capacity=2)
    later = make_slot(desk, dt.datetime(2026, 3, 13, 15, 0), capacity=2)
    other = make_slot(desk, dt.datetime(2026, 3, 14, 8, 0), doctor_id="ortho-02", doctor="覃志勇")
    make_slot(desk, dt.datetime(2026, 3, 13, 8, 0), department="皮肤科", doctor_id="derm-01", doctor="甲")
    find = schedules.find_free_slots
    assert find(desk, department="骨科") == [early, later, other]
    assert find(desk, department="骨科", date="2026-03-13") == [early, later]
    assert find(desk, department="骨科", date=dt.date(2026, 3, 14)) == [other]
    assert find(desk, department="骨科", date="2026-03-13/2026-03-14", period="morning") == [early, other]
    assert find(desk, doctor="覃志勇") == [other]
    assert find(desk, doctor="韦主任", department="骨科", time="15:10") == [later]
    assert find(desk, department="骨科", limit=1) == [early]
    assert find(desk, department="眼科") == []


def test_a_full_slot_is_not_free_but_its_session_is_shown_with_nothing_left(desk: Desk) -> None:
    slot = make_slot(desk, capacity=1)
    make_slot(desk, dt.datetime(2026, 3, 13, 9, 0), capacity=3)
    take_place(desk, slot_id=slot.id)
    assert [one.start.hour for one in schedules.find_free_slots(desk, department="骨科")] == [9]
    offer = schedules.find_sessions(desk, department="骨科")[0]
    assert (offer.capacity, offer.remaining, offer.suspended) == (4, 3, False)
    assert (offer.start.hour, offer.end.hour) == (8, 9)


def test_a_slot_of_today_is_sold_until_shortly_before_its_end(desk: Desk) -> None:
    slot = make_slot(desk, dt.datetime(2026, 3, 11, 9, 0))
    minutes = desk.hospital.registration.same_day_until_minutes
    last = at(desk, hour=(29 - minutes) / 60)
    assert schedules.find_free_slots(last, department="骨科") == [slot]
    over = at(desk, hour=(30 - minutes) / 60)
    assert schedules.find_free_slots(over, department="骨科") == []
    with pytest.raises(Invalid) as error:
        take_place(over, slot_id=slot.id)
    assert error.value.code == "past"


def test_the_last_day_opens_at_the_hour_of_release(desk: Desk) -> None:
    rules = desk.hospital.registration
    day = NOW.date() + dt.timedelta(days=rules.days_ahead)
    slot = make_slot(desk, dt.datetime.combine(day, dt.time(8, 30)))
    before = replace(desk, now=dt.datetime.combine(NOW.date(), rules.release_at) - dt.timedelta(minutes=1))
    assert schedules.find_free_slots(before, department="骨科") == []
    with pytest.raises(NotAllowed) as error:
        take_place(before, slot_id=slot.id)
    assert error.value.code == "not_open_yet"
    assert schedules.find_free_slots(desk, department="骨科") == [slot]


def test_taking_and_giving_back_move_the_state_of_the_slot(desk: Desk) -> None:
    slot = make_slot(desk, capacity=2)
    take_place(desk, slot_id=slot.id)
    assert get_slot(desk, slot_id=slot.id).status == "free"
    take_place(desk, slot_id=slot.id)
    assert get_slot(desk, slot_id=slot.id).status == "busy"
    with pytest.raises(Taken):
        take_place(desk, slot_id=slot.id)
    give_back(desk, slot_id=slot.id)
    assert (get_slot(desk, slot_id=slot.id).status, slot.taken) == ("free", 1)
    for _ in range(3):
        give_back(desk, slot_id=slot.id)
    assert get_slot(desk, slot_id=slot.id).taken == 0


def test_a_slot_of_another_hospital_does_not_exist_here(desk: Desk) -> None:
    slot = make_slot(desk)
    slot.hospital_id = "elsewhere"
    desk.session.flush()
    with pytest.raises(NotFound):
        take_place(desk, slot_id=slot.id)
    assert schedules.find_free_slots(desk, department="骨科") == []


def test_a_day_that_is_none_is_an_error_of_the_field_date() -> None:
    for wrong in ("明天", "2026-13-01", "2026-03-12/", "2026-03-12/x"):
        if wrong == "2026-03-12/":
            assert schedules.parse_days(wrong) == (dt.date(2026, 3, 12), dt.date(2026, 3, 12))
            continue
        with pytest.raises(Invalid) as error:
            schedules.parse_days(wrong)
        assert error.value.field == "date"
