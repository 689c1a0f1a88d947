"""Which choices the words mean: exceptions, one more, one less, one for another; from a question's data alone."""

from __future__ import annotations

import pytest

from dialogues.choosing import changes_several, read_choice, read_choices, read_items
from knowledge.schema import LineQuestion

FRUIT = LineQuestion.model_validate(
    {
        "slot": "fruit",
        "several": True,
        "every": "都有",
        "words": ["水果"],
        "choices": [
            {"id": "apple", "name": {"zh": "苹果", "vi": "Táo"}},
            {"id": "pear", "name": {"zh": "梨", "vi": "Lê"}, "words": ["梨子", "雪梨"]},
            {"id": "grape", "name": {"zh": "葡萄", "vi": "Nho"}},
            {"id": "none", "name": "都没有", "words": ["什么都没"], "alone": True},
        ],
    }
)
WAY = LineQuestion.model_validate(
    {
        "slot": "way",
        "choices": [
            {"id": "post", "name": "寄到家", "words": ["寄", "快递"]},
            {"id": "fetch", "name": "来取", "words": ["自取"]},
        ],
    }
)


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("都有", ["apple", "pear", "grape"]),
        ("葡萄没有，其他都有", ["apple", "pear"]),
        ("除了葡萄都有", ["apple", "pear"]),
        ("除葡萄以外都齐了", ["apple", "pear"]),
        ("就差葡萄", ["apple", "pear"]),
        ("就葡萄没有", ["apple", "pear"]),
        ("没有葡萄", ["apple", "pear"]),
        ("缺梨和葡萄", ["apple"]),
        ("梨和葡萄都没有", ["apple"]),
        ("只有苹果", ["apple"]),
        ("除了苹果都没有", ["apple"]),
        ("苹果有，梨子有，葡萄没带", ["apple", "pear"]),
        ("葡萄苹果都有", ["apple", "grape"]),
        ("都没有", ["none"]),
        ("什么都没有", ["none"]),
        ("chỉ thiếu Nho", ["apple", "pear"]),
        ("chỉ có Táo", ["apple"]),
        ("今天天气不错", None),
    ],
)
def test_an_exception_is_read_as_it_is_meant(said: str, held: list[str] | None) -> None:
    assert read_choices(FRUIT, said, asked=True) == held


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("再加葡萄", ["apple", "pear", "grape"]),
        ("葡萄也要", ["apple", "pear", "grape"]),
        ("梨不要了", ["apple"]),
        ("去掉苹果", ["pear"]),
        ("把梨去掉，加葡萄", ["apple", "grape"]),
        ("梨换成葡萄", ["apple", "grape"]),
        ("换成葡萄", ["grape"]),
        ("只要葡萄", ["grape"]),
        ("不对，是葡萄", ["grape"]),
        ("thêm Nho nữa", ["apple", "pear", "grape"]),
        ("bỏ Lê", ["apple"]),
        ("苹果和梨都不要了", None),
    ],
)
def test_a_second_thought_adds_takes_away_or_puts_one_for_another(said: str, after: list[str] | None) -> None:
    assert read_choices(FRUIT, said, held=["apple", "pear"]) == after
    assert changes_several(FRUIT, said) or said.startswith("不对")


def test_a_choice_only_named_changes_nothing_by_itself() -> None:
    assert not changes_several(FRUIT, "葡萄")


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("寄吧", "post"),
        ("不寄", "fetch"),
        ("不用寄了", "fetch"),
        ("别寄了", "fetch"),
        ("除了寄都行", "fetch"),
        ("不寄，自取", "fetch"),
        ("有没有快递", "post"),
        ("都行", None),
    ],
)
def test_of_two_what_is_denied_leaves_the_other(said: str, way: str | None) -> None:
    assert read_choice(WAY.choices, said) == way


def test_a_complaint_outweighs_what_is_said_of_the_rest() -> None:
    steady = LineQuestion.model_validate(
        {
            "slot": "steady",
            "choices": [
                {"id": "steady", "name": "平稳", "words": ["没有"]},
                {"id": "worse", "name": "不舒服", "words": ["头晕"], "stop": "请先看医生"},
            ],
        }
    )
    assert read_choice(steady.choices, "有点头晕，别的没有") == "worse"
    assert read_choice(steady.choices, "没有头晕") == "steady"


@pytest.mark.parametrize(
    ("said", "held", "after"),
    [
        ("厄贝沙坦和二甲双胍", None, ["厄贝沙坦", "二甲双胍"]),
        ("还要一个二甲双胍", ["厄贝沙坦"], ["厄贝沙坦", "二甲双胍"]),
        ("再加阿司匹林和他汀吧", ["厄贝沙坦"], ["厄贝沙坦", "阿司匹林", "他汀"]),
        ("二甲双胍不要了", ["厄贝沙坦", "二甲双胍"], ["厄贝沙坦"]),
        ("降压药、降糖药", None, ["降压药", "降糖药"]),
        ("thêm metformin nữa", ["amlodipine"], ["amlodipine", "metformin"]),
    ],
)
def test_several_in_own_words_are_kept_one_by_one(
    said: str, held: list[str] | None, after: list[str]
) -> None:
    assert read_items(said, held=held) == after
