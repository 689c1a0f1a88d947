"""A property: whatever is booked, cancelled, joined, accepted, declined or left unanswered, in whatever order, a freed
place goes to one person at a time and to the first in line who can take it, and stands idle for nobody who waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from knowledge import Hospital
from services import Desk, ServiceError, appointments, holds, promises, suspensions, waitlist
from services.appointments import Appointment, Hold
from services.limits import check_booking
from services.offers import offer_freed_slots
from services.patients import Patient
from services.promises import next_telling
from services.slots import Slot
from services.waiting import WaitlistEntry, wants
from tests.services.builders import NOW, make_contact, make_patient, make_slot

PEOPLE = 7
people = st.integers(0, PEOPLE - 1)
places = st.integers(0, 2)
recent = st.integers(0, 4)
WISHES = ["2026-03-12", "2026-03-13", "2026-03-12/2026-03-13"]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_the_waitlist_is_kept_in_order_and_no_place_stands_idle(engine: Engine, hospital: Hospital) -> None:
    class Line(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            self.session = Session(engine, expire_on_commit=False)
            self.desk = Desk(self.session, hospital, NOW)
            self.slots = [
                make_slot(self.desk, dt.datetime(2026, 3, 12, 14, 30), doctor_id="d1", doctor="甲"),
                make_slot(self.desk, dt.datetime(2026, 3, 12, 15, 0), doctor_id="d1", doctor="甲"),
                make_slot(self.desk, dt.datetime(2026, 3, 13, 9, 0), doctor_id="d2", doctor="乙", capacity=2),
            ]
            self.patients = [
                make_patient(self.desk, make_contact(self.desk, f"p{i}"), serial=i) for i in range(PEOPLE)
            ]
            for who, where in enumerate((0, 1, 2, 2)):  # sold out, so that people wait
                self.book(who, where)

        # what is done

        def do(self, work: Callable[..., Any], **arguments: Any) -> None:
            """Does it if the hospital allows it, and looks whether whatever it offered went to the first in line."""
            before = {one.id for one in self.entries("proposed")}
            with self.session.begin_nested() as savepoint:
                try:
                    work(self.desk, **arguments)
                except ServiceError:
                    savepoint.rollback()
            for entry in self.entries("proposed"):
                if entry.id not in before:
                    self.check_first_in_line(entry)

        @rule(who=people, where=places)
        def book(self, who: int, where: int) -> None:
            patient = self.patients[who]

            def hold_and_book(desk: Desk) -> None:
                hold = holds.hold_slot(
                    desk, slot_id=self.slots[where].id, contact_id=patient.contact_id, patient_id=patient.id
                )
                appointments.book(desk, hold_id=hold.id, patient_id=patient.id)

            self.do(hold_and_book)

        @rule(who=people, where=places)
        def hold(self, who: int, where: int) -> None:
            self.do(
                holds.hold_slot,
                slot_id=self.slots[where].id,
                contact_id=self.patients[who].contact_id,
            )

        @rule(which=recent)
        def release(self, which: int) -> None:
            if (hold_id := self.latest(Hold, which)) is not None:
                self.do(holds.release_hold, hold_id=hold_id)

        @rule(which=recent)
        def cancel(self, which: int) -> None:
            if (made := self.latest(Appointment, which)) is not None:
                self.do(appointments.cancel, appointment_id=made)

        @rule(who=people, wish=st.sampled_from(WISHES))
        def join(self, who: int, wish: str) -> None:
            patient = self.patients[who]
            self.do(
                waitlist.join_waitlist,
                contact_id=patient.contact_id,
                patient_id=patient.id,
                department="骨科",
                date=wish,
            )

        @rule(first=people, second=people, where=places, wish=st.sampled_from(WISHES))
        def two_join_and_a_place_is_given_back(self, first: int, second: int, where: int, wish: str) -> None:
            self.join(first, wish)
            self.join(second, wish)
            booked = select(Appointment.id).where(
                Appointment.slot_id == self.slots[where].id, Appointment.status == "booked"
            )
            if (made := self.session.exec(booked).first()) is not None:
                self.do(appointments.cancel, appointment_id=made)

        @rule(which=recent)
        def accept(self, which: int) -> None:
            if (entry := self.offered(which)) is not None:
                self.do(waitlist.accept_offer, entry_id=entry.id, contact_id=entry.contact_id)

        @rule(which=recent)
        def decline(self, which: int) -> None:
            if (entry := self.offered(which)) is not None:
                self.do(waitlist.leave_waitlist, entry_id=entry.id, contact_id=entry.contact_id)

        @rule(where=st.just(1))
        def suspend(self, where: int) -> None:
            slot = self.slots[where]
            if self.session.exec(select(func.count()).select_from(Hold)).one() > 12:  # not at the beginning
                self.do(suspensions.suspend_session, doctor_id=slot.doctor_id, date=slot.date)

        @rule(minutes=st.sampled_from([6, 20, 45, 600]))
        def time_passes(self, minutes: int) -> None:
            self.desk = replace(self.desk, now=self.desk.now + dt.timedelta(minutes=minutes))
            self.tick()

        @rule()
        def tick(self) -> None:
            self.do(holds.expire_holds)
            self.do(offer_freed_slots)
            for slot in self.slots:
                self.session.refresh(slot)
                assert not slot.remaining or not self.able(slot), "a place stands idle"

        # what must hold

        def check_first_in_line(self, entry: WaitlistEntry) -> None:
            slot = waitlist.find_offered_slot(self.desk, entry=entry)
            assert slot is not None
            for other in self.able(slot):
                assert (other.offers, other.id) > (entry.offers, entry.id), "somebody was passed over"

        def able(self, slot: Slot) -> list[WaitlistEntry]:
            """Those who wait for such a slot, could have it now, and have the time to answer."""
            rules = hospital.registration
            soonest = next_telling(self.desk) + dt.timedelta(
                minutes=rules.waitlist_offer_minutes + rules.arrive_minutes_before
            )
            if slot.start < soonest:
                return []
            return [
                one
                for one in self.entries("waitlist")
                if wants(self.desk, one, slot) and self.may_have(one, slot)
            ]

        def may_have(self, entry: WaitlistEntry, slot: Slot) -> bool:
            confirming = select(Hold.id).where(
                Hold.slot_id == slot.id, Hold.contact_id == entry.contact_id, Hold.status == "held"
            )
            if self.session.exec(confirming).first() is not None:
                return False
            try:
                patient = self.session.get_one(Patient, entry.patient_id)
                check_booking(self.desk, patient=patient, slot=slot)
            except ServiceError:
                return False
            return True

        @invariant()
        def no_place_is_given_twice(self) -> None:
            for slot in getattr(self, "slots", ()):
                self.session.refresh(slot)
                held = self.count(Hold, Hold.slot_id == slot.id, Hold.status == "held")
                booked = self.count(
                    Appointment, Appointment.slot_id == slot.id, Appointment.status == "booked"
                )
                assert slot.taken == held + booked <= slot.capacity

        @invariant()
        def each_offer_is_one_hold_and_told_once(self) -> None:
            offered = self.entries("proposed") if hasattr(self, "slots") else []
            assert len({one.hold_id for one in offered}) == len(offered)
            for one in offered:
                assert one.hold_id is not None
                assert appointments.get_hold(self.desk, hold_id=one.hold_id).status == "held"
                told = promises.list_promises(self.desk, subject=one.subject, status="waiting")
                assert [promise.kind for promise in told] == ["waitlist_offer"]

        # looking

        def entries(self, status: str) -> list[WaitlistEntry]:
            query = select(WaitlistEntry).where(WaitlistEntry.status == status)
            return list(
                self.session.exec(
                    query.order_by(col(WaitlistEntry.id)).execution_options(populate_existing=True)
                )
            )

        def offered(self, back: int) -> WaitlistEntry | None:
            found = self.entries("proposed")
            return found[back % len(found)] if found else None

        def latest(self, model: Any, back: int) -> int | None:
            ids = list(self.session.exec(select(model.id).order_by(col(model.id).desc()).limit(back + 1)))
            return ids[-1] if ids else None

        def count(self, model: Any, *conditions: Any) -> int:
            return self.session.exec(select(func.count()).select_from(model).where(*conditions)).one()

        def teardown(self) -> None:
            if hasattr(self, "session"):
                self.session.rollback()
                self.session.close()

    run_state_machine_as_test(
        Line,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
