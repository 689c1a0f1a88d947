from __future__ import annotations

import pytest

from knowledge import Hospital
from services.escort_needs import (
    change_means,
    choose_plan,
    find_next_risk,
    hear_means,
    hear_risks,
    hear_speech,
)


def ask_all(hospital: Hospital, needs: list[str], answers: dict[str, bool]) -> list[str]:
    """The questions in the order asked, each answered with no."""
    asked = []
    known = dict(answers)
    while (risk := find_next_risk(hospital.escort, needs=needs, answers=known)) is not None:
        asked.append(risk.id)
        known[risk.id] = False
    return asked


@pytest.mark.parametrize(
    ("needs", "answers", "asked"),
    [
        ([], {}, ["stretcher", "fall", "oxygen"]),
        (["wheelchair"], {}, ["oxygen"]),
        (["stretcher"], {}, ["oxygen"]),
        (["alone"], {}, ["fall", "oxygen"]),
        (["alone"], {"oxygen": False}, ["fall"]),
        (["wheelchair"], {"oxygen": True}, []),
        ([], {"fall": True}, ["oxygen"]),
    ],
)
def test_nothing_is_asked_that_was_said_or_that_changes_nothing(
    hospital: Hospital, needs: list[str], answers: dict[str, bool], asked: list[str]
) -> None:
    assert ask_all(hospital, needs, answers) == asked


@pytest.mark.parametrize(
    ("needs", "answers", "means", "staff", "skills"),
    [
        ([], {}, "walk", 1, ()),
        (["vision"], {"fall": False}, "walk", 1, ()),
        ([], {"fall": True}, "wheelchair", 1, ("wheelchair",)),
        (["wheelchair"], {"oxygen": True}, "wheelchair", 2, ("wheelchair", "oxygen")),
        (["stretcher"], {"oxygen": True}, "stretcher", 3, ("stretcher", "oxygen")),
        ([], {"stretcher": True}, "stretcher", 2, ("stretcher",)),
    ],
)
def test_means_and_staff_follow_from_needs_and_answers(
    hospital: Hospital,
    needs: list[str],
    answers: dict[str, bool],
    means: str,
    staff: int,
    skills: tuple[str, ...],
) -> None:
    plan = choose_plan(hospital.escort, needs=needs, answers=answers)
    assert (plan.means.id, plan.staff, plan.skills) == (means, staff, skills)
    assert bool(plan.bring) == bool(answers.get("oxygen"))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("我妈摔过一次", {"fall": True}),
        ("没摔过", {"fall": False}),
        ("他坐不起来，要吸氧", {"stretcher": True, "oxygen": True}),
        ("坐轮椅，不用吸氧", {"oxygen": False}),
        ("不用带氧气瓶", {"oxygen": False}),
        ("吸氧不用，没摔过", {"oxygen": False, "fall": False}),
        ("能坐起来，走得稳", {"stretcher": False, "fall": False}),
        ("约明天的陪诊", {}),
    ],
)
def test_what_was_said_answers_a_question(hospital: Hospital, text: str, heard: dict[str, bool]) -> None:
    assert hear_risks(hospital.escort, text) == heard


@pytest.mark.parametrize(
    ("text", "needs", "answers", "means"),
    [
        ("不用轮椅", ["wheelchair"], {}, "walk"),
        ("轮椅就不用了", ["wheelchair", "alone"], {}, "walk"),
        ("不能坐轮椅，要躺着", ["wheelchair"], {}, "stretcher"),
        ("不用躺着，坐轮椅就行", ["stretcher"], {}, "wheelchair"),
        ("不用躺着", [], {"stretcher": True}, "walk"),
        ("能自己走", ["wheelchair"], {}, "walk"),
        ("不用轮椅", [], {"fall": True}, "wheelchair"),
    ],
)
def test_means_are_changed_in_words_but_not_against_a_fall(
    hospital: Hospital, text: str, needs: list[str], answers: dict[str, bool], means: str
) -> None:
    heard = hear_means(hospital.escort, text)
    kept, told = change_means(hospital.escort, heard=heard, needs=needs, answers=answers)
    assert choose_plan(hospital.escort, needs=kept, answers=told).means.id == means


def test_a_dialect_is_heard_by_its_name(hospital: Hospital) -> None:
    assert getattr(hear_speech(hospital.escort, "我阿婆只会讲壮话"), "id", None) == "zhuang"
    assert hear_speech(hospital.escort, "约明天的陪诊") is None
