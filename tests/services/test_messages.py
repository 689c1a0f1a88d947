from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services import Desk, messages, outbox, talk
from services.messages import Arrival
from tests.services.builders import NOW, at, make_contact


def say(desk: Desk, text: str = "你好", *, message_id: str = "m1", sender: str = "a") -> Arrival:
    return messages.receive(desk, channel="rest", sender=sender, message_id=message_id, body={"text": text})


def answer(desk: Desk, arrival: Arrival, *texts: str, **more: Any) -> None:
    replies = [{"text": text} for text in texts]
    outbox.post(desk, contact_id=arrival.contact_id, inbox_id=arrival.inbox_id, replies=replies, **more)


def test_the_first_message_of_a_contact_makes_the_contact(desk: Desk) -> None:
    arrival = say(desk)
    assert (arrival.new, arrival.conversation, arrival.language) == (True, None, "zh")
    assert arrival.contact_id == make_contact(desk).id


def test_a_message_id_seen_before_gives_its_answer_back_and_nothing_else(desk: Desk) -> None:
    first = say(desk)
    answer(desk, first, "您好", "要办什么？", status="sent")
    again = say(desk)
    assert (again.new, again.inbox_id) == (False, first.inbox_id)
    assert again.replies == ({"text": "您好"}, {"text": "要办什么？"})
    assert len(talk.list_lines(desk, contact_id=first.contact_id)) == 3


def test_the_same_message_id_of_another_contact_or_channel_is_another_message(desk: Desk) -> None:
    mine = say(desk, sender="a")
    hers = say(desk, sender="b")
    elsewhere = messages.receive(desk, channel="web", sender="a", message_id="m1", body={"text": "你好"})
    assert mine.new and hers.new and elsewhere.new
    assert len({mine.contact_id, hers.contact_id, elsewhere.contact_id}) == 3


def test_the_conversation_is_kept_and_comes_with_the_next_message(desk: Desk) -> None:
    first = say(desk)
    messages.keep_conversation(desk, contact_id=first.contact_id, state={"turns": 1, "slots": {"x": "骨科"}})
    messages.keep_conversation(desk, contact_id=first.contact_id, state={"turns": 2, "paused": True})
    second = say(desk, message_id="m2")
    assert second.conversation == {"turns": 2, "paused": True}
    assert messages.load_conversation(desk, contact_id=first.contact_id) == {"turns": 2, "paused": True}
    live = messages.list_conversations(desk, paused=True)
    assert [(one.contact_id, one.paused) for one in live] == [(first.contact_id, True)]
    assert messages.list_conversations(desk, paused=False) == []


def test_a_contact_that_never_wrote_has_no_conversation(desk: Desk) -> None:
    assert messages.load_conversation(desk, contact_id=make_contact(desk).id) is None


def test_what_is_said_lies_encrypted(desk: Desk) -> None:
    arrival = say(desk, "我叫张三，膝盖痛")
    answer(desk, arrival, "张三您好")
    messages.keep_conversation(desk, contact_id=arrival.contact_id, state={"name": "张三"})
    connection = desk.session.connection()
    for table in ("inbox_message", "outbox_message", "conversation_state"):
        body = connection.execute(sa.text(f"SELECT body FROM {table}")).scalar_one()
        assert "张三".encode() not in bytes(body)


def test_a_queued_reply_is_given_to_one_delivery_until_its_lease_ends(desk: Desk) -> None:
    answer(desk, say(desk), "您好")
    (taken,) = outbox.claim_outbox(desk)
    assert (taken.channel, taken.sender, taken.reply, taken.attempts) == ("rest", "a", {"text": "您好"}, 1)
    assert outbox.claim_outbox(desk) == []
    (again,) = outbox.claim_outbox(at(desk, hour=1))
    assert (again.id, again.attempts) == (taken.id, 2)


def test_what_was_sent_is_never_sent_again(desk: Desk) -> None:
    answer(desk, say(desk), "您好")
    (taken,) = outbox.claim_outbox(desk)
    outbox.mark_sent(desk, outbox_id=taken.id)
    outbox.retry_later(desk, outbox_id=taken.id, at=NOW, error="late report")
    assert outbox.claim_outbox(at(desk, days=1)) == []
    assert outbox.count_queued(desk) == 0


