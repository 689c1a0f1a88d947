"""Finding doctors, places and codes in the hospital."""

from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from knowledge import Hospital, UnknownName


def test_a_doctor_is_found_by_surname_and_title_the_highest_first(hospital: Hospital) -> None:
    found = hospital.find_doctors("韦医生")
    assert len(found) > 3
    assert all(doctor.name.startswith("韦") for doctor in found)
    assert found[0].title == "主任医师"


@pytest.mark.parametrize("words", ["韦建江", "韦建江主任", "韦建江 医生", "ortho-01"])
def test_a_doctor_is_found_by_full_name(hospital: Hospital, words: str) -> None:
    assert [doctor.id for doctor in hospital.find_doctors(words)] == ["ortho-01"]


def test_a_department_narrows_the_doctors_of_one_surname(hospital: Hospital) -> None:
    assert [doctor.name for doctor in hospital.find_doctors("黄主任", department="看骨头的")] == ["黄丽娜"]


def test_a_surname_alone_means_no_doctor(hospital: Hospital) -> None:
    assert hospital.find_doctors("黄") == ()


def test_an_unknown_doctor_is_named_with_the_nearest(hospital: Hospital) -> None:
    with pytest.raises(UnknownName) as caught:
        hospital.get_doctor("韦建红")
    assert caught.value.nearest == "韦建江"


def test_an_unknown_department_is_named_with_the_nearest(hospital: Hospital) -> None:
    with pytest.raises(UnknownName) as caught:
        hospital.get_department("消化内课")
    assert caught.value.nearest == "消化内科"


def test_a_place_is_got_by_id_and_by_name(hospital: Hospital) -> None:
    assert hospital.get_place("opd-1f-reg") is hospital.get_place("门诊一楼挂号收费处")


def test_corridor_points_are_never_meant_by_a_patient(hospital: Hospital) -> None:
    for words in ("门诊", "走廊", "一楼", "门诊一楼"):
        assert all(place.kind != "junction" for place in hospital.find_places(words))


def test_the_toilets_of_all_floors_are_found_by_one_word(hospital: Hospital) -> None:
    assert {place.kind for place in hospital.find_places("厕所")} == {"toilet"}
    assert len(hospital.find_places("厕所")) > 10


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("OPD-2F-US", "门诊二楼彩超候诊区"),
        ("opd-1f-reg", "门诊一楼挂号收费处"),
        ("OPD-3F-WC", "门诊三楼公共卫生间"),
        ("OPD-2F-PAY", "门诊二楼自助缴费区"),
        ("IPD-8F-ORTH", "住院部八楼骨科病区"),
        ("OPD-1F-PHARM", "门诊一楼西药房"),
        ("OPD-4F-MED", "门诊四楼内科候诊区"),
    ],
)
def test_the_place_codes_of_the_contract_name_their_places(hospital: Hospital, code: str, name: str) -> None:
    found = hospital.find_place_code(code)
    assert found and found.name == name
    assert hospital.get_place(found.place).code == found.code


def test_an_unknown_place_code_is_found_nowhere(hospital: Hospital) -> None:
    assert hospital.find_place_code("OPD-99F-XX") is None


def test_every_path_has_a_length_and_says_whether_it_is_step_free(hospital: Hospital) -> None:
    for path in hospital.paths:
        assert path.metres > 0
        assert path.step_free is not None
        assert not (path.kind in ("stairs", "escalator") and path.step_free)


def test_the_hospital_cannot_be_changed(hospital: Hospital) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        hospital.faq = ()  # type: ignore[misc]
    with pytest.raises(ValidationError):
        hospital.departments[0].name = "别的"  # type: ignore[misc]
