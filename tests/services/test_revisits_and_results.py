from __future__ import annotations

import datetime as dt

import pytest

from services import Desk, Invalid, appointments, crowding, holds, promises, results, revisits
from services.appointments import Appointment
from services.crowdcharts import draw_crowding
from services.patients import Patient
from services.registration import Appointment as Visit
from tests.services.builders import NOW, at, make_contact, make_id_number, make_patient, make_slot


def seen(desk: Desk, patient: Patient, day: dt.date, *, status: str = "fulfilled") -> Visit:
    slot = make_slot(desk, dt.datetime.combine(day, dt.time(8, 30)), doctor_id=f"d-{day}-{status}")
    visit = Visit(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        slot_id=slot.id,
        patient_id=patient.id,
        contact_id=patient.contact_id,
        person=patient.person,
        status=status,
        department=slot.department,
        doctor_id=slot.doctor_id,
        doctor=slot.doctor,
        title=slot.title,
        clinic=slot.clinic,
        date=slot.date,
        period=slot.period,
        start=slot.start,
        end=slot.end,
        fee=slot.fee,
    )
    desk.session.add(visit)
    desk.session.flush()
    return visit


def booked(desk: Desk, patient: Patient, day: dt.date, *, department: str = "骨科") -> Appointment:
    slot = make_slot(
        desk,
        dt.datetime.combine(day, dt.time(15, 0)),
        doctor_id=f"e-{day}-{department}-{patient.id}",
        department=department,
    )
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id)


@pytest.mark.parametrize(
    ("days_ago", "fee"), [(0, 0), (1, 0), (2, 0), (3, 30)], ids=["same day", "second", "third", "fourth"]
)
def test_a_follow_up_costs_nothing_for_three_days_the_visit_being_the_first(
    desk: Desk, days_ago: int, fee: int
) -> None:
    patient = make_patient(desk)
    visit = seen(desk, patient, NOW.date() - dt.timedelta(days=days_ago))
    made = booked(desk, patient, NOW.date())
    assert (made.fee, made.revisit_of_id) == (fee, visit.id if fee == 0 else None)


def test_another_department_and_a_visit_not_kept_cost_the_usual_fee(desk: Desk) -> None:
    patient = make_patient(desk)
    seen(desk, patient, NOW.date() - dt.timedelta(days=1), status="noshow")
    assert booked(desk, patient, NOW.date()).fee == 30
    seen(desk, patient, NOW.date() - dt.timedelta(days=1), status="fulfilled")
    assert booked(desk, patient, NOW.date() + dt.timedelta(days=1), department="眼科").fee == 30


def test_a_free_visit_does_not_begin_the_three_days_anew(desk: Desk) -> None:
    patient = make_patient(desk)
    seen(desk, patient, NOW.date() - dt.timedelta(days=2))
    free = booked(desk, patient, NOW.date())
    appointments.advance_appointment(desk, appointment_id=free.id, status="fulfilled")
    assert booked(desk, patient, NOW.date() + dt.timedelta(days=1)).fee == 30


def test_the_same_human_being_under_two_contacts_is_one(desk: Desk) -> None:
    number = make_id_number()
    mine = make_patient(desk, make_contact(desk, "a"))
    hers = make_patient(desk, make_contact(desk, "b"), relation="父亲")
    assert mine.id_number == hers.id_number == number
    seen(desk, mine, NOW.date() - dt.timedelta(days=1))
    assert booked(desk, hers, NOW.date()).fee == 0
    (visit,) = revisits.list_visits(desk, contact_id=hers.contact_id)
    assert (visit.holds, visit.until) == (True, NOW.date() + dt.timedelta(days=1))


def test_examinations_come_first_only_for_a_follow_up_where_the_rule_names_them(desk: Desk) -> None:
    patient = make_patient(desk)
    assert revisits.find_previsit(desk, person=patient.person, department="内分泌科") is None
    visit = seen(desk, patient, NOW.date() - dt.timedelta(days=30))
    assert revisits.find_previsit(desk, person=patient.person, department="骨科") is None
    visit.department = "内分泌科"
    desk.session.flush()
    rule = revisits.find_previsit(desk, person=patient.person, department="内分泌科")
    assert rule is not None and "糖化血红蛋白" in rule.examinations


