"""A property: whatever is asked for, changed, moved on, cancelled or left to be late, in whatever order, no clinic takes
more than its places, no bed lies under two, every change of a request has an actor, a time and (from staff) a reason,
and each promise of a state is given once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Count
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from knowledge import Hospital
from services import (
    Desk,
    ServiceError,
    bed_calls,
    bed_turns,
    beds,
    history,
    line_lateness,
    line_records,
    line_states,
    lines,
    promises,
)
from services.beds import Bed
from services.line_answers import name_seat
from services.numbers import Counter
from services.requests import ServiceRequest
from tests.services.builders import NOW, make_contact, make_patient

LIMIT = 2
DAYS = ("2026-03-12", "2026-03-16")
who = st.integers(0, 3)
recent = st.integers(0, 4)


def shrink(hospital: Hospital) -> Hospital:
    """Two places a half-day in every clinic, and one ward with two beds."""
    small = [
        line.model_copy(
            update={
                "capacity": line.capacity.model_copy(update={"limit": LIMIT}),
                "collect": tuple(
                    one.model_copy(
                        update={
                            "choices": tuple(c.model_copy(update={"capacity": None}) for c in one.choices)
                        }
                    )
                    for one in line.collect
                ),
            }
        )
        if line.capacity
        else line
        for line in hospital.lines
    ]
    ward = next(one for one in hospital.wards if one.department == "骨科")
    return replace(
        hospital, lines=tuple(small), wards=(ward.model_copy(update={"rooms": {"801": 2}, "takes": ()}),)
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_clinic_and_no_bed_takes_more_than_it_holds(engine: Engine, hospital: Hospital) -> None:
    hospital = shrink(hospital)

    class Front(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW)
            self.patients = [
                make_patient(
                    self.desk,
                    make_contact(self.desk, f"l{i}"),
                    serial=i,
                    sex="female" if i == 3 else "male",
                )
                for i in range(4)
            ]
            beds.make_beds(self.desk)

        def attempt(self, desk: Desk, work: Any, **arguments: Any) -> None:
            with self.session.begin_nested() as savepoint:
                try:
                    work(desk, **arguments)
                except ServiceError:
                    savepoint.rollback()

        def pick(self, back: int) -> ServiceRequest | None:
            found = self.session.exec(
                select(ServiceRequest).order_by(col(ServiceRequest.id).desc()).limit(back + 1)
            ).all()
            return found[-1] if found else None

        @rule(at=who, day=st.sampled_from(DAYS), period=st.sampled_from(("morning", "afternoon")))
        def ask_for_a_clinic(self, at: int, day: str, period: str) -> None:
            values = {"clinic": "stoma", "date": day, "period": period, "phone": "10000001234"}
            self._ask(at, "nursing_clinic", values)

        @rule(at=who, priority=st.sampled_from(("usual", "soon")))
        def ask_for_a_bed(self, at: int, priority: str) -> None:
            values = {"paper": "given", "department": "骨科", "priority": priority, "phone": "10000001234"}
            self._ask(at, "pre_admission", values)

        def _ask(self, at: int, line: str, values: dict[str, Any]) -> None:
            patient = self.patients[at]
            self.attempt(
                self.desk,
                lines.request_line,
                contact_id=patient.contact_id,
                line=line,
                patient_id=patient.id,
                values=values,
            )

        @rule(back=recent, step=st.integers(0, 3), actor=st.sampled_from(("staff:1", "api:his")))
        def move_on(self, back: int, step: int, actor: str) -> None:
            one = self.pick(back)
            if one is None or not (
                following := line_records.get_line(self.desk, one.line).get_state(one.stage).next
            ):
                return
            goal = line_records.get_line(self.desk, one.line).get_state(following[step % len(following)])
            given = {need.slot: "2026-03-13" if need.kind == "date" else "09:00" for need in goal.needs}
            self.attempt(
                self.desk.acting_as(actor),
                line_states.advance_line,
                request_id=one.id,
                stage=goal.id,
                given=given,
                reason="by the book",
            )

        @rule(back=recent, day=st.sampled_from(DAYS))
        def change(self, back: int, day: str) -> None:
            one = self.pick(back)
            if one is not None and "date" in one.slots and one.line == "nursing_clinic":
                told = {name: one.slots[name] for name in ("clinic", "period", "phone")} | {"date": day}
                self.attempt(
                    self.desk,
                    lines.change_request,
                    request_id=one.id,
                    contact_id=one.contact_id,
                    values=told,
                )

        @rule(back=recent)
        def cancel(self, back: int) -> None:
            one = self.pick(back)
            if one is not None:
                self.attempt(
                    self.desk, line_states.cancel_request, request_id=one.id, contact_id=one.contact_id
                )

        @rule()
        def free_beds_are_given(self) -> None:
            """Nobody who waits could have had a bed that now went to somebody behind him, and none stays idle."""
            line = line_records.get_line(self.desk, "pre_admission")
            before = bed_turns.list_waiting(self.desk, line=line)
            bed_calls.call_next(self.desk.acting_as("clock"))
            after = bed_turns.list_waiting(self.desk, line=line)
            called = [one for one in before if one not in after]
            for one in after:
                need = beds.read_need(self.desk, one)
                assert beds.find_free_beds(self.desk, need=need) == []
                behind = [two for two in called if bed_turns.rank_request(two) > bed_turns.rank_request(one)]
                assert all(beds.read_need(self.desk, two) != need for two in behind)

        @rule(back=recent)
        def come_another_time(self, back: int) -> None:
            one = self.pick(back)
            if one is not None:
                work, mine = bed_calls.postpone_request, {"contact_id": one.contact_id}
                actor = self.desk.acting_as(f"contact:{one.contact_id}")
                self.attempt(actor, work, request_id=one.id, **mine)

        @rule(
            which=st.integers(0, 1),
            status=st.sampled_from((beds.FREE, beds.OCCUPIED, beds.CLEANING, beds.CLOSED)),
        )
        def the_ward_marks_a_bed(self, which: int, status: str) -> None:
            bed = beds.list_beds(self.desk)[which]
            self.attempt(
                self.desk.acting_as("staff:1"), beds.mark_bed, bed_id=bed.id, status=status, reason="急诊"
            )

        @rule(hours=st.sampled_from((1, 30)))
        def time_passes(self, hours: int) -> None:
            self.desk = replace(self.desk, now=self.desk.now + dt.timedelta(hours=hours))
            self.attempt(self.desk.acting_as("clock"), line_lateness.alarm_late_requests)

        def requests(self) -> list[ServiceRequest]:
            if not hasattr(self, "session"):
                return []
            return list(self.session.exec(select(ServiceRequest)))

        @invariant()
        def a_clinic_holds_whom_it_counts_and_no_more(self) -> None:
            seated = Count(one.seat for one in self.requests() if one.seat)
            assert all(count <= LIMIT for count in seated.values())
            for name, count in seated.items():
                assert self.session.exec(select(Counter.value).where(Counter.name == name)).one() == count
            for one in self.requests():
                if one.status in ("cancelled", "rejected"):
                    assert one.seat is None
                elif one.line == "nursing_clinic":
                    seat = name_seat(line_records.get_line(self.desk, one.line), one.slots)
                    assert seat is not None and one.seat == seat[0]

        @invariant()
        def a_bed_is_given_to_one_and_whoever_was_called_has_one(self) -> None:
            if not hasattr(self, "session"):
                return
            held = Count(
                bed.request_id
                for bed in self.session.exec(select(Bed).where(col(Bed.request_id).is_not(None)))
            )
            wanted = {
                one.id
                for one in self.requests()
                if one.line == "pre_admission" and one.stage in ("called", "admitted")
            }
            assert held == Count(wanted)

        @invariant()
        def every_change_is_written_down(self) -> None:
            for one in self.requests():
                steps = history.list_changes(self.desk, record=one)
                assert steps[-1].new == one.stage
                assert all(step.actor and step.created_at and step.reason for step in steps)

        @invariant()
        def nothing_is_promised_twice(self) -> None:
            for one in self.requests():
                waiting = Count(
                    (each.kind, each.slots.get("reminder"))
                    for each in promises.list_promises(self.desk, subject=one.subject)
                    if each.status == promises.WAITING
                )
                assert all(count == 1 for count in waiting.values())

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Front,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
