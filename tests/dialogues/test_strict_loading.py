"""What is written wrongly stops the start, with file, line and the nearest right name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialogues import DialogueError

GOOD = """
flows:
  small:
    name: 小
    nlu_trigger:
      - intent: query_bill
    steps:
      - collect: department
      - action: utter_small
"""
REPLIES = """
responses:
  utter_ask_department:
    - text: 哪个科？
  utter_small:
    - text: "{department}"
"""


def problems(load: Any, flows: str = GOOD, replies: str = REPLIES, **more: Any) -> str:
    with pytest.raises(DialogueError) as caught:
        load(flows, replies, **more)
    return str(caught.value)


def test_what_is_right_loads(load: Any) -> None:
    assert load(GOOD, REPLIES).book.flows["small"].name == "小"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("collect: department", "collect: departmnt", 8, "槽位「departmnt」，是不是「department」"),
        ("action: utter_small", "action: utter_smal", 9, "回复「utter_smal」，是不是「utter_small」"),
        (
            "action: utter_small",
            "action: action_cal_person",
            9,
            "动作「action_cal_person」，是不是「action_call_person」",
        ),
        ("query_bill", "query_bil", 3, "意图「query_bil」，是不是「query_bill」"),
        ("action: utter_small", "link: smal", 9, "流程「smal」"),
        ("action: utter_small", "call: nothing", 9, "流程「nothing」"),
        ("name: 小", "name: 小\n    absorbs: [query_bils]", 3, "意图「query_bils」，是不是「query_bill」"),
        ("name: 小", "name: 小\n    on_cancel: action_cal_person", 3, "动作「action_cal_person」"),
        ("name: 小", "nmae: 小", 3, "缺少「name」"),
        (
            "      - collect: department",
            "      - colect: department",
            8,
            "不认识的项「colect」，是不是「collect」",
        ),
    ],
)
def test_a_wrong_name_in_a_flow(load: Any, old: str, new: str, line: int, told: str) -> None:
    text = problems(load, GOOD.replace(old, new))
    assert f"mine/flows/flows.yml:{line}:" in text
    assert told in text


def condition(text: str) -> str:
    return GOOD + f"        next:\n          - if: {text}\n            then: END\n          - else: END\n"


def test_a_condition_names_slots_that_exist(load: Any) -> None:
    assert "没有槽位「departmen」，是不是「department」" in problems(
        load, condition("slots.departmen is null")
    )


def test_a_condition_compares_with_names_that_exist(load: Any) -> None:
    assert "没有科室「骨伤科」，是不是「骨科」" in problems(load, condition("slots.department == '骨伤科'"))
    assert "「period」不能是「mornin」，是不是「morning」" in problems(
        load, condition("slots.period == 'mornin'")
    )


def test_a_condition_that_cannot_be_read(load: Any) -> None:
    assert "条件读不懂" in problems(load, condition("slots.department ==="))


def test_a_context_that_does_not_exist(load: Any) -> None:
    assert "没有上下文「resaon」，是不是「reason」" in problems(load, condition("context.resaon"))


def steps(text: str) -> str:
    return "flows:\n  small:\n    name: 小\n    steps:\n" + text


def test_a_branch_without_else(load: Any) -> None:
    text = problems(
        load, steps("      - noop: true\n        next:\n          - if: slots.place\n            then: END\n")
    )
    assert "分支最后要有 else" in text


def test_nested_steps_without_an_exit(load: Any) -> None:
    text = problems(
        load,
        steps(
            "      - noop: true\n        next:\n          - if: slots.place\n            then:\n"
            "              - action: utter_small\n          - else: END\n"
        ),
    )
    assert "mine/flows/flows.yml:9:" in text and "最后一步要写 next" in text


def test_a_step_nobody_reaches(load: Any) -> None:
    text = problems(load, steps("      - noop: true\n        next: END\n      - action: utter_small\n"))
    assert "步骤「utter_small」永远走不到" in text


def test_a_ring_without_an_exit(load: Any) -> None:
    text = problems(load, steps("      - id: ring\n        action: utter_small\n        next: ring\n"))
    assert "从步骤「ring」走不到 END" in text


def test_a_way_to_nowhere(load: Any) -> None:
    text = problems(load, steps("      - id: first\n        action: utter_small\n        next: frist\n"))
    assert "没有步骤「frist」，是不是「first」" in text


def test_two_steps_of_one_name(load: Any) -> None:
    text = problems(
        load, steps("      - id: one\n        action: utter_small\n      - id: one\n        noop: true\n")
    )
    assert "两个步骤都叫「one」" in text


def test_a_step_with_two_verbs(load: Any) -> None:
    assert "exactly one of" in problems(load, steps("      - collect: place\n        action: utter_small\n"))


def test_link_is_the_end(load: Any) -> None:
    text = problems(load, GOOD.replace("action: utter_small", "link: small\n        next: END"))
    assert "link 之后不再回来" in text


def test_else_stands_last(load: Any) -> None:
    text = problems(
        load,
        steps(
            "      - noop: true\n        next:\n          - else: END\n          - if: slots.place\n            then: END\n"
        ),
    )
    assert "永远走不到" in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"{department}"', '"{departmen}"', "{departmen} 没有谁给出，是不是「department」"),
        ("    - text: 哪个科？", "    - txt: 哪个科？", "不认识的项「txt」，是不是「text」"),
        (
            "text: 哪个科？",
            "text: 哪个科？\n      buttons: [{title: 骨, payload: SetSlots}]",
            "payload 写法不对",
        ),
        (
            "text: 哪个科？",
            "text: 哪个科？\n      buttons: [{title: 骨, payload: /query_bil}]",
            "是不是「query_bill」",
        ),
        (
            "text: 哪个科？",
            "text: 哪个科？\n      buttons: [{title: 骨, payload: /SetSlots(department=骨伤科)}]",
            "没有科室「骨伤科」，是不是「骨科」",
        ),
        ("    - text: 哪个科？", "    - image: ''", "a reply has a text"),
        ("responses:", "respones:", "不认识的项「respones」"),
    ],
)
def test_a_wrong_name_in_a_reply(load: Any, old: str, new: str, told: str) -> None:
    text = problems(load, replies=REPLIES.replace(old, new))
    assert "mine/replies/flows.yml" in text and told in text


def test_a_reply_or_flow_written_twice(load: Any) -> None:
    assert "「utter_small」在第 5 行已经写过" in problems(
        load, replies=REPLIES + "  utter_small: [{text: 二}]\n"
    )


def test_a_reply_misspelt_in_an_action(load: Any) -> None:
    from dialogues.actions import DeskAction

    class Misspelt(DeskAction, name="action_misspelt_of_test"):
        def perform(self, desk: Any, slots: Any, say: Any) -> dict[str, Any]:
            say("utter_smal" if slots["departmen"] else "utter_small", text="x")
            return {"plaec": None}

    text = problems(load, actions={"action_misspelt_of_test": Misspelt(), **load.actions})
    assert "没有回复「utter_smal」，是不是「utter_small」" in text
    assert "没有槽位「departmen」，是不是「department」" in text
    assert "没有槽位「plaec」，是不是「place」" in text
    assert "test_strict_loading.py:" in text


def test_a_placeholder_that_an_action_does_not_give(load: Any) -> None:
    from dialogues.actions import DeskAction

    class Forgetful(DeskAction, name="action_forgetful_of_test"):
        def perform(self, desk: Any, slots: Any, say: Any) -> None:
            say("utter_minutes", metres=3)

    text = problems(
        load,
        replies=REPLIES + "  utter_minutes: [{text: '{minutes} 分钟'}]\n",
        actions={"action_forgetful_of_test": Forgetful(), **load.actions},
    )
    assert "{minutes} 有动作没有给出" in text


def test_a_broken_file_is_named(load: Any) -> None:
    assert "mine/flows/flows.yml:3" in problems(load, "flows:\n  a: [\n")


def test_all_problems_come_at_once(load: Any) -> None:
    text = problems(load, GOOD.replace("department", "departmnt"), REPLIES)
    text += problems(
        load, GOOD.replace("department", "departmnt").replace("query_bill", "query_bil"), REPLIES
    )
    assert text.count("departmnt") == 2 + text.count("utter_ask_departmnt")
    assert "query_bil」" in text


def test_a_hospital_replaces_a_pattern_and_a_reply(load: Any, make_talk: Any, tmp_path: Path) -> None:
    flows = (
        GOOD
        + """
  pattern_completed:
    name: 办完了
    steps:
      - action: utter_done
