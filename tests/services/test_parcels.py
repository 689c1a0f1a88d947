"""A parcel gone wrong is a ticket with a deadline, answered, and settled by the patient."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import Desk, Invalid, NotFound, Taken, WrongState, alarms, herb_stages, herbs, parcels, promises
from services.couriers import Tracking, take_tracking
from services.errors import NotAllowed, ServiceError
from services.herbs import HerbDelivery
from services.history import list_changes
from services.staff import add_staff
from services.stages import check_next, is_before
from tests.services.builders import NOW, at, make_contact
from tests.services.parcel_builders import NUMBER, sent


def opened(desk: Desk, kind: str = "damaged", text: str = "破了两袋") -> parcels.ParcelTicket:
    return parcels.open_ticket(desk, delivery_id=sent(desk).id, kind=kind, text=text)


def answered(desk: Desk, ticket: parcels.ParcelTicket, remedy: str = "none") -> parcels.ParcelTicket:
    return parcels.advance_ticket(
        desk, ticket_id=ticket.id, status="answered", answer="已核实", remedy=remedy
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("药包破了", "damaged"), ("代煎的袋子漏了", "damaged"), ("打开一看发霉了", "damaged"),
        ("中药寄错人了", "wrong"), ("收到的是别人的药", "wrong"), ("上面名字不对", "wrong"),
        ("少了两袋", "missing"), ("说好七剂，不够数", "missing"),
        ("一直没收到", "lost"), ("显示签收了但没收到", "lost"), ("快递丢了", "lost"),
        ("goi thuoc bi rach", "damaged"), ("toi chua nhan duoc thuoc", "lost"),
    ],
)  # fmt: skip
def test_what_patients_say_is_known(desk: Desk, text: str, kind: str) -> None:
    found = next(iter(parcels.find_problems(desk, text)), None)
    assert found is not None and found.id == kind


@pytest.mark.parametrize("text", ["快递还没到", "中药寄到哪了", "地址寄错地方了改一下", "煎好了吗"])
def test_a_plain_question_is_no_trouble(desk: Desk, text: str) -> None:
    assert parcels.find_problems(desk, text) == []


def test_a_ticket_has_a_number_a_deadline_by_its_kind_and_a_beginning(desk: Desk) -> None:
    ticket = opened(desk)
    hours = parcels.get_problem(desk, "damaged").hours
    assert (ticket.order_number, ticket.status) == ("BG-20260311-0001", "received")
    assert ticket.due_at == NOW + dt.timedelta(hours=hours)
    assert [one.new for one in list_changes(desk, record=ticket)] == ["received"]
    row = desk.session.connection().execute(sa.text("SELECT text FROM parcel_ticket")).one()
    assert "破了".encode() not in bytes(row[0])


def test_told_again_while_open_it_is_the_same_ticket_with_the_new_words(desk: Desk) -> None:
    ticket = opened(desk)
    again = parcels.open_ticket(desk, delivery_id=ticket.delivery_id, kind="damaged", text="其实破了三袋")
    assert again is ticket
    assert ticket.text == "破了两袋\n其实破了三袋"
    other = parcels.open_ticket(desk, delivery_id=ticket.delivery_id, kind="missing")
    assert other is not ticket


def test_nobody_opens_a_ticket_of_anothers_parcel_or_of_an_unknown_kind(desk: Desk) -> None:
    one = sent(desk)
    with pytest.raises(NotFound):
        parcels.open_ticket(desk, delivery_id=one.id, kind="lost", contact_id=make_contact(desk, "b").id)
    with pytest.raises(Invalid) as error:
        parcels.open_ticket(desk, delivery_id=one.id, kind="eaten")
    assert error.value.code == "parcel_problem"


def test_what_was_drunk_of_a_wrong_one_is_an_alarm_once(desk: Desk) -> None:
    one = sent(desk)
    for _ in range(2):
        parcels.open_ticket(desk, delivery_id=one.id, kind="wrong", drunk=True)
    (alarm,) = alarms.list_alarms(desk)
    assert (alarm.kind, alarm.times) == ("parcel_drunk", 1)


def test_an_answer_says_what_is_done_and_reaches_the_patient(desk: Desk) -> None:
    ticket = opened(desk)
    with pytest.raises(Invalid):
        parcels.advance_ticket(desk, ticket_id=ticket.id, status="answered", answer=" ", remedy="none")
    with pytest.raises(Invalid):
        parcels.advance_ticket(desk, ticket_id=ticket.id, status="answered", answer="好", remedy="gift")
    answered(desk, ticket, "refund")
    (told,) = promises.list_promises(desk, subject=ticket.subject, status="waiting")
    assert (told.kind, told.slots["answer"], told.slots["remedy"]) == ("parcel_changed", "已核实", "refund")


def test_sent_again_it_is_a_delivery_of_its_own_free_and_checked(desk: Desk) -> None:
    ticket = opened(desk)
    parcels.advance_ticket(
        desk, ticket_id=ticket.id, status="answered", answer="重煎两剂", remedy="resend", doses=2
    )
    anew = herbs.get_delivery(desk, delivery_id=ticket.replacement_id or 0)
    assert (anew.doses, anew.fee, anew.status, anew.replaces_id) == (2, 0, "checked", ticket.delivery_id)
    herbs.change_delivery(desk, delivery_id=anew.id, phone="10000009999")
    assert anew.fee == 0
    with pytest.raises(Invalid):
        herbs.send_again(desk, delivery_id=ticket.delivery_id, doses=8)


def test_only_the_patient_settles_it_and_what_is_not_settled_has_a_new_deadline(desk: Desk) -> None:
    ticket = opened(desk)
    with pytest.raises(WrongState):
        parcels.settle_ticket(desk, ticket_id=ticket.id, contact_id=ticket.contact_id, content=True)
    answered(desk, ticket)
    later = at(desk, hour=20)
    parcels.settle_ticket(
        later, ticket_id=ticket.id, contact_id=ticket.contact_id, content=False, text="还是没有"
    )
    assert (ticket.status, ticket.due_at > later.now) == ("reopened", True)
    assert list_changes(desk, record=ticket)[-1].actor == f"contact:{ticket.contact_id}"
    answered(later, ticket)
    parcels.settle_ticket(later, ticket_id=ticket.id, contact_id=ticket.contact_id, content=True)
    assert ticket.status == "closed"
    assert parcels.find_open_ticket(desk, delivery_id=ticket.delivery_id) is None


def test_what_is_not_answered_in_time_is_an_alarm_once_and_an_answer_stops_it(desk: Desk) -> None:
    late, done = opened(desk), opened(desk, kind="missing")
    answered(desk, done)
    hours = parcels.get_problem(desk, "damaged").hours
    assert parcels.escalate_tickets(at(desk, hour=hours - 1)) == 0
    assert parcels.escalate_tickets(at(desk, hour=hours)) == 1
    assert parcels.escalate_tickets(at(desk, hour=hours + 1)) == 0
    assert [one.about for one in alarms.list_alarms(desk)] == [late.subject]


def test_the_first_of_the_pharmacy_keeps_it(desk: Desk) -> None:
    ticket = opened(desk)
    first, _ = add_staff(desk, login="yaofang1", name="药师甲", role="pharmacy")
    second, _ = add_staff(desk, login="yaofang2", name="药师乙", role="pharmacy")
    parcels.take_ticket(desk, ticket_id=ticket.id, staff_id=first.id)
    with pytest.raises(Taken):
        parcels.take_ticket(desk, ticket_id=ticket.id, staff_id=second.id)
    parcels.take_ticket(desk, ticket_id=ticket.id, staff_id=second.id, instead=True)
    assert ticket.staff_id == second.id


def test_only_what_was_sent_lately_can_be_complained_of(desk: Desk) -> None:
    one = sent(desk)
    assert parcels.list_reportable(desk, contact_id=one.contact_id) == [one]
    days = desk.hospital.herbs.ticket_days
    assert parcels.list_reportable(at(desk, days=days + 1), contact_id=one.contact_id) == []
    assert parcels.list_reportable(at(desk, days=99), contact_id=one.contact_id, number=NUMBER) == [one]


def test_what_came_back_can_be_changed_and_sent_again_for_the_same_fee(desk: Desk) -> None:
    one = sent(desk, doses=5)
    with pytest.raises(NotAllowed):
        herbs.change_delivery(desk, delivery_id=one.id, address="桂江市示例路 9 号")
    fee = one.fee
    take_tracking(desk, Tracking("shunfeng", NUMBER, "4", "已退回", NOW))
    herbs.change_delivery(desk, delivery_id=one.id, address="桂江市示例路 9 号")
    assert (one.address, one.fee) == ("桂江市示例路 9 号", fee)
    again = at(desk, days=2)
    herb_stages.advance_delivery(again, delivery_id=one.id, status="handed_over", tracking_number="SF2")
    assert (one.handed_at, one.track_state) == (again.now, None)


def test_delivered_and_no_word_against_it_it_is_taken_for_received_in_silence(desk: Desk) -> None:
    one = sent(desk)
    herb_stages.advance_delivery(desk, delivery_id=one.id, status="delivered")
    before = len(promises.list_promises(desk, subject=one.subject))
    hours = desk.hospital.herbs.signed_after_hours
    assert herb_stages.settle_delivered(at(desk, hour=hours - 1)) == 0
    assert herb_stages.settle_delivered(at(desk, hour=hours)) == 1
    assert one.status == "signed"
    assert len(promises.list_promises(desk, subject=one.subject)) == before


def test_the_expected_day_follows_cut_off_decoction_and_distance(desk: Desk) -> None:
    one = sent(desk)
    assert herb_stages.expect_arrival(desk, one) == dt.date(2026, 3, 12)
    late = at(desk, hour=8)  # registered at 17:00, after the cut-off: begun the next morning, decocted a day
    made = herbs.register_delivery(
        late,
        contact_id=one.contact_id,
        patient_id=one.patient_id,
        doses=9,
        address="西藏示例市示例区示例路1号",
    )
    assert herb_stages.expect_arrival(late, made) == dt.date(2026, 3, 19)
    assert herb_stages.expect_arrival(at(desk, days=30), one) == dt.date(2026, 4, 10)
    herb_stages.advance_delivery(desk, delivery_id=one.id, status="delivered")
    assert herb_stages.expect_arrival(desk, one) is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["checked", "packed", "handed_over", "in_transit", "returning", "returned", "signed",
                                 "0", "1", "3", "4", "5", "14", "501"]), max_size=12))  # fmt: skip
def test_whatever_is_reported_every_step_is_one_the_rules_allow(desk: Desk, reports: list[str]) -> None:
    with desk.session.begin_nested() as attempt:
        one = sent(desk)
        for minute, report in enumerate(reports):
            later = at(desk, hour=minute)
            try:
                if report.isdigit():
                    take_tracking(later, Tracking("shunfeng", NUMBER, report, "", later.now))
                else:
                    herb_stages.advance_delivery(later, delivery_id=one.id, status=report)
            except ServiceError:
                continue
        stages = desk.hospital.herbs.stages
        steps = [
            (step.old, step.new) for step in list_changes(desk, record=one) if step.old not in ("", step.new)
        ]
        for old, new in steps:
            check_next(stages, old, new, skipping=True)
            assert is_before(stages, old, new) or old in desk.hospital.herbs.change_also
        assert all(step.actor for step in list_changes(desk, record=one))
        assert isinstance(one, HerbDelivery)
        attempt.rollback()


def test_what_came_after_all_is_closed_by_the_patient_and_nobody_looks_for_it(desk: Desk) -> None:
    ticket = opened(desk, "lost", "没收到")
    assert parcels.find_missed(desk, contact_id=ticket.contact_id) == ticket
    parcels.close_found(desk, ticket_id=ticket.id, contact_id=ticket.contact_id)
    last = list_changes(desk, record=ticket)[-1]
    assert (ticket.status, last.reason, last.actor) == ("closed", "found", f"contact:{ticket.contact_id}")
    assert parcels.find_missed(desk, contact_id=ticket.contact_id) is None
    assert parcels.escalate_tickets(at(desk, days=3, actor="clock")) == 0


def test_who_told_of_it_hears_once_that_the_answer_is_late(desk: Desk) -> None:
    ticket = opened(desk)
    for hours in (9, 10):
        parcels.escalate_tickets(at(desk, hour=hours, actor="clock"))
    told = [one for one in promises.list_promises(desk, subject=ticket.subject) if one.kind == parcels.LATE]
    assert len(told) == 1
