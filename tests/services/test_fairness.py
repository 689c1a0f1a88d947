"""Limits by account, bookings held for review, reserved places and extra places, absences and appeals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from services import (
    Desk,
    Invalid,
    NotAllowed,
    Taken,
    WrongState,
    absences,
    extras,
    history,
    phones,
    promises,
    queues,
    referrals,
    reviews,
    waitlist,
)
from services.appointments import Appointment, book, cancel
from services.contacts import get_or_create_contact
from services.holds import hold_slot
from services.limits import find_block
from services.patients import Patient, add_patient, remove_patient
from services.schedules import find_free_slots, find_sessions, open_reserves, open_slots
from services.slots import Slot, get_slot
from services.staff import add_staff
from services.suspicion import find_review
from tests.services.builders import NOW, at, make_contact, make_id_number, make_patient, make_slot

DEPARTMENTS = (
    "骨科",
    "皮肤科",
    "眼科",
    "口腔科",
    "消化内科",
    "神经内科",
    "血液内科",
    "泌尿外科",
    "胸外科",
    "肾内科",
)


def someone(desk: Desk, name: str = "a", **facts: object) -> tuple[Desk, Patient]:
    """A patient whose phone is confirmed, and the desk as his contact writes to it."""
    serial = sum(map(ord, name)) % 97
    patient = make_patient(desk, make_contact(desk, name), serial=serial, **facts)  # type: ignore[arg-type]
    phones.mark_known(desk, patient=patient)
    return desk.acting_as(f"contact:{patient.contact_id}"), patient


def hire(desk: Desk) -> Desk:
    """The desk as one of the staff sits at it."""
    return desk.acting_as(f"staff:{add_staff(desk, login='lihuan', name='李欢', role='service')[0].id}")


def take(desk: Desk, patient: Patient, slot: Slot) -> Appointment:
    hold = hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id, patient_id=patient.id)
    return book(desk, hold_id=hold.id, patient_id=patient.id)


def slot_on(desk: Desk, day: int, number: int = 0, **facts: object) -> Slot:
    start = dt.datetime(2026, 3, 12, 8, 0) + dt.timedelta(days=day, minutes=30 * number)
    facts = {"department": DEPARTMENTS[number % 10], "doctor_id": f"d{day}-{number}"} | facts
    return make_slot(desk, start, **facts)  # type: ignore[arg-type]


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises((NotAllowed, Invalid, Taken, WrongState)) as error:
        work()
    return error.value.code


def test_an_account_has_its_limit_over_all_its_patients(desk: Desk) -> None:
    rules = desk.hospital.registration
    mine, patient = someone(desk)
    family = [patient] + [
        make_patient(desk, make_contact(desk, "a"), serial=50 + i, relation="其他亲属", name="李四")
        for i in range(2)
    ]
    for one in family:
        phones.mark_known(desk, patient=one)
    for number in range(rules.max_open_per_contact):
        take(at(mine, days=number / 3 - 5), family[number % 3], slot_on(desk, number, number))
    one_more = slot_on(desk, 9, 3)
    assert code_of(lambda: take(mine, family[0], one_more)) == "too_many_of_contact"
    staff = hire(desk)
    assert take(staff, family[0], one_more).status == "booked"


def test_the_fifth_account_on_one_phone_is_held_for_a_person_to_look_at(desk: Desk) -> None:
    limit = desk.hospital.registration.review.accounts_per_phone
    for number in range(limit):
        mine, patient = someone(desk, f"p{number}")
        assert take(mine, patient, slot_on(desk, 1, number)).status == "booked"
    mine, patient = someone(desk, "one-more")
    slot = slot_on(desk, 1, 8)
    booked = take(mine, patient, slot)
    assert booked.status == "pending" and get_slot(desk, slot_id=slot.id).taken == 1
    review = find_review(desk, appointment_id=booked.id)
    assert review is not None and review.grounds == "accounts_per_phone"
    assert promises.list_promises(desk, subject=booked.subject) == []

    staff = hire(desk)
    assert reviews.release_booking(staff, review_id=review.id).status == "booked"
    kinds = {one.kind for one in promises.list_promises(desk, subject=booked.subject)}
    assert kinds == {"appointment_reminder", "booking_reviewed"}
    assert reviews.release_booking(staff, review_id=review.id).status == "booked"
    assert code_of(lambda: reviews.refuse_booking(staff, review_id=review.id, reason="晚了")) == "decided"
    steps = [(one.new, one.actor) for one in history.list_changes(desk, record=booked)]
    assert steps == [("pending", mine.actor), ("booked", staff.actor)]


def kin(desk: Desk, serial: int, sender: str = "a", **facts: object) -> Patient:
    """One more 就诊人 of the contact, whose phone is confirmed."""
    facts = {"relation": "其他亲属", "name": "李四", "serial": serial} | facts
    one = make_patient(desk, make_contact(desk, sender), **facts)  # type: ignore[arg-type]
    phones.mark_known(desk, patient=one)
    return one


def grounds_of(desk: Desk, booked: Appointment) -> str:
    review = find_review(desk, appointment_id=booked.id)
    return review.grounds if review else ""


def test_a_burst_is_held_and_refusing_gives_the_place_to_the_next(desk: Desk) -> None:
    rules = desk.hospital.registration.review
    mine, patient = someone(desk)
    other = kin(desk, 60)
    for number in range(rules.burst_bookings):
        whose = (patient, other)[number % 2]
        assert take(mine, whose, slot_on(desk, 2 + number // 2, number)).status == "booked"
    slot = slot_on(desk, 5, 5)
    booked = take(mine, patient, slot)
    review = find_review(desk, appointment_id=booked.id)
    assert booked.status == "pending" and review is not None and review.grounds == "burst"
    assert code_of(lambda: reviews.refuse_booking(desk, review_id=review.id, reason=" ")) == "missing"
    ended = reviews.refuse_booking(hire(desk), review_id=review.id, reason="查无此人")
    assert (ended.status, ended.ended_reason, get_slot(desk, slot_id=slot.id).taken) == (
        "cancelled",
        "review",
        0,
    )
    later = at(mine, hour=rules.burst_minutes / 60 + 0.1)
    assert take(later, patient, slot).status == "booked"


def test_who_books_and_gives_back_again_and_again_is_looked_at(desk: Desk) -> None:
    mine, patient = someone(desk)
    for number in range(desk.hospital.registration.review.cancels):
        before = at(mine, days=-1 - number / 2)
        cancel(before, appointment_id=take(before, patient, slot_on(desk, number, number)).id)
    booked = take(mine, patient, slot_on(desk, 8, 8))
    review = find_review(desk, appointment_id=booked.id)
    assert review is not None and "cancels" in review.grounds


def test_a_family_books_one_number_each_in_one_sitting(desk: Desk) -> None:
    mine, son = someone(desk)
    family = [son, *(kin(desk, 60 + number) for number in range(4))]
    for number, one in enumerate(family):
        assert take(mine, one, slot_on(desk, 2, number)).status == "booked"


def test_twenty_accounts_on_one_phone_over_every_channel_are_looked_at_from_the_fifth_on(desk: Desk) -> None:
    """Names that differ by one character make no other telephone of it."""
    statuses = []
    for number in range(20):
        channel = ("web", "rest", "telegram")[number % 3]
        contact = get_or_create_contact(desk, channel=channel, sender=f"s{number}")
        patient = make_patient(desk, contact, name=f"张三{chr(0x4E00 + number)}", serial=number + 1)
        phones.mark_known(desk, patient=patient)
        mine = desk.acting_as(f"contact:{contact.id}")
        statuses.append(take(mine, patient, slot_on(desk, 1 + number // 10, number % 10)).status)
    limit = desk.hospital.registration.review.accounts_per_phone
    assert statuses == ["booked"] * limit + ["pending"] * (20 - limit)


def test_strangers_who_write_a_telephone_down_are_no_fault_of_whose_it_is(desk: Desk) -> None:
    for number in range(desk.hospital.registration.review.accounts_per_phone):
        stranger = make_patient(desk, make_contact(desk, f"x{number}"), serial=number + 1)
        acting = desk.acting_as(f"contact:{stranger.contact_id}")
        take(acting, stranger, slot_on(desk, 1, number))
    mine, patient = someone(desk)
    assert take(mine, patient, slot_on(desk, 1, 8)).status == "booked"


def test_many_numbers_with_one_doctor_on_one_day_are_looked_at(desk: Desk) -> None:
    mine, patient = someone(desk)
    several = [patient, *(kin(desk, 60 + number) for number in range(3))]
    got = [
        take(at(mine, hour=number), one, slot_on(desk, 2, number, department="骨科", doctor_id="x"))
        for number, one in enumerate(several)
    ]
    assert [grounds_of(desk, one) for one in got] == ["", "", "", "same_doctor"]


def test_more_persons_than_a_family_has_are_looked_at_though_each_was_taken_off_again(desk: Desk) -> None:
    """Four booked and taken off the list of the account, four more the next day: the list itself stays short."""
    mine, _ = someone(desk)
    got = []
    for number in range(8):
        one = kin(desk, 60 + number)
        now = at(mine, days=number // 4, hour=number % 4)
        got.append(grounds_of(desk, take(now, one, slot_on(desk, 2 + number // 4, number))))
        remove_patient(desk, patient_id=one.id, contact_id=one.contact_id)
    assert got == [""] * 6 + ["persons"] * 2


def test_the_last_place_given_back_and_taken_at_once_for_another_is_looked_at_the_second_time(
    desk: Desk,
) -> None:
    mine, patient = someone(desk)
    other, minutes = kin(desk, 60), desk.hospital.registration.review.handover_minutes
    got = []
    for number in range(3):
        slot = slot_on(desk, 2 + number, number)
        cancel(mine, appointment_id=take(mine, patient, slot).id)
        wait = minutes if number == 2 else 1
        got.append(grounds_of(desk, take(at(mine, hour=wait / 60), other, slot)))
    assert got == ["", "handed_over", ""]


def test_a_place_handed_to_another_account_is_looked_at_and_a_family_s_change_is_not(desk: Desk) -> None:
    mine, patient = someone(desk)
    theirs, buyer = someone(desk, "buyer")
    buyer.phone_index = "another"
    got = []
    for number in range(3):
        slot = slot_on(desk, 2 + number, number)
        cancel(mine, appointment_id=take(mine, patient, slot).id)
        got.append(grounds_of(desk, take(theirs, buyer, slot)))
    assert got == ["", "", "handed_over"]


def test_who_has_waited_in_line_was_handed_nothing(desk: Desk) -> None:
    mine, patient = someone(desk)
    theirs, waiting = someone(desk, "waiting")
    for number in range(2):
        cancel(mine, appointment_id=take(mine, patient, slot_on(desk, 2 + number, number)).id)
    slot = slot_on(desk, 5, 5)
    booked = take(mine, patient, slot)
    entry = waitlist.join_waitlist(
        theirs,
        contact_id=waiting.contact_id,
        patient_id=waiting.id,
        department=slot.department,
        date=slot.date,
    )
    cancel(mine, appointment_id=booked.id)
    accepted = waitlist.accept_offer(theirs, entry_id=entry.id, contact_id=waiting.contact_id)
    assert accepted.status == "booked"


def test_children_without_a_document_are_counted_by_their_guardian_over_all_accounts(desk: Desk) -> None:
    got = []
    for number in range(4):
        contact = make_contact(desk, f"g{number}")
        child = add_patient(
            desk,
            contact_id=contact.id,
            name=f"赵小{'一二三四'[number]}",
            id_number=None,
            id_kind="child",
            birthday=dt.date(2020 + number, 5, 1),
            sex="male",
            phone=f"1000000567{number}",
            relation="孩子",
            guardian_name="赵大",
            guardian_id_number=make_id_number(dt.date(1985, 6, 1)),
        )
        phones.mark_known(desk, patient=child)
        mine = desk.acting_as(f"contact:{contact.id}")
        got.append(grounds_of(desk, take(mine, child, slot_on(desk, 2, number, department="儿科"))))
    assert got == ["", "", "", "guardian"]


def test_a_village_doctor_books_for_ten_whom_his_institution_refers(desk: Desk) -> None:
    mine, _ = someone(desk)
    for number in range(10):
        one = make_id_number(dt.date(1950, 6, 1), serial=number + 1)
        referrals.refer_patient(
            desk,
            external_id=f"v{number}",
            institution="shili",
            name="李四",
            id_number=one,
            department=DEPARTMENTS[number],
        )
        villager = make_patient(
            desk,
            make_contact(desk),
            name="李四",
            birthday=dt.date(1950, 6, 1),
            serial=number + 1,
            relation="其他亲属",
        )
        assert take(mine, villager, slot_on(desk, 1, number)).status == "booked"
    own = kin(desk, 77)
    assert take(mine, own, slot_on(desk, 4, 1)).status == "booked"


def test_a_person_waits_no_more_often_through_many_accounts_and_is_kept_one_place_a_day(desk: Desk) -> None:
    limit = desk.hospital.registration.waitlist_per_contact
    day = dt.date(2026, 3, 13)
    for number in range(limit + 1):
        patient = make_patient(desk, make_contact(desk, f"w{number}"))
        mine = desk.acting_as(f"contact:{patient.contact_id}")

        def join(mine: Desk = mine, patient: Patient = patient) -> object:
            return waitlist.join_waitlist(
                mine, contact_id=patient.contact_id, patient_id=patient.id, department="骨科", date=day
            )

        if number < limit:
            join()
    assert code_of(join) == "too_many_waiting"
    for number in range(2):
        make_slot(desk, dt.datetime(2026, 3, 13, 9 + number, 0), doctor_id=f"o{number}")
    waitlist.offer_freed_slots(desk.acting_as("clock"))
    assert [one.status for one in waitlist.list_waitlist(desk)].count("proposed") == 1


def test_a_doubt_that_nobody_looks_at_ends_in_the_patients_favour(desk: Desk) -> None:
    for number in range(desk.hospital.registration.review.accounts_per_phone):
        take(*someone(desk, f"p{number}"), slot_on(desk, 1, number))
    mine, patient = someone(desk, "late")
    booked = take(mine, patient, slot_on(desk, 5, 9))
    clock = desk.acting_as("clock")
    review = find_review(desk, appointment_id=booked.id)
    assert review is not None and review.due_at == NOW.replace(
        hour=20, minute=45
    )  # he hears before the night
    assert reviews.settle_reviews(at(clock, hour=11)) == 0
    assert reviews.settle_reviews(at(clock, hour=12)) == 1
    assert reviews.settle_reviews(at(clock, hour=12)) == 0
    assert booked.status == "booked"


def test_cancelling_what_is_under_review_ends_the_review(desk: Desk) -> None:
    for number in range(desk.hospital.registration.review.accounts_per_phone):
        take(*someone(desk, f"p{number}"), slot_on(desk, 1, number))
    mine, patient = someone(desk, "late")
    booked = take(mine, patient, slot_on(desk, 5, 9))
    cancel(mine, appointment_id=booked.id, contact_id=patient.contact_id)
    review = find_review(desk, appointment_id=booked.id)
    assert review is not None and review.status == "cancelled"


def test_a_reserve_is_kept_for_referred_patients_until_its_hour(desk: Desk) -> None:
    open_slots(desk)
    department = "肾内科"
    (slot, *_) = [one for one in find_free_slots(desk, department=department, limit=400) if one.reserved]
    assert slot.opens_at is not None
    slot.taken, slot.status = slot.capacity, "busy"
    desk.session.add(slot)
    desk.session.flush()
    mine, patient = someone(desk)
    other_desk, other = someone(desk, "b")
    referral = referrals.refer_patient(
        desk,
        external_id="z-1",
        institution="shili",
        name=patient.name,
        id_number=patient.id_number or "",
        department=department,
    )
    assert (
        referrals.refer_patient(
            desk, external_id="z-1", institution="shili", name="甲乙", id_number="", department=""
        )
        is referral
    )
    assert slot not in find_free_slots(desk, department=department, date=slot.date, limit=400)
    assert slot in find_free_slots(desk, department=department, date=slot.date, referred=True, limit=400)
    seen = find_sessions(desk, department=department, doctor=slot.doctor, date=slot.date, referred=True)
    usual = find_sessions(desk, department=department, doctor=slot.doctor, date=slot.date)
    assert sum(one.remaining for one in seen) > sum(one.remaining for one in usual)

    kept, capacity = slot.reserved, slot.capacity
    assert code_of(lambda: take(other_desk, other, slot)) == "full"
    booked = take(mine, patient, slot)
    now = get_slot(desk, slot_id=slot.id)
    assert booked.reserved and (now.reserved, now.capacity, now.taken) == (
        kept - 1,
        capacity + 1,
        capacity + 1,
    )
    assert referral.status == "completed"
    cancel(mine, appointment_id=booked.id)
    now = get_slot(desk, slot_id=slot.id)
    assert (now.reserved, now.capacity, now.taken, referral.status) == (kept, capacity, capacity, "active")

    assert open_reserves(at(desk, hour=0.1)) == 0
    opened = at(desk, hour=(slot.opens_at - NOW).total_seconds() / 3600)
    assert open_reserves(opened) > 0 and open_reserves(opened) == 0
    now = get_slot(desk, slot_id=slot.id)
    assert (now.reserved, now.capacity, now.status) == (0, capacity + kept, "free")


def test_only_known_institutions_refer_and_only_where_numbers_are_sold(desk: Desk) -> None:
    facts = {"external_id": "z", "name": "张三", "id_number": "999999198506010156"}
    for institution, department in (("nobody", "肾内科"), ("shili", "急诊科"), ("shili", "仙丹科")):
        with pytest.raises(Invalid):
            referrals.refer_patient(desk, institution=institution, department=department, **facts)


def full_session(desk: Desk) -> Slot:
    slot = make_slot(desk, dt.datetime(2026, 3, 13, 11, 30))
    slot.taken, slot.status = slot.capacity, "busy"
    desk.session.add(slot)
    desk.session.flush()
    return slot


def test_an_extra_place_is_made_when_the_doctor_agrees_and_goes_with_the_patient(desk: Desk) -> None:
    slot = full_session(desk)
    mine, patient = someone(desk)
    asked = {"contact_id": patient.contact_id, "patient_id": patient.id, "slot_id": slot.id}
    assert code_of(lambda: extras.request_extra(mine, reason=" ", **asked)) == "missing"
    request = extras.request_extra(mine, reason="外地来的", **asked)
    assert extras.request_extra(mine, reason="再问一次", **asked) is request
    doctor = hire(desk)
    booked = extras.accept_extra(doctor, request_id=request.id)
    assert extras.accept_extra(doctor, request_id=request.id) is booked
    now = get_slot(desk, slot_id=slot.id)
    assert (booked.status, booked.extra, now.taken, now.capacity, now.status) == (
        "booked",
        True,
        2,
        2,
        "busy",
    )
    told = promises.list_promises(desk, subject=request.subject)
    assert [one.kind for one in told] == ["extra_answered"]
    assert code_of(lambda: extras.decline_extra(doctor, request_id=request.id, answer="不")) == "decided"
    cancel(mine, appointment_id=booked.id)
    now = get_slot(desk, slot_id=slot.id)
    assert (now.taken, now.capacity, now.status) == (1, 1, "busy")


def test_a_doctor_grants_no_more_than_the_rule_and_silence_ends_in_a_word(desk: Desk) -> None:
    slot, rules = full_session(desk), desk.hospital.registration.extra
    requests = []
    for number in range(rules.per_session + 1):
        mine, patient = someone(desk, f"e{number}")
        requests.append(
            extras.request_extra(
                mine, contact_id=patient.contact_id, patient_id=patient.id, slot_id=slot.id, reason="急"
            )
        )
    for request in requests[:-1]:
        extras.accept_extra(desk, request_id=request.id)
    last = requests[-1]
    assert code_of(lambda: extras.accept_extra(desk, request_id=last.id)) == "extras_full"
    clock = desk.acting_as("clock")
    assert extras.expire_extras(clock) == 0
    over = at(clock, hour=(last.due_at - NOW).total_seconds() / 3600)
    assert (extras.expire_extras(over), last.status) == (1, "rejected")
    assert [one.kind for one in promises.list_promises(desk, subject=last.subject)] == ["extra_answered"]


def test_a_session_with_numbers_left_is_not_extended(desk: Desk) -> None:
    slot = full_session(desk)
    wanted = {"department": slot.department, "doctor": slot.doctor}
    found = extras.find_session_to_extend(desk, **wanted)
    assert found is not None and found.id == slot.id
    make_slot(desk, dt.datetime(2026, 3, 13, 11, 0))
    assert extras.find_session_to_extend(desk, **wanted) is None


def test_after_its_day_a_visit_was_kept_or_missed_and_never_stays_booked(desk: Desk) -> None:
    came_desk, came = someone(desk, "came")
    missed_desk, missed = someone(desk, "missed")
    kept = take(came_desk, came, slot_on(desk, 0, 1))
    lost = take(missed_desk, missed, slot_on(desk, 0, 2))
    queues.check_in(at(desk, days=1), appointment_id=kept.id)
    clock = desk.acting_as("clock")
    assert absences.end_past_visits(at(clock, days=1, hour=14.9)) == 0
    assert absences.end_past_visits(at(clock, days=1, hour=15)) == 2
    assert absences.end_past_visits(at(clock, days=1, hour=15)) == 0
    assert (kept.status, lost.status) == ("fulfilled", "noshow")
    told = promises.list_promises(desk, subject=lost.subject, status="waiting")
    assert [one.kind for one in told] == ["appointment_missed"]


def test_a_half_day_on_which_nobody_at_all_checked_in_is_held_against_nobody(desk: Desk) -> None:
    came_desk, came = someone(desk, "came")
    missed_desk, missed = someone(desk, "missed")
    kept = take(came_desk, came, slot_on(desk, 0, 1))
    unheard = take(missed_desk, missed, slot_on(desk, 0, 13))  # in the afternoon
    queues.check_in(at(desk, days=1), appointment_id=kept.id)
    clock = at(desk, days=1, hour=15, actor="clock")
    while absences.end_past_visits(clock, limit=1):
        pass
    assert (kept.period, unheard.period) == ("morning", "afternoon")
    assert (kept.status, unheard.status) == ("fulfilled", "fulfilled")
    told = promises.list_promises(desk, subject=unheard.subject, status="waiting")
    assert "appointment_missed" not in [one.kind for one in told]


def test_a_hospital_that_does_not_write_arrivals_down_blames_nobody(desk: Desk) -> None:
    from dataclasses import replace

    rules = desk.hospital.registration.model_copy(update={"arrivals_reported": False})
    quiet = replace(desk, hospital=replace(desk.hospital, registration=rules))
    mine, patient = someone(desk)
    booked = take(mine, patient, slot_on(desk, 0, 1))
    assert absences.end_past_visits(at(quiet, days=2, actor="clock")) == 1
    assert booked.status == "fulfilled"


def miss(desk: Desk, patient: Patient, *days: int) -> None:
    for number, day in enumerate(days):
        before = at(desk, days=-day - 1)
        slot = make_slot(
            desk, before.now + dt.timedelta(days=1), doctor_id=f"m{day}", department=DEPARTMENTS[number]
        )
        take(before, patient, slot).status = "noshow"
    desk.session.flush()


def test_three_absences_in_ninety_days_end_online_booking_and_a_settled_appeal_opens_it_again(
    desk: Desk,
) -> None:
    mine, patient = someone(desk)
    miss(desk, patient, 80, 40, 10)
    slot = slot_on(desk, 2, 1)
    assert find_block(desk, person=patient.person) == NOW.date() + dt.timedelta(days=20)
    assert code_of(lambda: take(mine, patient, slot)) == "no_shows"
    appeal = absences.appeal_absence(
        mine, contact_id=patient.contact_id, patient_id=patient.id, text="我来了，系统记错"
    )
    again = absences.appeal_absence(mine, contact_id=patient.contact_id, patient_id=patient.id, text="我来了")
    assert again is appeal
    staff = hire(desk)
    assert (
        code_of(lambda: absences.settle_appeal(staff, appeal_id=appeal.id, accept=True, reason=""))
        == "missing"
    )
    absences.settle_appeal(staff, appeal_id=appeal.id, accept=True, reason="分诊台有登记")
    assert find_block(desk, person=patient.person) is None
    assert take(mine, patient, slot).status == "booked"
    steps = history.list_changes(desk, record=appeal)
    assert [(one.new, one.actor, one.reason) for one in steps][-1] == (
        "accepted",
        staff.actor,
        "分诊台有登记",
    )
    assert [one.kind for one in promises.list_promises(desk, subject=appeal.subject)] == ["appeal_settled"]


def test_an_appeal_that_is_refused_leaves_the_block_and_staff_can_still_book(desk: Desk) -> None:
    mine, patient = someone(desk)
    miss(desk, patient, 30, 20, 10)
    appeal = absences.appeal_absence(mine, contact_id=patient.contact_id, patient_id=patient.id, text="下雨")
    staff = hire(desk)
    absences.settle_appeal(staff, appeal_id=appeal.id, accept=False, reason="没有记录")
    slot = slot_on(desk, 2, 1)
    assert code_of(lambda: take(mine, patient, slot)) == "no_shows"
    assert take(staff, patient, slot).status == "booked"


def test_nobody_appeals_against_nothing(desk: Desk) -> None:
    mine, patient = someone(desk)
    facts = {"contact_id": patient.contact_id, "patient_id": patient.id}
    assert code_of(lambda: absences.appeal_absence(mine, text="什么", **facts)) == "no_absence"
