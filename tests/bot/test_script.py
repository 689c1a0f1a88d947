"""Reading conversation transcripts, comparing what is said, and rewriting only what was said."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.transcripts.comparison import matches, spoken_lines
from bot.transcripts.script import DEFAULT_NOW, ScriptError, read_move, read_scripts, rewrite
from dialogues.reply import Button, Reply

TEXT = """\
# 号满
现在: 2026-03-11 10:00
世界: 骨科 3月12日上午 余0
> 我想挂骨科
< 约满了。
! appointments 0
>乙 你好
<乙 您好
> [好的]
人工: 接手
< 我来帮您
@ +1d
< 提醒
# 第二个
>
< …
"""


def test_a_text_may_hold_several_transcripts() -> None:
    first, second = read_scripts(TEXT)
    assert (first.title, second.title) == ("号满", "第二个")
    assert first.now == datetime(2026, 3, 11, 10, 0)
    assert second.now == DEFAULT_NOW
    assert [step.kind for step in first.steps] == ["world", "say", "fact", "say", "press", "person", "move"]
    assert [step.speaker for step in first.steps if step.kind in ("say", "press")] == ["甲", "乙", "甲"]
    assert second.steps[0].text == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# x\n< 你好", "needs a >"),
        ("# x\n天气: 晴", "cannot read '天气"),
        ("# x\n@ 明天", "cannot read the time"),
        ("# x\n> a\n现在: 2026-03-11 09:00", "stands before"),
    ],
)
def test_an_unreadable_line_is_named(text: str, what: str) -> None:
    with pytest.raises(ScriptError, match=what):
        read_scripts(text)


def test_time_moves_by_a_span_or_to_a_moment() -> None:
    error = ScriptError()
    assert read_move("+2h", DEFAULT_NOW, where=error) == datetime(2026, 3, 11, 11, 0)
    assert read_move("+1天", DEFAULT_NOW, where=error) == datetime(2026, 3, 12, 9, 0)
    assert read_move("2026-03-12 20:00", DEFAULT_NOW, where=error) == datetime(2026, 3, 12, 20, 0)


def test_rewriting_changes_only_what_was_said() -> None:
    changed = rewrite(TEXT, {4: [("甲", "已约满。"), ("甲", "要候补吗？")]}, read_scripts(TEXT))
    assert changed == TEXT.replace("< 约满了。\n", "< 已约满。\n< 要候补吗？\n")


@pytest.mark.parametrize(
    ("expected", "said", "same"),
    [
        (["已预约：…上午"], ["已预约：骨科，3月13日上午"], True),
        (["已预约：骨科"], ["已预约：骨科。"], False),
        (["…"], ["一", "二"], True),
        (["一", "…", "四"], ["一", "二", "三", "四"], True),
        (["一"], ["一", "二"], False),
        (["一"], ["一", "[好的] [不用]"], True),
        (["一", "[好的]"], ["一", "[好的] [不用]"], False),
        ([], ["一"], False),
    ],
)
def test_an_ellipsis_stands_for_any_text_and_nothing_else_does(
    expected: list[str], said: list[str], same: bool
) -> None:
    assert matches(expected, said) is same


def test_buttons_and_pictures_have_their_own_lines() -> None:
    reply = Reply(text="一\n二", buttons=(Button("好的", "/affirm"),), image="/maps/OPD/1F.png")
    assert spoken_lines(reply) == ["一", "二", "[好的]", "(图 /maps/OPD/1F.png)"]
