"""Service lines: a request goes only where its file says, is late by its file's hours, and takes no place twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from knowledge.schema import Span
from services import (
    Desk,
    Invalid,
    NotAllowed,
    NotFound,
    Taken,
    WrongState,
    bed_calls,
    bed_turns,
    beds,
    line_answers,
    line_lateness,
    line_records,
    line_states,
    lines,
    pictures,
    promises,
    sampling,
)
from services.alarms import list_alarms
from services.deadlines import count_deadline
from services.history import list_changes
from services.pictures import Picture
from tests.services.builders import NOW, at, make_contact, make_patient

COPY = {
    "stay": "last",
    "content": "full",
    "use": "insurance",
    "needed": "usual",
    "delivery": "courier",
    "address": "广西桂江市江滨区江滨路12号",
    "phone": "10000001234",
}
PHOTO = Picture("药盒".encode(), 4, 3)
CLINIC = {"clinic": "stoma", "date": "2026-03-12", "period": "morning", "phone": "10000001234"}


def ask(desk: Desk, line: str = "record_copy", values: dict[str, Any] = COPY, **more: Any) -> Any:
    patient = make_patient(desk, **more)
    return lines.request_line(
        desk, contact_id=patient.contact_id, line=line, patient_id=patient.id, values=values
    )


def admit(desk: Desk, serial: int = 1, **values: str) -> Any:
    told = {"paper": "given", "department": "骨科", "priority": "usual", "phone": "10000001234"} | values
    one = ask(desk, "pre_admission", told, serial=serial, contact=make_contact(desk, f"c{serial}"))
    return line_states.advance_line(desk.acting_as("staff:1"), request_id=one.id, stage="waiting")


def call(desk: Desk, one: Any) -> Any:
    return line_states.advance_line(
        desk.acting_as("staff:1"), request_id=one.id, stage="called", given={"date": "2026-03-13"}
    )


def test_the_very_same_request_is_one_request(desk: Desk) -> None:
    assert ask(desk).id == ask(desk).id


def test_an_answer_that_is_lacking_is_named(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        ask(desk, values={name: value for name, value in COPY.items() if name != "address"})
    assert (refused.value.code, refused.value.field) == ("missing", "address")


def test_of_several_each_is_kept_once_and_the_strictest_preparation_is_said(desk: Desk) -> None:
    one = ask(desk, "self_ordered_test", {"examination": ["血脂", "血糖", "血脂"], "date": "2026-03-12"})
    line = line_records.get_line(desk, one.line)
    assert one.slots["examination"] == ["血糖", "血脂"]
    assert line_answers.count_prepared(line, one.slots) == {"fasting": 12}


def test_one_answer_alone_is_one_of_several(desk: Desk) -> None:
    one = ask(desk, "self_ordered_test", {"examination": "血糖", "date": "2026-03-12"})
    assert one.slots["examination"] == ["血糖"]


def test_a_choice_that_stands_alone_leaves_no_other_beside_it(desk: Desk) -> None:
    told = {"topic": "tumour", "date": "2026-03-18", "phone": "10000001234"}
    one = ask(desk, "mdt", told | {"materials": ["record", "none"]})
    assert one.slots["materials"] == ["none"]


def test_what_is_not_asked_for_is_not_kept(desk: Desk) -> None:
    one = ask(desk, values=COPY | {"delivery": "pickup"})
    assert "address" not in one.slots


def test_every_step_has_an_actor_a_time_and_a_reason(desk: Desk) -> None:
    one = ask(desk)
    staff = at(desk, hour=2, actor="staff:7")
    line_states.advance_line(staff, request_id=one.id, stage="verified", reason="电话核对")
    steps = [(step.new, step.actor, step.created_at, step.reason) for step in list_changes(desk, record=one)]
    assert steps == [
        ("requested", "assistant", NOW, "requested"),
        ("verified", "staff:7", NOW + dt.timedelta(hours=2), "电话核对"),
    ]
    assert (one.status, one.stage) == ("accepted", "verified")


def test_a_request_goes_only_where_its_file_leads(desk: Desk) -> None:
    one = ask(desk)
    with pytest.raises(WrongState):
        line_states.advance_line(desk.acting_as("staff:1"), request_id=one.id, stage="completed")


def test_staff_must_say_what_a_state_wants(desk: Desk) -> None:
    one = ask(desk)
    staff = desk.acting_as("staff:1")
    line_states.advance_line(staff, request_id=one.id, stage="verified")
    with pytest.raises(Invalid) as refused:
        line_states.advance_line(staff, request_id=one.id, stage="mailed", given={"courier": "顺丰速运"})
    assert refused.value.field == "tracking_number"


def test_a_day_that_is_none_and_one_that_is_past_are_refused(desk: Desk) -> None:
    one = admit(desk)
    for words, code in (("后天", "date"), ("2026-03-10", "past_day")):
        with pytest.raises(Invalid) as error:
            line_states.advance_line(
                desk.acting_as("api"), request_id=one.id, stage="called", given={"date": words}
            )
        assert (error.value.code, error.value.field, one.stage) == (code, "date", "waiting")


def test_a_day_far_beyond_a_year_is_a_slip_of_the_year(desk: Desk) -> None:
    one = admit(desk)
    with pytest.raises(Invalid) as error:
        line_states.advance_line(
            desk.acting_as("api"), request_id=one.id, stage="called", given={"date": "2028-03-13"}
        )
    assert (error.value.code, error.value.field) == ("too_far", "date")


def test_a_day_told_wrongly_is_told_again_and_reminded_of_anew(desk: Desk) -> None:
    one, api = admit(desk), desk.acting_as("api")

    def tell(event: str, day: str) -> None:
        line_states.advance_line(
            api, request_id=one.id, stage="called", given={"date": day}, external_id=event
        )

    def waiting(kind: str) -> list[promises.Promise]:
        return [
            each
            for each in promises.list_promises(desk, subject=one.subject, status="waiting")
            if each.kind == kind
        ]

    tell("e1", "2026-03-13")
    tell("e2", "2026-03-16")
    tell("e2", "2026-03-17")
    assert one.slots["date"] == "2026-03-16"
    assert [each.due_at.date() for each in waiting("request_reminder")] == [dt.date(2026, 3, 15)]
    assert len(waiting("request_changed")) == 1
    steps = len(list_changes(desk, record=one))
    tell("e3", "2026-03-16")
    assert len(list_changes(desk, record=one)) == steps


def test_what_the_patient_is_told_is_the_reason_that_is_kept(desk: Desk) -> None:
    one = admit(desk)
    staff = desk.acting_as("staff:1")
    line_states.advance_line(staff, request_id=one.id, stage="rejected", given={"why": "检查都正常"})
    assert list_changes(desk, record=one)[-1].reason == "检查都正常"


def test_an_event_told_twice_moves_once_and_is_told_once(desk: Desk) -> None:
    one = ask(desk)
    for _ in range(2):
        line_states.advance_line(desk.acting_as("api"), request_id=one.id, stage="verified", external_id="e1")
    told = [
        news for news in promises.list_promises(desk, subject=one.subject) if news.kind == line_states.NEWS
    ]
    assert len(told) == 1
    assert len(list_changes(desk, record=one)) == 2


def test_the_patient_changes_and_cancels_only_while_the_file_lets_him(desk: Desk) -> None:
    one = ask(desk)
    staff = desk.acting_as("staff:1")
    lines.change_request(desk, request_id=one.id, contact_id=one.contact_id, values=COPY | {"use": "law"})
    assert one.slots["use"] == "law"
    line_states.advance_line(staff, request_id=one.id, stage="verified")
    with pytest.raises(NotAllowed):
        line_states.cancel_request(desk, request_id=one.id, contact_id=one.contact_id)
    line_states.cancel_request(staff, request_id=one.id, reason="家属来电")
    assert one.status == "cancelled"


def test_somebody_elses_request_is_not_found(desk: Desk) -> None:
    one = ask(desk)
    other = make_contact(desk, "other")
    with pytest.raises(NotFound):
        line_states.cancel_request(desk, request_id=one.id, contact_id=other.id)


def test_a_child_may_not_order_tests_for_himself(desk: Desk) -> None:
    with pytest.raises(NotAllowed) as refused:
        ask(
            desk,
            "self_ordered_test",
            {"examination": "血糖", "date": "2026-03-12"},
            birthday=dt.date(2015, 1, 1),
        )
    assert refused.value.code == "not_eligible"


def test_an_urgent_copy_is_promised_within_hours_and_a_usual_one_by_the_next_working_day(desk: Desk) -> None:
    usual, urgent = ask(desk), ask(desk, values=COPY | {"needed": "soon"})
    assert usual.due_at == dt.datetime(2026, 3, 12, 17, 30)
    assert (urgent.due_at, urgent.urgent) == (NOW + dt.timedelta(hours=4), True)


def test_working_days_pass_over_weekends(desk: Desk) -> None:
    friday_night = dt.datetime(2026, 3, 13, 20)
    assert count_deadline(desk, Span(workdays=0), start=friday_night) == dt.datetime(2026, 3, 16, 17, 30)
    assert count_deadline(desk, Span(workdays=1), start=friday_night) == dt.datetime(2026, 3, 17, 17, 30)


def test_a_late_request_alarms_staff_and_tells_the_patient_once_and_then_the_duty_head_once(
    desk: Desk,
) -> None:
    one = ask(desk, values=COPY | {"needed": "soon"})
    for hours in (3, 4, 5, 8, 9):
        line_lateness.alarm_late_requests(at(desk, hour=hours, actor="clock"))
    assert sorted(alarm.kind for alarm in list_alarms(desk)) == ["request_escalated", "request_late"]
    assert [news.kind for news in promises.list_promises(desk, subject=one.subject)] == [line_lateness.LATE]


def test_moved_on_in_time_nobody_is_alarmed(desk: Desk) -> None:
    one = ask(desk, values=COPY | {"needed": "soon"})
    line_states.advance_line(at(desk, hour=3, actor="staff:1"), request_id=one.id, stage="verified")
    assert line_lateness.alarm_late_requests(at(desk, hour=5, actor="clock")) == 0


def test_a_clinic_takes_no_more_patients_than_it_has_places(desk: Desk) -> None:
    taken = 0
    for serial in range(1, 12):
        try:
            ask(desk, "nursing_clinic", CLINIC, serial=serial, contact=make_contact(desk, f"c{serial}"))
            taken += 1
        except Taken:
            continue
    assert taken == 8


def test_a_place_given_up_is_free_for_another(desk: Desk) -> None:
    found = [
        ask(desk, "nursing_clinic", CLINIC, serial=serial, contact=make_contact(desk, f"c{serial}"))
        for serial in range(1, 9)
    ]
    line_states.cancel_request(desk, request_id=found[0].id, contact_id=found[0].contact_id)
    ask(desk, "nursing_clinic", CLINIC, serial=20, contact=make_contact(desk, "c20"))
    with pytest.raises(Taken):
        ask(desk, "nursing_clinic", CLINIC, serial=21, contact=make_contact(desk, "c21"))


def test_a_clinic_is_held_only_on_its_own_days(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        ask(desk, "nursing_clinic", CLINIC | {"date": "2026-03-13"})
    assert (refused.value.code, refused.value.field) == ("day", "date")


def test_a_reminder_comes_the_evening_before_and_goes_with_a_cancelled_request(desk: Desk) -> None:
    one = ask(desk, "nursing_clinic", CLINIC)
    (reminder,) = promises.list_promises(desk, subject=one.subject)
    assert (reminder.kind, reminder.due_at) == (line_states.REMINDER, dt.datetime(2026, 3, 11, 18))
    line_states.cancel_request(desk, request_id=one.id, contact_id=one.contact_id)
    assert promises.get_promise(desk, promise_id=reminder.id).status == promises.CANCELLED


def test_no_bed_is_given_twice_and_the_wards_lend_one_another(desk: Desk) -> None:
    beds.make_beds(desk)
    called = []
    for serial in range(1, 40):
        one = admit(desk, serial)
        try:
            called.append(call(desk, one))
        except Taken:
            break
    given = [(one.slots["ward"], one.slots["bed"]) for one in called]
    assert len(given) == len(set(given))
    own = sum(sum(ward.rooms.values()) for ward in desk.hospital.wards if ward.department == "骨科")
    lent = sum(sum(ward.rooms.values()) for ward in desk.hospital.wards if "骨科" in ward.takes)
    assert len(given) == own + lent
    assert {ward for ward, _ in given[:own]} == {"住院部八楼骨科病区"}


def test_a_bed_is_free_again_when_the_patient_has_left_or_does_not_come(desk: Desk) -> None:
    staff = desk.acting_as("staff:1")
    here, away = call(desk, admit(desk, 1)), call(desk, admit(desk, 2))
    line_states.advance_line(staff, request_id=here.id, stage="admitted")
    assert beds.find_bed(desk, request=here).status == beds.OCCUPIED  # type: ignore[union-attr]
    line_states.advance_line(staff, request_id=here.id, stage="discharged")
    line_states.cancel_request(desk, request_id=away.id, contact_id=away.contact_id)
    assert beds.find_bed(desk, request=here) is None
    assert beds.find_bed(desk, request=away) is None


def test_a_room_is_shared_by_one_sex(desk: Desk) -> None:
    man = call(desk, admit(desk, 1))
    told = {"paper": "given", "department": "骨科", "priority": "usual", "phone": "10000001234"}
    patient = make_patient(desk, make_contact(desk, "w"), name="韦小燕", sex="female", serial=30)
    asked = lines.request_line(
        desk, contact_id=patient.contact_id, line="pre_admission", patient_id=patient.id, values=told
    )
    line_states.advance_line(desk.acting_as("staff:1"), request_id=asked.id, stage="waiting")
    woman = call(desk, asked)
    assert man.slots["bed"].split("-")[0] != woman.slots["bed"].split("-")[0]


def test_the_urgent_wait_before_the_others(desk: Desk) -> None:
    first, second = admit(desk, 1), admit(at(desk, hour=1), 2, priority="soon")
    assert bed_turns.count_ahead(desk, request=first) == 1
    assert bed_turns.count_ahead(desk, request=second) == 0


def test_a_free_bed_goes_to_the_first_in_line_and_is_called_for_the_next_day(desk: Desk) -> None:
    first, second = admit(desk, 1), admit(at(desk, hour=1), 2, priority="soon")
    leave_free(desk, 1)
    assert bed_calls.call_next(desk.acting_as("clock")) == 1
    assert (first.stage, second.stage) == ("waiting", "called")
    assert second.slots["date"] == "2026-03-12"
    assert bed_calls.call_next(desk.acting_as("clock")) == 0


def test_who_cannot_come_lets_the_bed_go_to_the_next_and_waits_on(desk: Desk) -> None:
    first, second = admit(desk, 1), admit(at(desk, hour=1), 2)
    leave_free(desk, 1)
    bed_calls.call_next(desk)
    bed_calls.postpone_request(at(desk, hour=2), request_id=first.id, contact_id=first.contact_id)
    bed_calls.call_next(at(desk, hour=2))
    assert (first.stage, second.stage) == ("waiting", "called")
    assert bed_turns.count_ahead(desk, request=first) == 0
    with pytest.raises(NotAllowed):
        bed_calls.postpone_request(desk, request_id=first.id, contact_id=first.contact_id)


def test_staff_may_call_another_first_and_say_why(desk: Desk) -> None:
    first, second = admit(desk, 1), admit(at(desk, hour=1), 2)
    staff = desk.acting_as("staff:1")
    with pytest.raises(Invalid) as refused:
        line_states.advance_line(staff, request_id=second.id, stage="called")
    assert (refused.value.code, refused.value.field) == ("out_of_turn", "reason")
    line_states.advance_line(
        staff, request_id=second.id, stage="called", reason="明天手术", given={"bed": "802-1"}
    )
    assert second.slots["bed"] == "802-1"
    assert list_changes(desk, record=second)[-1].reason == "明天手术"
    assert bed_calls.call_next(desk) == 1
    assert first.stage == "called"


def test_whoever_wants_only_the_own_ward_is_passed_over_by_others_beds(desk: Desk) -> None:
    own, other = admit(desk, 1, elsewhere="own"), admit(at(desk, hour=1), 2)
    leave_free(desk, 0)
    lent = next(one for one in beds.list_beds(desk, ward="IPD-8F-NS"))
    beds.mark_bed(desk, bed_id=lent.id, status=beds.FREE)
    bed_calls.call_next(desk)
    assert (own.stage, other.stage) == ("waiting", "called")


def test_a_bed_that_a_request_holds_is_not_marked_by_hand(desk: Desk) -> None:
    called = call(desk, admit(desk, 1))
    held = beds.find_bed(desk, request=called)
    assert held is not None
    with pytest.raises(WrongState):
        beds.mark_bed(desk, bed_id=held.id, status=beds.CLOSED, reason="消毒")
    free = beds.find_free_beds(desk, need=beds.read_need(desk, called))[0]
    with pytest.raises(Invalid):
        beds.mark_bed(desk, bed_id=free.id, status=beds.CLOSED)


def test_a_photo_that_came_while_it_was_asked_for_belongs_to_the_request(desk: Desk) -> None:
    patient = make_patient(desk)
    pictures.keep_picture(desk, contact_id=patient.contact_id, picture=PHOTO, for_next=True)
    told = {
        "illness": "hypertension",
        "steady": "steady",
        "last_visit": "recent",
        "medicine": "厄贝沙坦",
        "delivery": "pickup",
        "phone": "10000001234",
    }
    one = ask(desk, "refill", told)
    ((picture,),) = pictures.list_pictures(desk, request_ids=[one.id]).values()
    assert pictures.open_picture(desk.acting_as("staff:1"), picture_id=picture, of="request") == PHOTO.jpeg
    with pytest.raises(NotFound):
        pictures.open_picture(desk.acting_as("staff:1"), picture_id=picture)
    assert pictures.drop_unclaimed(at(desk, hour=99)) == 0


def leave_free(desk: Desk, count: int) -> None:
    """So many beds for 骨科; the others are taken by patients of whom nothing is registered."""
    beds.make_beds(desk)
    for one in beds.find_free_beds(desk, need=beds.Need("骨科", "male"))[count:]:
        beds.mark_bed(desk, bed_id=one.id, status=beds.OCCUPIED, reason="急诊收治")


def sample(desk: Desk, *, abnormal: bool = True, **more: Any) -> Any:
    given = {"external_id": "s1", "name": "张三", "phone": "10000001234"} | more
    items = [{"name": "血糖", "value": "8.9", "abnormal": abnormal}]
    return sampling.take_result(desk.acting_as("api"), sampled_on=NOW.date(), items=items, **given)


def test_an_abnormal_result_is_told_asked_after_twice_and_then_telephoned(desk: Desk) -> None:
    make_patient(desk)
    result = sample(desk)
    assert sample(desk).id == result.id
    kinds = sorted(one.kind for one in promises.list_promises(desk, subject=result.subject))
    assert kinds == ["sampling_followup", "sampling_result"]
    for _ in range(2):
        sampling.note_asked(desk, result_id=result.id)
    assert [alarm.kind for alarm in list_alarms(desk)] == ["sampling_unseen"]
    sampling.note_seen(desk, result_id=result.id, contact_id=result.contact_id)
    assert result.status == sampling.SEEN


@pytest.mark.parametrize(
    ("item", "abnormal", "unclear"),
    [
        ({"value": "28.9", "range": "3.9–6.1"}, True, []),
        ({"value": "28.9", "range": "3.9–6.1", "abnormal": False}, True, []),
        ({"value": "5.1", "range": "3.9–6.1", "abnormal": True}, True, []),
        ({"value": "5.1", "range": "3.9–6.1"}, False, []),
        ({"value": "5.1", "abnormal": False}, False, []),
        ({"value": "28.9"}, False, ["血糖"]),
    ],
)
def test_a_value_outside_its_range_is_abnormal_and_one_that_nobody_compared_is_not_called_normal(
    desk: Desk, item: dict[str, Any], abnormal: bool, unclear: list[str]
) -> None:
    result = sampling.take_result(
        desk.acting_as("api"),
        external_id="s1",
        name="张三",
        phone="10000001234",
        sampled_on=NOW.date(),
        items=[{"name": "血糖", "unit": "mmol/L", **item}],
    )
    assert (result.abnormal, result.unclear) == (abnormal, unclear)


def test_an_abnormal_result_of_somebody_unknown_is_telephoned(desk: Desk) -> None:
    sample(desk)
    assert [alarm.kind for alarm in list_alarms(desk)] == ["sampling_unreached"]


def test_a_result_goes_to_nobody_of_another_name(desk: Desk) -> None:
    make_patient(desk)
    assert sample(desk, name="李四").contact_id is None
