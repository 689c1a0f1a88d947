from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from services import Desk, WrongState, appointments, holds, promises
from services.appointments import Appointment
from services.promises import Promise
from tests.services.builders import NOW, at, make_contact, make_patient, make_slot
from tests.services.conftest import OpenDesk


def give(
    desk: Desk, *, due: float = 0, drop: float = 24, urgent: bool = False, subject: str = "x:1"
) -> Promise:
    """Due and dropped so many hours from now."""
    given = promises.promise(
        desk,
        contact_id=make_contact(desk).id,
        kind="news",
        due_at=desk.now + dt.timedelta(hours=due),
        drop_after=desk.now + dt.timedelta(hours=drop),
        urgent=urgent,
        subject=subject,
        slots={"department": "骨科"},
    )
    desk.session.flush()
    return given


def booked(desk: Desk, start: dt.datetime) -> Appointment:
    patient = make_patient(desk)
    hold = holds.hold_slot(desk, slot_id=make_slot(desk, start).id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id)


def test_a_promise_is_claimed_when_due_and_kept_once(desk: Desk) -> None:
    one = give(desk, due=1)
    assert promises.claim_due(desk) == []
    later = at(desk, hour=1)
    (claimed,) = promises.claim_due(later)
    assert (claimed.id, claimed.slots) == (one.id, {"department": "骨科"})
    assert promises.claim_due(later) == []
    promises.keep(later, promise_id=one.id)
    with pytest.raises(WrongState):
        promises.keep(later, promise_id=one.id)
    assert promises.claim_due(at(desk, hour=3)) == []


def test_what_a_dead_clock_had_claimed_is_given_out_again(desk: Desk) -> None:
    one = give(desk)
    promises.claim_due(desk)
    soon = at(desk, hour=1 / 60)
    assert promises.claim_due(soon) == []
    after = at(desk, hour=0.5)
    assert [claimed.id for claimed in promises.claim_due(after)] == [one.id]
    promises.keep(after, promise_id=one.id)


