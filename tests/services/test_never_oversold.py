"""A property: whatever is held, booked, moved, cancelled, suspended or left to run out, in whatever order,
no slot is ever sold beyond its capacity, and ``taken`` is exactly what holds and appointments say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from knowledge import Hospital
from services import Desk, ServiceError, appointments, suspensions
from services.appointments import Appointment, Hold
from services.patients import Patient
from services.schedules import Slot
from tests.services.builders import NOW, make_contact, make_patient, make_slot

people = st.integers(0, 3)
places = st.integers(0, 2)
recent = st.integers(0, 3)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_slot_is_ever_oversold(engine: Engine, hospital: Hospital) -> None:
    class Counter(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW)
            self.holds = 0
            self.slots: list[Slot] = [
                make_slot(
                    self.desk,
                    dt.datetime(2026, 3, 12 + i // 2, 9 + i % 2),
                    doctor_id=f"doctor-{i}",
                    capacity=1 + i % 2,
                )
                for i in range(3)
            ]
            self.patients: list[Patient] = [
                make_patient(self.desk, make_contact(self.desk, f"p{i}"), serial=i) for i in range(4)
            ]

        def attempt(self, work: object, **arguments: object) -> None:
            with self.session.begin_nested() as savepoint:
                try:
                    work(self.desk, **arguments)  # type: ignore[operator]
                except ServiceError:
                    savepoint.rollback()

        def latest(self, model: type, back: int) -> int | None:
            ids = list(self.session.exec(select(model.id).order_by(col(model.id).desc()).limit(back + 1)))
            return ids[-1] if ids else None

        @rule(who=people, where=places)
        def hold(self, who: int, where: int) -> None:
            contact_id = self.patients[who].contact_id
            self.holds += 1
            self.attempt(appointments.hold_slot, slot_id=self.slots[where].id, contact_id=contact_id)

        @rule(who=people, where=places)
        def hold_and_book(self, who: int, where: int) -> None:
            self.hold(who, where)
            self.book_for_the_holder(0)

        @rule(which=recent, who=people)
        def book(self, which: int, who: int) -> None:
            if (hold_id := self.latest(Hold, which)) is not None:
                self.attempt(appointments.book, hold_id=hold_id, patient_id=self.patients[who].id)

        @rule(which=recent)
        def book_for_the_holder(self, which: int) -> None:
            if (hold_id := self.latest(Hold, which)) is not None:
                contact_id = appointments.get_hold(self.desk, hold_id=hold_id).contact_id
                patient = next(one for one in self.patients if one.contact_id == contact_id)
                self.attempt(appointments.book, hold_id=hold_id, patient_id=patient.id)

        @rule(which=recent)
        def release(self, which: int) -> None:
            if (hold_id := self.latest(Hold, which)) is not None:
                self.attempt(appointments.release_hold, hold_id=hold_id)

        @rule(which=recent)
        def cancel(self, which: int) -> None:
            if (made := self.latest(Appointment, which)) is not None:
                self.attempt(appointments.cancel, appointment_id=made)

        @rule(which=recent, held=recent)
        def move(self, which: int, held: int) -> None:
            made, hold_id = self.latest(Appointment, which), self.latest(Hold, held)
            if made is not None and hold_id is not None:
                self.attempt(appointments.reschedule, appointment_id=made, hold_id=hold_id)

        @rule(minutes=st.sampled_from([1, 3, 6, 60]))
        def time_passes(self, minutes: int) -> None:
            self.desk = replace(self.desk, now=self.desk.now + dt.timedelta(minutes=minutes))

        @rule()
        def clock_ticks(self) -> None:
            appointments.expire_holds(self.desk)

        @precondition(lambda self: self.holds > 8)  # early, it would leave nothing to sell
        @rule(where=places)
        def suspend(self, where: int) -> None:
            slot = self.slots[where]
            self.attempt(suspensions.suspend_session, doctor_id=slot.doctor_id, date=slot.date)

        @invariant()
        def taken_is_what_is_held_and_booked(self) -> None:
            for slot in getattr(self, "slots", ()):
                self.session.refresh(slot)
                held = self.session.exec(
                    select(func.count()).where(Hold.slot_id == slot.id, Hold.status == "held")
                ).one()
                booked = self.session.exec(
                    select(func.count()).where(
                        Appointment.slot_id == slot.id, col(Appointment.status).in_(("booked", "arrived"))
                    )
                ).one()
                assert slot.taken == held + booked <= slot.capacity

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Counter,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