"""
    )
    replies = REPLIES + "  utter_done: [{text: 还有别的事吗？}]\n  utter_empty: [{text: 空的}]\n"
    talk = make_talk(load(flows, replies))
    talk.say("x", "query_bill")
    assert talk.say("骨科", answer={"department": "骨科"}) == ["骨科", "还有别的事吗？"]
    assert talk.say("") == ["空的"]


def test_a_hospital_adds_a_slot(load: Any, make_talk: Any) -> None:
    slots = "slots:\n  shoe_size: {type: float, title: 鞋码}\n"
    flows = GOOD.replace("department", "shoe_size")
    talk = make_talk(load(flows, REPLIES.replace("department", "shoe_size"), slots))
    talk.say("x", "query_bill")
    assert talk.say("40.5", answer={"shoe_size": "40.5"}) == ["40.5"]


def test_a_language_that_lacks_a_reply_says_it_in_chinese(load: Any, make_talk: Any) -> None:
    replies = REPLIES.replace('"{department}"', '"{department}，{date}"')
    vietnamese = 'responses:\n  utter_small: [{text: "Khoa {department}, {date}"}]\n'
    assistant = load(GOOD, replies, vietnamese=vietnamese)
    assert "utter_ask_department" in assistant.book.wording.find_missing("vi")
    talk = make_talk(assistant)
    talk.conversation = talk.conversation.having(language="vi")
    assert talk.say("x", "query_bill", date="2026-03-13") == ["哪个科？"]
    assert talk.say("骨科", answer={"department": "骨科"}) == ["Khoa 骨科, thứ Sáu, 13/3"]


def test_an_action_has_a_proper_name_of_its_own() -> None:
    from dialogues.actions import DeskAction

    with pytest.raises(TypeError, match="action_"):
        type("Wrong", (DeskAction,), {}, name="book")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="two actions"):
        type("Second", (DeskAction,), {}, name="action_answer_faq")  # type: ignore[call-overload]
