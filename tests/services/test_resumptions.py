"""恢复出诊: who has not chosen keeps his number, everybody else keeps his choice."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from services import Desk, NotFound, appointments, holds, promises, suspensions, waitlist
from services.appointments import Appointment
from services.resumptions import list_standing, resume_session
from services.slots import Slot, get_slot
from services.suspensions import suspend_session
from tests.services.builders import make_contact, make_patient, make_slot

DAY = dt.datetime(2026, 3, 12, 8, 30)


def booked(desk: Desk, slot: Slot, number: int) -> Appointment:
    patient = make_patient(desk, make_contact(desk, f"s{number}"), serial=number)
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id)


def told(desk: Desk, kind: str) -> list[promises.Promise]:
    return list(desk.session.exec(select(promises.Promise).where(promises.Promise.kind == kind)))


def keep_promises(desk: Desk) -> None:
    for one in promises.claim_due(desk):
        promises.keep(desk, promise_id=one.id)


def test_who_has_not_chosen_keeps_his_number_and_place_and_is_told_once(desk: Desk) -> None:
    slot = make_slot(desk, DAY, capacity=2)
    mine, other = booked(desk, slot, 1), booked(desk, slot, 2)
    suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    keep_promises(desk)
    for _ in range(2):
        done = resume_session(desk, doctor_id="ortho-01", date=slot.date)
        assert {one.order_number for one in done.appointments} == {mine.order_number, other.order_number}
    assert len(told(desk, "session_resumed")) == 2
    assert {one.status for one in done.appointments} == {"booked"}
    now = get_slot(desk, slot_id=slot.id)
    assert (now.taken, now.remaining, now.status) == (2, 0, "busy")
    assert promises.list_promises(desk, subject=mine.subject, status="waiting")  # reminded again


def test_who_has_moved_or_does_not_come_keeps_his_choice(desk: Desk) -> None:
    slot, later = make_slot(desk, DAY, capacity=2), make_slot(desk, DAY + dt.timedelta(days=5))
    booked(desk, slot, 1), booked(desk, slot, 2)
    done = suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    first, second = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    moved = suspensions.rebook(desk, notice_id=first.id, slot_id=later.id)
    suspensions.decline(desk, notice_id=second.id)
    keep_promises(desk)
    assert resume_session(desk, doctor_id="ortho-01", date=slot.date).appointments == ()
    assert not told(desk, "session_resumed")
    assert appointments.get_appointment(desk, appointment_id=moved.id).status == "booked"
    assert get_slot(desk, slot_id=slot.id).remaining == 2


@pytest.mark.parametrize("written", [True, False])
def test_who_was_reached_by_telephone_only_keeps_his_number_and_is_told(desk: Desk, written: bool) -> None:
    slot = make_slot(desk, DAY)
    mine = booked(desk, slot, 1)
    done = suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    if written:
        keep_promises(desk)
    (notice,) = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    suspensions.tick_off(desk.acting_as("staff:1"), notice_id=notice.id, outcome="called")
    resumed = resume_session(desk, doctor_id="ortho-01", date=slot.date)
    assert [one.order_number for one in resumed.appointments] == [mine.order_number]
    assert len(told(desk, "session_resumed")) == 1


def test_who_never_heard_of_the_suspension_hears_nothing_of_its_end(desk: Desk) -> None:
    slot = make_slot(desk, DAY)
    booked(desk, slot, 1)
    suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    assert len(resume_session(desk, doctor_id="ortho-01", date=slot.date).appointments) == 1
    assert not told(desk, "session_resumed")
    assert {one.status for one in told(desk, "session_suspended")} == {"cancelled"}


def test_one_half_day_of_a_whole_day_comes_back_alone(desk: Desk) -> None:
    morning, afternoon = make_slot(desk, DAY), make_slot(desk, DAY.replace(hour=15))
    mine, other = booked(desk, morning, 1), booked(desk, afternoon, 2)
    suspend_session(desk, doctor_id="ortho-01", date=DAY.date())
    done = resume_session(desk, doctor_id="ortho-01", date=DAY.date(), period="morning")
    assert [one.order_number for one in done.appointments] == [mine.order_number]
    assert get_slot(desk, slot_id=afternoon.id).status == "busy-unavailable"
    assert appointments.get_appointment(desk, appointment_id=other.id).status == "cancelled"
    assert [one.period for one in list_standing(desk)] == ["afternoon"]


def test_suspended_once_more_everybody_is_told_again(desk: Desk) -> None:
    slot = make_slot(desk, DAY)
    booked(desk, slot, 1)
    for _ in range(2):
        suspend_session(desk, doctor_id="ortho-01", date=slot.date)
        keep_promises(desk)
        resume_session(desk, doctor_id="ortho-01", date=slot.date)
        keep_promises(desk)
    assert len(told(desk, "session_suspended")) == len(told(desk, "session_resumed")) == 2


def test_a_button_of_the_suspension_books_nothing_besides_the_number_that_stands(desk: Desk) -> None:
    slot, later = make_slot(desk, DAY), make_slot(desk, DAY + dt.timedelta(days=5))
    booked(desk, slot, 1)
    done = suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    (notice,) = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    resume_session(desk, doctor_id="ortho-01", date=slot.date)
    with pytest.raises(suspensions.WrongState):
        suspensions.rebook(desk, notice_id=notice.id, slot_id=later.id)


def test_the_places_that_are_free_again_go_to_the_waitlist_first(desk: Desk) -> None:
    slot = make_slot(desk, DAY)
    suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    waiting = make_patient(desk, make_contact(desk, "w"), serial=9)
    entry = waitlist.join_waitlist(
        desk,
        contact_id=waiting.contact_id,
        patient_id=waiting.id,
        department=slot.department,
        date=slot.date.isoformat(),
    )
    resume_session(desk, doctor_id="ortho-01", date=slot.date)
    assert waitlist.get_entry(desk, entry_id=entry.id).status == "proposed"
    assert get_slot(desk, slot_id=slot.id).remaining == 0


def test_what_was_never_suspended_cannot_be_resumed(desk: Desk) -> None:
    with pytest.raises(NotFound):
        resume_session(desk, doctor_id="ortho-01", date=DAY.date())