def test_replies_to_one_contact_leave_in_the_order_in_which_they_were_said(desk: Desk) -> None:
    answer(desk, say(desk), "一", "二")
    answer(desk, say(desk, sender="b"), "甲")
    first = outbox.claim_outbox(desk)
    assert [one.reply["text"] for one in first] == ["一", "甲"]
    outbox.mark_sent(desk, outbox_id=first[0].id)
    assert [one.reply["text"] for one in outbox.claim_outbox(desk)] == ["二"]


def test_a_reply_waiting_for_another_attempt_holds_back_the_later_ones(desk: Desk) -> None:
    answer(desk, say(desk), "一", "二")
    (first,) = outbox.claim_outbox(desk)
    later = NOW + dt.timedelta(minutes=5)
    outbox.retry_later(desk, outbox_id=first.id, at=later, error="timeout")
    assert outbox.claim_outbox(at(desk, hour=1 / 60)) == []
    assert [one.reply["text"] for one in outbox.claim_outbox(at(desk, hour=0.1))] == ["一"]


def test_a_reply_for_later_does_not_hold_back_the_others(desk: Desk) -> None:
    arrival = say(desk)
    answer(desk, arrival, "明早", not_before=NOW + dt.timedelta(hours=12))
    answer(desk, arrival, "现在")
    assert [one.reply["text"] for one in outbox.claim_outbox(desk)] == ["现在"]


def test_urgent_replies_leave_first_and_only_for_the_channels_asked(desk: Desk) -> None:
    answer(desk, say(desk, sender="a"), "平常")
    answer(desk, say(desk, sender="b"), "急", urgent=True)
    assert outbox.claim_outbox(desk, channels=["telegram"]) == []
    assert [one.reply["text"] for one in outbox.claim_outbox(desk, channels=["rest"])] == ["急", "平常"]


def test_what_cannot_be_sent_is_shown_to_staff(desk: Desk) -> None:
    answer(desk, say(desk), "一", "二")
    (first,) = outbox.claim_outbox(desk)
    outbox.mark_failed(desk, outbox_id=first.id, error="blocked by the user")
    (second,) = outbox.claim_outbox(desk)
    outbox.mark_dropped(desk, outbox_id=second.id, error="too late")
    assert [(one.status, one.body["text"]) for one in talk.list_unsent(desk)] == [
        ("dropped", "二"),
        ("failed", "一"),
    ]


def test_what_waits_for_a_contact_that_cannot_be_reached_goes_along_with_the_next_answer(desk: Desk) -> None:
    first = say(desk)
    outbox.post(desk, contact_id=first.contact_id, replies=[{"text": "提醒"}])
    second = say(desk, message_id="m2")
    waiting = outbox.take_queued(desk, contact_id=first.contact_id, inbox_id=second.inbox_id)
    assert list(waiting) == [{"text": "提醒"}]
    answer(desk, second, "好的", status="sent")
    assert list(outbox.take_queued(desk, contact_id=first.contact_id)) == []
    assert say(desk, message_id="m2").replies == ({"text": "提醒"}, {"text": "好的"})


def test_the_lines_of_a_conversation_read_as_they_were_said(desk: Desk) -> None:
    first = say(desk, "挂号")
    answer(desk, first, "哪个科？")
    later = at(desk, hour=0.1)
    answer(later, say(later, "骨科", message_id="m2"), "好的")
    lines = talk.list_lines(desk, contact_id=first.contact_id)
    assert [one.body["text"] for one in lines] == ["挂号", "哪个科？", "骨科", "好的"]
    missed = talk.list_lines(desk, contact_id=first.contact_id, after=lines[1].id)
    assert [one.body["text"] for one in missed] == ["好的"]


def test_a_turn_costs_a_few_statements_however_long_the_conversation(desk: Desk) -> None:
    # PostgreSQL reads the state in a statement of its own, after the lock: read with it, it could be an old one
    few = 4 if desk.session.connection().dialect.name == "sqlite" else 5
    statements: list[str] = []

    def turn(number: int) -> int:
        before = len(statements)
        arrival = say(desk, message_id=f"turn-{number}")
        answer(desk, arrival, "一", "二", status="sent")
        messages.keep_conversation(desk, contact_id=arrival.contact_id, state={"turns": number})
        return len(statements) - before

    connection = desk.session.connection()
    sa.event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    turn(0)
    assert {turn(number) for number in range(1, 40)} == {few}
