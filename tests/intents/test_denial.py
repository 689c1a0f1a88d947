"""What is not wanted is set aside, so that what is wanted is heard; without stops, in dialects and in Vietnamese."""

from __future__ import annotations

import pytest

from intents.denial import refuses_person, set_aside


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("不是要病假条，是要手术记录", "是要手术记录"),
        ("不要病假条 只要手术记录", "只要手术记录"),
        ("我不是要退号我是想问号退了钱去哪", "我是想问号退了钱去哪"),
        ("别急着给我挂号 我先问下这个医生行不行", "我先问下这个医生行不行"),
        ("不想找人工，你告诉我去哪", "你告诉我去哪"),
        ("不用人工，帮我挂号就行", "帮我挂号就行"),
        ("别转人工，我就问下几楼", "我就问下几楼"),
        ("不用人工直接告诉我在哪缴费", "直接告诉我在哪缴费"),
        ("唔好转人工，话我知边度抽血", "话我知边度抽血"),
        ("不想跟人聊，直接告诉我停车在哪", "直接告诉我停车在哪"),
        ("đừng chuyển nhân viên, chỉ tôi khoa xương", "chỉ tôi khoa xương"),
    ],
)
def test_what_is_wanted_is_left(text: str, wanted: str) -> None:
    assert set_aside(text)[0] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "不要再发短信了",
        "别转人工",
        "不想活了 我想死",
        "不要机器人，转人工",
        "不想去人工窗口排队，怎么自助缴费",
        "孩子不吃饭 就喝点水",
    ],
)
def test_a_message_that_only_denies_stays_whole(text: str) -> None:
    assert set_aside(text) == (text, "")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("别给我转人工", True),
        ("人工就不用了", True),
        ("不找客服", True),
        ("khong can gap nhan vien", True),
        ("không muốn nói chuyện với tổng đài", True),
        ("不要机器人，转人工", False),
        ("转人工 不用机器人", False),
        ("没有人工吗", False),
        ("我不要人工流产", False),
        ("不想去人工窗口排队", False),
    ],
)
def test_a_person_is_refused_only_by_words_that_refuse_one(text: str, refused: bool) -> None:
    assert refuses_person(text) is refused
