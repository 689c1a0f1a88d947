"""A property: whatever patients, staff, other systems and the clock do, in whatever order, every record's history says who
made it what, when, and why where somebody is owed a reason; and what was promised is told once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.clock import CHORES
from knowledge import Hospital
from services import (
    Desk,
    ServiceError,
    alarms,
    appointments,
    complaints,
    escorts,
    followups,
    handling,
    handovers,
    herb_stages,
    herbs,
    holds,
    line_states,
    lines,
    loans,
    onsite_help,
    promises,
    results,
    suspensions,
    transfers,
    waitlist,
)
from services.patients import Patient, give_consent
from services.requests import ServiceRequest
from services.slots import Slot
from services.staff import add_staff
from tests.honesty import find_faults
from tests.services.builders import NOW, make_contact, make_patient, make_slot

PEOPLE = 3
people = st.integers(0, PEOPLE - 1)
recent = st.integers(0, 2)
actors = st.sampled_from(["contact", "staff:1", "api:his", "clock"])
reasons = st.sampled_from([None, "家里有事"])
states = st.sampled_from(
    [
        "accepted", "in-progress", "completed", "rejected", "failed", "cancelled", "arrived", "fulfilled", "noshow",
        "first_contact", "investigating", "rectifying", "answered", "closed", "checked", "decocting", "packed",
        "handed_over", "in_transit", "delivered", "ready", "signed", "returning", "returned", "verified", "mailed",
    ]
)  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_every_state_has_its_actor_hour_and_reason_and_promises_are_told_once(
    engine: Engine, hospital: Hospital
) -> None:
    class Walk(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.now, self.told = NOW, Counter[int]()
            self.patients: list[Patient] = []
            self.slots: list[Slot] = []
            self.attempt("staff:1", self.furnish)

        def furnish(self, desk: Desk) -> None:
            self.staff_id = add_staff(desk, login="wang", name="王芳", role="service")[0].id
            self.patients = [
                make_patient(desk, make_contact(desk, f"p{i}"), serial=i, birthday=dt.date(1940, 1, 1))
                for i in range(PEOPLE)
            ]
            for one in self.patients:
                give_consent(desk, contact_id=one.contact_id, purpose="identity")
            self.slots = [
                make_slot(desk, dt.datetime(2026, 3, 12 + i, 9), doctor_id=f"doctor-{i}") for i in range(2)
            ]

        def attempt(self, actor: str, work: Any, **arguments: Any) -> None:
            desk = Desk(self.session, hospital, self.now, actor)
            with self.session.begin_nested() as savepoint:
                try:
                    work(desk, **arguments)
                except ServiceError:
                    savepoint.rollback()

        def latest(self, model: Any, back: int) -> Any:
            found = list(self.session.exec(select(model).order_by(col(model.id).desc()).limit(back + 1)))
            return found[-1] if found else None

        def name(self, actor: str, record: Any) -> str:
            contact_id = getattr(record, "contact_id", None)
            return actor if actor != "contact" else f"contact:{contact_id}" if contact_id else "api:his"

        # what patients ask for

        @rule(who=people, where=st.integers(0, 1))
        def book(self, who: int, where: int) -> None:
            patient = self.patients[who]

            def work(desk: Desk) -> None:
                hold = holds.hold_slot(desk, slot_id=self.slots[where].id, contact_id=patient.contact_id)
                appointments.book(desk, hold_id=hold.id, patient_id=patient.id)

            self.attempt(f"contact:{patient.contact_id}", work)

        @rule(who=people)
        def hold_and_forget(self, who: int) -> None:
            patient = self.patients[who]
            self.attempt(
                f"contact:{patient.contact_id}",
                holds.hold_slot,
                slot_id=self.slots[1].id,
                contact_id=patient.contact_id,
            )

        @rule(who=people)
        def wait_in_line(self, who: int) -> None:
            patient = self.patients[who]
            self.attempt(
                f"contact:{patient.contact_id}",
                waitlist.join_waitlist,
                contact_id=patient.contact_id,
                patient_id=patient.id,
                department="骨科",
                date=self.slots[0].date.isoformat(),
            )

        @rule(who=people, what=st.sampled_from(["escort", "herbs", "transfer", "help", "loan", "copy"]))
        def ask_for(self, who: int, what: str) -> None:
            patient = self.patients[who]
            mine = {"contact_id": patient.contact_id, "patient_id": patient.id}
            tomorrow = dt.datetime.combine(self.now.date() + dt.timedelta(days=1), dt.time(10))
            work: Any
            more: dict[str, Any]
            if what == "escort":
                work, more = escorts.request_escort, mine | {"start": tomorrow, "needs": "wheelchair"}
            elif what == "herbs":
                work = herbs.register_delivery
                more = mine | {"doses": 7, "decoction": "decoct", "delivery_mode": "pickup"}
            elif what == "transfer":
                ride = hospital.transfers.rides[0]
                work, more = transfers.request_transfer, mine | {"ride": ride.id, "start": tomorrow}
            elif what == "help":
                work, more = onsite_help.call_help, {"contact_id": patient.contact_id, "place": "门诊大厅"}
            elif what == "loan":
                kind = hospital.loans.kinds[0].id
                work, more = loans.request_loan, {"contact_id": patient.contact_id, "kind": kind}
            else:
                line = next(one for one in hospital.lines if one.id == "record_copy")
                values = {one.slot: one.choices[0].id if one.choices else "桂江路1号" for one in line.collect}
                work, more = lines.request_line, mine | {"line": line.id, "values": values}
            self.attempt(f"contact:{patient.contact_id}", work, **more)

        @rule(who=people, kind=st.sampled_from(["complaint", "suggestion", "praise"]))
        def complain(self, who: int, kind: str) -> None:
            contact_id = self.patients[who].contact_id
            self.attempt(
                f"contact:{contact_id}",
                complaints.file_complaint,
                contact_id=contact_id,
                text="候诊区的空调坏了",
                kind=kind,
            )

        @rule(who=people)
        def ask_for_a_person(self, who: int) -> None:
            contact_id = self.patients[who].contact_id
            self.attempt("assistant", handovers.call_person, contact_id=contact_id, reason="asked")

        # what staff, other systems and patients do with it

        @rule(which=recent, actor=actors, reason=reasons, status=states)
        def change_an_appointment(self, which: int, actor: str, reason: str | None, status: str) -> None:
            one = self.latest(appointments.Appointment, which)
            if one is not None and status == "cancelled":
                self.attempt(self.name(actor, one), appointments.cancel, appointment_id=one.id, reason=reason)
            elif one is not None and actor != "contact":
                self.attempt(actor, appointments.advance_appointment, appointment_id=one.id, status=status)

        @rule(
            what=st.sampled_from(["escort", "herbs", "complaint", "transfer", "help"]),
            which=recent,
            status=states,
            reason=reasons,
        )
        def move_on(self, what: str, which: int, status: str, reason: str | None) -> None:
            models: dict[str, tuple[Any, Any, str]] = {
                "escort": (escorts.Escort, escorts.advance_escort, "escort_id"),
                "herbs": (herbs.HerbDelivery, herb_stages.advance_delivery, "delivery_id"),
                "complaint": (complaints.Complaint, handling.advance_complaint, "complaint_id"),
                "transfer": (transfers.Transfer, transfers.advance_transfer, "transfer_id"),
                "help": (onsite_help.OnsiteHelp, onsite_help.advance_help, "help_id"),
            }
            model, work, name = models[what]
            one = self.latest(model, which)
            if one is None:
                return
            more = {"answer": "已经修好"} if what == "complaint" and status == "answered" else {}
            self.attempt("staff:1", work, **{name: one.id, "status": status, "reason": reason}, **more)

        @rule(which=recent, what=st.sampled_from(["escort", "herbs", "transfer", "help", "loan", "waitlist"]))
        def take_back(self, which: int, what: str) -> None:
            models: dict[str, tuple[Any, Any, str]] = {
                "escort": (escorts.Escort, escorts.cancel_escort, "escort_id"),
                "herbs": (herbs.HerbDelivery, herbs.cancel_delivery, "delivery_id"),
                "transfer": (transfers.Transfer, transfers.cancel_transfer, "transfer_id"),
                "help": (onsite_help.OnsiteHelp, onsite_help.end_help, "help_id"),
                "loan": (loans.EquipmentLoan, loans.cancel_loan, "loan_id"),
                "waitlist": (waitlist.WaitlistEntry, waitlist.leave_waitlist, "entry_id"),
            }
            model, work, name = models[what]
            one = self.latest(model, which)
            if one is not None:
                mine = {name: one.id, "contact_id": one.contact_id}
                self.attempt(f"contact:{one.contact_id}", work, **mine)

        @rule(which=recent, step=st.sampled_from(["hand_out", "give_back", "lose"]))
        def follow_a_loan(self, which: int, step: str) -> None:
            one = self.latest(loans.EquipmentLoan, which)
            if one is None:
                return
            if step == "lose":
                self.attempt("staff:1", loans.report_lost, loan_id=one.id, reason="找不到了")
            else:
                self.attempt("staff:1", getattr(loans, step), loan_id=one.id)

        @rule(which=recent, stage=states)
        def follow_a_line(self, which: int, stage: str) -> None:
            one = self.latest(ServiceRequest, which)
            if one is None:
                return
            if stage == "cancelled":
                mine = {"request_id": one.id, "contact_id": one.contact_id}
                self.attempt(f"contact:{one.contact_id}", line_states.cancel_request, **mine)
            else:
                self.attempt("staff:1", line_states.advance_line, request_id=one.id, stage=stage)

        @rule(who=people, taken=st.booleans())
        def speak_with(self, who: int, taken: bool) -> None:
            contact_id = self.patients[who].contact_id
            if taken:
                self.attempt("staff:1", handovers.take_over, contact_id=contact_id, staff_id=self.staff_id)
            else:
                self.attempt("staff:1", handovers.hand_back, contact_id=contact_id)

        @rule(where=st.integers(0, 1), again=st.booleans())
        def suspend(self, where: int, again: bool) -> None:
            slot = self.slots[where]
            self.attempt(
                "api:his",
                suspensions.suspend_session,
                doctor_id=slot.doctor_id,
                date=slot.date,
                reason="会诊",
                external_id=f"T{where}" if again else None,
            )

        @rule(who=people, number=st.integers(0, 2))
        def discharge(self, who: int, number: int) -> None:
            patient = self.patients[who]
            self.attempt(
                "api:his",
                followups.enrol,
                external_id=f"Z{number}",
                name=patient.name,
                phone=patient.phone,
                discharged_on=self.now.date(),
                department="骨科",
            )

        @rule(who=people)
        def opt_out(self, who: int) -> None:
            contact_id = self.patients[who].contact_id
            self.attempt(f"contact:{contact_id}", followups.stop_followups, contact_id=contact_id)

        @rule(who=people, number=st.integers(0, 2), ready=st.booleans())
        def report(self, who: int, number: int, ready: bool) -> None:
            self.attempt(
                "api:lis",
                results.announce_report,
                external_id=f"R{number}",
                examination="血常规",
                patient=self.patients[who],
                ready=ready,
            )

        @rule(who=people)
        def alarm(self, who: int) -> None:
            contact_id = self.patients[who].contact_id
            self.attempt(
                "assistant", alarms.raise_alarm, kind="emergency", contact_id=contact_id, words=["胸痛"]
            )

        @rule(which=recent)
        def see_an_alarm(self, which: int) -> None:
            if (one := self.latest(alarms.Alarm, which)) is not None:
                self.attempt("staff:1", alarms.acknowledge_alarm, alarm_id=one.id)

        # time and the clock

        @rule(hours=st.sampled_from([0.1, 1, 5, 24, 100]))
        def time_passes(self, hours: float) -> None:
            self.now += dt.timedelta(hours=hours)

        @rule()
        def the_clock_ticks(self) -> None:
            for chore in CHORES:
                self.attempt("clock", chore)
            self.keep_promises()

        @rule()
        def two_clocks_tick_and_one_is_late(self) -> None:
            """What the first claims, both keep; and a third dies between claiming and keeping."""
            desk = Desk(self.session, hospital, self.now, "clock")
            due = [one.id for one in promises.claim_due(desk)]
            for promise_id in due[::2] * 2:
                self.keep(promise_id)

        def keep_promises(self) -> None:
            desk = Desk(self.session, hospital, self.now, "clock")
            while due := [one.id for one in promises.claim_due(desk)]:
                for promise_id in due:
                    self.keep(promise_id)

        def keep(self, promise_id: int) -> None:
            def work(desk: Desk) -> None:
                promises.keep(desk, promise_id=promise_id)
                self.told[promise_id] += 1

            self.attempt("clock", work)

        def teardown(self) -> None:
            if not hasattr(self, "session"):
                return
            try:
                self.session.expire_all()
                desk = replace(Desk(self.session, hospital, self.now), actor="clock")
                faults = find_faults(desk)
                assert not faults, "\n".join(faults)
                assert set(self.told.values()) <= {1}
                kept = promises.list_promises(desk, status=promises.KEPT, limit=10_000)
                assert {one.id for one in kept} == set(self.told)
            finally:
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=15,
            stateful_step_count=60,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(
                Phase.generate,
            ),  # what fails is told at once; a walk of so many tables shrinks for minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
