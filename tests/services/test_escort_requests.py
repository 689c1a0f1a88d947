from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, Invalid, NotAllowed, NotFound, Taken, WrongState, escorts, history, promises
from services.escort_stages import tick_step
from services.escorts import Escort, check_eligibility, request_escort
from services.patients import Patient
from tests.services.builders import at, make_contact, make_patient

MEETING = dt.datetime(2026, 3, 12, 9, 0)


def born(desk: Desk, age: int, *, sex: str = "female", serial: int = 1, sender: str = "a") -> Patient:
    contact = make_contact(desk, sender)
    birthday = dt.date(desk.now.year - age, 1, 1)
    return make_patient(desk, contact, birthday=birthday, sex=sex, serial=serial, relation="母亲")


def asked(desk: Desk, patient: Patient | None = None, start: dt.datetime = MEETING) -> Escort:
    patient = patient or born(desk, 82)
    return request_escort(desk, contact_id=patient.contact_id, patient_id=patient.id, start=start)


@pytest.mark.parametrize(
    ("age", "needs", "ground"),
    [
        (80, None, "age_80"),
        (79, "none", None),
        (70, "alone", "age_70_alone"),
        (69, "alone", None),
        (30, "hearing", "hearing"),
        (30, ["vision"], "vision"),
        (30, "wheelchair", "wheelchair"),
        (30, "pregnant,alone", "pregnant_alone"),
        (30, "pregnant", None),
    ],
)
def test_the_rules_decide_who_is_escorted(
    desk: Desk, age: int, needs: str | list[str] | None, ground: str | None
) -> None:
    found = check_eligibility(desk, patient=born(desk, age), needs=needs)
    assert (found.eligible, found.ground) == (ground is not None, ground)


def test_who_misses_one_condition_is_worth_one_question(desk: Desk) -> None:
    assert "alone" in check_eligibility(desk, patient=born(desk, 72)).missing
    assert "alone" in check_eligibility(desk, patient=born(desk, 30, serial=2), needs="pregnant").missing
    man = born(desk, 30, sex="male", serial=3)
    assert "pregnant" not in check_eligibility(desk, patient=man, needs="alone").missing


def test_a_request_has_a_number_a_meeting_point_and_a_reminder(desk: Desk) -> None:
    made = asked(desk)
    assert made.status == "requested"
    assert made.order_number.startswith("PZ260311-")
    assert made.place == desk.hospital.escort.meeting_points[0]
    (reminder,) = promises.list_promises(desk, subject=made.subject)
    minutes = dt.timedelta(minutes=desk.hospital.escort.remind_minutes_before)
    assert (reminder.kind, reminder.due_at) == ("escort_meeting", MEETING - minutes)
    assert reminder.slots["place"] == made.place


def test_a_button_pressed_twice_requests_one_escort(desk: Desk) -> None:
    patient = born(desk, 82)
    assert asked(desk, patient) is asked(desk, patient)
    with pytest.raises(NotAllowed) as error:
        asked(desk, patient, MEETING + dt.timedelta(hours=1))
    assert error.value.code == "duplicate"


def test_who_is_not_eligible_is_told_what_is_missing(desk: Desk) -> None:
    with pytest.raises(NotAllowed) as error:
        asked(desk, born(desk, 72))
    assert error.value.code == "not_eligible"
    assert "alone" in error.value.details["missing"]


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (dt.datetime(2026, 3, 11, 8, 0), "past"),
        (dt.datetime(2026, 3, 11, 9, 30), "short_notice"),
        (dt.datetime(2026, 3, 12, 7, 0), "closed_hour"),
        (dt.datetime(2026, 3, 12, 20, 0), "closed_hour"),
        (dt.datetime(2026, 5, 12, 9, 0), "too_far"),
    ],
)
def test_an_hour_at_which_nobody_can_come_is_refused(desk: Desk, start: dt.datetime, code: str) -> None:
    with pytest.raises((Invalid, NotAllowed)) as error:
        asked(desk, start=start)
    assert error.value.code == code


def test_the_half_hour_is_full_when_all_escorts_are_under_way_and_free_after_a_cancellation(
    desk: Desk,
) -> None:
    capacity = desk.hospital.escort.capacity
    made = [asked(desk, born(desk, 82, serial=i, sender=f"c{i}")) for i in range(capacity)]
    late_comer = born(desk, 82, serial=50, sender="z")
    with pytest.raises(Taken):
        asked(desk, late_comer, MEETING + dt.timedelta(minutes=10))
    escorts.cancel_escort(desk, escort_id=made[0].id)
    assert asked(desk, late_comer).status == "requested"


def test_the_patient_is_told_who_comes_and_what_changes(desk: Desk) -> None:
    made = asked(desk)
    staff = desk.acting_as("staff:2")
    escorts.advance_escort(
        staff, escort_id=made.id, status="accepted", companion="甲护士", companion_phone="10000000002"
    )
    (news,) = [
        one for one in promises.list_promises(desk, subject=made.subject) if one.kind == "escort_changed"
    ]
    assert (news.slots["status"], news.slots["companion"]) == ("accepted", "甲护士")
    for status in ("in-progress", "completed"):
        escorts.advance_escort(at(staff, days=1), escort_id=made.id, status=status)
    assert [one.new for one in history.list_changes(desk, record=made)] == [
        "requested",
        "accepted",
        "in-progress",
        "completed",
    ]
    with pytest.raises(WrongState):
        escorts.advance_escort(staff, escort_id=made.id, status="accepted")


def test_nobody_is_told_of_a_visit_begun_before_its_day(desk: Desk) -> None:
    made, staff = asked(desk), desk.acting_as("staff:2")
    escorts.advance_escort(staff, escort_id=made.id, status="accepted", companion="甲护士")
    told = len(promises.list_promises(desk, subject=made.subject))
    with pytest.raises(NotAllowed) as error:
        tick_step(staff, escort_id=made.id, step=desk.hospital.escort.stages[0].id)
    assert (error.value.code, made.status) == ("too_early", "accepted")
    assert len(promises.list_promises(desk, subject=made.subject)) == told
    tick_step(at(staff, days=1), escort_id=made.id, step=desk.hospital.escort.stages[0].id)
    assert made.status == "in-progress"


def test_cancelling_takes_the_reminder_back_and_comes_too_late_at_some_point(desk: Desk) -> None:
    made = asked(desk)
    soon = at(desk, hour=23.8)
    with pytest.raises(NotAllowed) as error:
        escorts.cancel_escort(soon, escort_id=made.id, contact_id=made.contact_id)
    assert error.value.code == "too_late"
    escorts.cancel_escort(desk, escort_id=made.id, contact_id=made.contact_id)
    assert escorts.cancel_escort(desk, escort_id=made.id).status == "cancelled"
    assert promises.list_promises(desk, subject=made.subject, status="waiting") == []


def test_upcoming_escorts_come_soonest_first_and_are_the_contacts_own(desk: Desk) -> None:
    patient = born(desk, 82)
    later = asked(desk, patient, MEETING + dt.timedelta(days=2))
    sooner = asked(desk, patient)
    assert escorts.list_escorts(desk, contact_id=patient.contact_id, upcoming=True) == [sooner, later]
    stranger = make_contact(desk, "b")
    assert escorts.list_escorts(desk, contact_id=stranger.id) == []
    with pytest.raises(NotFound):
        escorts.get_escort(desk, escort_id=sooner.id, contact_id=stranger.id)
