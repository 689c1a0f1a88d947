from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services import Desk, Invalid, NotAllowed, NotFound, patients
from services.identity import (
    check_digit,
    mask_id_number,
    mask_name,
    mask_phone,
    parse_id_number,
    parse_name,
    parse_phone,
)
from tests.services.builders import make_contact, make_id_number, make_patient


def test_sex_and_birthday_are_read_from_the_id_number() -> None:
    found = parse_id_number(make_id_number(dt.date(1948, 2, 29), sex="female"))
    assert (found.sex, found.birthday) == ("female", dt.date(1948, 2, 29))
    assert found.age(dt.date(2026, 2, 28)) == 77
    assert found.age(dt.date(2026, 3, 1)) == 78


@given(st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_in_an_id_number_is_always_noticed(birthday: dt.date, place: int, shift: int) -> None:
    number = make_id_number(birthday)
    digit = str((int(number[place]) + shift) % 10)
    with pytest.raises(Invalid) as error:
        parse_id_number(number[:place] + digit + number[place + 1 :])
    assert error.value.field == "id_number"


@given(st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)), st.integers(6, 15))
def test_two_neighbouring_digits_exchanged_are_noticed(birthday: dt.date, place: int) -> None:
    number = make_id_number(birthday)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(Invalid):
            parse_id_number(swapped)


def test_a_small_x_and_blanks_in_an_id_number_do_no_harm() -> None:
    ends_in_x = next(
        number for serial in range(99) if (number := make_id_number(serial=serial)).endswith("X")
    )
    spaced = f" {ends_in_x[:6]} {ends_in_x[6:14]} {ends_in_x[14:].lower()}"
    assert parse_id_number(spaced).text == ends_in_x


@pytest.mark.parametrize(
    ("text", "code"), [("", "length"), ("12345", "length"), ("五", "length"), ("9" * 18, "checksum")]
)
def test_an_id_number_that_is_none_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_id_number(text)
    assert error.value.code == code


def test_a_day_that_does_not_exist_is_no_birthday() -> None:
    number = "99999919850230011"
    with pytest.raises(Invalid) as error:
        parse_id_number(number + check_digit(number))
    assert error.value.code == "birthday"


def test_phones_are_read_as_people_write_them() -> None:
    assert parse_phone("+86 100-0000-1234") == "10000001234"
    assert parse_phone("+852 0000-1234") == parse_phone("85200001234") == "+85200001234"
    assert parse_phone("+84 100 001 234") == "+84100001234"
    assert parse_phone("00001234", permit="H00000001") == "+85200001234"
    assert parse_phone("00001234", permit="M00000001") == "+85300001234"
    assert parse_phone("(000)10000111") == "00010000111"
    for wrong in ("1234", "20000001234", "100000012345", "张三", ""):
        with pytest.raises(Invalid):
            parse_phone(wrong)


def test_names_of_every_script_pass_and_others_do_not() -> None:
    for name in ("张三", "欧阳小明", "阿卜杜拉·买买提", "Nguyễn Văn An", "O'Neil", "O’Neil", "John F. Kent"):
        assert parse_name(f" {name} ") == name
    for wrong in ("张", "张三1", "😀😀", "", "<b>张</b>", "a" * 41):
        with pytest.raises(Invalid):
            parse_name(wrong)


def test_masks_show_just_enough_to_recognise_oneself() -> None:
    assert [mask_name(one) for one in ("张三", "王小明", "欧阳小明")] == ["张*", "王*明", "欧**明"]
    assert mask_phone("10000001234") == "100****1234"
    number = make_id_number()
    assert mask_id_number(number) == "9" + "*" * 13 + number[-4:]


def test_identity_data_lies_encrypted_in_its_column_and_never_in_a_repr(desk: Desk) -> None:
    patient = make_patient(desk)
    row = desk.session.connection().execute(sa.text("SELECT * FROM patient")).mappings().one()
    stored = b"|".join(
        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        for value in row.values()
    )
    for secret in ("张三", "10000001234", make_id_number(), "1985-06-01"):
        assert secret.encode() not in stored
        assert secret not in repr(patient) + str(patient)
    desk.session.expire_all()
    assert (patient.name, patient.phone, patient.birth) == ("张三", "10000001234", "1985-06-01")


