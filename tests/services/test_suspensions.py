from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from services import Desk, Invalid, Taken, WrongState, appointments, history, holds, promises, suspensions
from services.appointments import Appointment
from services.slots import Slot
from services.suspensions import SuspensionNotice, call_unanswered, suspend_session, tick_off
from tests.services.builders import at, make_contact, make_patient, make_slot

DAY = dt.datetime(2026, 3, 12, 8, 30)


def booked(desk: Desk, slot: Slot, number: int) -> Appointment:
    patient = make_patient(desk, make_contact(desk, f"s{number}"), serial=number)
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id)


def suspended(desk: Desk, start: dt.datetime = DAY) -> SuspensionNotice:
    booked(desk, make_slot(desk, start), 1)
    done = suspend_session(desk.acting_as("staff:1"), doctor_id="ortho-01", date=start.date(), reason="会诊")
    (notice,) = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    return notice


def test_everybody_booked_is_told_exactly_once_however_often_it_is_said(desk: Desk) -> None:
    slot = make_slot(desk, capacity=20)
    for number in range(20):
        booked(desk, slot, number)
    for _ in range(2):
        done = suspend_session(desk, doctor_id="ortho-01", date=slot.date)
        assert len(done.appointments) == 20
    query = select(promises.Promise).where(promises.Promise.kind == "session_suspended")
    told = list(desk.session.exec(query))
    assert len(told) == len({one.contact_id for one in told}) == 20
    assert {one.status for one in done.appointments} == {"cancelled"}


def test_at_night_only_those_of_the_next_hours_are_woken(desk: Desk) -> None:
    night = at(desk, hour=13)
    booked(desk, make_slot(desk, DAY), 1)
    booked(desk, make_slot(desk, DAY + dt.timedelta(days=1)), 2)
    for day in (12, 13):
        suspend_session(night, doctor_id="ortho-01", date=dt.date(2026, 3, day))
    kinds = {
        one.slots["order_number"]: one.urgent
        for one in promises.list_promises(desk, status="waiting")
        if one.kind == "session_suspended"
    }
    assert sorted(kinds.values()) == [False, True]
    calls = [one.call_at for one in suspensions.list_notices(desk)]
    assert calls == [dt.datetime(2026, 3, 12, 0, 0), dt.datetime(2026, 3, 12, 10, 0)]


def test_two_numbers_are_offered_the_nearest_and_the_doctors_next(desk: Desk) -> None:
    notice = suspended(desk)
    soon = make_slot(desk, DAY + dt.timedelta(hours=1), doctor_id="ortho-02", doctor="覃志勇")
    make_slot(desk, DAY + dt.timedelta(days=4), doctor_id="ortho-02", doctor="覃志勇")
    same = make_slot(desk, DAY + dt.timedelta(days=7))
    make_slot(desk, at(desk, hour=0.2).now, doctor_id="ortho-03", doctor="丙")  # nobody can be there in time
    assert suspensions.find_alternatives(desk, notice=notice) == [soon, same]


def test_a_whole_clinic_is_not_sent_to_the_same_half_hour(desk: Desk) -> None:
    slot = make_slot(desk, DAY, capacity=4)
    for number in range(4):
        booked(desk, slot, number)
    near = make_slot(desk, DAY + dt.timedelta(hours=1), doctor_id="ortho-02", doctor="覃志勇", capacity=2)
    later = make_slot(desk, DAY + dt.timedelta(hours=2), doctor_id="ortho-02", doctor="覃志勇", capacity=2)
    done = suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    first = [
        suspensions.find_alternatives(desk, notice=one)
        for one in suspensions.list_notices(desk, suspension_id=done.suspension.id)
    ]
    assert [near in two and later in two for two in first] == [True] * 4
    shared = [suspensions._share([near, later], place).id for place in range(4)]
    assert shared == [near.id, near.id, later.id, later.id]


