from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from services import Desk, Invalid, NotAllowed, NotFound, appointments, history, holds, phones
from services.phones import PhoneCode, confirm_phone, send_code
from tests.services.builders import at, make_contact, make_patient, make_slot
from tests.services.conftest import OpenDesk

PHONE = "10000001234"


def refused(work: Callable[[], object]) -> str:
    with pytest.raises((NotAllowed, Invalid, NotFound)) as error:
        work()
    return error.value.code


def test_the_right_code_confirms_the_phone_for_all_patients_of_the_contact_that_have_it(desk: Desk) -> None:
    one, two = make_patient(desk), make_patient(desk, serial=2, relation="母亲", name="李四")
    other = make_patient(desk, make_contact(desk, "b"), serial=3)
    code = send_code(desk, contact_id=one.contact_id, phone=PHONE)
    assert confirm_phone(desk, contact_id=one.contact_id, code=f" {code.code} ").status == "confirmed"
    for patient in (one, two, other):
        desk.session.refresh(patient)
    assert one.phone_confirmed_at == two.phone_confirmed_at == desk.now
    assert other.phone_confirmed_at is None
    assert refused(lambda: send_code(desk, contact_id=one.contact_id, phone=PHONE)) == "confirmed"


def test_a_code_dies_by_wrong_answers_by_time_and_by_the_next_one(desk: Desk) -> None:
    contact = make_contact(desk)
    wrong = send_code(desk, contact_id=contact.id, phone=PHONE)
    bad = "000000" if wrong.code != "000000" else "000001"
    assert refused(lambda: confirm_phone(desk, contact_id=contact.id, code=bad)) == "wrong"
    assert refused(lambda: confirm_phone(desk, contact_id=contact.id, code=bad)) == "wrong"
    assert refused(lambda: confirm_phone(desk, contact_id=contact.id, code=bad)) == "used_up"
    assert refused(lambda: confirm_phone(desk, contact_id=contact.id, code=bad)) == "no_code"
    later = at(desk, hour=0.1)
    first = send_code(later, contact_id=contact.id, phone=PHONE)
    first_code = first.code
    second = send_code(at(later, hour=0.1), contact_id=contact.id, phone=PHONE)
    assert (first.status, first.code) == ("replaced", None)
    late = at(later, hour=1)
    assert refused(lambda: confirm_phone(late, contact_id=contact.id, code=second.code or "")) == "expired"
    assert first_code is not None and second.code is None


def test_a_phone_is_not_made_to_ring_again_and_again(desk: Desk) -> None:
    rules = desk.hospital.registration.phone_code
    contact = make_contact(desk)
    send_code(desk, contact_id=contact.id, phone=PHONE)
    soon = at(desk, hour=1 / 240)
    assert refused(lambda: send_code(soon, contact_id=contact.id, phone=PHONE)) == "code_wait"
    other = make_contact(desk, "b")
    assert refused(lambda: send_code(soon, contact_id=other.id, phone=PHONE)) == "code_wait"
    for number in range(1, rules.per_phone_per_day):
        send_code(at(desk, hour=number / 10), contact_id=make_contact(desk, f"c{number}").id, phone=PHONE)
    later = at(desk, hour=2)
    assert refused(lambda: send_code(later, contact_id=contact.id, phone=PHONE)) == "too_many_codes"
    assert send_code(at(desk, days=1), contact_id=contact.id, phone=PHONE).status == "queued"


def test_one_contact_cannot_try_many_phones(desk: Desk) -> None:
    rules, contact = desk.hospital.registration.phone_code, make_contact(desk)
    for number in range(rules.per_contact_per_day):
        send_code(desk, contact_id=contact.id, phone=f"1000000{number:04d}")
    assert refused(lambda: send_code(desk, contact_id=contact.id, phone="10000009999")) == "too_many_codes"


def test_the_code_lies_sealed_is_emptied_when_over_and_stands_in_no_history(desk: Desk) -> None:
    contact = make_contact(desk)
    made = send_code(desk, contact_id=contact.id, phone=PHONE)
    code = made.code or ""
    raw = desk.session.execute(sa.text("SELECT code, phone, code_index FROM phone_code")).one()
    assert code.encode() not in bytes(raw[0]) and PHONE.encode() not in bytes(raw[1]) and code not in raw[2]
    assert code not in repr(made)
    assert phones.expire_codes(at(desk, hour=1)) == 1
    assert (made.status, made.code) == ("expired", None)
    steps = history.list_changes(desk, record=made)
    assert [one.new for one in steps] == ["queued", "expired"]
    assert all(code not in str(one.reason) for one in steps)


def test_each_code_is_handed_to_the_sender_once(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        for number in range(3):
            send_code(desk, contact_id=make_contact(desk, f"c{number}").id, phone=f"1000000{number:04d}")
    with open_desk(actor="delivery") as desk:
        claimed = phones.claim_codes(desk)
        assert [one[1] for one in claimed] == ["10000000000", "10000000001", "10000000002"]
        assert phones.claim_codes(desk) == []
        phones.mark_failed(desk, code_id=claimed[0][0], reason="status 500")
        assert desk.session.get_one(PhoneCode, claimed[0][0]).status == "failed"


def test_a_first_number_is_not_lost_to_a_text_message_but_the_second_waits_for_the_code(desk: Desk) -> None:
    patient = make_patient(desk)
    mine = desk.acting_as(f"contact:{patient.contact_id}")
    first = make_slot(desk, dt.datetime(2026, 3, 13, 8, 30))
    second = make_slot(desk, dt.datetime(2026, 3, 14, 8, 30), department="眼科", doctor_id="eye-1")
    hold = holds.hold_slot(mine, slot_id=first.id, contact_id=patient.contact_id, patient_id=patient.id)
    appointments.book(mine, hold_id=hold.id, patient_id=patient.id)

    def again() -> object:
        return holds.hold_slot(mine, slot_id=second.id, contact_id=patient.contact_id, patient_id=patient.id)

    assert refused(again) == "phone_unconfirmed"
    code = send_code(mine, contact_id=patient.contact_id, phone=PHONE).code
    confirm_phone(mine, contact_id=patient.contact_id, code=code or "")
    assert again()


def test_another_phone_must_be_confirmed_anew(desk: Desk) -> None:
    from services.patients import set_phone

    patient = make_patient(desk)
    phones.mark_known(desk, patient=patient)
    assert set_phone(desk, patient_id=patient.id, phone="10000005678").phone_confirmed_at is None
