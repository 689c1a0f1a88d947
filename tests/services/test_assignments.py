"""Who escorts whom; and a property: nobody is sent untrained, off his shift, or to two patients at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, select

from knowledge import Hospital
from services import Desk, Invalid, NotAllowed, ServiceError, WrongState, escorts, history, promises
from services.assignments import (
    EscortAssignment,
    assign_due_escorts,
    assign_escort,
    list_assignments,
    list_candidates,
)
from services.companions import (
    Companion,
    add_companion,
    change_companion,
    enrol_roster,
    get_companion,
    is_fit,
    is_on_shift,
    list_companions,
    read_shifts,
    set_companion_state,
    write_shifts,
)
from services.escort_stages import find_step, list_steps, tick_step
from services.escorts import Escort, rate_escort, request_escort
from tests.services.builders import NOW, at, make_contact, make_patient

MEETING = dt.datetime(2026, 3, 12, 9, 0)


def ask(
    desk: Desk, serial: int = 1, *, start: dt.datetime = MEETING, needs: str = "wheelchair", **more: object
) -> Escort:
    contact = make_contact(desk, f"c{serial}")
    patient = make_patient(desk, contact, birthday=dt.date(1940, 1, 1), serial=serial)
    return request_escort(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        start=start,
        needs=needs,
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def roster(desk: Desk) -> dict[str, Companion]:
    enrol_roster(desk)
    return {one.code: one for one in list_companions(desk)}


def names(desk: Desk, escort: Escort) -> list[str]:
    return [
        get_companion(desk, companion_id=one.companion_id).code
        for one in list_assignments(desk, escort_id=escort.id)
    ]


def test_the_roster_is_filled_once_and_stays_as_staff_leave_it(
    desk: Desk, roster: dict[str, Companion]
) -> None:
    gone = roster["mo-zhuyin"]
    set_companion_state(desk, companion_id=gone.id, status="closed", reason="离职")
    assert enrol_roster(desk) == 0
    assert gone.code not in {one.code for one in list_companions(desk)}
    assert [one.new for one in history.list_changes(desk, record=gone)] == ["active", "closed"]


def test_the_rule_sends_who_speaks_the_dialect_then_who_has_least_to_do(
    desk: Desk, roster: dict[str, Companion]
) -> None:
    one = assign_escort(desk, escort_id=ask(desk, 1, speech="cantonese").id)
    assert names(desk, one) == ["liang-muxi"] and one.status == "accepted"
    other = assign_escort(desk, escort_id=ask(desk, 2).id)
    third = assign_escort(desk, escort_id=ask(desk, 3, start=MEETING + dt.timedelta(hours=4)).id)
    assert len({*names(desk, one), *names(desk, other), *names(desk, third)}) == 3
    told = promises.list_promises(desk, subject=one.subject)
    assert "escort_changed" in {each.kind for each in told}


def test_who_is_untrained_off_shift_or_elsewhere_is_named_with_the_reason(
    desk: Desk, roster: dict[str, Companion]
) -> None:
    evening = replace(desk, now=NOW)
    escort = ask(evening, start=dt.datetime(2026, 3, 12, 17, 0))
    set_companion_state(desk, companion_id=roster["ruan-qinghe"].id, status="away", reason="病假")
    change_companion(desk, companion_id=roster["wei-chunhe"].id, shifts="每天 08:00-12:00", reason="换班")
    found = {one.companion.code: one.obstacles for one in list_candidates(desk, escort=escort)}
    assert found["mo-zhuyin"] == ("training",)
    assert found["ruan-qinghe"] == ("closed",)
    assert found["wei-chunhe"] == ("shift",)
    assert found["huang-douhua"] == ("campus",)
    assert found["liang-muxi"] == ()


def test_oxygen_and_a_stretcher_bring_people_with_the_skill(desk: Desk, roster: dict[str, Companion]) -> None:
    escort = ask(desk, needs="stretcher", risks={"oxygen": True})
    assert (escort.means, escort.staff_count) == ("stretcher", 3)
    assign_escort(desk, escort_id=escort.id)
    sent = [roster[code] for code in names(desk, escort)]
    assert len(sent) == 3
    for skill in ("stretcher", "oxygen"):
        assert any(one.has("skills", skill) for one in sent)


def test_a_person_overrules_with_a_reason_but_not_the_training(
    desk: Desk, roster: dict[str, Companion]
) -> None:
    escort = assign_escort(desk, escort_id=ask(desk).id)
    other = next(code for code in ("tan-shilin", "qin-yuelan") if code not in names(desk, escort))
    staff = desk.acting_as("staff:2")
    with pytest.raises(Invalid):
        assign_escort(staff, escort_id=escort.id, companion_ids=[roster[other].id])
    with pytest.raises(NotAllowed) as error:
        assign_escort(staff, escort_id=escort.id, companion_ids=[roster["mo-zhuyin"].id], reason="家属点名")
    assert error.value.code == "training"
    assign_escort(staff, escort_id=escort.id, companion_ids=[roster[other].id], reason="家属点名")
    assert names(desk, escort) == [other]
    (row,) = list_assignments(desk, escort_id=escort.id)
    (change,) = history.list_changes(desk, record=row)
    assert (change.actor, change.reason) == ("staff:2", "家属点名")


def test_where_the_rule_finds_nobody_the_request_waits_for_a_person(desk: Desk) -> None:
    enrol_roster(desk)
    for one in list_companions(desk, duty="escort"):
        set_companion_state(desk, companion_id=one.id, status="away", reason="培训日")
    escort = ask(desk)
    assert assign_due_escorts(desk.acting_as("clock")) == 0
    assert escorts.get_escort(desk, escort_id=escort.id).status == "requested"


def test_the_clock_assigns_a_day_ahead_and_not_before(desk: Desk, roster: dict[str, Companion]) -> None:
    soon, later = ask(desk, 1), ask(desk, 2, start=MEETING + dt.timedelta(days=3))
    assert assign_due_escorts(desk.acting_as("clock")) == 1
    assert (soon.status, later.status) == ("accepted", "requested")


def test_the_visit_goes_step_by_step_and_the_family_hears_of_the_way_home(
    desk: Desk, roster: dict[str, Companion]
) -> None:
    escort = ask(desk)
    staff = desk.acting_as("staff:2")
    with pytest.raises(WrongState):
        tick_step(staff, escort_id=escort.id, step="met")
    assign_escort(staff, escort_id=escort.id)
    for minutes, step in ((0, "met"), (10, "registration"), (40, "examination"), (60, "examination")):
        tick_step(at(staff, days=1, hour=minutes / 60), escort_id=escort.id, step=step)
    assert escort.status == "in-progress"
    assert [one.stage.id for one in list_steps(desk, escort_id=escort.id)] == [
        "met",
        "registration",
        "examination",
    ]
    with pytest.raises(Invalid):
        tick_step(staff, escort_id=escort.id, step="lunch")
    assert "escort_step" not in {one.kind for one in promises.list_promises(desk, subject=escort.subject)}
    tick_step(staff, escort_id=escort.id, step="way_home")
    assert "escort_step" in {one.kind for one in promises.list_promises(desk, subject=escort.subject)}
    latest = find_step(desk, escort_id=escort.id)
    assert latest is not None and (latest.step, latest.actor) == ("way_home", "staff:2")


def test_a_visit_that_is_over_is_rated_once_asked(desk: Desk, roster: dict[str, Companion]) -> None:
    escort = assign_escort(desk, escort_id=ask(desk).id)
    with pytest.raises(WrongState):
        rate_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, rating=4)
    desk = at(desk, days=1)
    for status in ("in-progress", "completed"):
        escorts.advance_escort(desk.acting_as("staff:2"), escort_id=escort.id, status=status)
    asked = [
        one for one in promises.list_promises(desk, subject=escort.subject) if one.kind == "escort_rating"
    ]
    assert [one.due_at - desk.now for one in asked] == [dt.timedelta(minutes=30)]
    with pytest.raises(Invalid):
        rate_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, rating=5)
    rate_escort(desk, escort_id=escort.id, contact_id=escort.contact_id, rating=3, text="很耐心")
    assert (escort.rating, escort.rating_text) == (3, "很耐心")


def test_who_is_not_entitled_pays_and_only_so_many_in_a_half_hour(desk: Desk) -> None:
    def pay(serial: int) -> Escort:
        contact = make_contact(desk, f"p{serial}")
        patient = make_patient(desk, contact, serial=serial)
        return request_escort(desk, contact_id=contact.id, patient_id=patient.id, start=MEETING, paying=True)

    first = pay(1)
    assert (first.fee, first.ground) == (60, "")
    with pytest.raises(ServiceError) as error:
        pay(2)
    assert error.value.code == "full"
    escorts.cancel_escort(desk, escort_id=first.id)
    assert pay(3).status == "requested"


def test_shifts_are_written_as_people_say_them() -> None:
    text = "工作日 08:00-17:30；周六 8:00 到 12:00"
    assert write_shifts(read_shifts(text)) == "一二三四五 08:00-17:30；六 08:00-12:00"
    for wrong in ("", "随便", "每天 17:00-08:00", "每天 25:00-26:00"):
        with pytest.raises(Invalid):
            read_shifts(wrong)


def test_a_companion_is_added_with_checked_words_only(desk: Desk) -> None:
    values = {
        "name": "蓝小荷",
        "phone": "10000005699",
        "kind": "volunteer",
        "post": "导诊台",
        "duties": "escort",
        "trained_until": dt.date(2027, 1, 1),
        "shifts": "每天 08:00-12:00",
        "languages": "zhuang",
        "skills": "",
    }
    add_companion(desk, code="lan", **values)
    with pytest.raises(NotAllowed):
        add_companion(desk, code="lan", **values)
    for wrong in (
        {"languages": "klingon"},
        {"kind": "robot"},
        {"post": "月球背面基地"},
        {"phone": "1"},
        {"shifts": None},
    ):
        with pytest.raises(Invalid):
            add_companion(desk, code="lan-2", **{**values, **wrong})


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_nobody_is_ever_sent_untrained_off_shift_or_to_two_at_once(
    engine: Engine, hospital: Hospital
) -> None:
    class Desks(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW, "staff:1")
            enrol_roster(self.desk)
            self.people = list_companions(self.desk)
            self.asked: list[int] = []

        def attempt(self, work: object, *arguments: object, **more: object) -> object:
            with self.session.begin_nested() as savepoint:
                try:
                    return work(self.desk, *arguments, **more)  # type: ignore[operator]
                except ServiceError:
                    savepoint.rollback()
            return None

        @rule(
            half=st.integers(0, 6),
            need=st.sampled_from(["wheelchair", "stretcher"]),
            speech=st.sampled_from(["", "zhuang"]),
        )
        def ask_for_one(self, half: int, need: str, speech: str) -> None:
            start = MEETING + dt.timedelta(minutes=30 * half)
            made = self.attempt(ask, len(self.asked) + 1, start=start, needs=need, speech=speech)
            if isinstance(made, Escort):
                self.asked.append(made.id)

        @rule(which=st.integers(0, 5))
        def by_rule(self, which: int) -> None:
            if self.asked:
                self.attempt(assign_escort, escort_id=self.asked[which % len(self.asked)])

        @rule(which=st.integers(0, 5), who=st.integers(0, 9))
        def by_person(self, which: int, who: int) -> None:
            if self.asked:
                chosen = [self.people[who % len(self.people)].id]
                escort_id = self.asked[which % len(self.asked)]
                self.attempt(assign_escort, escort_id=escort_id, companion_ids=chosen, reason="家属点名")

        @rule(which=st.integers(0, 5))
        def cancel(self, which: int) -> None:
            if self.asked:
                self.attempt(escorts.cancel_escort, escort_id=self.asked[which % len(self.asked)])

        @invariant()
        def each_is_in_one_place(self) -> None:
            if not hasattr(self, "session"):
                return
            query = select(EscortAssignment, Escort, Companion).where(
                EscortAssignment.status == "assigned",
                EscortAssignment.escort_id == Escort.id,
                EscortAssignment.companion_id == Companion.id,
                Escort.status == "accepted",
            )
            visits: dict[int, list[dt.datetime]] = {}
            for _, escort, companion in self.session.exec(query):
                assert is_fit(companion, escort.start.date()) and is_on_shift(companion, escort.start)
                visits.setdefault(companion.id, []).append(escort.start)
            length = dt.timedelta(minutes=hospital.escort.assignment.visit_minutes)
            for starts in visits.values():
                starts.sort()
                assert all(after - before >= length for before, after in pairwise(starts))

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Desks,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
