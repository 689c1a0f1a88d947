from __future__ import annotations

import datetime as dt

import pytest

from services import (
    Desk,
    Invalid,
    NotAllowed,
    Taken,
    WrongState,
    appointments,
    holds,
    promises,
    suspensions,
    waitlist,
)
from services.appointments import Appointment
from services.patients import Patient
from services.slots import Slot, get_slot
from services.waitlist import WaitlistEntry, join_waitlist, offer_freed_slots
from tests.services.builders import at, make_contact, make_patient, make_slot


def somebody(desk: Desk, number: int) -> Patient:
    return make_patient(desk, make_contact(desk, f"w{number}"), serial=number)


def joined(desk: Desk, patient: Patient, **more: object) -> WaitlistEntry:
    wanted = {"department": "骨科", "date": "2026-03-13"} | more
    return join_waitlist(desk, contact_id=patient.contact_id, patient_id=patient.id, **wanted)  # type: ignore[arg-type]


@pytest.fixture
def full(desk: Desk) -> tuple[Slot, Appointment]:
    """A slot with one place, and the appointment that has it."""
    slot, owner = make_slot(desk), somebody(desk, 0)
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=owner.contact_id)
    return slot, appointments.book(desk, hold_id=hold.id, patient_id=owner.id)


def test_a_place_given_back_is_offered_to_who_waits_longest(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    slot, made = full
    first, second = joined(desk, somebody(desk, 1)), joined(desk, somebody(desk, 2))
    assert offer_freed_slots(desk) == 0
    appointments.cancel(desk, appointment_id=made.id)
    assert (first.status, second.status) == ("proposed", "waitlist")
    assert get_slot(desk, slot_id=slot.id).taken == 1
    (offer,) = promises.list_promises(desk, subject=first.subject, status="waiting")
    assert (offer.kind, offer.slots["time"], offer.slots["until"]) == ("waitlist_offer", "08:30", "09:30")
    assert waitlist.find_offered_slot(desk, entry=first) is slot
    assert offer_freed_slots(desk) == 0


def test_nobody_who_looks_at_the_right_moment_gets_before_those_in_line(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    slot, made = full
    joined(desk, somebody(desk, 1))
    appointments.cancel(desk, appointment_id=made.id)
    with pytest.raises(Taken):
        holds.hold_slot(desk, slot_id=slot.id, contact_id=somebody(desk, 2).contact_id)


def test_who_accepts_has_the_appointment_and_is_off_the_list(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    with pytest.raises(WrongState):
        waitlist.accept_offer(desk, entry_id=entry.id, contact_id=entry.contact_id)
    appointments.cancel(desk, appointment_id=full[1].id)
    made = waitlist.accept_offer(desk, entry_id=entry.id, contact_id=entry.contact_id)
    assert (made.status, entry.status, entry.appointment_id) == ("booked", "booked", made.id)
    assert waitlist.accept_offer(desk, entry_id=entry.id, contact_id=entry.contact_id) is made
    assert waitlist.list_waitlist(desk) == []


def test_an_offer_not_answered_goes_to_the_next_and_the_first_waits_on(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    first, second = joined(desk, somebody(desk, 1)), joined(desk, somebody(desk, 2))
    appointments.cancel(desk, appointment_id=full[1].id)
    later = at(desk, hour=1)
    holds.expire_holds(later)
    assert (first.status, first.offers, second.status) == ("waitlist", 1, "proposed")
    with pytest.raises((WrongState, Taken)):
        waitlist.accept_offer(later, entry_id=first.id, contact_id=first.contact_id)


def test_who_declines_gives_the_place_to_the_next(desk: Desk, full: tuple[Slot, Appointment]) -> None:
    first, second = joined(desk, somebody(desk, 1)), joined(desk, somebody(desk, 2))
    appointments.cancel(desk, appointment_id=full[1].id)
    waitlist.leave_waitlist(desk, entry_id=first.id, contact_id=first.contact_id)
    assert first.status == "cancelled"
    assert promises.list_promises(desk, subject=first.subject, status="waiting") == []
    assert second.status == "proposed"


def test_a_place_given_back_at_night_is_kept_and_offered_in_the_morning(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    night = at(desk, hour=13)
    appointments.cancel(night, appointment_id=full[1].id)
    (offer,) = promises.list_promises(desk, subject=entry.subject, status="waiting")
    assert (entry.status, offer.due_at, offer.slots["until"]) == (
        "proposed",
        dt.datetime(2026, 3, 12, 8, 0),
        "08:30",
    )
    holds.expire_holds(at(desk, hour=23))
    assert entry.status == "proposed"


def test_a_place_too_near_to_be_answered_for_is_left_to_whoever_looks(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    appointments.cancel(at(desk, days=1, hour=22.2, actor="staff:1"), appointment_id=full[1].id)
    assert entry.status == "waitlist"


def test_who_lets_an_offer_pass_is_told_and_stays_in_line(desk: Desk, full: tuple[Slot, Appointment]) -> None:
    first, second = joined(desk, somebody(desk, 1)), joined(desk, somebody(desk, 2))
    appointments.cancel(desk, appointment_id=full[1].id)
    holds.expire_holds(at(desk, hour=1))
    assert (first.status, second.status) == ("waitlist", "proposed")
    told = promises.list_promises(desk, subject=first.subject, status="waiting")
    assert [one.kind for one in told] == ["waitlist_lapsed"]


def test_who_lets_too_many_offers_pass_waits_no_longer_and_is_told(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    appointments.cancel(desk, appointment_id=full[1].id)
    for hour in range(1, desk.hospital.outpatients.offers.most_unanswered + 1):
        holds.expire_holds(at(desk, hour=hour))
    assert (entry.status, entry.ended_reason, entry.offers) == ("cancelled", "unanswered", 3)
    told = promises.list_promises(desk, subject=entry.subject, status="waiting")
    assert [one.kind for one in told] == ["waitlist_over"]
    assert get_slot(desk, slot_id=full[0].id).taken == 0


def test_an_offer_in_a_session_suspended_meanwhile_is_withdrawn_and_not_held_against_anybody(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    appointments.cancel(desk, appointment_id=full[1].id)
    suspensions.suspend_session(desk, doctor_id="ortho-01", date=full[0].date)
    assert (entry.status, entry.offers, entry.hold_id) == ("waitlist", 0, None)
    assert promises.list_promises(desk, subject=entry.subject, status="waiting") == []


def test_whoever_books_the_offered_place_by_himself_is_off_the_list(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    entry = joined(desk, somebody(desk, 1))
    appointments.cancel(desk, appointment_id=full[1].id)
    hold = holds.hold_slot(desk, slot_id=full[0].id, contact_id=entry.contact_id)
    made = appointments.book(desk, hold_id=hold.id, patient_id=entry.patient_id)
    assert (entry.status, entry.appointment_id) == ("booked", made.id)


def test_one_who_waits_sees_how_many_wait_before_him(desk: Desk) -> None:
    first, second = joined(desk, somebody(desk, 1)), joined(desk, somebody(desk, 2), period="morning")
    other = joined(desk, somebody(desk, 3), period="afternoon")
    assert [waitlist.count_ahead(desk, entry=one) for one in (first, second, other)] == [0, 1, 1]


def test_an_offer_does_not_take_away_what_the_contact_is_just_confirming(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    patient = somebody(desk, 1)
    joined(desk, patient)
    asked = [
        holds.hold_slot(
            desk,
            slot_id=make_slot(desk, dt.datetime(2026, 3, 16, hour)).id,
            contact_id=patient.contact_id,
        )
        for hour in (9, 10)
    ]
    appointments.cancel(desk, appointment_id=full[1].id)
    assert [appointments.get_hold(desk, hold_id=one.id).status for one in asked] == ["held", "held"]


def test_who_cannot_take_the_place_does_not_block_the_next(
    desk: Desk, full: tuple[Slot, Appointment]
) -> None:
    busy, free = somebody(desk, 1), somebody(desk, 2)
    entry = joined(desk, busy)
    elsewhere = make_slot(desk, department="皮肤科", doctor_id="derm-09", doctor="乙")
    hold = holds.hold_slot(desk, slot_id=elsewhere.id, contact_id=busy.contact_id)
    appointments.book(desk, hold_id=hold.id, patient_id=busy.id)
    next_one = joined(desk, free)
    appointments.cancel(desk, appointment_id=full[1].id)
    assert (entry.status, next_one.status) == ("waitlist", "proposed")


def test_joining_twice_is_joining_once_and_the_list_has_a_limit(desk: Desk) -> None:
    patient = somebody(desk, 1)
    first = joined(desk, patient)
    assert joined(desk, patient) is first
    limit = desk.hospital.registration.waitlist_per_contact
    for day in range(14, 14 + limit - 1):
        joined(desk, patient, date=f"2026-03-{day}")
    with pytest.raises(NotAllowed) as error:
        joined(desk, patient, date="2026-03-20")
    assert error.value.code == "too_many_waiting"


def test_a_day_gone_by_ends_the_waiting_and_is_told(desk: Desk) -> None:
    entry = joined(desk, somebody(desk, 1), date="2026-03-12/2026-03-13", period="morning")
    offer_freed_slots(at(desk, days=2))
    assert entry.status == "waitlist"
    offer_freed_slots(at(desk, days=3))
    assert (entry.status, entry.ended_reason) == ("cancelled", "over")
    assert [one.kind for one in promises.list_promises(desk, subject=entry.subject)] == ["waitlist_over"]
    with pytest.raises(Invalid):
        joined(desk, somebody(desk, 2), date="2026-03-10")


def test_only_what_was_wished_for_is_offered(desk: Desk) -> None:
    make_slot(desk, dt.datetime(2026, 3, 13, 15, 0))
    entry = joined(desk, somebody(desk, 1), period="morning")
    picky = joined(desk, somebody(desk, 2), doctor="覃志勇")
    assert offer_freed_slots(desk) == 0
    make_slot(desk, dt.datetime(2026, 3, 13, 9, 0), doctor_id="ortho-02", doctor="覃志勇", capacity=2)
    assert offer_freed_slots(desk) == 2
    assert (entry.status, picky.status) == ("proposed", "proposed")
