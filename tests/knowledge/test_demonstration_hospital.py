"""The demonstration hospital has what the house promises."""

from __future__ import annotations

import re

import pytest

from knowledge import Hospital
from knowledge.check import check

CONTRACT = [
    "心血管内科",
    "呼吸与危重症医学科",
    "消化内科",
    "神经内科",
    "肾内科",
    "内分泌科",
    "血液内科",
    "风湿免疫科",
    "感染科",
    "肿瘤科",
    "普通外科",
    "骨科",
    "泌尿外科",
    "神经外科",
    "胸外科",
    "心脏外科",
    "血管外科",
    "甲状腺乳腺外科",
    "肛肠科",
    "烧伤整形科",
    "妇科",
    "产科",
    "生殖医学科",
    "儿科",
    "小儿外科",
    "儿童保健科",
    "新生儿科",
    "眼科",
    "耳鼻咽喉科",
    "口腔科",
    "皮肤科",
    "中医科",
    "针灸推拿科",
    "治未病中心",
    "康复医学科",
    "疼痛科",
    "精神心理科",
    "老年医学科",
    "全科医学科",
    "急诊科",
    "发热门诊",
    "犬伤门诊",
    "重症医学科",
    "麻醉科",
    "体检中心",
    "男科",
]


def test_it_has_no_problem() -> None:
    report = check()
    assert [str(problem) for problem in report.problems] == []
    assert report.counts["科室"] == 46


def test_it_has_the_departments_of_the_contract_in_their_order(hospital: Hospital) -> None:
    assert [department.name for department in hospital.departments] == CONTRACT


def test_it_has_at_least_ninety_doctors_each_with_a_name_of_his_own(hospital: Hospital) -> None:
    names = {doctor.name for doctor in hospital.doctors}
    assert len(names) == len(hospital.doctors) >= 90


def test_it_stands_in_three_buildings_on_two_campuses(hospital: Hospital) -> None:
    assert [building.id for building in hospital.buildings] == ["OPD", "IPD", "EAST"]
    assert [campus.name for campus in hospital.campuses] == ["江滨院区", "东湖院区"]


@pytest.mark.parametrize("period", ["morning", "afternoon"])
def test_every_bookable_department_sees_patients_every_weekday(hospital: Hospital, period: str) -> None:
    for department in hospital.departments:
        days = {
            day
            for doctor in hospital.list_doctors(department.name)
            for session in doctor.sessions
            if session.period == period
            for day in session.weekdays
        }
        assert not department.bookable or days >= {1, 2, 3, 4, 5}, department.name


def test_the_night_clinic_is_open_from_monday_to_friday_seven_to_nine(hospital: Hospital) -> None:
    night = [s for doctor in hospital.doctors for s in doctor.sessions if s.clinic == "night"]
    assert {day for session in night for day in session.weekdays} == {1, 2, 3, 4, 5}
    assert {(s.start.isoformat("minutes"), s.end.isoformat("minutes")) for s in night} == {("19:00", "21:00")}


def test_the_convenience_clinic_costs_nothing(hospital: Hospital) -> None:
    fees = {s.fee for doctor in hospital.doctors for s in doctor.sessions if s.clinic == "convenience"}
    assert fees == {0}


def test_there_are_clinics_at_noon_and_at_weekends(hospital: Hospital) -> None:
    clinics = {s.clinic for doctor in hospital.doctors for s in doctor.sessions}
    assert {"noon", "weekend", "expert", "general"} <= clinics


def test_who_is_not_bookable_has_no_session(hospital: Hospital) -> None:
    closed = [department.name for department in hospital.departments if not department.bookable]
    assert closed == ["急诊科", "重症医学科", "麻醉科"]
    assert not any(doctor.sessions for name in closed for doctor in hospital.list_doctors(name))


def test_every_department_waits_at_a_place_of_the_map(hospital: Hospital) -> None:
    for department in hospital.departments:
        assert department.place and hospital.get_place(department.place).name == department.place


def test_every_phone_number_is_impossible(hospital: Hospital) -> None:
    texts = [str(hospital.site), str(hospital.escort), str(hospital.herbs), str(hospital.complaints)]
    texts += [str(entry) for entry in (*hospital.faq, *hospital.facilities)]
    numbers = re.findall(r"(?<![\d.])(?:\d{3,4}-)?\d{7,11}(?!\d)", " ".join(texts))
    assert numbers
    assert {number[:3] for number in numbers} <= {"000", "100"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("心内", "心血管内科"),
        ("看骨头的", "骨科"),
        ("睇牙", "口腔科"),
        ("妇检", "妇科"),
        ("大内科", "全科医学科"),
        ("ｉｃｕ", "重症医学科"),
        ("骨科门诊", "骨科"),
        ("皮肤", "皮肤科"),
        ("耳鼻喉", "耳鼻咽喉科"),
        ("细佬", None),
    ],
)
def test_a_department_is_found_by_what_patients_call_it(
    hospital: Hospital, words: str, name: str | None
) -> None:
    found = hospital.find_department(words)
    assert (found.name if found else None) == name
