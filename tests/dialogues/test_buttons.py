"""Pressing: once, late, twice, typed."""

from __future__ import annotations

from typing import Any


def test_pressing_answers_the_question(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    assert talk.press(talk.button("骨科")) == ["哪一天来？"]


def test_a_double_press_acts_once(talk: Any, booked: list[Any]) -> None:
    talk.to_confirmation()
    payload = talk.button("确认")
    talk.press(payload)
    again = talk.press(payload)
    assert again and "没有重复办理" in again[0]
    assert len(booked) == 1


def test_an_old_button_never_answers_a_new_question(talk: Any, booked: list[Any]) -> None:
    talk.to_confirmation()
    old = talk.button("确认")
    talk.say("改成周六", "book_appointment", date="2026-03-14")
    said = talk.press(old)
    assert said and "已经过去" in said[0] and said[-1] == "骨科，3月14日（周六），确认吗？"
    assert booked == []
    assert talk.press(talk.button("确认")) == ["已预约：骨科，3月14日（周六）。"]


def test_a_button_stays_good_while_its_question_is_open(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    payload = talk.button("骨科")
    talk.say("谢谢", "thank")
    assert talk.press(payload) == ["哪一天来？"]


def test_a_title_typed_is_a_press(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    assert talk.say("我要骨科。", "out_of_scope", 0.2) == ["哪一天来？"]


def test_a_number_typed_is_a_press(talk: Any) -> None:
    for words in ("2", "第二个", "选２", "二"):
        talk.conversation = type(talk.conversation)(7, "rest", "a")
        talk.say("挂号", "book_appointment")
        talk.say(words, "out_of_scope", 0.2)
        assert talk.conversation.stack[0].slots["department"] == "儿科"


def test_a_number_beyond_the_buttons_is_not_understood(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    assert talk.say("9", "out_of_scope", 0.2)[-1] == "想挂哪个科？"


def test_what_the_understanding_read_as_the_answer_is_no_press(talk: Any) -> None:
    talk.say("我要投诉", "file_complaint")
    talk.say("吵")
    talk.say("2", answer={"age": 2})
    assert talk.asked is None


def test_navigation_works_at_any_time(talk: Any) -> None:
    assert talk.press('/book_appointment{"department": "骨科"}') == ["哪一天来？"]
    assert talk.press('/ask_route{"place": "西药房"}') == ["去西药房：直走。", "哪一天来？"]
    said = talk.press("/talk_to_human")
    assert said and "工作人员" in said[0]
    assert talk.press("/stop_task")
    assert talk.flows == []


def test_yes_and_no_as_payloads(talk: Any, booked: list[Any]) -> None:
    talk.to_confirmation()
    assert talk.press("/affirm") == ["已预约：骨科，3月13日（周五）。"]
    assert len(booked) == 1


def test_text_that_is_no_payload_is_left_to_the_understanding(talk: Any) -> None:
    assert talk.press("你好") is None
    assert talk.press("/nosuchthing") is None
    assert talk.press("/挂号") is None


def test_the_start_command_of_a_platform_greets(talk: Any) -> None:
    said = talk.press("/start")
    assert said and "问津" in said[0]


def test_nobody_types_himself_into_another_record(talk: Any, load: Any, make_talk: Any) -> None:
    flows = """
flows:
  pick:
    name: 选人
    nlu_trigger: [{intent: query_bill}]
    steps:
      - collect: patient
      - action: utter_picked
"""
    replies = """
responses:
  utter_ask_patient: [{text: 给谁？, buttons: [{title: 张*, payload: /SetSlots(patient=1)}]}]
  utter_picked: [{text: "{patient}"}]
"""
    talk = make_talk(load(flows, replies))
    talk.say("查费用", "query_bill")
    said = talk.press("/SetSlots(patient=99)#1")
    assert said and said[-1] == "给谁？"
    assert talk.press('/query_bill{"patient": 99}') == ["给谁？"]
    assert talk.press("/SetSlots(patient=1)#1") == ["1"]


def test_a_slot_that_does_not_exist_changes_nothing(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    said = talk.press("/SetSlots(nonsense=1)#1")
    assert said and said[-1] == "想挂哪个科？"
    said = talk.press("/SetSlots(department=骨科, nonsense=1)#1")
    assert said and said[-1] == "想挂哪个科？"


def test_a_part_of_one_title_names_its_button(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  pick:
    name: 选医生
    nlu_trigger: [{intent: query_bill}]
    steps:
      - collect: doctor
      - action: utter_picked
"""
    replies = """
responses:
  utter_ask_doctor:
    - text: 哪位？
      buttons:
        - {title: 甲一 主任医师 30元, payload: /SetSlots(doctor=甲一)}
        - {title: 乙二 主任医师 12元, payload: /SetSlots(doctor=乙二)}
        - {title: 转人工, payload: /talk_to_human}
  utter_picked: [{text: "{doctor}"}]
"""
    talk = make_talk(load(flows, replies))
    talk.say("x", "query_bill")
    assert talk.say("主任医师", "out_of_scope", 0.2)[-1] == "哪位？"  # it names two
    assert talk.say("就乙二吧", "out_of_scope", 0.2) == ["乙二"]


def test_repeating_what_is_known_is_no_misunderstanding(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("骨科", "book_appointment", 0.5, department="骨科") == ["哪一天来？"]
    assert talk.conversation.tries == 0


def test_an_ordinal_speaks_of_the_buttons_whatever_was_read(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    talk.say("第二个", "out_of_scope", 0.2, answer={"department": "第二个"})
    assert talk.conversation.stack[0].slots["department"] == "儿科"


def test_words_choose_only_what_was_offered(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  pick:
    name: 选人
    nlu_trigger: [{intent: query_bill}]
    steps:
      - collect: patient
      - action: utter_picked
"""
    replies = """
responses:
  utter_ask_patient: [{text: 给谁？, buttons: [{title: 张*, payload: /SetSlots(patient=1)}]}]
  utter_picked: [{text: "{patient}"}]
"""
    talk = make_talk(load(flows, replies))
    talk.say("查费用", "query_bill")
    assert talk.say("99号", answer={"patient": "99"})[-1] == "给谁？"
    assert talk.say("一号", answer={"patient": "1"}) == ["1"]
