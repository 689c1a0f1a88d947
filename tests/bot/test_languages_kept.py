"""The language a patient asked for is remembered, and what the house itself says is said in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlmodel import Session, delete

import bot
import dialogues
from bot.channels.message import Message
from bot.house import House
from bot.transcripts import Theatre
from dialogues import DialogueError
from dialogues.reply import Reply
from knowledge.errors import Problem
from services import Desk
from services.contacts import Contact, find_contact
from services.messages import ConversationState
from tests.bot.test_commands import run
from tests.conftest import NOW

ROOM = Path(bot.__file__).parent


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


def say(house: House, text: str, *, language: str | None = None) -> list[Reply]:
    message = Message("rest", "a", text, language=language)
    return house.writers.call(lambda: house.turns.handle(message))


def contact(house: House) -> Contact:
    def read(desk: Desk) -> Contact:
        found = find_contact(desk, channel="rest", sender="a")
        assert found is not None
        return found

    return house.read_now(read)


def forget_conversation(house: House) -> None:
    def work(session: Session) -> None:
        session.exec(delete(ConversationState))  # type: ignore[call-overload]

    house.writers.call(lambda: house.writers.transaction(work))


def test_a_chosen_language_outlives_the_conversation(house: House) -> None:
    say(house, "能说越南语吗")
    assert contact(house).language == "vi"
    forget_conversation(house)
    assert say(house, "你好")[0].text.startswith("Chào bạn")
    say(house, "说中文")
    assert contact(house).language == "zh"


def test_a_language_only_written_in_is_not_taken_for_a_choice(house: House) -> None:
    say(house, "Xin chào")
    assert contact(house).language == "zh"
    forget_conversation(house)
    assert say(house, "你好")[0].text.startswith("您好")


def test_large_type_is_remembered(house: House) -> None:
    say(house, "换成大字")
    assert contact(house).large_type


def test_what_the_channel_says_of_the_language_gives_way_to_the_patients_choice(house: House) -> None:
    assert say(house, "ok", language="vi")[0].text.startswith("Vâng")
    say(house, "说中文", language="vi")
    assert say(house, "ok", language="vi")[0].text.startswith("好的")


def test_the_apology_for_a_failed_turn_speaks_the_conversations_language(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(house, "Xin chào")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(house.interpreter), "understand", fail)
    [apology] = say(house, "138")
    assert apology.text.startswith("Xin lỗi") and "120" in apology.text


def test_the_apology_for_a_failed_first_message_speaks_its_language(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.interpreter), "understand", lambda *_, **__: 1 / 0)
    assert say(house, "Tôi muốn đặt lịch khám")[0].text.startswith("Xin lỗi")


@pytest.mark.parametrize("file", ["sentences.yml", "channels/abroad.yml"])
def test_every_sentence_of_the_house_is_said_in_vietnamese_with_the_same_placeholders(file: str) -> None:
    sentences = yaml.safe_load((ROOM / file).read_text("utf-8"))
    for name, by_language in sentences.items():
        chinese, vietnamese = (set(re.findall(r"\{(\w+)\}", by_language[one])) for one in ("zh", "vi"))
        assert chinese == vietnamese, name


def test_the_knowledge_check_shows_what_is_wrong_with_the_dialogues(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise DialogueError([Problem("replies/herbs.yml", 7, "回复「utter_no_herbs」没有 vi 的说法")])

    monkeypatch.setattr(dialogues, "load_assistant", refuse)
    code, out = run("knowledge", "check")
    assert code == 1
    assert "replies/herbs.yml:7: 回复「utter_no_herbs」没有 vi 的说法" in out
