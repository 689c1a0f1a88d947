"""Questions: what is known is not asked, what is wrong is asked again, what is optional may be left."""

from __future__ import annotations

from typing import Any

import pytest


def test_what_was_said_is_not_asked(talk: Any) -> None:
    assert talk.say("我想挂骨科后天的号", "book_appointment", department="骨科", date="2026-03-13") == [
        "给谁看？"
    ]
    assert talk.asked == "relation"


def test_questions_come_one_after_another_and_the_flow_ends(talk: Any, booked: list[Any]) -> None:
    assert talk.to_confirmation() == ["3月13日（周五）还有2个号。", "骨科，3月13日（周五），确认吗？"]
    assert talk.say("好的", "affirm", answer={"confirmation": True}) == ["已预约：骨科，3月13日（周五）。"]
    assert booked == [(7, "骨科", "2026-03-13")]
    assert talk.asked is None and talk.flows == []
    assert talk.last.flow == "book_appointment"


def test_a_no_takes_the_other_way(talk: Any, booked: list[Any]) -> None:
    talk.to_confirmation()
    assert talk.say("不要了", "deny", answer={"confirmation": False}) == ["好的，没有预约。"]
    assert booked == []


def test_a_called_flow_fills_the_slots_of_its_caller_and_returns(talk: Any) -> None:
    talk.to_confirmation()
    (frame,) = talk.conversation.stack
    assert frame.flow == "book_appointment" and frame.slots["relation"] == "母亲"


def test_a_persisted_slot_outlives_its_flow_and_the_others_do_not(talk: Any) -> None:
    talk.to_confirmation()
    talk.say("好的", "affirm", answer={"confirmation": True})
    assert dict(talk.conversation.slots) == {"relation": "母亲"}


def test_a_rejected_value_is_explained_and_asked_again(talk: Any) -> None:
    assert talk.say("挂急诊科", "book_appointment", department="急诊科") == [
        "急诊科不用预约，直接来就行。",
        "想挂哪个科？",
    ]
    assert talk.say("急诊科", answer={"department": "急诊科"}) == [
        "急诊科不用预约，直接来就行。",
        "想挂哪个科？",
    ]
    assert talk.say("那骨科", answer={"department": "骨科"}) == ["哪一天来？"]


