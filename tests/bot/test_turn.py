"""One transaction a message: nothing lost, nothing twice, nothing half, whatever happens between any two steps."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels.message import Message
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from bot.writers import Writers
from dialogues.reply import Reply
from services import Desk
from services.contacts import find_contact
from services.messages import load_conversation
from services.records import list_records
from tests.bot.faults import Killed, killed_at, snapshot
from tests.conftest import NOW


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


def say(house: House, text: str, *, sender: str = "a", message_id: str | None = None) -> list[Reply]:
    message = Message("rest", sender, text, message_id=message_id)
    return house.writers.call(lambda: house.turns.handle(message))


def write(house: House, work: Callable[[Desk], Any]) -> Any:
    return house.writers.call(lambda: house.writers.transaction(lambda session: work(house.desk(session))))


def records(house: House, sender: str = "a") -> list[dict[str, Any]]:
    def read(desk: Desk) -> list[dict[str, Any]]:
        contact = find_contact(desk, channel="rest", sender=sender)
        return [] if contact is None else list_records(desk, contact_id=contact.id)

    return house.read_now(read)


def before_the_last_yes(house: House) -> None:
    """A booking that waits for the patient's yes."""
    write(house, lambda desk: change_world(desk, "骨科 3月13日上午 余2；甲 就诊人 张三", channel="rest"))
    replies = say(house, "给我自己挂3月13日上午的骨科", sender="甲")
    while "核对" not in replies[-1].text:
        assert replies[-1].buttons, replies
        replies = say(house, replies[-1].buttons[0].payload, sender="甲")


def test_a_turn_killed_before_any_of_its_statements_leaves_nothing_and_the_message_sent_again_acts_once(
    house: House,
) -> None:
    before_the_last_yes(house)
    before = snapshot(house.engine)
    statement, finished = 0, False
    while not finished:
        with killed_at(house.engine, statement):
            try:
                say(house, "好的", sender="甲", message_id="yes")
                finished = True
            except Killed:
                statement += 1
        if not finished:
            assert snapshot(house.engine) == before
    assert statement > 8
    booked = [one for one in records(house, "甲") if one["type"] == "appointment"]
    assert [one["status"] for one in booked] == ["booked"]


def test_a_turn_killed_before_its_commit_leaves_nothing(house: House) -> None:
    before_the_last_yes(house)
    before = snapshot(house.engine)

    def die(connection: Any) -> None:
        raise Killed

    sa.event.listen(house.engine, "commit", die)
    with pytest.raises(Killed):
        say(house, "好的", sender="甲", message_id="yes")
    sa.event.remove(house.engine, "commit", die)
    assert snapshot(house.engine) == before


def test_the_same_message_id_again_gives_the_same_answer_and_no_second_effect(house: House) -> None:
    before_the_last_yes(house)
    first = say(house, "好的", sender="甲", message_id="yes")
    after = snapshot(house.engine)
    assert say(house, "好的", sender="甲", message_id="yes") == first
    assert snapshot(house.engine) == after
    assert "已预约" in first[0].text


def test_the_same_webhook_delivered_three_times_at_once_acts_once(house: House) -> None:
    before_the_last_yes(house)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: say(house, "好的", sender="甲", message_id="yes"), range(3)))
    assert answers[0] == answers[1] == answers[2]
    assert len([one for one in records(house, "甲") if one["type"] == "appointment"]) == 1


def test_a_double_press_on_a_button_books_once(house: House) -> None:
    before_the_last_yes(house)
    yes = "/SetSlots(confirmation=true)"
    say(house, yes, sender="甲")
    say(house, yes, sender="甲")
    assert len([one for one in records(house, "甲") if one["type"] == "appointment"]) == 1


