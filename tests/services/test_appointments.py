from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from services import (
    Desk,
    Invalid,
    NotAllowed,
    NotFound,
    Taken,
    WrongState,
    appointments,
    history,
    holds,
    promises,
    suspensions,
)
from services.appointments import Appointment, Hold, book, cancel
from services.holds import hold_slot
from services.patients import Patient
from services.slots import Slot, get_slot
from tests.services.builders import NOW, at, make_contact, make_id_number, make_patient, make_slot


def booked(desk: Desk, slot: Slot | None = None, patient: Patient | None = None) -> Appointment:
    patient = patient or make_patient(desk)
    slot = slot or make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return book(desk, hold_id=hold.id, patient_id=patient.id)


def test_a_held_place_is_counted_and_becomes_an_appointment(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk, capacity=2)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id, patient_id=patient.id)
    assert get_slot(desk, slot_id=slot.id).taken == 1
    assert hold.expires_at == NOW + dt.timedelta(minutes=desk.hospital.registration.hold_minutes)
    appointment = book(desk, hold_id=hold.id, patient_id=patient.id, complaint="膝盖痛")
    assert (appointment.status, appointment.department, appointment.start) == ("booked", "骨科", slot.start)
    assert get_slot(desk, slot_id=slot.id).taken == 1
    assert appointments.get_hold(desk, hold_id=hold.id).status == "confirmed"
    assert appointment.order_number.startswith("GH260311-")
    found = appointments.find_appointment(desk, order_number=f" {appointment.order_number.lower()} ")
    assert found is appointment


def test_confirming_the_same_hold_twice_gives_the_same_appointment(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk, capacity=3)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    first = book(desk, hold_id=hold.id, patient_id=patient.id)
    assert book(desk, hold_id=hold.id, patient_id=patient.id) is first
    assert get_slot(desk, slot_id=slot.id).taken == 1
    assert len(desk.session.exec(select(Appointment)).all()) == 1


def test_holding_the_same_slot_twice_takes_one_place(desk: Desk) -> None:
    contact, slot = make_contact(desk), make_slot(desk, capacity=3)
    first = hold_slot(desk, slot_id=slot.id, contact_id=contact.id)
    assert hold_slot(desk, slot_id=slot.id, contact_id=contact.id) is first
    assert get_slot(desk, slot_id=slot.id).taken == 1


def test_nobody_empties_a_clinic_with_holds(desk: Desk) -> None:
    contact = make_contact(desk)
    slots = [make_slot(desk, dt.datetime(2026, 3, 13, hour)) for hour in (8, 9, 10, 11)]
    for slot in slots:
        hold_slot(desk, slot_id=slot.id, contact_id=contact.id)
    assert [get_slot(desk, slot_id=one.id).taken for one in slots] == [0, 0, 1, 1]


def test_a_hold_that_ran_out_is_given_back_once(desk: Desk) -> None:
    contact, slot = make_contact(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=contact.id)
    assert holds.expire_holds(at(desk, hour=4 / 60)) == []
    assert holds.expire_holds(at(desk, hour=6 / 60)) == [hold]
    assert holds.expire_holds(at(desk, hour=6 / 60)) == []
    assert (hold.status, get_slot(desk, slot_id=slot.id).taken) == ("expired", 0)


