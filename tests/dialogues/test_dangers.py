"""Emergency and crisis break into any step of any flow."""

from __future__ import annotations

from typing import Any

import pytest

STEPS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "nothing open": [],
    "first question": [("挂号", "book_appointment", {})],
    "called flow": [("挂骨科", "book_appointment", {"department": "骨科", "date": "2026-03-13"})],
    "digression": [("挂号", "book_appointment", {}), ("问路", "ask_route", {})],
    "free text": [("投诉", "file_complaint", {})],
    "optional": [("投诉", "file_complaint", {}), ("太吵", "out_of_scope", {})],
}


@pytest.mark.parametrize("place", STEPS)
def test_an_emergency_is_heard_at_every_step(talk: Any, place: str, booked: list[Any]) -> None:
    for text, intent, slots in STEPS[place]:
        talk.say(text, intent, **slots)
    open_question = talk.asked
    said = talk.say("我爸胸口剧痛出大汗", "report_emergency", danger=("胸口剧痛", "大汗"))
    assert "120" in said[0]
    (alarm,) = talk.last.alarms
    assert alarm.kind == "emergency" and alarm.words == ("胸口剧痛", "大汗")
    assert booked == []
    if open_question is None or place in ("free text", "optional"):  # a complaint is filed as it was told
        assert len(said) == 1 and talk.asked is None
        return
    assert "接着办" in said[1] and talk.asked == "continue_interrupted"
    back = talk.say("继续办")
    assert talk.asked == open_question and back


def test_danger_counts_though_the_intent_says_something_else(talk: Any) -> None:
    said = talk.say("我要挂号，我喘不上气", "book_appointment", danger=("喘不上气",), department="骨科")
    assert "120" in said[0] and talk.flows == [] and talk.last.alarms


def test_a_crisis_is_met_with_a_helpline_and_company(talk: Any) -> None:
    talk.to_confirmation()
    said = talk.say("活着没意思不想活了", "express_crisis")
    assert "12356" in said[0] and talk.last.alarms[0].kind == "crisis"
    assert talk.last.alarms[0].flow == "book_appointment"


def test_after_an_emergency_the_patient_may_leave_it(talk: Any, released: list[Any]) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    assert talk.press(talk.button("先不办了")) == ["好的，「预约挂号」先不办了。"]
    assert talk.flows == [] and released == ["骨科"]


def test_stopping_at_the_offer_leaves_both(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    talk.say("算了", "stop_task")
    assert talk.flows == []


def test_danger_again_is_heard_again(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    said = talk.say("还在抽", "report_emergency")
    assert "120" in said[0] and talk.last.alarms
    assert talk.flows.count("pattern_emergency") == 1


def test_an_emergency_over_a_crisis_keeps_both_and_comes_back(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("不想活了", "express_crisis")
    talk.say("我割了手腕血止不住", "report_emergency")
    assert talk.flows == ["book_appointment", "pattern_crisis", "pattern_emergency"]
    talk.press(talk.button("继续办"))
    talk.press(talk.button("继续办"))
    assert talk.asked == "confirmation"


def test_a_digression_at_the_offer_leads_back_to_the_offer(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    said = talk.say("急诊科怎么走", "ask_route", place="急诊科")
    assert said[0] == "去急诊科：直走。" and talk.asked == "continue_interrupted"


def test_wanting_the_booking_again_goes_straight_back(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    assert talk.say("继续挂号", "book_appointment")[-1] == "骨科，3月13日（周五），确认吗？"
    assert talk.flows == ["book_appointment"]


def test_danger_is_heard_while_a_person_serves(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    talk.pause()
    said = talk.say("晕倒了", "report_emergency")
    assert len(said) == 1 and "120" in said[0]
    assert talk.last.alarms and talk.conversation.paused and talk.asked == "department"


def test_a_pressed_emergency_is_one(talk: Any) -> None:
    said = talk.press("/report_emergency")
    assert said and "120" in said[0] and talk.last.alarms


def test_a_weak_hint_of_danger_is_taken_seriously(talk: Any) -> None:
    assert "120" in talk.say("好难受", "report_emergency", 0.4)[0]


def test_what_was_still_to_come_is_forgotten_in_an_emergency(talk: Any) -> None:
    from intents.understanding import Request

    talk.say(
        "挂骨科，再问个路",
        "book_appointment",
        requests=(Request("book_appointment", 0.9, {"department": "骨科"}), Request("ask_route", 0.9)),
    )
    assert talk.conversation.pending
    talk.say("晕倒了", "report_emergency")
    assert not talk.conversation.pending


def test_a_flow_that_finds_danger_alarms_staff_too(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  triage:
    name: 看什么科
    nlu_trigger: [{intent: describe_symptom}]
    steps:
      - collect: symptom
        free_text: true
      - link: pattern_emergency
"""
    talk = make_talk(load(flows, "responses:\n  utter_ask_symptom: [{text: 哪里不舒服？}]\n"))
    talk.say("不舒服", "describe_symptom")
    said = talk.say("胸口像压了块石头，左手发麻")
    assert len(said) == 1 and "120" in said[0]
    (alarm,) = talk.last.alarms
    assert alarm.kind == "emergency" and alarm.flow == "triage" and "石头" in alarm.words[0]


def test_a_yes_and_a_no_to_the_offer_are_understood(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("晕倒了", "report_emergency")
    assert talk.say("好的", "affirm")[-1] == "骨科，3月13日（周五），确认吗？"
    talk.say("晕倒了", "report_emergency")
    assert "先不办了" in talk.say("不用了", "deny")[0]