def test_one_message_may_answer_several_questions(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    said = talk.say(
        "骨科，后天",
        "book_appointment",
        0.5,
        answer={"department": "骨科"},
        department="骨科",
        date="2026-03-13",
    )
    assert said == ["给谁看？"]


def test_a_known_value_is_offered_where_the_flow_asks_anyway(load: Any, make_talk: Any) -> None:
    talk = make_talk(
        load(
            """
flows:
  ask_phone:
    name: 电话
    nlu_trigger: [{intent: query_bill}]
    steps:
      - collect: phone
        ask_before_filling: true
      - action: utter_thanks
""",
            """
responses:
  utter_ask_phone: [{text: 用哪个电话？}]
  utter_thanks: [{text: "好，{phone}。"}]
""",
        )
    )
    assert talk.say("查费用", "query_bill", phone="10000001234") == ["用哪个电话？"]
    assert talk.last.replies[-1].buttons[0].title == "100****1234"
    assert talk.say("对", "affirm") == ["好，100****1234。"]


def test_the_whole_message_answers_a_free_text_question(talk: Any) -> None:
    talk.say("我要投诉", "file_complaint")
    said = talk.say("我想挂号等了三个小时没人理", "book_appointment", 0.95, department="骨科")
    assert said == ["多大年纪？不方便说可以不说。"]
    assert talk.conversation.stack[0].slots["complaint_text"] == "我想挂号等了三个小时没人理"


def test_a_short_word_of_control_is_obeyed_at_a_free_text_question(talk: Any) -> None:
    talk.say("我要投诉", "file_complaint")
    assert talk.say("算了", "stop_task") == ["好的，「意见反馈」先不办了。还需要什么，随时告诉我。"]


def test_an_optional_question_may_be_left(talk: Any) -> None:
    talk.say("我要投诉", "file_complaint")
    talk.say("空调太冷")
    assert talk.say("不用", "deny") == ["记下了：空调太冷"]


def test_after_three_failed_tries_a_person_is_offered(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    for _ in range(2):
        said = talk.say("嗯嗯啊啊", "out_of_scope", 0.3)
        assert len(said) == 2 and said[-1] == "想挂哪个科？"
    offered = talk.say("嗯嗯啊啊", "out_of_scope", 0.3)
    assert "工作人员" in offered[0] and offered[-1] == "想挂哪个科？"
    assert talk.last.replies[0].buttons[0].payload == "/talk_to_human"
    assert talk.asked == "department"


def test_a_value_that_is_none_of_the_slots_is_no_answer(talk: Any) -> None:
    talk.to_confirmation()
    said = talk.say("也许", answer={"confirmation": "也许"})
    assert said[-1] == "骨科，3月13日（周五），确认吗？"
    assert talk.asked == "confirmation"


def test_an_action_asks_where_there_is_one(load: Any, make_talk: Any) -> None:
    from dialogues.actions import DeskAction

    class AskDoctor(DeskAction, name="action_ask_doctor_of_test"):
        def perform(self, desk: Any, slots: Any, say: Any) -> None:
            say("utter_which_doctor").buttons([("韦医生", "/SetSlots(doctor=韦医生)")])

    flows = """
flows:
  pick:
    name: 选医生
    nlu_trigger: [{intent: query_doctor}]
    steps:
      - collect: doctor
        utter: action_ask_doctor_of_test
      - action: utter_chosen
"""
    replies = """
responses:
  utter_which_doctor: [{text: 哪位医生？}]
  utter_chosen: [{text: "好，{doctor}。"}]
"""
    talk = make_talk(load(flows, replies, actions={"action_ask_doctor_of_test": AskDoctor(), **load.actions}))
    assert talk.say("看医生", "query_doctor") == ["哪位医生？"]
    assert talk.last.replies[0].buttons[0].payload == "/SetSlots(doctor=韦医生)#1"
    assert talk.press("/SetSlots(doctor=韦医生)#1") == ["好，韦医生。"]


def test_an_action_that_finds_the_answer_itself_asks_nothing(load: Any, make_talk: Any) -> None:
    from dialogues.actions import DeskAction

    class OnlyOne(DeskAction, name="action_ask_only_one_of_test"):
        def perform(self, desk: Any, slots: Any, say: Any) -> dict[str, Any]:
            return {"doctor": "韦医生"}

    flows = """
flows:
  pick:
    name: 选医生
    nlu_trigger: [{intent: query_doctor}]
    steps:
      - collect: doctor
        utter: action_ask_only_one_of_test
      - action: utter_chosen
"""
    replies = 'responses:\n  utter_chosen: [{text: "好，{doctor}。"}]\n'
    talk = make_talk(load(flows, replies, actions={"action_ask_only_one_of_test": OnlyOne(), **load.actions}))
    assert talk.say("看医生", "query_doctor") == ["好，韦医生。"]


def test_a_linked_flow_knows_what_was_said(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  first:
    name: 第一
    nlu_trigger: [{intent: query_doctor}]
    steps:
      - collect: place
      - link: second
  second:
    name: 第二
    steps:
      - collect: place
      - action: utter_place
"""
    replies = (
        'responses:\n  utter_place: [{text: "{place}，{flow_name}"}]\n  utter_ask_place: [{text: 哪里？}]\n'
    )
    talk = make_talk(load(flows, replies))
    talk.say("x", "query_doctor")
    assert talk.say("西药房", answer={"place": "西药房"}) == ["西药房，第二"]
    assert talk.flows == []


def test_a_slot_set_by_a_flow_is_checked_like_any_other(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  first:
    name: 第一
    nlu_trigger: [{intent: query_doctor}]
    if: slots.place_code is not null
    steps:
      - set_slots:
          - period: morning
          - place: null
      - action: utter_period
"""
    replies = 'responses:\n  utter_period: [{text: "{period}{place}"}]\n'
    talk = make_talk(load(flows, replies))
    assert "准确的答案" in talk.say("x", "query_doctor")[0]  # the guard keeps the flow shut
    talk.conversation = talk.conversation.having(slots={"place_code": "OPD-2F-US"})
    assert talk.say("x", "query_doctor") == ["上午"]


@pytest.mark.parametrize("step", ["gone", "collect_department"])
def test_a_conversation_waiting_in_a_flow_that_changed_goes_on(talk: Any, step: str) -> None:
    from dataclasses import replace

    talk.say("挂号", "book_appointment")
    frame = replace(talk.conversation.stack[0], step=step)
    talk.conversation = talk.conversation.having(stack=(frame,))
    assert talk.say("骨科", answer={"department": "骨科"})[-1] in ("想挂哪个科？", "哪一天来？")


def test_a_yes_to_an_earlier_offer_is_no_yes_to_the_next(load: Any, make_talk: Any) -> None:
    flows = """
flows:
  book:
    name: 约号
    nlu_trigger: [{intent: query_doctor}]
    steps:
      - collect: date
      - id: offer
        action: utter_offer
      - collect: confirmation
        ask_before_filling: true
        next:
          - if: slots.place is null
            then:
              - set_slots: [{place: 西药房}]
                next: offer
          - else: END
"""
    replies = """
responses:
  utter_offer: [{text: "{date}有号"}]
  utter_ask_date: [{text: 哪天？}]
  utter_ask_confirmation: [{text: 约吗？}]
"""
    talk = make_talk(load(flows, replies))
    talk.say("x", "query_doctor", date="2026-03-13")
    assert talk.say("好", "affirm", answer={"confirmation": True}) == ["3月13日（周五）有号", "约吗？"]
    assert talk.say("改周六", "query_doctor", date="2026-03-14")[-2:] == ["3月14日（周六）有号", "约吗？"]
    assert talk.say("好", "affirm", answer={"confirmation": True}) == []