def test_one_press_rebooks_and_a_second_press_changes_nothing(desk: Desk) -> None:
    notice = suspended(desk)
    new = make_slot(desk, DAY + dt.timedelta(hours=1), doctor_id="ortho-02")
    made = suspensions.rebook(desk, notice_id=notice.id, slot_id=new.id, contact_id=notice.contact_id)
    assert (made.slot_id, notice.status, notice.rebooked_id) == (new.id, "rebooked", made.id)
    assert suspensions.rebook(desk, notice_id=notice.id, slot_id=new.id) is made
    assert call_unanswered(at(desk, days=1)) == 0


def test_a_number_taken_meanwhile_leaves_the_patient_on_the_list(desk: Desk) -> None:
    notice = suspended(desk)
    new = make_slot(desk, DAY + dt.timedelta(hours=1), doctor_id="ortho-02")
    booked(desk, new, 7)
    with pytest.raises(Taken):
        suspensions.rebook(desk, notice_id=notice.id, slot_id=new.id)
    assert notice.status == "waiting"


def test_who_does_not_answer_is_called_and_ticked_off_by_staff(desk: Desk) -> None:
    notice = suspended(desk)
    minutes = desk.hospital.outpatients.suspension.answer_minutes
    assert call_unanswered(at(desk, hour=(minutes - 1) / 60)) == 0
    later = at(desk, hour=minutes / 60, actor="clock")
    assert (call_unanswered(later), notice.status) == (1, "to_call")
    staff = at(desk, hour=3, actor="staff:4")
    tick_off(staff, notice_id=notice.id, outcome="unreached")
    assert (notice.status, notice.attempts) == ("to_call", 1)
    tick_off(staff, notice_id=notice.id, outcome="called", note="下周再来")
    assert (notice.status, notice.note) == ("called", "下周再来")
    with pytest.raises(WrongState):
        tick_off(staff, notice_id=notice.id, outcome="declined")
    with pytest.raises(Invalid):
        tick_off(staff, notice_id=notice.id, outcome="forgotten")
    steps = [(one.new, one.actor, one.reason) for one in history.list_changes(desk, record=notice)]
    assert steps == [
        ("waiting", "staff:1", None),
        ("to_call", "clock", "no_answer"),
        ("to_call", "staff:4", "unreached"),
        ("called", "staff:4", "telephone"),
    ]


def test_who_would_have_come_today_is_called_sooner(desk: Desk) -> None:
    notice = suspended(desk, dt.datetime(2026, 3, 11, 15, 0))
    minutes = desk.hospital.outpatients.suspension.urgent_answer_minutes
    assert call_unanswered(at(desk, hour=(minutes + 1) / 60)) == 1
    assert notice.status == "to_call"


def test_who_has_found_another_number_by_himself_is_not_called(desk: Desk) -> None:
    notice = suspended(desk)
    new = make_slot(desk, DAY + dt.timedelta(hours=1), doctor_id="ortho-02")
    hold = holds.hold_slot(desk, slot_id=new.id, contact_id=notice.contact_id)
    made = appointments.book(desk, hold_id=hold.id, patient_id=notice.patient_id)
    assert call_unanswered(at(desk, hour=5)) == 0
    assert (notice.status, notice.rebooked_id) == ("rebooked", made.id)


def test_the_time_to_answer_begins_when_it_was_told(desk: Desk) -> None:
    notice = suspended(desk)
    suspensions.note_told(at(desk, hour=1), notice_id=notice.id)
    assert notice.call_at == desk.now + dt.timedelta(
        hours=1, minutes=desk.hospital.outpatients.suspension.answer_minutes
    )


def test_two_who_suspend_at_once_tell_each_patient_once(open_desk: Callable[..., Any]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with open_desk() as desk:
        slot = make_slot(desk, capacity=8)
        for number in range(8):
            booked(desk, slot, number)
        day = slot.date

    def suspend(_: int) -> None:
        with open_desk(actor="api") as desk:
            suspend_session(desk, doctor_id="ortho-01", date=day)

    with ThreadPoolExecutor(4) as pool:
        outcomes = [pool.submit(suspend, one) for one in range(4)]
    faults = [one.exception() for one in outcomes if one.exception()]
    with open_desk() as desk:
        told = [one for one in promises.list_promises(desk) if one.kind == "session_suspended"]
        assert (faults, len(told), len(suspensions.list_notices(desk))) == ([], 8, 8)
