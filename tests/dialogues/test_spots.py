"""Which words say where somebody stands: checked against the demonstration hospital's map."""

from __future__ import annotations

import pytest

from dialogues.spots import find_spot, says_only_where
from knowledge import Hospital, load_hospital


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return load_hospital()


@pytest.mark.parametrize(
    ("text", "words", "vague"),
    [
        ("我在门诊二楼走不动了", "门诊二楼", False),
        ("三楼眼科门口", "三楼眼科门口", False),
        ("不是大厅 是三楼电梯口", "三楼电梯口", False),
        ("我妈在门诊大厅扶梯摔倒了头流血", "门诊大厅扶梯", False),
        ("住院部十一楼护士站", "住院部十一楼护士站", False),
        ("厕所里", "厕所", True),
        ("电梯里困住了", "电梯", True),
        ("就在你们大楼门前", "大楼门前", True),
        ("5f", "5f", False),
        ("mẹ tôi bị ngã ở sảnh tầng 1", "1楼大厅", False),
        ("toi o tang ba", "3楼", False),
        ("không phải sảnh, ở tầng 3", "3楼", False),
        ("nhà vệ sinh", "厕所", True),
    ],
)
def test_a_place_is_heard(hospital: Hospital, text: str, words: str, vague: bool) -> None:
    spot = find_spot(hospital, text)
    assert spot is not None and (spot.words, spot.vague) == (words, vague)


@pytest.mark.parametrize(
    "text",
    [
        "押金多少",
        "我也不知道 有个蓝色的牌子",
        "10000001234",
        "处理得怎么样了",
        "厕所在哪",
        "药房几点关门",
        "好的",
        "头流血了",
        "tôi không biết",
        "của tôi",
    ],
)
def test_other_words_are_no_place(hospital: Hospital, text: str) -> None:
    assert find_spot(hospital, text) is None


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("啊我在厕所", True),
        ("门诊一楼", True),
        ("说错了 在四楼", True),
        ("không phải tầng 2, ở tầng 3", True),
        ("我在二楼走不动了", False),
        ("来人 二楼", False),
        ("tôi ngã ở tầng 2", False),
    ],
)
def test_a_place_alone_asks_for_nobody(hospital: Hospital, text: str, only: bool) -> None:
    assert says_only_where(hospital, text) is only


def test_a_place_only_named_is_not_told(hospital: Hospital) -> None:
    named, told = find_spot(hospital, "我爸胸痛要挂急诊"), find_spot(hospital, "我爸在急诊门口晕倒")
    assert named is not None and not named.told
    assert told is not None and told.told