def test_one_contact_speaks_for_several_patients_himself_first(desk: Desk) -> None:
    contact = make_contact(desk)
    mother = make_patient(
        desk, contact, name="李四", relation="母亲", sex="female", birthday=dt.date(1950, 1, 1)
    )
    child = make_patient(desk, contact, name="张小三", relation="孩子", birthday=dt.date(2020, 1, 1))
    himself = make_patient(desk, contact, name="张三")
    assert patients.list_patients(desk, contact_id=contact.id) == [himself, mother, child]
    assert patients.find_patient(desk, contact_id=contact.id, relation="母亲") is mother
    assert patients.find_patient(desk, contact_id=contact.id, name="张小三") is child
    assert patients.find_patient(desk, contact_id=contact.id) is None


def test_the_same_id_number_again_brings_the_record_up_to_date(desk: Desk) -> None:
    contact = make_contact(desk)
    first = make_patient(desk, contact, name="张三")
    again = patients.add_patient(
        desk, contact_id=contact.id, name="张三丰", id_number=make_id_number(), phone="10000005678"
    )
    assert again.id == first.id
    assert (again.name, again.phone) == ("张三丰", "10000005678")
    assert len(patients.list_patients(desk, contact_id=contact.id)) == 1


def test_a_contact_keeps_no_more_patients_than_the_rule_allows(desk: Desk) -> None:
    contact = make_contact(desk)
    limit = desk.hospital.registration.max_patients_per_contact
    for serial in range(limit):
        make_patient(desk, contact, serial=serial + 1, relation="朋友")
    with pytest.raises(NotAllowed) as error:
        make_patient(desk, contact, serial=limit + 1, relation="朋友")
    assert error.value.code == "too_many_patients"


def test_nobody_is_himself_twice(desk: Desk) -> None:
    make_patient(desk)
    with pytest.raises(NotAllowed) as error:
        make_patient(desk, serial=2)
    assert error.value.code == "second_self"


def test_a_birthday_in_the_future_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid) as error:
        make_patient(desk, birthday=dt.date(2026, 3, 12), relation="孩子")
    assert error.value.code == "birthday"


def test_a_person_is_found_by_id_number_or_phone_without_reading_every_row(desk: Desk) -> None:
    here, there = make_contact(desk, "a"), make_contact(desk, "b")
    mine, hers = make_patient(desk, here), make_patient(desk, there, relation="孩子")
    make_patient(desk, there, serial=2)
    assert patients.find_persons(desk, id_number=make_id_number()) == [mine, hers]
    patients.set_phone(desk, patient_id=mine.id, phone="000 10000999")
    assert patients.find_persons(desk, phone="00010000999") == [mine]


def test_another_contacts_patient_does_not_exist_for_me(desk: Desk) -> None:
    patient = make_patient(desk, make_contact(desk, "a"))
    stranger = make_contact(desk, "b")
    with pytest.raises(NotFound):
        patients.get_patient(desk, patient_id=patient.id, contact_id=stranger.id)


def test_a_removed_patient_is_gone_and_comes_back_when_added_again(desk: Desk) -> None:
    patient = make_patient(desk)
    patients.remove_patient(desk, patient_id=patient.id, contact_id=patient.contact_id)
    assert patients.list_patients(desk, contact_id=patient.contact_id) == []
    assert make_patient(desk).id == patient.id


def test_consent_holds_for_its_purpose_until_it_is_withdrawn(desk: Desk) -> None:
    contact = make_contact(desk)
    given = patients.give_consent(desk, contact_id=contact.id, purpose="follow_up", wording="follow_up v1")
    assert patients.give_consent(desk, contact_id=contact.id, purpose="follow_up").id == given.id
    assert patients.has_consent(desk, contact_id=contact.id, purpose="follow_up")
    assert not patients.has_consent(desk, contact_id=contact.id, purpose="platform_abroad")
    assert patients.withdraw_consent(desk, contact_id=contact.id, purpose="follow_up")
    assert not patients.has_consent(desk, contact_id=contact.id, purpose="follow_up")
    assert not patients.withdraw_consent(desk, contact_id=contact.id, purpose="follow_up")


def test_one_id_number_has_one_name_at_the_hospital(desk: Desk) -> None:
    first = make_patient(desk, make_contact(desk, "a"), name="韦兰英")
    with pytest.raises(NotAllowed) as error:
        make_patient(desk, make_contact(desk, "b"), name="陈一")
    assert error.value.code == "name_differs"
    assert make_patient(desk, make_contact(desk, "b"), name="韦兰英").person == first.person
