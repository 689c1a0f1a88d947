"""Loans by point; and a property: no point lends more than it has, and every piece is somewhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, select

from knowledge import Hospital
from services import (
    Desk,
    Invalid,
    NotAllowed,
    ServiceError,
    Taken,
    WrongState,
    history,
    loans,
    overview,
    promises,
    stocks,
)
from services.database import connect_reading
from services.loans import EquipmentLoan, request_loan
from services.stocks import LoanStock
from tests.services.builders import NOW, at, make_contact

NEAR, FAR = "门诊一楼轮椅借用点", "住院部一楼轮椅平车借用点"


def borrow(
    desk: Desk, sender: str = "a", kind: str = "wheelchair", place: str | None = None
) -> EquipmentLoan:
    return request_loan(
        desk, contact_id=make_contact(desk, sender).id, kind=kind, place=place, phone="10000001234"
    )


def free(desk: Desk, kind: str = "wheelchair") -> dict[str, int]:
    return {one.place: one.free for one in stocks.list_points(desk, kind=kind)}


def test_the_nearest_point_that_has_one_lends_it(desk: Desk) -> None:
    assert stocks.list_points(desk, kind="wheelchair")[0].place == NEAR
    assert stocks.list_points(desk, kind="wheelchair", origin="住院部八楼骨科护士站")[0].place == FAR
    stocks.set_stock(desk, kind="wheelchair", place=NEAR, free=0, reason="盘点")
    assert borrow(desk).place == FAR
    stocks.set_stock(desk, kind="wheelchair", place=FAR, free=0, reason="盘点")
    with pytest.raises(Taken):
        borrow(desk, "b")


def test_looking_at_what_there_is_writes_nothing(engine: Engine, hospital: Hospital) -> None:
    with connect_reading(engine) as connection, Session(connection) as session:
        assert free(Desk(session, hospital, NOW, "api"))[NEAR] == 40


def test_what_is_not_fetched_within_the_hour_goes_back(desk: Desk) -> None:
    one = borrow(desk)
    assert one.due_at == desk.now + dt.timedelta(minutes=60) and free(desk)[NEAR] == 39
    assert loans.follow_loans(at(desk, hour=0.9)) == 0
    assert loans.follow_loans(at(desk, hour=1)) == 1
    assert (one.status, free(desk)[NEAR]) == ("expired", 40)
    with pytest.raises(WrongState):
        loans.hand_out(desk, loan_id=one.id)


def test_the_overdue_are_reminded_once_and_stay_on_the_list(desk: Desk) -> None:
    one = loans.hand_out(desk, loan_id=borrow(desk).id)
    assert one.due_at == dt.datetime(2026, 3, 11, 22, 0)
    late = at(desk, hour=13, actor="clock")
    assert loans.follow_loans(late) == 1
    assert loans.follow_loans(at(late, hour=5)) == 0
    assert loans.is_overdue(late, one)
    told = [each for each in promises.list_promises(desk, subject=one.subject) if each.created_at == late.now]
    assert [each.kind for each in told] == ["loan_changed"]
    reasons = [each.reason for each in history.list_changes(desk, record=one)]
    assert reasons.count("reminded: overdue") == 1
    counts = [dict(overview.count_figures(each).waits)["loans"] for each in (desk, late)]
    assert counts == [0, 1]  # the number beside 借用


def test_an_umbrella_takes_a_deposit_and_a_week(desk: Desk) -> None:
    one = loans.hand_out(desk, loan_id=borrow(desk, kind="umbrella").id)
    assert (one.deposit, one.due_at) == (20, dt.datetime(2026, 3, 18, 22, 0))


def test_a_piece_comes_back_where_the_rules_allow(desk: Desk) -> None:
    one = loans.hand_out(desk, loan_id=borrow(desk).id)
    with pytest.raises(Invalid):
        loans.give_back(desk, loan_id=one.id, place="门诊大厅")
    loans.give_back(desk, loan_id=one.id, place=FAR)
    assert (one.status, free(desk)) == ("completed", {NEAR: 39, FAR: 21})
    with pytest.raises(WrongState):
        loans.give_back(desk, loan_id=one.id)


def test_asked_twice_it_is_one_and_given_up_it_is_free(desk: Desk) -> None:
    one = borrow(desk)
    assert borrow(desk) is one
    loans.cancel_loan(desk, loan_id=one.id, contact_id=one.contact_id)
    loans.cancel_loan(desk, loan_id=one.id, contact_id=one.contact_id)
    assert free(desk)[NEAR] == 40
    assert borrow(desk) is not one


def test_a_lost_piece_leaves_the_stock(desk: Desk) -> None:
    one = loans.hand_out(desk, loan_id=borrow(desk).id)
    loans.report_lost(desk, loan_id=one.id, reason="找不到人")
    assert sum(free(desk).values()) == 59


def test_the_points_are_closed_at_night(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        borrow(at(desk, hour=13.5))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_point_lends_more_than_it_has_and_every_piece_is_somewhere(
    engine: Engine, hospital: Hospital
) -> None:
    class Points(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW, "staff:1")
            for place in (NEAR, FAR):
                stocks.set_stock(self.desk, kind="wheelchair", place=place, free=2, reason="test")
            self.made: list[int] = []

        def attempt(self, work: object, **arguments: object) -> object:
            with self.session.begin_nested() as savepoint:
                try:
                    return work(self.desk, **arguments)  # type: ignore[operator]
                except ServiceError:
                    savepoint.rollback()
            return None

        @rule(who=st.integers(0, 6), place=st.sampled_from([None, NEAR, FAR]))
        def borrow_one(self, who: int, place: str | None) -> None:
            made = self.attempt(borrow, sender=f"p{who}", place=place)
            if isinstance(made, EquipmentLoan) and made.id not in self.made:
                self.made.append(made.id)

        @rule(which=st.integers(0, 9), place=st.sampled_from([None, NEAR, FAR]), step=st.integers(0, 3))
        def move_on(self, which: int, place: str | None, step: int) -> None:
            if not self.made:
                return
            loan_id = self.made[which % len(self.made)]
            work = (loans.hand_out, loans.give_back, loans.cancel_loan, loans.hand_out)[step]
            more = {"place": place} if work is loans.give_back else {}
            self.attempt(work, loan_id=loan_id, **more)

        @rule(minutes=st.sampled_from([5, 30, 61]))
        def time_passes(self, minutes: int) -> None:
            self.desk = replace(self.desk, now=self.desk.now + dt.timedelta(minutes=minutes))
            loans.follow_loans(self.desk)

        @invariant()
        def all_four_are_somewhere(self) -> None:
            if not hasattr(self, "session"):
                return
            stock = list(self.session.exec(select(LoanStock).execution_options(populate_existing=True)))
            out = loans.list_loans(self.desk, statuses=loans.OPEN)
            assert all(one.free >= 0 for one in stock)
            assert sum(one.free for one in stock) + len(out) == 4

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Points,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_desk_lends_to_somebody_who_never_wrote_and_forgets_him_when_it_is_back(desk: Desk) -> None:
    one = loans.lend_at_desk(desk, kind="wheelchair", place=NEAR, phone="10000001234", borrower="韦大山")
    assert (one.status, one.contact_id, free(desk)[NEAR]) == ("in-progress", None, 39)
    assert one.due_at == dt.datetime(2026, 3, 11, 22, 0)
    assert loans.follow_loans(at(desk, hour=13)) == 0 and promises.list_promises(desk) == []
    assert loans.is_overdue(at(desk, hour=14), one)
    loans.give_back(desk, loan_id=one.id, place=FAR)
    assert (one.status, one.borrower, one.phone, free(desk)[FAR]) == ("completed", None, None, 21)


def test_the_desk_says_to_whom_and_lends_no_more_than_stands_there(desk: Desk) -> None:
    stocks.set_stock(desk, kind="wheelchair", place=NEAR, free=0, reason="盘点")
    with pytest.raises(Taken):
        loans.lend_at_desk(desk, kind="wheelchair", place=NEAR, phone="10000001234", borrower="韦大山")
    for wrong in ({"phone": "123"}, {"borrower": ""}):
        with pytest.raises(Invalid):
            given = {"phone": "10000001234", "borrower": "韦大山"} | wrong
            loans.lend_at_desk(desk, kind="wheelchair", place=FAR, **given)
    assert free(desk)[FAR] == 20
