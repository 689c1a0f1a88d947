from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlmodel import select

from services import Desk, Invalid, NotAllowed, WrongState, appointments, holds, promises, queues
from services.appointments import Appointment
from services.arrivals import Arrival
from services.slots import Slot
from tests.services.builders import at, make_contact, make_patient, make_slot

START = dt.datetime(2026, 3, 11, 9, 30)


def booked(desk: Desk, number: int, start: dt.datetime = START) -> Appointment:
    """Three places a half hour, so ten minutes for each."""
    known = desk.session.exec(select(Slot).where(Slot.start == start)).first()
    slot = known or make_slot(desk, start, capacity=3)
    patient = make_patient(desk, make_contact(desk, f"q{number}"), serial=number)
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id)


def arrived(desk: Desk, number: int, start: dt.datetime = START) -> Arrival:
    return queues.check_in(desk, appointment_id=booked(desk, number, start).id)


def ahead(desk: Desk, arrival: Arrival) -> int | None:
    return queues.find_standing(desk, arrival=arrival).ahead


def told(desk: Desk, arrival: Arrival) -> list[str]:
    return [one.kind for one in reversed(promises.list_promises(desk, subject=arrival.subject))]


def test_who_checks_in_is_in_the_queue_by_the_hour_booked_not_by_who_came_first(desk: Desk) -> None:
    later = arrived(desk, 1, START + dt.timedelta(minutes=30))
    first, second = arrived(desk, 2), arrived(desk, 3)
    assert [ahead(desk, one) for one in (first, second, later)] == [0, 1, 2]
    appointment = appointments.get_appointment(desk, appointment_id=first.appointment_id or 0)
    assert appointment.status == "arrived"
    assert queues.check_in(desk, appointment_id=appointment.id) is first


def test_the_expected_wait_is_that_of_those_ahead_and_not_before_the_hour_booked(desk: Desk) -> None:
    queue = [arrived(desk, number) for number in (1, 2, 3)]
    minutes = [queues.find_standing(desk, arrival=one).minutes for one in queue]
    assert minutes == [30, 30, 30]
    late = at(desk, hour=0.6)
    assert [queues.find_standing(late, arrival=one).minutes for one in queue] == [0, 10, 20]


def test_too_early_and_on_another_day_nobody_can_check_in(desk: Desk) -> None:
    later = booked(desk, 1, dt.datetime(2026, 3, 11, 15, 0))
    with pytest.raises(NotAllowed) as error:
        queues.check_in(desk, appointment_id=later.id)
    assert (error.value.code, error.value.details["opens"]) == ("too_early", dt.datetime(2026, 3, 11, 14, 0))
    tomorrow = booked(desk, 2, dt.datetime(2026, 3, 12, 9, 0))
    with pytest.raises(NotAllowed, match="another_day"):
        queues.check_in(desk, appointment_id=tomorrow.id)
    appointments.cancel(desk, appointment_id=tomorrow.id)
    with pytest.raises(WrongState):
        queues.check_in(desk, appointment_id=tomorrow.id)


def test_who_comes_too_late_is_put_behind_the_present_half_hour(desk: Desk) -> None:
    missed = booked(desk, 1)
    late = at(desk, hour=1.2)
    in_time = queues.check_in(late, appointment_id=booked(desk, 2, START + dt.timedelta(hours=0.5)).id)
    here = queues.check_in(late, appointment_id=missed.id)
    assert (ahead(late, in_time), ahead(late, here)) == (0, 1)


def test_two_ahead_of_you_is_said_once(desk: Desk) -> None:
    line = [arrived(desk, number) for number in (1, 2, 3)]
    last = queues.check_in(desk, appointment_id=booked(desk, 4, START + dt.timedelta(minutes=30)).id)
    assert (ahead(desk, last), told(desk, last)) == (3, [])
    staff = desk.acting_as("staff:1")
    queues.move_on(staff, arrival_id=line[0].id, status="called")
    assert told(desk, last) == ["queue_near"]
    queues.move_on(staff, arrival_id=line[1].id, status="called")
    assert (ahead(desk, last), told(desk, last)) == (1, ["queue_near"])


def test_what_the_queue_system_says_goes_before_what_is_counted_here(desk: Desk) -> None:
    one = booked(desk, 1)
    api = desk.acting_as("api")
    arrival = queues.admit(api, appointment=one)
    queues.report_position(api, arrival=arrival, number="A12", ahead=5, wait_minutes=44)
    standing = queues.find_standing(desk, arrival=arrival)
    assert (standing.ahead, standing.minutes, arrival.number, told(desk, arrival)) == (5, 44, "A12", [])
    for left in (3, 2, 1, 0):
        queues.report_position(api, arrival=arrival, ahead=left)
    assert told(desk, arrival) == ["queue_near"]
    queues.report_position(api, arrival=arrival, status="called")
    assert told(desk, arrival) == ["queue_near", "queue_called"]
    with pytest.raises(Invalid):
        queues.report_position(api, arrival=arrival, ahead=-1)


def test_who_was_passed_comes_back_behind_three_and_the_third_time_behind_all(desk: Desk) -> None:
    mine = arrived(desk, 1)
    for number in range(2, 7):
        arrived(desk, number, START + dt.timedelta(minutes=30 * (number // 4)))
    staff = desk.acting_as("staff:1")
    for times, place in ((1, 3), (2, 3), (3, 5)):
        queues.move_on(staff, arrival_id=mine.id, status="passed")
        assert told(desk, mine)[-1] == "queue_passed"
        queues.check_in(desk, appointment_id=mine.appointment_id or 0)
        assert (mine.passed, mine.status, ahead(desk, mine)) == (times, "waiting", place)


def test_who_is_seen_has_kept_his_appointment(desk: Desk) -> None:
    mine = arrived(desk, 1)
    queues.move_on(desk.acting_as("staff:1"), arrival_id=mine.id, status="called")
    queues.move_on(desk.acting_as("staff:1"), arrival_id=mine.id, status="served")
    assert appointments.get_appointment(desk, appointment_id=mine.appointment_id or 0).status == "fulfilled"
    with pytest.raises(WrongState):
        queues.move_on(desk, arrival_id=mine.id, status="waiting")


def test_a_room_that_shows_a_number_calls_it_and_moves_the_others_up(desk: Desk) -> None:
    api = desk.acting_as("api")
    line = [queues.admit(api, appointment=booked(desk, number)) for number in (1, 2, 3)]
    for arrival, number in zip(line, ("B007", "B010", "B012"), strict=True):
        queues.report_position(api, arrival=arrival, number=number, ahead=9)
    assert queues.call_number(api, doctor_id="ortho-01", number=10) == 3
    assert [(one.status, one.ahead) for one in line] == [("waiting", 9), ("called", 0), ("waiting", 1)]


def test_where_others_check_in_elsewhere_nothing_is_counted_here(desk: Desk) -> None:
    rules = desk.hospital.outpatients
    elsewhere = rules.model_copy(
        update={"queue": rules.queue.model_copy(update={"all_check_in_here": False})}
    )
    desk = dataclasses.replace(desk, hospital=dataclasses.replace(desk.hospital, outpatients=elsewhere))
    mine = arrived(desk, 1)
    assert (ahead(desk, mine), told(desk, mine)) == (None, [])
    queues.report_position(desk.acting_as("api"), arrival=mine, ahead=2)
    assert (ahead(desk, mine), told(desk, mine)) == (2, ["queue_near"])
