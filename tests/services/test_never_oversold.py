"""A property: whatever is held, booked, moved, cancelled, suspended, reviewed, granted or left to run out, in whatever
order, no slot is ever sold beyond its capacity, and ``taken`` is exactly what holds and appointments say; every hold
ends, every review ends, and every change of state has an actor and a time.
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
from services import (
    Desk,
    ServiceError,
    absences,
    appointments,
    history,
    holds,
    phones,
    referrals,
    reviews,
    schedules,
    suspensions,
)
from services.appointments import Appointment, Hold
from services.patients import Patient
from services.slots import Slot
from services.suspicion import BookingReview
from tests.services.builders import NOW, make_contact, make_patient, make_slot

people = st.integers(0, 3)
places = st.integers(0, 2)
recent = st.integers(0, 3)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_slot_is_ever_oversold(engine: Engine, hospital: Hospital) -> None:
    strict = hospital.registration.review.model_copy(update={"accounts_per_phone": 2, "burst_bookings": 1})
    rules = hospital.registration.model_copy(update={"review": strict})
    hospital = replace(hospital, registration=rules)  # so that reviews happen within a few steps

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
            for slot in self.slots[:2]:  # one more place each, kept for referred patients
                slot.reserved, slot.opens_at = 1, NOW + dt.timedelta(hours=2)
                self.session.add(slot)
            self.places = {one.id: one.capacity + one.reserved for one in self.slots}
            self.patients: list[Patient] = [
                make_patient(self.desk, make_contact(self.desk, f"p{i}"), serial=i) for i in range(4)
            ]

            for patient in self.patients:
                phones.mark_known(self.desk, patient=patient)
            for patient in self.patients[:2]:
                referrals.refer_patient(
                    self.desk,
                    external_id=f"z{patient.id}",
                    institution="shili",
                    name=patient.name,
                    id_number=patient.id_number or "",
                    department="骨科",
                )

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
            self.attempt(holds.hold_slot, slot_id=self.slots[where].id, contact_id=contact_id)

        @rule(who=people, where=places)
        def hold_and_book(self, who: int, where: int) -> None:
            self.hold(who, where)
            self.book_for_the_holder(0)

        @rule(who=people, where=places)
        def hold_and_book_as_a_patient(self, who: int, where: int) -> None:
            """With the rules checked, as who writes to the assistant: the reserve and the reviews come in."""
            patient, desk = self.patients[who], self.desk
            self.desk = desk.acting_as(f"contact:{patient.contact_id}")
            known = {
                "slot_id": self.slots[where].id,
                "contact_id": patient.contact_id,
                "patient_id": patient.id,
            }
            self.attempt(holds.hold_slot, **known)
            self.book_for_the_holder(0)
            self.desk = desk

        @rule(release=st.booleans())
        def decide_the_newest_review(self, release: bool) -> None:
            if (review_id := self.latest(BookingReview, 0)) is None:
                return
            decide = reviews.release_booking if release else reviews.refuse_booking
            self.attempt(decide, review_id=review_id, reason="核对过")

        @rule(who=people, where=places)
        def grant_an_extra_place(self, who: int, where: int) -> None:
            before = self.session.exec(select(func.count()).where(Appointment.extra)).one()
            known = {"slot_id": self.slots[where].id, "patient_id": self.patients[who].id}
            self.attempt(appointments.grant_place, **known)
            assert self.session.exec(select(func.count()).where(Appointment.extra)).one() - before in (0, 1)

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
                self.attempt(holds.release_hold, hold_id=hold_id)

        @rule(which=recent)
        def cancel(self, which: int) -> None:
            if (made := self.latest(Appointment, which)) is not None:
                self.attempt(appointments.cancel, appointment_id=made)

        @rule(which=recent, held=recent)
        def move(self, which: int, held: int) -> None:
            made, hold_id = self.latest(Appointment, which), self.latest(Hold, held)
            if made is not None and hold_id is not None:
                self.attempt(appointments.reschedule, appointment_id=made, hold_id=hold_id)

        @rule(minutes=st.sampled_from([1, 3, 6, 60, 60, 1500]))
        def time_passes(self, minutes: int) -> None:
            self.desk = replace(self.desk, now=self.desk.now + dt.timedelta(minutes=minutes))

        @rule()
        def clock_ticks(self) -> None:
            holds.expire_holds(self.desk)
            schedules.open_reserves(self.desk)
            reviews.settle_reviews(self.desk)
            absences.end_past_visits(self.desk)
            assert not list(
                self.session.exec(
                    select(Hold.id).where(Hold.status == "held", Hold.expires_at <= self.desk.now)
                )
            )
            late = select(BookingReview.id).where(
                BookingReview.status == "requested", BookingReview.due_at <= self.desk.now
            )
            assert not list(self.session.exec(late))

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
                        Appointment.slot_id == slot.id,
                        col(Appointment.status).in_(("pending", "booked", "arrived", "noshow", "fulfilled")),
                    )
                ).one()
                assert slot.taken == held + booked <= slot.capacity
                extra = self.session.exec(
                    select(func.count()).where(
                        Appointment.slot_id == slot.id,
                        col(Appointment.extra),
                        Appointment.status != "cancelled",
                    )
                ).one()
                assert slot.capacity + slot.reserved == self.places[slot.id] + extra

        @invariant()
        def who_waits_for_a_review_is_pending_and_nobody_else(self) -> None:
            if not hasattr(self, "session"):
                return
            pending = select(Appointment.id).where(Appointment.status == "pending")
            waiting = select(BookingReview.appointment_id).where(BookingReview.status == "requested")
            assert set(self.session.exec(pending)) == set(self.session.exec(waiting))

        @invariant()
        def every_state_has_been_written_down(self) -> None:
            if not hasattr(self, "session"):
                return
            for model in (Appointment, BookingReview):
                for one in self.session.exec(select(model)):
                    last = [
                        step for step in history.list_changes(self.desk, record=one) if step.new != "excused"
                    ]
                    assert last and last[-1].new == one.status and last[-1].actor

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Counter,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
