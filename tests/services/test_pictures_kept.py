"""Where a patient's picture lies: sealed, with its complaint, gone when nobody claims it or the patient asks."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from services import Desk, NotAllowed, pictures
from services.complaints import file_complaint
from services.pictures import ComplaintPicture, Picture
from services.privacy import erase, export, find_contact_scope
from tests.services.builders import at, make_contact

PICTURE = Picture(b"not really a jpeg, but nobody looks here", 4, 3)


def test_it_lies_sealed_and_belongs_to_the_complaint_that_follows(desk: Desk) -> None:
    contact = make_contact(desk)
    kept = pictures.keep_picture(desk, contact_id=contact.id, picture=PICTURE)
    assert kept.complaint_id is None
    stranger = file_complaint(desk, contact_id=make_contact(desk, "b").id, text="厕所脏")
    mine = file_complaint(desk, contact_id=contact.id, text="厕所脏")
    assert pictures.list_pictures(desk, complaint_ids=[mine.id, stranger.id]) == {mine.id: [kept.id]}
    stored = desk.session.connection().execute(sa.text("SELECT body FROM complaint_picture")).scalar_one()
    assert b"jpeg" not in bytes(stored)
    assert pictures.open_picture(desk.acting_as("staff:1"), picture_id=kept.id) == PICTURE.jpeg


def test_one_that_nobody_claims_is_deleted_after_its_hours(desk: Desk) -> None:
    pictures.keep_picture(desk, contact_id=make_contact(desk).id, picture=PICTURE)
    hours = desk.hospital.complaints.pictures.hours
    assert pictures.drop_unclaimed(at(desk, hour=hours - 1)) == 0
    assert pictures.drop_unclaimed(at(desk, hour=hours)) == 1
    assert desk.session.exec(select(ComplaintPicture)).all() == []


def test_there_are_only_so_many(desk: Desk) -> None:
    contact = make_contact(desk)
    for _ in range(desk.hospital.complaints.pictures.most):
        pictures.keep_picture(desk, contact_id=contact.id, picture=PICTURE)
    with pytest.raises(NotAllowed):
        pictures.keep_picture(desk, contact_id=contact.id, picture=PICTURE)


def test_erasing_removes_it_and_the_copy_holds_it(desk: Desk) -> None:
    contact = make_contact(desk)
    file_complaint(desk, contact_id=contact.id, text="厕所脏")
    pictures.keep_picture(desk, contact_id=contact.id, picture=PICTURE)
    scope = find_contact_scope(desk, contact_id=contact.id)
    (copied,) = export(desk, scope=scope, reason="本人")["complaint_picture"]
    assert copied["body"] and copied["width"] == 4
    erase(desk, scope=scope, reason="本人")
    assert desk.session.exec(select(ComplaintPicture)).all() == []