def test_a_crash_between_claiming_and_keeping_sends_nothing_twice(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        one = give(desk).id
    with open_desk(actor="clock") as desk:
        promises.claim_due(desk)
    with pytest.raises(ZeroDivisionError), open_desk(actor="clock") as desk:
        promises.keep(desk, promise_id=one)
        raise ZeroDivisionError  # the process dies before the commit
    with open_desk(now=NOW + dt.timedelta(hours=1), actor="clock") as desk:
        assert [claimed.id for claimed in promises.claim_due(desk)] == [one]
        promises.keep(desk, promise_id=one)
    with open_desk(now=NOW + dt.timedelta(hours=2), actor="clock") as desk:
        assert promises.claim_due(desk) == []


def test_a_slow_clock_overtaken_by_another_must_not_send(desk: Desk) -> None:
    one = give(desk)
    promises.claim_due(desk)
    later = at(desk, hour=1)
    promises.claim_due(later)
    promises.keep(later, promise_id=one.id)
    with pytest.raises(WrongState):
        promises.keep(desk, promise_id=one.id)


def test_quiet_hours_hold_back_all_but_what_is_urgent(desk: Desk) -> None:
    evening = at(desk, hour=12.5)
    assert promises.is_quiet(evening)
    calm, pressing = give(evening), give(evening, urgent=True)
    assert [one.id for one in promises.claim_due(evening)] == [pressing.id]
    night = at(desk, hour=19)
    assert promises.is_quiet(night)
    assert calm.id not in [one.id for one in promises.claim_due(night)]
    morning = at(desk, hour=23)
    assert not promises.is_quiet(morning)
    assert calm.id in [one.id for one in promises.claim_due(morning)]


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_quiet_hours_begin_and_end_on_the_minute(desk: Desk, clock: str, quiet: bool) -> None:
    assert promises.is_quiet(desk, dt.datetime.combine(NOW.date(), dt.time.fromisoformat(clock))) is quiet


def test_what_comes_too_late_is_dropped_and_shown_to_staff(desk: Desk) -> None:
    late, still_good = give(desk, drop=2), give(desk, drop=48)
    next_day = at(desk, days=1)
    assert [one.id for one in promises.claim_due(next_day)] == [still_good.id]
    (dropped,) = promises.list_promises(desk, status="dropped")
    assert (dropped.id, dropped.reason, dropped.ended_at) == (late.id, "too_late", next_day.now)


def test_a_day_of_downtime_loses_nothing_that_still_helps(desk: Desk) -> None:
    wanted = [give(desk, due=hour, drop=hour + 40).id for hour in range(0, 24, 4)]
    found = [one.id for one in promises.claim_due(at(desk, days=1))]
    assert found == wanted


def test_promises_of_a_record_are_taken_back_with_it(desk: Desk) -> None:
    mine, other = give(desk, subject="appointment:1"), give(desk, subject="appointment:11")
    (claimed, _) = promises.claim_due(desk)
    assert claimed.id == mine.id
    assert promises.cancel_promises(desk, subject="appointment:1") == 1
    with pytest.raises(WrongState):
        promises.keep(desk, promise_id=mine.id)
    promises.keep(desk, promise_id=other.id)


def test_a_promise_that_could_not_be_kept_now_is_tried_again_later(desk: Desk) -> None:
    one = give(desk, drop=1)
    promises.claim_due(desk)
    promises.postpone(desk, promise_id=one.id, due_at=at(desk, hour=2).now)
    assert promises.claim_due(at(desk, hour=1)) == []
    assert [again.id for again in promises.claim_due(at(desk, hour=2))] == [one.id]


def test_a_promise_given_up_says_why(desk: Desk) -> None:
    one = give(desk)
    promises.claim_due(desk)
    promises.drop(desk, promise_id=one.id, reason="unreachable")
    assert [found.reason for found in promises.list_promises(desk, status="dropped")] == ["unreachable"]


def test_who_acts_himself_is_not_told(desk: Desk) -> None:
    contact = make_contact(desk)
    himself = desk.acting_as(f"contact:{contact.id}")
    told = promises.tell(himself, contact_id=contact.id, kind="news", subject="x:1", slots={})
    assert told is None
    assert promises.tell(desk, contact_id=contact.id, kind="news", subject="x:1", slots={}) is not None


def test_an_appointment_is_promised_the_evening_before_and_two_hours_before(desk: Desk) -> None:
    made = booked(desk, dt.datetime(2026, 3, 13, 15, 0))
    given = promises.list_promises(desk, subject=made.subject, status="waiting")
    due = {one.slots["reminder"]: one.due_at for one in given}
    assert dt.datetime(2026, 3, 12, 18) <= due["evening_before"] <= dt.datetime(2026, 3, 12, 20)
    assert due["two_hours_before"] == dt.datetime(2026, 3, 13, 13, 0)
    assert all(one.slots["patient_name"] == "张三" for one in given)
    assert all(one.slots["time"] == "15:00" for one in given)


def test_a_morning_reminder_that_falls_into_quiet_hours_comes_when_they_end(desk: Desk) -> None:
    made = booked(desk, dt.datetime(2026, 3, 13, 8, 30))
    (morning,) = [
        one
        for one in promises.list_promises(desk, subject=made.subject)
        if one.slots["reminder"] == "two_hours_before"
    ]
    assert morning.due_at == dt.datetime(2026, 3, 13, 8, 0)
    assert morning.drop_after > morning.due_at


def test_a_reminder_that_would_come_when_one_is_there_already_is_not_promised(desk: Desk) -> None:
    made = booked(desk, dt.datetime(2026, 3, 13, 8, 0))
    reminders = {one.slots["reminder"] for one in promises.list_promises(desk, subject=made.subject)}
    assert reminders == {"evening_before"}


def test_who_books_for_today_is_not_reminded_of_yesterday_evening(desk: Desk) -> None:
    made = booked(desk, dt.datetime(2026, 3, 11, 15, 0))
    reminders = {one.slots["reminder"] for one in promises.list_promises(desk, subject=made.subject)}
    assert reminders == {"two_hours_before"}


def test_a_cancelled_appointment_is_not_reminded_of(desk: Desk) -> None:
    made = booked(desk, dt.datetime(2026, 3, 13, 15, 0))
    appointments.cancel(desk, appointment_id=made.id)
    assert promises.list_promises(desk, subject=made.subject, status="waiting") == []


def test_a_hold_that_runs_out_is_a_promise_too_and_ends_with_the_hold(desk: Desk) -> None:
    contact = make_contact(desk)
    hold = holds.hold_slot(desk, slot_id=make_slot(desk).id, contact_id=contact.id)
    late = at(desk, hour=0.2)
    holds.expire_holds(late)
    (news,) = promises.claim_due(late)
    assert (news.kind, news.about, news.urgent) == ("hold_expired", hold.subject, True)
    again = holds.hold_slot(late, slot_id=hold.slot_id, contact_id=contact.id)
    holds.release_hold(late, hold_id=again.id)
    assert promises.list_promises(desk, subject=again.subject, status="waiting") == []


def test_what_a_promise_says_lies_encrypted(desk: Desk) -> None:
    give(desk)
    stored = desk.session.connection().execute(sa.text('SELECT "values" FROM promise')).scalar_one()
    assert "骨科".encode() not in bytes(stored)
