"""The words of a way are data: a mistake in them is found at the start, with file, line and the nearest right name."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from services.waywords import FILE, get_words, read_words


def test_each_language_tells_a_lift_in_its_own_words() -> None:
    assert get_words("zh").lift_to.format(floor="3楼") == "坐电梯到3楼"
    assert get_words("vi").lift_to.format(floor="tầng 3") == "đi thang máy đến tầng 3"
    assert get_words("en") is get_words("zh")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("  lift_to: ", "  lift_too: ", "不认识的项「lift_too」，是不是「lift_to」？"),
        ('  here: "您现在就在{place}"\n', "", "缺少「here」"),
        ("bạn đang ở ngay {place}", "bạn đang ở ngay {chỗ}", "「here」填的是 ['chỗ']，中文填的是 ['place']"),
        ("{left: 就在您的左手边, ", "{", "「sides」填的是 ['back', 'left', 'right', 'straight']"),
        ("\nvi:\n", "\nvi: 越南语\nxx:\n", "「vi」下面应当是「名字: 说法」"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = FILE.read_text("utf-8")
    assert right in text
    file = tmp_path / FILE.name
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(KnowledgeError, match=r"waywords\.yml:\d+") as told:
        read_words(file)
    assert said in str(told.value)


def test_chinese_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / FILE.name
    file.write_text(FILE.read_text("utf-8").replace("zh:\n", "zx:\n", 1), "utf-8")
    with pytest.raises(KnowledgeError, match="缺少「zh」"):
        read_words(file)
