"""What is held of a contact is handed out whole, and erased without a trace or a lost place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.message import Message
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk
from services.contacts import find_contact
from services.privacy import erase_contact, export_contact
from services.schedules import find_sessions
from tests.bot.faults import snapshot
from tests.conftest import NOW

WORLD = (
    "骨科 3月13日下午 余5；甲 已约 张三 骨科 3月13日下午；甲 陪诊 王五 3月12日 09:00 轮椅；"
    "甲 中药 张三 7剂 示例市示例区演示路2号；甲 投诉 OPD-2F-US 等了三个小时没人理；乙 已约 李四 骨科 3月13日下午"
)


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        write(house, lambda desk: change_world(desk, WORLD, channel="rest"))
        house.writers.call(lambda: house.turns.handle(Message("rest", "甲", "彩超室怎么走")))
        yield house


def write(house: House, work: Any) -> Any:
    return house.writers.call(lambda: house.writers.transaction(lambda session: work(house.desk(session))))


def contact_id(desk: Desk) -> int:
    contact = find_contact(desk, channel="rest", sender="甲")
    assert contact is not None
    return contact.id


def test_the_export_holds_all_that_was_said_and_done_in_the_open(house: House) -> None:
    found = house.read_now(lambda desk: export_contact(desk, contact_id=contact_id(desk)))
    assert {one["name"] for one in found["patient"]} == {"张三", "王五"}
    assert found["inbox_message"][0]["body"]["text"] == "彩超室怎么走"
    assert {"appointment", "escort", "herb_delivery", "complaint", "consent", "promise"} <= set(found)
    assert "李四" not in str(found)


def test_after_erasing_nothing_names_the_contact_and_their_places_are_free(house: House) -> None:
    def free(desk: Desk) -> int:
        offers = find_sessions(desk, department="骨科", date="2026-03-13", period="afternoon")
        return sum(one.remaining for one in offers)

    gone = house.read_now(contact_id)
    before = house.read_now(free)
    erased = write(house, lambda desk: erase_contact(desk, contact_id=contact_id(desk)))
    assert erased["appointment"] == 1
    assert house.read_now(free) == before + 1
    assert house.read_now(lambda desk: find_contact(desk, channel="rest", sender="甲")) is None
    assert house.read_now(lambda desk: find_contact(desk, channel="rest", sender="乙")) is not None
    assert not [row for row in snapshot(house.engine)["patient"] if gone in row[2:4]]
    with house.engine.connect().execution_options(read_only=True) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_who_was_erased_may_come_again_as_somebody_new(house: House, tmp_path: Path) -> None:
    write(house, lambda desk: erase_contact(desk, contact_id=contact_id(desk)))
    [first, *_] = house.writers.call(lambda: house.turns.handle(Message("rest", "甲", "你好")))
    assert first.text
