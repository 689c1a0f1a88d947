"""What a courier says moves a parcel on, never back; no number is asked oftener than the rule."""

from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, herb_stages, parcels, promises
from services.couriers import (
    STAGES,
    TROUBLE,
    Tracking,
    claim_questions,
    claim_subscriptions,
    correct_courier,
    give_subscription_back,
    note_fault,
    take_tracking,
)
from services.herbs import HerbDelivery, list_steps
from services.history import list_changes
from tests.services.builders import NOW, at, make_patient
from tests.services.parcel_builders import NUMBER, sent


def news(desk: Desk, state: str, note: str = "", *, minutes: float = 0) -> list[HerbDelivery]:
    when = desk.now + dt.timedelta(minutes=minutes)
    return take_tracking(desk, Tracking("shunfeng", NUMBER, state, note, when))


def test_the_couriers_name_is_known_by_its_code_and_its_short_names(desk: Desk) -> None:
    one = sent(desk)
    assert (one.courier, one.courier_code, one.handed_at) == ("顺丰速运", "shunfeng", NOW)


@pytest.mark.parametrize(("state", "stage"), sorted(STAGES.items()))
def test_every_state_of_the_courier_has_its_stage(desk: Desk, state: str, stage: str) -> None:
    one = sent(desk)
    news(desk, state, "快件消息")
    assert one.status == stage
    assert (one.track_state, one.track_note) == (state, "快件消息")


@pytest.mark.parametrize("state", ["2", "202", "401", "999", ""])
def test_a_state_of_trouble_or_an_unknown_one_moves_nothing(desk: Desk, state: str) -> None:
    one = sent(desk)
    news(desk, state)
    assert one.status == "handed_over"


@pytest.mark.parametrize(("state", "kind"), sorted(TROUBLE.items()))
def test_trouble_is_a_ticket_before_the_patient_asks_and_once(desk: Desk, state: str, kind: str) -> None:
    one = sent(desk)
    for minutes in (0, 1, 2):
        news(desk, state, "异常件", minutes=minutes)
    (ticket,) = parcels.list_tickets(desk)
    assert (ticket.delivery_id, ticket.kind, ticket.told_by) == (one.id, kind, "courier")


@pytest.mark.parametrize("fault", ["abandoned", "phone", "no_result"])
def test_a_parcel_refused_is_one_ticket_also_where_the_courier_then_gives_it_up(
    desk: Desk, fault: str
) -> None:
    sent(desk)
    news(desk, "14", "收件人拒收")
    note_fault(at(desk, days=5), number=NUMBER, fault=fault)
    assert [one.kind for one in parcels.list_tickets(desk)] == ["returned"]


def test_each_stage_is_told_once_and_news_that_are_old_change_nothing(desk: Desk) -> None:
    one = sent(desk)
    news(desk, "0", "运输中", minutes=5)
    news(desk, "0", "运输中", minutes=5)
    news(desk, "5", "派送中", minutes=10)
    news(desk, "1", "已揽收", minutes=2)
    assert (one.status, one.track_note) == ("in_transit", "派送中")
    assert [name for _, name in list_steps(desk, delivery=one)][-2:] == ["已交快递", "运送途中"]
    told = [p for p in promises.list_promises(desk, subject=one.subject) if p.status == "waiting"]
    assert [p.slots["status"] for p in told] == ["in_transit"]


def test_a_courier_that_lags_behind_the_pharmacy_moves_nothing_back(desk: Desk) -> None:
    one = sent(desk)
    herb_stages.advance_delivery(desk, delivery_id=one.id, status="delivered")
    news(desk, "0", "运输中")
    assert one.status == "delivered"


def test_refused_it_comes_back_with_the_reason_in_its_history(desk: Desk) -> None:
    one = sent(desk)
    news(desk, "14", "收件人拒收")
    assert list_changes(desk, record=one)[-1].reason == "refused"
    news(desk, "4", "已退回", minutes=60)
    assert one.status == "returned"