def announced(
    desk: Desk, patient: Patient | None, *, ready: bool = True
) -> tuple[results.DiagnosticReport, bool]:
    return results.announce_report(
        desk.acting_as("api"), external_id="LIS-1", examination="血常规", patient=patient, ready=ready
    )


def test_a_report_that_is_ready_is_told_once(desk: Desk) -> None:
    patient = make_patient(desk)
    report, new = announced(desk, patient, ready=False)
    assert (report.status, new, promises.list_promises(desk)) == ("registered", True, [])
    assert [announced(desk, patient)[1] for _ in range(3)] == [True, False, False]
    assert [one.kind for one in promises.list_promises(desk, subject=report.subject)] == ["report_ready"]
    assert announced(desk, patient, ready=False)[0].status == "final"


def test_the_owner_of_a_report_is_found_by_number_by_phone_and_name_and_is_told_himself_first(
    desk: Desk,
) -> None:
    daughter, father = make_contact(desk, "daughter"), make_contact(desk, "father")
    hers = make_patient(desk, daughter, relation="父亲")
    his = make_patient(desk, father)
    assert results.find_owner(desk, id_number=make_id_number()) is his
    assert results.find_owner(desk, phone="10000001234", name="张三") is his
    assert results.find_owner(desk, phone="10000001234", name="李四") is None
    assert results.find_owner(desk, phone="10000001234") is None
    made = booked(desk, hers, NOW.date())
    assert results.find_owner(desk, order_number=made.order_number) is hers


def test_who_registers_after_the_report_was_announced_still_finds_it(desk: Desk) -> None:
    patient = make_patient(desk)
    report, _ = announced(desk, patient)
    other = make_patient(desk, make_contact(desk, "later"), relation="父亲")
    assert results.list_reports(desk, contact_id=other.contact_id) == [report]
    stranger = make_patient(desk, make_contact(desk, "stranger"), serial=9)
    assert results.list_reports(desk, contact_id=stranger.contact_id) == []


def test_a_report_of_nobody_known_is_kept_and_one_without_a_name_refused(desk: Desk) -> None:
    report, new = announced(desk, None)
    assert (report.contact_id, new, promises.list_promises(desk)) == (None, True, [])
    with pytest.raises(Invalid):
        results.announce_report(desk, external_id="LIS-2", examination=" ", patient=None, ready=True)


def test_quiet_and_busy_hours_are_those_of_the_same_weekday(desk: Desk) -> None:
    patient = make_patient(desk)
    slot = make_slot(desk, NOW - dt.timedelta(weeks=1))
    for week in range(1, desk.hospital.outpatients.crowding.weeks + 1):
        for hour, count in {8: 6, 9: 3, 10: 1}.items():
            for _ in range(count):
                start = dt.datetime.combine(NOW.date() - dt.timedelta(weeks=week), dt.time(hour))
                desk.session.add(_past(desk, patient, slot.id, start))
    desk.session.flush()
    found = crowding.find_crowding(desk, department="骨科", day=NOW.date())
    assert found is not None
    assert (found.quiet, found.busy) == ((10,), (8,))
    assert [one.visits for one in found.hours] == [6, 3, 1]
    assert crowding.find_crowding(desk, department="骨科", day=NOW.date() + dt.timedelta(days=1)) is None
    earlier = crowding.find_crowding(at(desk, days=-3), department="骨科", day=NOW.date())
    assert earlier == found
    chart = draw_crowding(found)
    assert "10 点平均 1 人，人少" in chart.description
    assert chart.svg.count("<rect") == 4


def _past(desk: Desk, patient: Patient, slot_id: int, start: dt.datetime) -> Visit:
    return Visit(
        hospital_id=desk.hospital_id,
        created_at=start,
        slot_id=slot_id,
        patient_id=patient.id,
        contact_id=patient.contact_id,
        person=patient.person,
        status="fulfilled",
        department="骨科",
        doctor_id="ortho-01",
        doctor="韦建江",
        title="主任医师",
        clinic="expert",
        date=start.date(),
        period="morning",
        start=start,
        end=start + dt.timedelta(minutes=30),
        fee=30,
    )
