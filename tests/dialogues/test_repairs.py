"""The conversation goes astray and is mended."""

from __future__ import annotations

from typing import Any

from intents.understanding import FaqMatch


def test_a_digression_is_served_and_leads_back_to_the_very_question(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("西药房怎么走", "ask_route", place="西药房") == ["去西药房：直走。", "哪一天来？"]
    assert talk.asked == "date" and talk.conversation.stack[0].slots["department"] == "骨科"


def test_a_digression_that_asks_says_what_it_leads_back_to(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("我要问路", "ask_route")[-1:] == ["您要去哪里？"]
    assert talk.flows == ["book_appointment", "ask_route"]
    said = talk.say("西药房", answer={"place": "西药房"})
    assert said[0] == "去西药房：直走。" and "预约挂号" in said[1] and said[2] == "哪一天来？"


def test_a_question_with_a_value_of_the_open_slot_is_still_a_question(talk: Any) -> None:
    talk.say("挂号", "book_appointment")
    said = talk.say("骨科在几楼", "ask_route", 0.95, answer={"department": "骨科"}, place="骨科")
    assert said == ["去骨科：直走。", "想挂哪个科？"]


def test_an_absorbed_intent_is_the_answer(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("后天有号吗", "query_schedule", 0.95, date="2026-03-13") == ["给谁看？"]


def test_an_faq_is_answered_in_between_with_a_way_on(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say("停车怎么收费", "ask_transport", faq=(FaqMatch("parking", 0.9),))
    assert said == ["停车每小时两元。", "哪一天来？"]
    titles = [one.title for one in talk.last.replies[0].buttons]
    assert titles == ["停车场怎么走", "医保怎么用", "院内问路", "转人工"]
    assert talk.last.replies[0].custom["phone"] == "00000001"


def test_a_related_question_is_one_press_away(talk: Any) -> None:
    talk.say("停车怎么收费", "ask_transport", faq=(FaqMatch("parking", 0.9),))
    assert talk.press(talk.button("医保怎么用")) == ["带上医保卡或电子凭证。"]


def test_going_back_to_a_flow_left_earlier_does_not_begin_it_twice(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    talk.say("我要问路", "ask_route")
    assert talk.say("还是先挂号", "book_appointment") == ["哪一天来？"]
    assert talk.flows == ["book_appointment"]


def test_a_correction_is_confirmed_and_checked_again(talk: Any, booked: list[Any]) -> None:
    talk.to_confirmation()
    said = talk.say("不对，是周六", "deny", answer={"confirmation": False}, date="2026-03-14")
    assert "3月14日（周六）" in said[0]
    assert said[1:] == ["3月14日（周六）还有2个号。", "骨科，3月14日（周六），确认吗？"]
    talk.say("好", "affirm", answer={"confirmation": True})
    assert booked == [(7, "骨科", "2026-03-14")]


def test_a_corrected_value_is_rejected_by_the_same_rule(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say("不，挂急诊科", "book_appointment", department="急诊科")
    assert said[-2:] == ["急诊科不用预约，直接来就行。", "想挂哪个科？"]


def test_a_correction_from_a_called_flow_goes_back_to_the_caller(talk: Any) -> None:
    talk.say("我想挂骨科后天的号", "book_appointment", department="骨科", date="2026-03-13")
    assert talk.flows == ["book_appointment", "test_who"]
    said = talk.say("改成儿科", "book_appointment", department="儿科")
    assert "儿科" in said[0] and said[-1] == "给谁看？"
    assert talk.conversation.stack[0].slots["department"] == "儿科"


def test_the_same_value_again_is_no_correction(talk: Any) -> None:
    talk.to_confirmation()
    said = talk.say("对，是周五", "affirm", answer={"confirmation": True}, date="2026-03-13")
    assert said == ["已预约：骨科，3月13日（周五）。"]


def test_giving_up_releases_what_was_held(talk: Any, released: list[Any]) -> None:
    talk.to_confirmation()
    assert talk.say("算了", "stop_task") == ["好的，「预约挂号」先不办了。还需要什么，随时告诉我。"]
    assert released == ["骨科"]
    assert talk.flows == [] and talk.asked is None


def test_giving_up_a_digression_leads_back(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    talk.say("我要问路", "ask_route")
    said = talk.say("算了", "stop_task")
    assert said[0] == "好的，「院内问路」先不办了。" and said[-1] == "哪一天来？"


def test_giving_up_nothing_is_harmless(talk: Any) -> None:
    assert "没有正在办的事" in talk.say("算了", "stop_task")[0]


def test_once_more_repeats_to_the_letter_and_keeps_the_question(talk: Any) -> None:
    said = talk.to_confirmation()
    before = talk.conversation
    assert talk.say("再说一遍", "repeat_last") == said
    assert talk.asked == "confirmation" and talk.conversation.options == before.options
    assert talk.press(talk.button("确认")) == ["已预约：骨科，3月13日（周五）。"]


def test_a_person_is_called_and_the_question_stays_open(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say("转人工", "talk_to_human")
    assert len(said) == 1 and "工作人员" in said[0]
    assert talk.say("后天", answer={"date": "2026-03-13"}) == ["给谁看？"]


def test_two_near_meanings_are_asked_about(talk: Any) -> None:
    said = talk.say(
        "骨科后天",
        "book_appointment",
        0.4,
        ranking=(("book_appointment", 0.4), ("ask_route", 0.35), ("query_bill", 0.05)),
        department="骨科",
        phone="10000001234",
    )
    assert len(said) == 1
    titles = [one.title for one in talk.last.replies[0].buttons]
    assert titles[:2] == ["预约挂号", "院内问路"] and "转人工" in titles[-1]
    payload = talk.button("预约挂号")
    assert "10000001234" not in payload
    assert talk.press(payload) == ["哪一天来？"]


def test_a_choice_may_be_typed(talk: Any) -> None:
    talk.say(
        "骨科", "ask_route", 0.4, ranking=(("ask_route", 0.4), ("book_appointment", 0.38)), department="骨科"
    )
    assert talk.say("第二个", "out_of_scope", 0.2) == ["哪一天来？"]


def test_what_is_not_understood_says_what_can_be_done(talk: Any) -> None:
    talk.say("阿巴阿巴", "out_of_scope", 0.2, ranking=(("out_of_scope", 0.2),))
    assert {"预约挂号", "转人工"} <= {one.title for one in talk.last.replies[0].buttons}


def test_a_well_matching_faq_is_answered_though_the_intent_is_unsure(talk: Any) -> None:
    said = talk.say("医保", "out_of_scope", 0.3, ranking=(), faq=(FaqMatch("insurance", 0.95),))
    assert said == ["带上医保卡或电子凭证。"]


def test_an_intent_without_flow_gets_its_general_answer(talk: Any) -> None:
    assert talk.say("怎么来医院", "ask_transport") == ["停车每小时两元。"]


def test_what_nobody_knows_is_admitted_with_a_person(talk: Any) -> None:
    assert "不敢随便说" in talk.say("住院要带什么", "pre_admission")[0]
    assert talk.button("转人工") == "/talk_to_human"


def test_a_refused_service_is_told_without_details(talk: Any) -> None:
    said = talk.say("查费用", "query_bill")
    assert len(said) == 1 and "没有办成" in said[0] and "secret" not in said[0]
    assert talk.flows == [] and talk.button("转人工")


def test_a_refused_digression_leaves_the_open_question(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say("查费用", "query_bill")
    assert "没有办成" in said[0] and said[-1] == "哪一天来？"


def test_a_flow_that_loops_is_stopped(talk: Any) -> None:
    said = talk.say("表扬", "give_praise")
    assert len(said) == 1 and "没有办成" in said[0]
    assert talk.flows == []


def test_any_other_error_is_raised_to_the_turn_runner(load: Any, make_talk: Any) -> None:
    import pytest

    from dialogues.actions import DeskAction

    class Broken(DeskAction, name="action_broken_of_test"):
        def perform(self, desk: Any, slots: Any, say: Any) -> None:
            raise ZeroDivisionError

    flows = "flows:\n  x:\n    name: 坏\n    nlu_trigger: [{intent: query_bill}]\n    steps: [{action: action_broken_of_test}]\n"
    talk = make_talk(load(flows, actions={"action_broken_of_test": Broken(), **load.actions}))
    with pytest.raises(ZeroDivisionError):
        talk.say("查费用", "query_bill")


def test_a_greeting_introduces_and_in_between_only_nods(talk: Any) -> None:
    assert "测试医院（示例）" in talk.say("你好", "greet")[0]
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("你好", "greet") == ["您好，我在。", "哪一天来？"]


def test_thanks_in_between_leads_back(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("谢谢", "thank")[-1] == "哪一天来？"


def test_an_empty_message_is_told_and_the_question_asked_again(talk: Any) -> None:
    assert "没收到文字" in talk.say("  ")[0]
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("\n")[-1] == "哪一天来？"


def test_a_message_too_long_is_served_and_the_patient_told(talk: Any) -> None:
    said = talk.say("很长", "book_appointment", truncated=True, department="骨科")
    assert "2000" in said[0] and said[-1] == "哪一天来？"


def test_silence_asks_gently_once_more(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.start("pattern_silence")
    assert "您还在吗" in said[0] and said[-1] == "哪一天来？"


def test_the_clock_may_tell_something_without_repeating_the_open_question(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.start("ask_route", place="西药房") == ["去西药房：直走。"]
    assert talk.asked == "date"
    assert talk.say("后天", answer={"date": "2026-03-13"}) == ["给谁看？"]


def test_a_flow_of_the_clock_that_asks_is_answered_first(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.start("ask_route") == ["您要去哪里？"]
    assert talk.say("西药房", answer={"place": "西药房"})[-1] == "哪一天来？"


def test_while_a_person_serves_the_assistant_is_silent(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    talk.pause()
    assert talk.say("后天", answer={"date": "2026-03-13"}) == []
    assert talk.press("/book_appointment") == []
    assert talk.asked == "date"
    said = talk.resume()
    assert said[-1] == "哪一天来？" and not talk.conversation.paused


def test_large_type_is_one_sentence_away(talk: Any) -> None:
    talk.say("字太小了换大字", "change_language")
    assert talk.conversation.large_type
    talk.press('/change_language{"language": "normal"}')
    assert not talk.conversation.large_type


def test_the_oldest_of_many_interrupted_flows_is_given_up(load: Any, make_talk: Any) -> None:
    names = [
        "book_appointment",
        "ask_route",
        "file_complaint",
        "query_bill",
        "query_doctor",
        "request_escort",
    ]
    flows = "flows:\n" + "".join(
        f"  {name}:\n    name: {name}\n    nlu_trigger: [{{intent: {name}}}]\n    steps: [{{collect: place}}]\n"
        for name in names
    )
    talk = make_talk(load(flows, "responses:\n  utter_ask_place: [{text: 哪里？}]\n"))
    for name in names:
        talk.say(name, name)
    assert talk.flows == names[-4:]


def test_a_bare_number_changes_no_subject(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    assert talk.say("65", "goodbye", 0.98)[-1] == "哪一天来？"
    assert talk.conversation.tries == 1


def test_a_question_with_an_answer_of_its_own_begins_no_flow(talk: Any) -> None:
    sure = (FaqMatch("insurance", 0.95),)
    assert talk.say("挂号能用医保吗", "book_appointment", faq=sure) == ["带上医保卡或电子凭证。"]
    assert talk.say("挂号用医保", "book_appointment", faq=sure) == ["想挂哪个科？"]
    assert talk.say("挂号能用医保吗", "book_appointment", faq=sure) == [
        "带上医保卡或电子凭证。",
        "想挂哪个科？",
    ]


def test_a_general_answer_leaves_the_question_to_the_flow(talk: Any) -> None:
    assert talk.say("停车怎么挂号", "book_appointment", faq=(FaqMatch("parking", 0.95),)) == ["想挂哪个科？"]
