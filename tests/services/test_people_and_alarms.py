"""Handovers, alarms, the history and its audit, and what else is asked of people."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services import (
    Desk,
    Invalid,
    NotFound,
    Taken,
    WrongState,
    alarms,
    events,
    handovers,
    history,
    promises,
    requests,
)
from services.staff import add_staff
from tests.services.builders import at, make_contact, make_id_number, make_patient


def colleague(desk: Desk, login: str) -> int:
    return add_staff(desk, login=login, name="甲", role="nurse")[0].id


def test_who_waits_for_a_person_waits_once_and_may_become_urgent(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    first = handovers.call_person(desk, contact_id=contact_id, reason="asked")
    again = handovers.call_person(desk, contact_id=contact_id, reason="emergency", urgent=True)
    assert again is first
    assert first.urgent
    assert handovers.list_handovers(desk) == [first]


def test_urgent_ones_stand_first_then_who_waits_longest(desk: Desk) -> None:
    calm, later, pressing = (
        handovers.call_person(
            desk, contact_id=make_contact(desk, name).id, reason="asked", urgent=name == "c"
        )
        for name in "abc"
    )
    assert handovers.list_handovers(desk) == [pressing, calm, later]


def test_one_takes_over_and_hands_back(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    wei, lan = colleague(desk, "wei"), colleague(desk, "lan")
    mine = handovers.take_over(desk, contact_id=contact_id, staff_id=wei)
    assert handovers.take_over(desk, contact_id=contact_id, staff_id=wei) is mine
    with pytest.raises(Taken) as error:
        handovers.take_over(desk, contact_id=contact_id, staff_id=lan)
    assert error.value.details["staff_id"] == wei
    assert handovers.hand_back(desk, contact_id=contact_id).status == "completed"
    with pytest.raises(WrongState):
        handovers.hand_back(desk, contact_id=contact_id)
    assert handovers.call_person(desk, contact_id=contact_id, reason="asked").id != mine.id
    assert [one.new for one in history.list_changes(desk, record=mine)] == [
        "requested",
        "in-progress",
        "completed",
    ]


def test_notes_among_staff_are_encrypted_and_newest_first(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    staff = desk.acting_as("staff:1")
    handovers.add_note(staff, contact_id=contact_id, text="听力不好，慢慢说")
    handovers.add_note(staff, contact_id=contact_id, text=" 已回电 ")
    assert [one.text for one in handovers.list_notes(desk, contact_id=contact_id)] == [
        "已回电",
        "听力不好，慢慢说",
    ]
    with pytest.raises(Invalid):
        handovers.add_note(staff, contact_id=contact_id, text=" ")
    stored = desk.session.connection().execute(sa.text("SELECT text FROM note")).scalars().all()
    assert all("听力".encode() not in bytes(one) for one in stored)


def test_an_alarm_raised_again_is_one_alarm_that_grows(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    first = alarms.raise_alarm(
        desk, kind="emergency", contact_id=contact_id, words=("胸痛",), flow="book_appointment"
    )
    again = alarms.raise_alarm(
        at(desk, hour=1), kind="emergency", contact_id=contact_id, words=("胸痛", "大汗")
    )
    assert again is first
    assert (first.times, first.words, first.last_at) == (2, ("胸痛", "大汗"), at(desk, hour=1).now)
    other = alarms.raise_alarm(desk, kind="crisis", contact_id=contact_id)
    assert alarms.list_alarms(desk) == [first, other]


def test_an_alarm_is_acknowledged_by_one_and_a_new_one_may_follow(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    first = alarms.raise_alarm(desk, kind="emergency", contact_id=contact_id)
    assert alarms.acknowledge_alarm(desk.acting_as("staff:1"), alarm_id=first.id)
    assert not alarms.acknowledge_alarm(desk.acting_as("staff:2"), alarm_id=first.id)
    assert (first.status, first.acknowledged_by) == ("acknowledged", "staff:1")
    assert alarms.raise_alarm(desk, kind="emergency", contact_id=contact_id).id != first.id
    with pytest.raises(NotFound):
        alarms.acknowledge_alarm(desk, alarm_id=99_999)


def test_seeing_identity_data_in_full_needs_a_reason_and_is_written_down(desk: Desk) -> None:
    patient = make_patient(desk)
    staff = desk.acting_as("staff:7")
    with pytest.raises(Invalid):
        history.reveal(staff, record=patient, field="id_number", reason=" ")
    assert history.list_reveals(desk) == []
    shown = history.reveal(staff, record=patient, field="id_number", reason="核对住院登记")
    assert shown == make_id_number()
    (trace,) = history.list_reveals(desk, record=patient)
    assert (trace.actor, trace.field, trace.record, trace.reason) == (
        "staff:7",
        "id_number",
        patient.subject,
        "核对住院登记",
    )


def test_an_event_of_another_system_is_taken_once(desk: Desk) -> None:
    assert events.take_event(desk, kind="discharge", external_id="D-1", subject="follow_up:1")
    assert not events.take_event(desk, kind="discharge", external_id="D-1")
    assert events.take_event(desk, kind="report", external_id="D-1")
    found = events.find_event(desk, kind="discharge", external_id="D-1")
    assert found is not None and found.about == "follow_up:1"


def test_help_asked_for_twice_is_one_request_until_it_is_done(desk: Desk) -> None:
    contact_id = make_contact(desk).id

    def ask() -> requests.ServiceRequest:
        return requests.request_service(
            desk,
            contact_id=contact_id,
            kind="onsite_help",
            slots={"place": "门诊一楼大厅", "phone": None},
            urgent=True,
        )

    first = ask()
    assert ask() is first
    assert (first.slots, first.urgent) == ({"place": "门诊一楼大厅"}, True)
    assert first.order_number.startswith("BZ260311-")
    requests.advance_request(desk.acting_as("staff:1"), request_id=first.id, status="completed")
    assert ask() is not first
    (news,) = promises.list_promises(desk, subject=first.subject)
    assert (news.kind, news.slots["status"]) == ("request_changed", "completed")
    with pytest.raises(WrongState):
        requests.advance_request(desk, request_id=first.id, status="accepted")
    with pytest.raises(Invalid):
        requests.request_service(desk, contact_id=contact_id, kind="pizza", slots={})


def test_a_record_of_another_hospital_is_out_of_reach(desk: Desk) -> None:
    contact_id = make_contact(desk).id
    mine = alarms.raise_alarm(desk, kind="emergency", contact_id=contact_id)
    mine.hospital_id = "elsewhere"
    desk.session.flush()
    assert alarms.list_alarms(desk) == []
    with pytest.raises(NotFound):
        alarms.acknowledge_alarm(desk, alarm_id=mine.id)