def test_who_confirms_late_still_gets_the_place_if_it_is_free(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    late = at(desk, hour=0.5)
    holds.expire_holds(late)
    assert book(late, hold_id=hold.id, patient_id=patient.id).status == "booked"
    assert get_slot(desk, slot_id=slot.id).taken == 1
    assert book(late, hold_id=hold.id, patient_id=patient.id).status == "booked"


def test_who_confirms_late_and_finds_it_taken_is_told_so(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    late = at(desk, hour=0.5)
    holds.expire_holds(late)
    hold_slot(late, slot_id=slot.id, contact_id=make_contact(desk, "b").id)
    with pytest.raises(Taken) as error:
        book(late, hold_id=hold.id, patient_id=patient.id)
    assert error.value.code == "hold_expired"
    assert get_slot(desk, slot_id=slot.id).taken == 1


def test_a_released_hold_cannot_be_booked(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    assert holds.release_hold(desk, hold_id=hold.id)
    assert not holds.release_hold(desk, hold_id=hold.id)
    with pytest.raises(WrongState):
        book(desk, hold_id=hold.id, patient_id=patient.id)
    assert get_slot(desk, slot_id=slot.id).taken == 0


def test_another_contacts_hold_or_patient_cannot_be_used(desk: Desk) -> None:
    mine, hers = make_patient(desk), make_patient(desk, make_contact(desk, "b"), serial=2)
    hold = hold_slot(desk, slot_id=make_slot(desk).id, contact_id=mine.contact_id)
    with pytest.raises(NotFound):
        book(desk, hold_id=hold.id, patient_id=hers.id)


def test_the_same_department_on_the_same_day_is_booked_once_whatever_the_contact(desk: Desk) -> None:
    booked(desk)
    again = make_slot(desk, dt.datetime(2026, 3, 13, 15, 0))
    same_person = make_patient(desk, make_contact(desk, "b"), relation="孩子")
    with pytest.raises(NotAllowed) as error:
        booked(desk, again, same_person)
    assert error.value.code == "duplicate"
    with pytest.raises(NotAllowed):
        hold_slot(desk, slot_id=again.id, contact_id=same_person.contact_id, patient_id=same_person.id)


def test_two_departments_at_the_same_minute_are_refused(desk: Desk) -> None:
    patient = make_patient(desk)
    booked(desk, patient=patient)
    skin = make_slot(desk, department="皮肤科", doctor_id="derm-09", doctor="乙")
    with pytest.raises(NotAllowed) as error:
        booked(desk, skin, patient)
    assert error.value.code == "same_time"


def test_the_limits_of_a_day_and_of_open_appointments_hold(desk: Desk) -> None:
    patient, rules = make_patient(desk), desk.hospital.registration
    departments = ["骨科", "皮肤科", "眼科", "口腔科", "消化内科", "神经内科"]

    def slot(day: int, index: int) -> Slot:
        start = dt.datetime(2026, 3, day, 8 + index)
        return make_slot(desk, start, department=departments[index], doctor_id=f"{day}-{index}")

    for index in range(rules.max_per_patient_per_day):
        booked(desk, slot(13, index), patient)
    with pytest.raises(NotAllowed) as error:
        booked(desk, slot(13, rules.max_per_patient_per_day), patient)
    assert error.value.code == "too_many_that_day"
    for day in range(14, 14 + rules.max_open_per_patient - rules.max_per_patient_per_day):
        booked(desk, slot(day, 0), patient)
    with pytest.raises(NotAllowed) as error:
        booked(desk, slot(20, 0), patient)
    assert error.value.code == "too_many_open"


def test_a_department_sees_only_whom_it_can_treat(desk: Desk) -> None:
    man = make_patient(desk)
    grown_up = make_slot(desk, department="儿科", doctor_id="ped-09", doctor="丙")
    women = make_slot(desk, department="妇科", doctor_id="gyn-09", doctor="丁")
    for slot, code in ((grown_up, "too_old"), (women, "sex")):
        with pytest.raises(NotAllowed) as error:
            hold_slot(desk, slot_id=slot.id, contact_id=man.contact_id, patient_id=man.id)
        assert error.value.code == code
    child = make_patient(desk, serial=2, relation="孩子", birthday=dt.date(2020, 1, 1))
    assert booked(desk, grown_up, child).status == "booked"


def test_who_did_not_come_three_times_waits_before_booking_online_again(desk: Desk) -> None:
    rules, patient = desk.hospital.registration, make_patient(desk)
    for index in range(rules.no_show_limit):
        made = booked(desk, make_slot(desk, dt.datetime(2026, 3, 12 + index, 9)), patient)
        appointments.advance_appointment(at(desk, days=index + 2), appointment_id=made.id, status="noshow")
    last = dt.date(2026, 3, 12 + rules.no_show_limit - 1)
    soon = at(desk, days=7)
    with pytest.raises(NotAllowed) as error:
        booked(soon, make_slot(soon, dt.datetime(2026, 3, 20, 9)), patient)
    assert error.value.code == "no_shows"
    assert error.value.details["until"] == last + dt.timedelta(days=rules.no_show_block_days)
    free_again = at(desk, days=rules.no_show_block_days + 10)
    assert booked(free_again, make_slot(free_again, free_again.now + dt.timedelta(days=1)), patient)


def test_cancelling_gives_the_place_back_and_is_written_down(desk: Desk) -> None:
    made = booked(desk)
    patient_desk = desk.acting_as(f"contact:{made.contact_id}")
    assert cancel(patient_desk, appointment_id=made.id, contact_id=made.contact_id).status == "cancelled"
    assert cancel(patient_desk, appointment_id=made.id, contact_id=made.contact_id).status == "cancelled"
    assert get_slot(desk, slot_id=made.slot_id).taken == 0
    steps = [(one.old, one.new, one.actor, one.reason) for one in history.list_changes(desk, record=made)]
    assert steps == [
        ("", "booked", "assistant", None),
        ("booked", "cancelled", f"contact:{made.contact_id}", "patient"),
    ]


def test_after_the_cut_off_only_staff_cancels(desk: Desk) -> None:
    made = booked(desk)
    minutes = desk.hospital.registration.cancel_before_minutes
    in_time = desk.hospital.registration.cancel_before_minutes + 1
    late = at(desk, hour=(made.start - NOW) / dt.timedelta(hours=1) - (minutes - 1) / 60)
    with pytest.raises(NotAllowed) as error:
        cancel(late, appointment_id=made.id)
    assert error.value.code == "too_late"
    assert error.value.details["until"] == made.start - dt.timedelta(minutes=minutes)
    early = at(desk, hour=(made.start - NOW) / dt.timedelta(hours=1) - in_time / 60)
    appointments.check_change(early, made)
    assert cancel(late.acting_as("staff:1"), appointment_id=made.id).status == "cancelled"


def test_what_is_over_cannot_be_cancelled(desk: Desk) -> None:
    made = booked(desk)
    appointments.advance_appointment(desk, appointment_id=made.id, status="arrived")
    with pytest.raises(WrongState):
        cancel(desk, appointment_id=made.id)
    appointments.advance_appointment(desk, appointment_id=made.id, status="fulfilled")
    with pytest.raises(WrongState):
        appointments.advance_appointment(desk, appointment_id=made.id, status="booked")


def test_another_contacts_appointment_does_not_exist_for_me(desk: Desk) -> None:
    made, stranger = booked(desk), make_contact(desk, "b")
    with pytest.raises(NotFound):
        cancel(desk, appointment_id=made.id, contact_id=stranger.id)
    assert appointments.list_appointments(desk, contact_id=stranger.id) == []


def test_moving_books_the_new_and_cancels_the_old_or_neither(desk: Desk) -> None:
    made = booked(desk)
    other = make_slot(desk, dt.datetime(2026, 3, 13, 15, 0))
    hold = hold_slot(
        desk, slot_id=other.id, contact_id=made.contact_id, patient_id=made.patient_id, moving_id=made.id
    )
    moved = appointments.reschedule(desk, appointment_id=made.id, hold_id=hold.id)
    assert (moved.status, moved.start, moved.replaces_id) == ("booked", other.start, made.id)
    assert (made.status, made.ended_reason) == ("cancelled", "rescheduled")
    assert [get_slot(desk, slot_id=one).taken for one in (made.slot_id, other.id)] == [0, 1]
    assert appointments.reschedule(desk, appointment_id=made.id, hold_id=hold.id) is moved


def test_upcoming_appointments_come_soonest_first_without_those_over(desk: Desk) -> None:
    patient = make_patient(desk)
    later = booked(desk, make_slot(desk, dt.datetime(2026, 3, 16, 9)), patient)
    sooner = booked(desk, make_slot(desk, dt.datetime(2026, 3, 12, 9), department="眼科"), patient)
    gone = booked(desk, make_slot(desk, dt.datetime(2026, 3, 14, 9), department="皮肤科"), patient)
    cancel(desk, appointment_id=gone.id)
    listed = appointments.list_appointments(desk, contact_id=patient.contact_id, upcoming=True)
    assert listed == [sooner, later]
    assert appointments.list_appointments(desk, contact_id=patient.contact_id) == [gone, sooner, later]
    two_days_on = appointments.list_appointments(
        at(desk, days=2), contact_id=patient.contact_id, upcoming=True
    )
    assert two_days_on == [later]


def test_a_suspended_session_cancels_its_appointments_and_promises_each_a_message(desk: Desk) -> None:
    mine = booked(desk, make_slot(desk, capacity=2))
    other_doctor = booked(
        desk,
        make_slot(desk, dt.datetime(2026, 3, 14, 9), doctor_id="ortho-02"),
        make_patient(desk, make_contact(desk, "b"), serial=2),
    )
    done = suspensions.suspend_session(
        desk, doctor_id="ortho-01", date=mine.date, period="morning", reason="外出会诊"
    )
    assert done.appointments == (mine,)
    assert (mine.status, mine.ended_reason, other_doctor.status) == ("cancelled", "suspended", "booked")
    (notice,) = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    told = promises.list_promises(desk, subject=notice.subject, status="waiting")
    assert [(one.kind, one.slots["order_number"]) for one in told] == [
        ("session_suspended", mine.order_number)
    ]
    again = suspensions.suspend_session(desk, doctor_id="ortho-01", date=mine.date, period="morning")
    assert again.appointments == (mine,)
    assert promises.list_promises(desk, subject=notice.subject) == told
    with pytest.raises(NotAllowed) as error:
        hold_slot(desk, slot_id=mine.slot_id, contact_id=mine.contact_id)
    assert error.value.code == "suspended"


def test_a_hold_on_a_session_suspended_meanwhile_is_not_booked(desk: Desk) -> None:
    patient, slot = make_patient(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    suspensions.suspend_session(desk, doctor_id="ortho-01", date=slot.date)
    with pytest.raises(NotAllowed) as error:
        book(desk, hold_id=hold.id, patient_id=patient.id)
    assert error.value.code == "suspended"


def test_a_slot_in_the_past_is_refused(desk: Desk) -> None:
    slot = make_slot(desk, dt.datetime(2026, 3, 10, 9))
    with pytest.raises(Invalid) as error:
        hold_slot(desk, slot_id=slot.id, contact_id=make_contact(desk).id)
    assert error.value.code == "past"


def test_what_brings_the_patient_lies_encrypted(desk: Desk) -> None:
    import sqlalchemy as sa

    patient, slot = make_patient(desk), make_slot(desk)
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    book(desk, hold_id=hold.id, patient_id=patient.id, complaint="膝盖痛三天")
    stored = desk.session.connection().execute(sa.text("SELECT complaint FROM appointment")).scalar_one()
    assert "膝盖".encode() not in bytes(stored)
    assert make_id_number().encode() not in bytes(stored)


def test_every_hold_ends_in_exactly_one_way(desk: Desk) -> None:
    patient = make_patient(desk)
    slots = [make_slot(desk, dt.datetime(2026, 3, 13, hour)) for hour in (8, 9, 10)]
    kept, let_go, forgotten = (
        hold_slot(at(desk, hour=index), slot_id=slot.id, contact_id=patient.contact_id)
        for index, slot in enumerate(slots)
    )
    book(desk, hold_id=kept.id, patient_id=patient.id)
    holds.release_hold(at(desk, hour=1), hold_id=let_go.id)
    holds.expire_holds(at(desk, hour=3))
    statuses = {one.id: one.status for one in desk.session.exec(select(Hold))}
    assert statuses == {kept.id: "confirmed", let_go.id: "released", forgotten.id: "expired"}
