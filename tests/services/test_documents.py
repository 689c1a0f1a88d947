from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, Invalid, NotAllowed, patients
from services.documents import check_machine_digit, parse_birthday, parse_document
from tests.services.builders import make_contact, make_id_number, make_patient

TODAY = dt.date(2026, 3, 11)


def machine_line(number: str = "E99900012", *, birth: str = "850601", expiry: str = "300101") -> str:
    """The second line of an invented passport, each check digit computed."""
    first, born, until = number.ljust(9, "<"), birth, expiry
    line = first + check_machine_digit(first) + "UTO" + born + check_machine_digit(born) + "M"
    line += until + check_machine_digit(until) + "<" * 14 + "0"
    return line + check_machine_digit(line[:10] + line[13:20] + line[21:43])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (make_id_number(), "citizen"),
        ("E99900012", "passport"),
        ("ab 999001", "passport"),
        ("H09990001", "hongkong_macau"),
        ("m0999000101", "hongkong_macau"),
        ("09990001", "taiwan"),
    ],
)
def test_a_document_is_known_by_its_form(text: str, kind: str) -> None:
    assert parse_document(text, today=TODAY).kind == kind


@pytest.mark.parametrize("text", ["", "12345", "ABCDEF", "H123", "E9990001234567", "护照"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_document(text, today=TODAY)
    assert error.value.field == "id_number"


def test_a_passports_machine_line_tells_birthday_and_sex_and_one_wrong_letter_is_noticed() -> None:
    line = machine_line()
    found = parse_document(line, today=TODAY)
    assert (found.text, found.sex, found.birthday) == ("E99900012", "male", dt.date(1985, 6, 1))
    with pytest.raises(Invalid) as error:
        parse_document(line[:3] + "8" + line[4:], today=TODAY)
    assert error.value.code == "checksum"
    with pytest.raises(Invalid) as error:
        parse_document(machine_line(expiry="250101"), today=TODAY)
    assert error.value.code == "expired"


@pytest.mark.parametrize("text", ["1990年5月1日", "1990-05-01", "19900501", "90.5.1", "生日是1990/5/1"])
def test_birthdays_are_read_as_people_write_them(text: str) -> None:
    assert parse_birthday(text, today=TODAY) == dt.date(1990, 5, 1)


@pytest.mark.parametrize(
    "text", ["12/05/1988", "12-5-1988", "12.05.1988", "ngày 12 tháng 5 năm 1988", "1988-05-12"]
)
def test_who_writes_vietnamese_puts_the_day_first(text: str) -> None:
    assert parse_birthday(text, today=TODAY, day_first=True) == dt.date(1988, 5, 12)


def test_a_year_put_last_is_read_only_where_day_and_month_cannot_be_mistaken() -> None:
    assert parse_birthday("25/05/1988", today=TODAY) == parse_birthday("05/25/1988", today=TODAY)
    with pytest.raises(Invalid):
        parse_birthday("12/05/1988", today=TODAY)


@pytest.mark.parametrize("text", ["", "去年", "2026-13-01", "1990年2月30日", "2027-01-01", "1850-01-01"])
def test_a_birthday_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_birthday(text, today=TODAY)


def test_who_has_a_passport_says_birthday_and_sex_and_is_one_person_under_two_contacts(desk: Desk) -> None:
    given = {"name": "Anna Li", "id_number": "E99900012", "phone": "10000001234"}
    with pytest.raises(Invalid) as error:
        patients.add_patient(desk, contact_id=make_contact(desk).id, **given)
    assert error.value.field == "birthday"
    told = given | {"birthday": dt.date(1985, 6, 1), "sex": "female"}
    first = patients.add_patient(desk, contact_id=make_contact(desk).id, **told)
    other = patients.add_patient(desk, contact_id=make_contact(desk, "b").id, relation="配偶", **told)
    assert (first.id_kind, first.sex, first.person) == ("passport", "female", other.person)


def test_a_child_without_document_stands_under_its_guardians_number(desk: Desk) -> None:
    contact, guardian = make_contact(desk), make_id_number()
    born = dt.date(2025, 12, 20)

    def add(name: str, birthday: dt.date, number: str | None = guardian) -> patients.Patient:
        return patients.add_patient(
            desk,
            contact_id=contact.id,
            name=name,
            id_number=None,
            id_kind="child",
            birthday=birthday,
            sex="male",
            phone="10000001234",
            relation="孩子",
            guardian_name="张三",
            guardian_id_number=number,
        )

    child, twin = add("张小宝", born), add("张小贝", born)
    assert (child.id_number, child.id_kind, child.age(TODAY)) == (None, "child", 0)
    assert child.person != twin.person and add("张小宝", born).id == child.id
    for birthday, number, code in (
        (dt.date(2011, 1, 1), guardian, "needs_document"),
        (born, None, "missing"),
        (born, make_id_number(dt.date(2010, 1, 1)), "guardian_age"),
    ):
        with pytest.raises((Invalid, NotAllowed)) as error:
            add("张大宝", birthday, number)
        assert error.value.code == code


def test_the_guardians_data_lies_sealed(desk: Desk) -> None:
    import sqlalchemy as sa

    patient = make_patient(desk)
    patient.guardian_name, patient.guardian_id_number = "李四", "999999198506010156"
    desk.session.add(patient)
    desk.session.flush()
    row = desk.session.execute(sa.text("SELECT guardian_name, guardian_id_number FROM patient")).one()
    assert b"999999" not in bytes(row[1]) and "李四".encode() not in bytes(row[0])
