"""Rides by seats and stretchers of the hour; and a property: no hour is ever overbooked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session

from knowledge import Hospital
from services import Desk, Invalid, NotAllowed, ServiceError, Taken, WrongState, promises, transfers
from services.transfer_moves import move_transfer
from services.transfers import SEAT, STRETCHER, Transfer, count_left, count_places, request_transfer
from tests.services.builders import NOW, make_contact, make_patient

TEN = dt.datetime(2026, 3, 12, 10, 0)


def ride(
    desk: Desk, serial: int = 1, *, name: str = "to_east", start: dt.datetime = TEN, **more: object
) -> Transfer:
    contact = make_contact(desk, f"t{serial}")
    patient = make_patient(desk, contact, serial=serial)
    return request_transfer(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        ride=name,
        start=start,
        **more,  # type: ignore[arg-type]
    )


def test_an_hour_has_what_its_vehicles_carry(desk: Desk) -> None:
    assert count_places(desk, TEN) == {SEAT: 8, STRETCHER: 1}
    assert count_places(desk, dt.datetime(2026, 3, 14, 10, 0)) == {SEAT: 6, STRETCHER: 0}  # a Saturday
    assert count_places(desk, dt.datetime(2026, 3, 12, 19, 0)) == {SEAT: 0, STRETCHER: 0}


def test_who_lies_takes_the_stretcher_and_company_the_seats(desk: Desk) -> None:
    ride(desk, needs="stretcher", people=3)
    assert count_left(desk, ride="to_east", start=TEN) == {SEAT: 6, STRETCHER: 0}
    with pytest.raises(Taken):
        ride(desk, 2, needs="stretcher")
    assert ride(desk, 2, needs="stretcher", start=TEN + dt.timedelta(hours=1)).status == "requested"


def test_a_drive_home_takes_its_places_for_all_its_hours_or_none(desk: Desk) -> None:
    late = dt.datetime(2026, 3, 12, 17, 0)  # the second hour would begin after the last drive
    with pytest.raises(Taken):
        ride(desk, name="pickup", start=late, address="示例路 7 号 2 栋")
    assert count_left(desk, ride="to_east", start=late)[SEAT] == 6
    ride(desk, name="pickup", address="示例路 7 号 2 栋")
    assert count_left(desk, ride="to_east", start=TEN + dt.timedelta(hours=1))[SEAT] == 7


def test_a_cancelled_ride_gives_its_places_back(desk: Desk) -> None:
    one = ride(desk, people=3)
    assert [each.kind for each in promises.list_promises(desk, subject=one.subject)] == ["transfer_reminder"]
    transfers.cancel_transfer(desk, transfer_id=one.id, contact_id=one.contact_id)
    assert count_left(desk, ride="to_east", start=TEN) == {SEAT: 8, STRETCHER: 1}
    assert promises.list_promises(desk, subject=one.subject, status="waiting") == []
    soon = replace(desk, now=TEN - dt.timedelta(minutes=30), actor="contact:1")
    other = ride(desk, 2)
    with pytest.raises(NotAllowed):
        transfers.cancel_transfer(soon, transfer_id=other.id, contact_id=other.contact_id)


def test_the_patient_hears_who_drives(desk: Desk) -> None:
    one, staff = ride(desk), desk.acting_as("staff:2")
    transfers.advance_transfer(
        staff, transfer_id=one.id, status="accepted", driver="莫师傅", driver_phone="10000005690"
    )
    assert "transfer_changed" in {each.kind for each in promises.list_promises(desk, subject=one.subject)}
    with pytest.raises(WrongState):
        transfers.advance_transfer(staff, transfer_id=one.id, status="completed")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"start": dt.datetime(2026, 3, 11, 8, 0)}, "past"),
        ({"start": dt.datetime(2026, 3, 11, 10, 0)}, "short_notice"),
        ({"start": dt.datetime(2026, 3, 30, 10, 0)}, "too_far"),
        ({"people": 4}, "people"),
        ({"name": "pickup"}, "missing"),
        ({"name": "moon"}, "unknown"),
    ],
)
def test_what_cannot_be_driven_is_refused(desk: Desk, more: dict[str, object], code: str) -> None:
    with pytest.raises((Invalid, NotAllowed)) as error:
        ride(desk, **more)  # type: ignore[arg-type]
    assert error.value.code == code


def test_outside_the_areas_no_home_is_driven_to(desk: Desk) -> None:
    rules = desk.hospital.transfers.model_copy(update={"areas": ("示例区",)})
    near = replace(desk, hospital=replace(desk.hospital, transfers=rules))
    with pytest.raises(NotAllowed):
        transfers.check_address(near, "月亮县一路 1 号")
    assert transfers.check_address(near, "示例区一路 1 号") == "示例区一路 1 号"


def test_words_say_which_ride(desk: Desk) -> None:
    for words, name in (("把我爸接到医院", "pickup"), ("送我回家", "home"), ("从江滨转到东湖", "to_east")):
        found = transfers.find_ride(desk, words=words)
        assert found is not None and found.id == name
    assert transfers.find_ride(desk, words="要接送") is None


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_hour_is_ever_overbooked(engine: Engine, hospital: Hospital) -> None:
    hours = [TEN + dt.timedelta(hours=step) for step in range(4)]

    class Rides(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW, "staff:1")
            self.made: list[Transfer] = []
            self.serial = 0

        def attempt(self, work: object, *arguments: object, **more: object) -> object:
            with self.session.begin_nested() as savepoint:
                try:
                    return work(self.desk, *arguments, **more)  # type: ignore[operator]
                except ServiceError:
                    savepoint.rollback()
            return None

        @rule(
            hour=st.integers(0, 2),
            people=st.integers(1, 3),
            lying=st.booleans(),
            name=st.sampled_from(["to_east", "pickup", "home"]),
        )
        def take(self, hour: int, people: int, lying: bool, name: str) -> None:
            self.serial += 1
            made = self.attempt(
                ride,
                self.serial % 90 + 1,
                name=name,
                start=hours[hour],
                people=people,
                needs="stretcher" if lying else None,
                address="示例路 7 号 2 栋",
            )
            if isinstance(made, Transfer):
                self.made.append(made)

        @rule(
            which=st.integers(0, 9),
            status=st.sampled_from(["accepted", "rejected", "cancelled", "in-progress"]),
        )
        def move_on(self, which: int, status: str) -> None:
            if self.made:
                one = self.made[which % len(self.made)]
                self.attempt(transfers.advance_transfer, transfer_id=one.id, status=status)

        @invariant()
        def what_is_taken_is_what_is_booked(self) -> None:
            for hour in hours if hasattr(self, "session") else ():
                places = count_places(self.desk, hour)
                riding = [
                    one
                    for one in transfers.list_transfers(self.desk, statuses=transfers.OPEN)
                    if one.start <= hour < one.start + dt.timedelta(hours=one.hours_taken)
                ]
                left = count_left(self.desk, ride="to_east", start=hour)
                assert left[SEAT] == places[SEAT] - sum(one.seats for one in riding) >= 0
                assert left[STRETCHER] == places[STRETCHER] - sum(one.stretchers for one in riding) >= 0

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Rides,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_ride_moves_under_its_number_and_takes_its_places_along(desk: Desk) -> None:
    one = ride(desk, needs="stretcher")
    transfers.advance_transfer(desk, transfer_id=one.id, status="accepted", driver="莫师傅")
    later = TEN + dt.timedelta(hours=3)
    moved = move_transfer(desk, transfer_id=one.id, contact_id=one.contact_id, start=later)
    assert (moved.order_number, moved.start, moved.status) == (one.order_number, later, "requested")
    assert moved.driver is None
    assert count_left(desk, ride="to_east", start=TEN)[STRETCHER] == 1
    assert count_left(desk, ride="to_east", start=later)[STRETCHER] == 0


def test_a_ride_that_finds_its_new_hour_full_stays_where_it_was(desk: Desk) -> None:
    one = ride(desk, needs="stretcher")
    later = TEN + dt.timedelta(hours=3)
    ride(desk, 2, needs="stretcher", start=later)
    with pytest.raises(Taken):
        move_transfer(desk, transfer_id=one.id, contact_id=one.contact_id, start=later)
    assert one.start == TEN
    assert count_left(desk, ride="to_east", start=TEN)[STRETCHER] == 0


def test_who_is_driven_home_is_fetched_where_he_lies(desk: Desk) -> None:
    home = ride(desk, name="home", address="示例路 7 号 2 栋", origin="住院部八楼 12 床")
    assert (home.origin, home.address) == ("住院部八楼 12 床", "示例路 7 号 2 栋")
