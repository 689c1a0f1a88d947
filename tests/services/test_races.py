"""Many at once, in threads, each with its own connection and commit: what must happen once happens once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import select

from services import (
    ServiceError,
    appointments,
    escorts,
    handovers,
    holds,
    line_records,
    lines,
    numbers,
    promises,
)
from services.appointments import Appointment, Hold
from services.patients import Patient
from services.slots import get_slot
from tests.services.builders import NOW, at, make_contact, make_patient, make_slot
from tests.services.conftest import OpenDesk


def at_once(work: Callable[[int], Any], count: int) -> Counter[str]:
    """Runs ``work`` in so many threads at the same moment; what each gave, or the code it was refused with."""
    start, outcomes = threading.Barrier(count), Counter[str]()
    lock = threading.Lock()

    def run(index: int) -> None:
        start.wait()
        outcome = ""
        while not outcome:
            try:
                outcome = str(work(index))
            except ServiceError as error:
                outcome = error.code
            except OperationalError as error:
                if "locked" not in str(error):
                    raise  # on a slow machine SQLite may let one of 64 wait too long; the house tries again as well
        with lock:
            outcomes[outcome] += 1

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_last_slot_goes_to_exactly_one_of_64_takers(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        slot = make_slot(desk, capacity=1)
        contacts = [make_contact(desk, f"taker-{index}").id for index in range(64)]

    def take(index: int) -> str:
        with open_desk() as desk:
            holds.hold_slot(desk, slot_id=slot.id, contact_id=contacts[index])
            return "held"

    assert at_once(take, 64) == {"held": 1, "full": 63}
    with open_desk() as desk:
        assert get_slot(desk, slot_id=slot.id).taken == 1
        assert len(desk.session.exec(select(Hold)).all()) == 1


def test_the_last_three_of_a_slot_go_to_exactly_three_of_32(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        slot = make_slot(desk, capacity=3)
        patients = [make_patient(desk, make_contact(desk, f"t{index}"), serial=index) for index in range(32)]
        known = [(one.id, one.contact_id) for one in patients]

    def take(index: int) -> str:
        patient_id, contact_id = known[index]
        with open_desk() as desk:
            hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=contact_id, patient_id=patient_id)
            appointments.book(desk, hold_id=hold.id, patient_id=patient_id)
            return "booked"

    assert at_once(take, 32) == {"booked": 3, "full": 29}
    with open_desk() as desk:
        assert get_slot(desk, slot_id=slot.id).taken == 3
        assert len(desk.session.exec(select(Appointment)).all()) == 3


def test_a_button_pressed_sixteen_times_books_once(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        patient, slot = make_patient(desk), make_slot(desk, capacity=20)
        hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)

    def press(_: int) -> int:
        with open_desk() as desk:
            return appointments.book(desk, hold_id=hold.id, patient_id=patient.id).id

    assert list(at_once(press, 16).values()) == [16]
    with open_desk() as desk:
        assert len(desk.session.exec(select(Appointment)).all()) == 1
        assert get_slot(desk, slot_id=slot.id).taken == 1


def test_one_person_under_eight_contacts_books_a_department_once_a_day(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        same: list[Patient] = [
            make_patient(desk, make_contact(desk, f"c{index}"), relation="母亲") for index in range(8)
        ]
        held = [
            holds.hold_slot(
                desk, slot_id=make_slot(desk, doctor_id=f"d{one.id}").id, contact_id=one.contact_id
            ).id
            for one in same
        ]

    def confirm(index: int) -> str:
        with open_desk() as desk:
            return appointments.book(desk, hold_id=held[index], patient_id=same[index].id).status

    assert at_once(confirm, 8) == {"booked": 1, "duplicate": 7}


def test_eight_clocks_give_an_expired_hold_back_once(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        slot = make_slot(desk, capacity=5)
        for index in range(3):
            holds.hold_slot(desk, slot_id=slot.id, contact_id=make_contact(desk, f"h{index}").id)
        later = at(desk, hour=1).now

    def tick(_: int) -> int:
        with open_desk(now=later, actor="clock") as desk:
            return len(holds.expire_holds(desk))

    assert sum(int(count) * times for count, times in at_once(tick, 8).items()) == 3
    with open_desk() as desk:
        assert get_slot(desk, slot_id=slot.id).taken == 0


def test_cancelling_eight_times_at_once_gives_one_place_back(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        slot, made = make_slot(desk, capacity=5), []
        for index in range(2):
            patient = make_patient(desk, make_contact(desk, f"p{index}"), serial=index)
            hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
            made.append(appointments.book(desk, hold_id=hold.id, patient_id=patient.id).id)

    def undo(_: int) -> str:
        with open_desk() as desk:
            return appointments.cancel(desk, appointment_id=made[0]).status

    assert at_once(undo, 8) == {"cancelled": 8}
    with open_desk() as desk:
        assert get_slot(desk, slot_id=slot.id).taken == 1


def test_eight_clocks_claim_each_due_promise_once(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        contact = make_contact(desk)
        for index in range(20):
            promises.promise(
                desk,
                contact_id=contact.id,
                kind="news",
                due_at=NOW,
                drop_after=at(desk, hour=1).now,
                subject=f"appointment:{index}",
            )
    claimed: list[int] = []
    lock = threading.Lock()

    def tick(_: int) -> str:
        with open_desk(actor="clock") as desk:
            mine = [one.id for one in promises.claim_due(desk, limit=20)]
        with lock:
            claimed.extend(mine)
        return "ticked"

    at_once(tick, 8)
    assert len(claimed) == len(set(claimed)) == 20


def test_a_new_contact_writing_eight_times_at_once_is_one_contact(open_desk: OpenDesk) -> None:
    def write(_: int) -> int:
        with open_desk() as desk:
            return make_contact(desk, "new").id

    assert list(at_once(write, 8).values()) == [8]


def test_one_of_four_colleagues_takes_the_conversation_over(open_desk: OpenDesk) -> None:
    from services.staff import add_staff

    with open_desk() as desk:
        contact_id = make_contact(desk).id
        colleagues = [add_staff(desk, login=f"nurse{i}", name="甲", role="nurse")[0].id for i in range(4)]
        handovers.call_person(desk, contact_id=contact_id, reason="asked")

    def take(index: int) -> str:
        with open_desk(actor=f"staff:{colleagues[index]}") as desk:
            return handovers.take_over(desk, contact_id=contact_id, staff_id=colleagues[index]).status

    assert at_once(take, 4) == {"in-progress": 1, "taken_over": 3}


def test_numbers_in_a_row_have_no_gap_and_no_double(open_desk: OpenDesk) -> None:
    def draw(_: int) -> int:
        with open_desk() as desk:
            return numbers.count_up(desk, name="complaint:2026-03-11")

    assert at_once(draw, 16) == {str(number): 1 for number in range(1, 17)}


def test_no_more_escorts_start_in_a_half_hour_than_there_are(open_desk: OpenDesk) -> None:
    import datetime as dt

    with open_desk() as desk:
        old = [
            make_patient(
                desk, make_contact(desk, f"e{i}"), serial=i, birthday=dt.date(1940, 1, 1), relation="母亲"
            )
            for i in range(12)
        ]
        capacity = desk.hospital.escort.capacity

    def ask(index: int) -> str:
        with open_desk() as desk:
            return escorts.request_escort(
                desk,
                contact_id=old[index].contact_id,
                patient_id=old[index].id,
                start=dt.datetime(2026, 3, 12, 9, 0),
            ).status

    assert at_once(ask, 12) == {"requested": capacity, "full": 12 - capacity}


def test_of_64_who_ask_for_a_clinic_at_once_exactly_as_many_as_it_holds_get_a_place(
    open_desk: OpenDesk,
) -> None:
    with open_desk() as desk:
        people = [make_patient(desk, make_contact(desk, f"n{i}"), serial=i) for i in range(64)]
        takers = [(one.id, one.contact_id) for one in people]
        line = line_records.get_line(desk, "nursing_clinic")
        assert line.capacity is not None
        limit = line.capacity.limit
    values = {"clinic": "stoma", "date": "2026-03-12", "period": "morning", "phone": "10000001234"}

    def take(index: int) -> str:
        patient, contact = takers[index]
        with open_desk() as desk:
            lines.request_line(
                desk, contact_id=contact, line="nursing_clinic", patient_id=patient, values=values
            )
            return "taken"

    assert at_once(take, 64) == {"taken": limit, "full": 64 - limit}


def test_four_clocks_do_each_chore_once(open_desk: OpenDesk) -> None:
    from services import alarms, complaints, escalation, waitlist

    with open_desk() as desk:
        contact = make_contact(desk)
        for index in range(5):
            complaints.file_complaint(desk, contact_id=contact.id, text=f"第{index}件")
        waiting = [make_patient(desk, make_contact(desk, f"w{i}"), serial=i) for i in range(4)]
        for one in waiting:
            waitlist.join_waitlist(
                desk, contact_id=one.contact_id, patient_id=one.id, department="骨科", date="2026-03-13"
            )
        slot = make_slot(desk, capacity=3)
        later = at(desk, hour=25).now

    def tick(_: int) -> str:
        with open_desk(now=later, actor="clock") as desk:
            return str(escalation.escalate_overdue(desk))

    def offer(_: int) -> str:
        with open_desk(actor="clock") as desk:
            return str(waitlist.offer_freed_slots(desk))

    assert sum(int(count) * times for count, times in at_once(tick, 4).items()) == 5
    assert sum(int(count) * times for count, times in at_once(offer, 4).items()) == 3
    with open_desk() as desk:
        assert len(alarms.list_alarms(desk)) == 5
        assert get_slot(desk, slot_id=slot.id).taken == 3
        offers = promises.list_promises(desk)
        assert len(offers) == len({one.about for one in offers}) == 3


def test_two_colleagues_who_move_a_complaint_on_at_once_move_it_once(open_desk: OpenDesk) -> None:
    from services import complaints, handling, history

    with open_desk() as desk:
        made = complaints.file_complaint(desk, contact_id=make_contact(desk).id, text="等太久")

    def move(_: int) -> str:
        with open_desk(actor="staff:1") as desk:
            return handling.advance_complaint(desk, complaint_id=made.id, status="first_contact").status

    assert at_once(move, 6) == {"first_contact": 6}
    with open_desk() as desk:
        steps = [one.new for one in history.list_changes(desk, record=made)]
    assert steps == ["received", "first_contact"]


def test_sixteen_clients_after_twelve_places_get_twelve_and_everybody_else_hears_that_it_is_taken(
    open_desk: OpenDesk,
) -> None:
    with open_desk() as desk:
        slots = [make_slot(desk, doctor_id=f"rush-{index}", capacity=3).id for index in range(4)]
        patients = [make_patient(desk, make_contact(desk, f"r{index}"), serial=index) for index in range(48)]
        known = [(one.id, one.contact_id) for one in patients]
    outcomes = Counter[str]()

    def client(index: int) -> str:
        for patient_id, contact_id in known[index * 3 : index * 3 + 3]:
            with open_desk() as desk:
                try:
                    hold = holds.hold_slot(
                        desk, slot_id=slots[patient_id % 4], contact_id=contact_id, patient_id=patient_id
                    )
                    appointments.book(desk, hold_id=hold.id, patient_id=patient_id)
                    outcomes["booked"] += 1
                except ServiceError as error:
                    desk.session.rollback()
                    outcomes[error.code] += 1
        return "done"

    at_once(client, 16)
    with open_desk() as desk:
        assert all(get_slot(desk, slot_id=one).taken == 3 for one in slots)
        assert len(desk.session.exec(select(Appointment)).all()) == 12
    assert outcomes["booked"] == 12 and outcomes["full"] >= 36 and set(outcomes) == {"booked", "full"}
