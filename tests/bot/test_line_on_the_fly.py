"""A hospital adds a service line as one file, without a line of Python, and carries it from request to done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.console.boards.requests import RequestBoard
from bot.house import House
from bot.transcripts import Player, Theatre, read_scripts
from dialogues import load_assistant
from knowledge import KnowledgeError, load_hospital
from knowledge.folder import DEMONSTRATION
from services import line_records
from services.contacts import find_contact

LINE = """
id: hearing_aid
name: {zh: 助听器调试, vi: Chỉnh máy trợ thính}
prefix: ZX
starts:
  - {words: [调助听器, 助听器调试, 助听器…调]}
team: {id: hearing, name: 听力中心, phone: "000-10000199"}
place: OPD-1F-GUIDE
fee: 免费
collect:
  - slot: brand
    title: 牌子
    ask: 助听器是什么牌子的？
    choices:
      - {id: own, name: 本院配的, words: [本院, 你们这]}
      - {id: other, name: 别处配的, words: [别处, 外面], about: 别处配的请带说明书。}
  - {slot: date, check: {workdays: true, from_days: 1}}
  - {slot: phone}
states:
  - {id: requested, status: requested, name: 已登记, next: [fitted, cancelled], within: {workdays: 1}, patient: [change, cancel]}
  - {id: fitted, status: completed, name: 调好了, needs: [{slot: note, title: 注意什么}], say: "调好了（{order_number}）：{note}"}
  - {id: cancelled, status: cancelled, name: 已取消}
done: 登记好了，单号 {order_number}，{day}到{place}。
"""

TALK = """# 调助听器
世界: 甲 就诊人 张三 男 1950-05-05
> 我想做助听器调试，外面配的，后天
> [给张*办]
> [确认登记]
! hearing_aid 张三 other 2026-03-13 requested
> 助听器调试登记到哪了
> [改登记]
> [改日期]
> 下周一
> [确认登记]
! hearing_aid 2026-03-16
世界: 甲 服务 到 调好了 note=先从小声开始
@ +15m
! hearing_aid completed fitted
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "hospital"
    shutil.copytree(DEMONSTRATION, copy)
    return copy


def write(folder: Path, text: str) -> None:
    (folder / "lines" / "hearing_aid.yml").write_text(text, "utf-8")


@pytest.fixture
def house(folder: Path, theatre: Theatre) -> Iterator[tuple[House, Player]]:
    write(folder, LINE)
    hospital = load_hospital(folder)
    (script,) = read_scripts(TALK)
    with theatre.stage(script.now) as (base, hours):
        added = replace(base, hospital=hospital, assistant=load_assistant(hospital))
        yield added, Player(added, hours, script)


def test_a_line_added_as_a_file_goes_from_request_to_done(house: tuple[House, Player]) -> None:
    _, player = house
    played = player.play()
    facts = [one for one in played.differences if "there is" in str(one) or "button" in str(one)]
    assert not facts, "\n".join(map(str, facts))


def test_staff_see_it_in_their_queue_and_no_longer_once_it_is_long_done(house: tuple[House, Player]) -> None:
    added, player = house
    player.play()

    def read(desk):  # type: ignore[no-untyped-def]
        contact = find_contact(desk, channel="web", sender="甲")
        (one,) = line_records.list_line_requests(desk, contact_id=contact.id)
        kinds = dict(RequestBoard().list_kinds(desk.hospital))
        (card,) = RequestBoard().cards(desk, kind="team:hearing")
        return one, kinds, card

    one, kinds, card = added.read_now(read)
    assert kinds["team:hearing"] == "听力中心"
    assert (card.number, card.stage, card.tone) == (one.order_number, "completed", "done")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("next: [fitted, cancelled]", "next: [fited, cancelled]"), "没有状态「fited」，是不是「fitted」"),
        (("place: OPD-1F-GUIDE", "place: OPD-1F-GUIDES"), "OPD-1F-GUIDES"),
        (("collect:", "colect:"), "不认识的项「colect」，是不是「collect」"),
        (("{order_number}，{day}", "{order_numer}，{day}"), "order_numer"),
        (("status: completed", "status: complete"), "completed"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_file_line_and_the_nearest_right_name(
    folder: Path, wrong: tuple[str, str], told: str
) -> None:
    write(folder, LINE.replace(*wrong))
    with pytest.raises(KnowledgeError) as error:
        load_hospital(folder)
    assert "lines/hearing_aid.yml:" in str(error.value)
    assert told in str(error.value)
