"""「第二个」 in the middle of making up one's mind still names a button; what turns one down names none."""

from __future__ import annotations

import pytest

from dialogues.options import find_option

OPTIONS = [{"title": title, "payload": f"/SetSlots(alternative={title})"} for title in ("甲", "乙")]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("第一个", "甲"),
        ("等一下 还是第一个", "甲"),
        ("等等，我要第二个", "乙"),
        ("不对 第一个", "甲"),
        ("第一个 不，第二个", "乙"),
        ("算了还是第二个吧", "乙"),
        ("换成第二个", "乙"),
        ("thôi, cái thứ nhất đi", "甲"),
        ("khoan, cái thứ hai nhé", "乙"),
        ("不要第一个", None),
        ("第一个不要", None),
        ("改2号", None),
        ("一个人", None),
        ("等一下", None),
    ],
)
def test_the_number_said_last_names_the_button(words: str, title: str | None) -> None:
    chosen = find_option(words, OPTIONS)
    assert chosen == (f"/SetSlots(alternative={title})" if title else None)
