from __future__ import annotations

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from services import Desk, Invalid, NotAllowed, NotFound, staff
from tests.services.builders import at

PASSWORD = "a long enough pass phrase"


@pytest.fixture(autouse=True)
def light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little memory, so that the suite is quick; the account logic is what is tried here."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(staff, "_hasher", hasher)
    monkeypatch.setattr(staff, "_NOBODY", hasher.hash("nobody"))


def test_a_set_up_link_sets_the_password_once(desk: Desk) -> None:
    made, token = staff.add_staff(desk, login="Wei.Nurse", name="甲", role="nurse")
    assert staff.verify_staff(desk, login="wei.nurse", password="") is None
    assert staff.find_setup_link(desk, token=token) is made
    staff.redeem_setup_link(desk, token=token, password=PASSWORD)
    assert staff.verify_staff(desk, login=" wei.nurse ", password=PASSWORD) is made
    with pytest.raises(NotFound):
        staff.redeem_setup_link(desk, token=token, password="another long pass phrase")


def test_neither_token_nor_password_nor_name_is_readable_in_the_database(desk: Desk) -> None:
    _, token = staff.add_staff(desk, login="wei", name="韦护士", role="nurse")
    staff.redeem_setup_link(desk, token=token, password=PASSWORD)
    connection = desk.session.connection()
    rows = [
        *connection.execute(sa.text("SELECT * FROM staff")),
        *connection.execute(sa.text("SELECT * FROM setup_link")),
    ]
    stored = b"|".join(
        bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for row in rows for v in row
    )
    for secret in (token, PASSWORD, "韦护士"):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


def test_a_link_ends_with_time_and_with_a_newer_link(desk: Desk) -> None:
    made, old = staff.add_staff(desk, login="wei", name="甲", role="nurse")
    assert staff.find_setup_link(at(desk, hour=staff.LINK_HOURS + 1), token=old) is None
    new = staff.make_setup_link(desk, staff_id=made.id)
    assert staff.find_setup_link(desk, token=old) is None
    assert staff.find_setup_link(desk, token=new) is made
    assert staff.find_setup_link(desk, token="guess") is None


@pytest.mark.parametrize("password", ["short", "x" * 300, "wei.somebody"])
def test_a_weak_password_is_refused_and_the_link_stays_good(desk: Desk, password: str) -> None:
    _, token = staff.add_staff(desk, login="wei.somebody", name="甲", role="nurse")
    with pytest.raises(Invalid) as error:
        staff.redeem_setup_link(desk, token=token, password=password)
    assert error.value.field == "password"
    assert staff.redeem_setup_link(desk, token=token, password=PASSWORD)


def test_five_wrong_passwords_lock_the_account_for_a_while(desk: Desk) -> None:
    _, token = staff.add_staff(desk, login="wei", name="甲", role="nurse")
    staff.redeem_setup_link(desk, token=token, password=PASSWORD)
    for _ in range(staff.MOST_FAILURES):
        assert staff.verify_staff(desk, login="wei", password="wrong") is None
    assert staff.verify_staff(desk, login="wei", password=PASSWORD) is None
    later = at(desk, hour=staff.LOCK_MINUTES / 60 + 0.1)
    assert staff.verify_staff(later, login="wei", password=PASSWORD) is not None


def test_a_closed_account_and_an_unknown_login_are_refused_alike(desk: Desk) -> None:
    made, token = staff.add_staff(desk, login="wei", name="甲", role="nurse")
    staff.redeem_setup_link(desk, token=token, password=PASSWORD)
    staff.close_staff(desk, staff_id=made.id)
    assert staff.verify_staff(desk, login="wei", password=PASSWORD) is None
    assert staff.verify_staff(desk, login="nobody", password=PASSWORD) is None
    assert not staff.may(made, "conversations")


def test_a_login_is_given_once_and_a_role_must_exist(desk: Desk) -> None:
    staff.add_staff(desk, login="wei", name="甲", role="nurse")
    with pytest.raises(NotAllowed):
        staff.add_staff(desk, login="WEI", name="乙", role="nurse")
    for wrong in ({"login": "a b"}, {"login": "x"}, {"name": " "}, {"role": "king"}):
        with pytest.raises(Invalid):
            staff.add_staff(desk, **({"login": "lan", "name": "乙", "role": "nurse"} | wrong))


def test_roles_open_only_their_own_doors(desk: Desk) -> None:
    nurse, _ = staff.add_staff(desk, login="wei", name="甲", role="nurse")
    pharmacist, _ = staff.add_staff(desk, login="lan", name="乙", role="pharmacy")
    chief, _ = staff.add_staff(desk, login="mo", name="丙", role="admin")
    assert staff.may(nurse, "followups") and not staff.may(nurse, "herbs")
    assert staff.may(pharmacist, "herbs") and not staff.may(pharmacist, "reveal")
    assert staff.may(chief, "staff") and not staff.may(nurse, "staff")
    assert staff.list_staff(desk) == [nurse, pharmacist, chief]