def test_no_number_is_asked_oftener_than_the_rule_however_many_parcels_share_it(desk: Desk) -> None:
    patient = make_patient(desk)
    sent(desk, patient)
    sent(desk, patient, doses=5)
    minutes = desk.hospital.herbs.query_minutes
    assert minutes >= 30
    (question,) = claim_questions(desk)
    assert (question.code, question.number, question.phone) == ("shunfeng", NUMBER, "5678")
    assert claim_questions(desk) == []
    assert claim_questions(at(desk, hour=(minutes - 1) / 60)) == []
    sent(at(desk, hour=0.2), patient, doses=6)
    assert claim_questions(at(desk, hour=(minutes - 1) / 60)) == []
    assert len(claim_questions(at(desk, hour=minutes / 60))) == 1


def test_the_phone_goes_only_to_couriers_that_want_it(desk: Desk) -> None:
    sent(desk, courier="京东", tracking_number="JD0001")
    assert [one.phone for one in claim_questions(desk)] == [None]


@pytest.mark.parametrize("courier", ["示例快递", "本院专车"])
def test_a_courier_nobody_can_ask_is_left_to_the_pharmacys_events(desk: Desk, courier: str) -> None:
    one = sent(desk, courier=courier)
    assert (one.courier, one.courier_code) == (courier, None)
    assert claim_questions(desk) == []


@pytest.mark.parametrize("courier", [None, "示例快递"])
def test_whoever_reports_a_number_is_its_courier_where_the_pharmacy_named_none_that_is_known(
    desk: Desk, courier: str | None
) -> None:
    one = sent(desk, courier=courier)
    news(desk, "0", "已揽收")
    assert (one.status, one.courier, one.courier_code) == ("in_transit", "顺丰速运", "shunfeng")
    assert any("→ shunfeng" in (step.reason or "") for step in list_changes(desk, record=one))
    assert [asked.code for asked in claim_questions(at(desk, hour=2))] == ["shunfeng"]


def test_what_has_arrived_or_come_back_is_asked_no_more(desk: Desk) -> None:
    sent(desk)
    news(desk, "3")
    assert claim_questions(at(desk, days=1)) == []


def test_what_is_pushed_is_asked_only_seldom(desk: Desk) -> None:
    sent(desk)
    assert [one.number for one in claim_subscriptions(desk)] == [NUMBER]
    assert claim_subscriptions(desk) == []
    assert claim_questions(at(desk, hour=2)) == []
    assert len(claim_questions(at(desk, hour=13))) == 1
    give_subscription_back(desk, number=NUMBER)
    assert len(claim_subscriptions(desk)) == 1


def test_a_number_unknown_for_a_day_goes_to_the_pharmacy_once(desk: Desk) -> None:
    one = sent(desk)
    note_fault(at(desk, hour=1), number=NUMBER, fault="no_result")
    assert (one.track_fault, parcels.list_tickets(desk)) == ("no_result", [])
    for hour in (25, 26):
        note_fault(at(desk, hour=hour), number=NUMBER, fault="no_result")
    assert [ticket.kind for ticket in parcels.list_tickets(desk)] == ["untraceable"]
    news(at(desk, hour=27), "0")
    assert one.track_fault is None


def test_a_number_of_another_courier_is_corrected_and_written_down(desk: Desk) -> None:
    one = sent(desk)
    correct_courier(desk, number=NUMBER, code="ems")
    assert (one.courier, one.courier_code) == ("中国邮政 EMS", "ems")
    assert "shunfeng → ems" in (list_changes(desk, record=one)[-1].reason or "")
    correct_courier(desk, number=NUMBER, code="debangkuaidi")
    assert (one.courier, one.courier_code) == ("debangkuaidi", "debangkuaidi")


def test_another_number_forgets_what_was_known_of_the_old_one(desk: Desk) -> None:
    one = sent(desk)
    claim_questions(desk)
    news(desk, "0", "运输中")
    herb_stages.advance_delivery(desk, delivery_id=one.id, status="in_transit", tracking_number="sf 000 2")
    assert (one.tracking_number, one.track_note, one.queried_at) == ("SF0002", None, None)
