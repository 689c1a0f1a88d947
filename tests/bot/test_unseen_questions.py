"""On a channel nothing can be sent to, a queued question is no question yet: what comes next does not answer it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.message import Message
from bot.channels.rest import RestChannel
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from dialogues.reply import Reply
from services import Desk
from services.complaints import list_complaints
from services.contacts import find_contact
from services.messages import load_conversation
from tests.conftest import NOW

ANSWERED = "甲 投诉 OPD-2F-US 等了三个小时；甲 投诉 到 已首次联系；甲 投诉 到 已答复 已经加开一间诊室"


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        house.channels["rest"] = RestChannel()
        yield house


def say(house: House, text: str) -> list[Reply]:
    return house.writers.call(lambda: house.turns.handle(Message("rest", "甲", text)))


def queue_the_question(house: House) -> int:
    """「这样处理，您满意吗？」 stands in the outbox; the complaint's number in the database."""

    def work(desk: Desk) -> int:
        for one in ANSWERED.split("；"):
            change_world(desk, one, channel="rest")
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        (complaint,) = list_complaints(desk, contact_id=contact.id)
        house.turns.start(
            desk, contact_id=contact.id, flow="complaint_changed", slots={"record": complaint.id}
        )
        return contact.id

    return house.writers.call(lambda: house.writers.transaction(lambda session: work(house.desk(session))))


def state(house: House, contact_id: int) -> tuple[str, str | None]:
    def read(desk: Desk) -> tuple[str, str | None]:
        (complaint,) = list_complaints(desk, contact_id=contact_id)
        conversation = load_conversation(desk, contact_id=contact_id)
        assert conversation is not None
        return complaint.status, conversation["requested_slot"]

    return house.read_now(read)


def test_a_message_sent_before_the_question_was_seen_does_not_answer_it(house: House) -> None:
    contact_id = queue_the_question(house)
    replies = say(house, "不用了")
    assert "满意吗" in replies[-1].text
    assert state(house, contact_id) == ("answered", "confirmation")
    say(house, "满意")
    assert state(house, contact_id) == ("confirmed", "satisfaction")


def test_giving_up_what_was_seen_leaves_the_question_that_was_not(house: House) -> None:
    say(house, "我想挂骨科")
    contact_id = queue_the_question(house)
    replies = say(house, "算了，不挂了")
    assert "满意吗" in replies[-1].text
    assert "满意吗" not in replies[0].text
    assert state(house, contact_id) == ("answered", "confirmation")


def test_who_presses_the_buttons_of_a_queued_question_has_seen_it(house: House) -> None:
    contact_id = queue_the_question(house)
    conversation = house.read_now(lambda desk: load_conversation(desk, contact_id=contact_id))
    assert conversation is not None
    say(house, conversation["options"][0]["payload"])
    assert state(house, contact_id)[0] == "confirmed"
