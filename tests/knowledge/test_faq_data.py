"""The demonstration hospital's answers, facilities, red flags and follow-up plan, as staff promised them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from knowledge import Hospital
from knowledge.vocabulary import INTENT_GROUPS, INTENTS

SERVED = sorted(
    {name for group, names in INTENT_GROUPS.items() if group not in ("dialogue", "triage") for name in names}
)
PHONE = re.compile(r"1[3-9]\d{9}")
PROMISES = ("不用担心", "没事的", "放心吧", "不要紧", "问题不大", "没有大碍")
DOSE = re.compile(r"(\d+|[一二两三半])\s*(片|粒|毫克|mg|ml|毫升|支)(?!.{0,4}(病历|片子))")


def test_there_are_at_least_180_answers_over_many_topics(hospital: Hospital) -> None:
    assert len(hospital.faq) >= 180
    assert len({one.topic for one in hospital.faq}) >= 14


@pytest.mark.parametrize("intent", SERVED)
def test_every_service_intent_has_one_general_answer(hospital: Hospital, intent: str) -> None:
    assert [one.general for one in hospital.faq if one.intent == intent].count(True) == 1


def test_every_answer_is_asked_in_four_to_eight_ways_of_its_own(hospital: Hospital) -> None:
    seen: Counter[str] = Counter()
    for one in hospital.faq:
        assert 4 <= len(one.questions) <= 8, one.id
        seen.update(one.questions)
    assert [words for words, times in seen.items() if times > 1] == []


def test_answers_are_short_and_lead_on(hospital: Hospital) -> None:
    for one in hospital.faq:
        assert len(one.answer) <= 95, one.id
        assert one.next or one.places or one.phone or one.topic == "关于我", one.id


def test_no_answer_about_medicine_gives_a_dose_or_reassures(hospital: Hospital) -> None:
    for one in hospital.faq:
        assert not any(word in one.answer for word in PROMISES), one.id
        if one.intent in ("ask_medication", "report_recovery_problem", "refill_prescription"):
            assert not DOSE.search(one.answer), one.id


def test_preparation_always_points_to_the_order_and_the_doctor(hospital: Hospital) -> None:
    for one in hospital.faq:
        if one.intent == "book_examination" and re.search(r"空腹|憋尿|停药|清肠", one.answer):
            assert re.search(r"检查单|医生|体检单|护士", one.answer), one.id


def test_no_phone_number_could_belong_to_somebody(hospital: Hospital) -> None:
    for one in (*hospital.faq, *hospital.facilities):
        assert not PHONE.search(str(one)), one.id
        assert not one.phone or one.phone.startswith("000-"), one.id


def test_facilities_say_where_or_when_and_how(hospital: Hospital) -> None:
    assert len(hospital.facilities) >= 20
    kitchen = next(one for one in hospital.facilities if one.id == "kitchen")
    assert "80 个灶位" in kitchen.about
    assert all(one.places or one.hours for one in hospital.facilities)


def test_red_flags_are_many_and_each_has_a_door_and_words(hospital: Hospital) -> None:
    triage = hospital.triage
    assert len(triage.red_flags) >= 50
    assert len(triage.complaints) >= 180
    for one in triage.red_flags:
        assert one.when and one.departments, one.id
        if one.level == "critical":
            assert "120" in one.advice, one.id
        if one.level == "emergent":
            assert re.search(r"急诊|120|产科", one.advice), one.id


def test_the_general_plan_asks_on_days_1_3_7_14(hospital: Hospital) -> None:
    plan = hospital.get_followup_plan("general_discharge")
    assert [one.day for one in plan.steps] == [1, 3, 7, 14]
    known = {one.id for one in plan.questions}
    assert {name for step in plan.steps for name in step.questions} == known
    assert "退订" in plan.steps[0].greeting
    for question in plan.questions:
        for choice in question.choices:
            assert choice.reply or choice.level != "alarm", (question.id, choice.value)


def test_every_next_button_leads_to_an_intent_or_an_answer(hospital: Hospital) -> None:
    answers = {one.id for one in hospital.faq}
    assert all(name in INTENTS or name in answers for one in hospital.faq for name in one.next)