def test_a_turn_that_breaks_leaves_only_its_message_an_honest_sentence_and_a_person_called(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_last_yes(house)
    state = snapshot(house.engine)["conversation_state"]

    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault that quotes a patient")

    broken = type(house.assistant)
    monkeypatch.setattr(broken, "step", break_down)
    [apology] = say(house, "好的", sender="甲", message_id="yes")
    assert "没有办成" in apology.text
    assert house.hospital.phone in apology.text
    assert "fault" not in apology.text
    assert say(house, "好的", sender="甲", message_id="yes") == [apology]
    after = snapshot(house.engine)
    assert after["conversation_state"] == state
    assert [one["type"] for one in records(house, "甲")] == ["handover"]

    monkeypatch.undo()
    assert "已预约" in say(house, "好的", sender="甲")[0].text


def test_the_log_of_a_failed_turn_tells_where_and_quotes_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(assistant: Any, conversation: Any, understanding: Any, **_: Any) -> None:
        raise RuntimeError(f"cannot handle {understanding.text}")

    monkeypatch.setattr(type(house.assistant), "step", break_down)
    say(house, "我叫欧阳示例，胃疼")
    logged = capsys.readouterr().err
    assert "turn_failed" in logged
    assert "RuntimeError" in logged
    assert "欧阳" not in logged
    assert "胃疼" not in logged


def test_a_commit_that_fails_gives_the_lock_back(house: House) -> None:
    def fail(connection: Any) -> None:
        raise OSError("disk full")

    sa.event.listen(house.engine, "commit", fail)
    [sentence] = say(house, "你好", message_id="m")
    sa.event.remove(house.engine, "commit", fail)
    assert house.hospital.phone in sentence.text
    assert say(house, "你好", message_id="m") != [sentence]


def test_a_database_locked_for_a_moment_is_waited_for(house: House) -> None:
    say(house, "你好")
    other = sqlite3.connect(str(house.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.4, lambda: other.execute("COMMIT"))
    release.start()
    replies = say(house, "彩超室怎么走")
    release.join()
    other.close()
    assert any("彩超" in reply.text for reply in replies)


def test_a_database_locked_for_longer_gives_a_clear_sentence_and_nothing_else(theatre: Theatre) -> None:
    with theatre.stage(NOW) as (staged, _):
        house = replace(staged, writers=Writers(staged.engine, patience=0.1))
        say(house, "你好")
        other = sqlite3.connect(str(house.engine.url.database), isolation_level=None)
        sa.event.listen(house.engine, "engine_connect", _no_patience)
        other.execute("BEGIN IMMEDIATE")
        before = snapshot(house.engine)
        [sentence] = say(house, "我要投诉", message_id="m")
        assert "再发一次" in sentence.text
        assert house.hospital.phone in sentence.text
        other.execute("ROLLBACK")
        other.close()
        assert snapshot(house.engine) == before
        assert say(house, "我要投诉", message_id="m") != [sentence]
        house.writers.close()


def _no_patience(connection: Any) -> None:
    connection.connection.dbapi_connection.execute("PRAGMA busy_timeout=50")


def test_many_messages_at_once_from_one_contact_are_handled_one_after_the_other(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda turn: say(house, "你好", message_id=str(turn)), range(24)))
    rows = snapshot(house.engine)
    assert len(rows["inbox_message"]) == 24
    assert len(rows["conversation_state"]) == 1

    def count_turns(desk: Desk) -> int:
        contact = find_contact(desk, channel="rest", sender="a")
        assert contact is not None
        return (load_conversation(desk, contact_id=contact.id) or {})["turns"]

    assert house.read_now(count_turns) == 24


def test_the_state_of_a_conversation_does_not_grow_with_its_turns(house: House) -> None:
    def size() -> int:
        return len(snapshot(house.engine)["conversation_state"][0][4])

    for text in ("你好", "彩超室怎么走", "谢谢"):
        say(house, text)
    small = size()
    for _ in range(20):
        for text in ("你好", "彩超室怎么走", "谢谢"):
            say(house, text)
    assert size() <= small * 1.05


def test_what_the_place_code_and_the_language_say_is_known_to_the_conversation(house: House) -> None:
    message = Message("rest", "a", "这里等太久了", place_code="OPD-2F-US", language="zh")
    house.writers.call(lambda: house.turns.handle(message))

    def read(desk: Desk) -> dict[str, Any]:
        contact = find_contact(desk, channel="rest", sender="a")
        assert contact is not None
        return load_conversation(desk, contact_id=contact.id) or {}

    assert house.read_now(read)["slots"]["place_code"] == "OPD-2F-US"


def test_nothing_that_a_patient_said_lies_readable_in_the_database(house: House) -> None:
    say(house, "我叫欧阳示例，电话10000001234，胃疼")
    path = Path(str(house.engine.url.database))
    raw = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    for word in ("欧阳示例", "10000001234", "胃疼"):
        assert word.encode() not in raw
