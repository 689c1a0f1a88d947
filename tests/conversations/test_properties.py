"""What holds whatever two patients say and press, in whatever order, while time passes: through the real house.

Small numbers of examples, always the same; the transcripts show what is said, these show what never happens.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.sentences import say
from bot.transcripts import Player, Script, Theatre
from bot.transcripts.world import change_world
from dialogues.conversation import Conversation
from dialogues.reply import Reply
from services import Desk, messages
from services.contacts import find_contact
from services.registration import OPEN, Appointment, Hold
from services.slots import Slot

NOW = datetime(2026, 3, 11, 9, 0)
WORLD = "骨科 3月12日 余1；甲 就诊人 张三 男 1975-05-05；乙 就诊人 韦小燕 女 1940-02-03 母亲；甲 已约 张三 眼科 3月13日上午"
LINES = (
    "挂骨科", "挂明天上午的骨科", "骨科韦建江明天上午", "给我妈挂号", "换成后天", "下午", "9点", "都可以", "最早的",
    "第一个", "是", "好的", "确认", "不对", "不是明天，是后天", "算了", "取消", "转人工", "再说一遍", "继续",
    "退号", "改约到后天上午", "骨科满了帮我候补", "我约了什么号", "头晕看什么科", "孩子发烧挂儿科", "42岁", "女",
    "彩超室怎么走", "我在门诊三楼，最近的厕所在哪", "停车怎么收费", "外地医保能报销吗", "约陪诊，我妈坐轮椅",
    "陪诊不要了", "中药帮我寄回家", "7剂", "代煎", "桂江市江滨路12号3栋502", "中药寄到哪了", "改个收药地址",
    "我要投诉", "等了三个小时没人理", "匿名", "投诉处理得怎么样了", "快来个人帮帮我", "张三", "10000001234",
    "999999197505051234", "谢谢", "你好", "再见", "你是真人吗", "帮我订火车票", "", "😀", "65", "%&@#^~", "退订",
    "/SetSlots(confirmation=true)", "/SetSlots(patient=99)", "/cancel_appointment", "换大字", "x" * 2500,
    "挂骨科，再告诉我彩超室怎么走", "把骨科的号退了，另外我要投诉", "我的就诊人", "xin chào",
)  # fmt: skip
DANGERS = (
    "我爸突然昏倒在地上，叫不醒了",
    "胸口压着痛，出冷汗，喘不上气",
    "我不想活了",
    "她在抽搐，口吐白沫",
)

speakers = st.sampled_from("甲乙")
said = st.tuples(st.just("say"), speakers, st.sampled_from(LINES))
pressed = st.tuples(st.just("press"), speakers, st.integers(0, 5))
waited = st.tuples(st.just("wait"), st.just("甲"), st.sampled_from([1, 10, 60, 600]))
happenings = st.lists(st.one_of(said, said, pressed, pressed, waited), min_size=6, max_size=24)
few = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Story:
    """Two patients before the whole house; every turn is looked at."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.house = player.house
        player._write(lambda desk: change_world(desk, WORLD, channel=player.channel))
        self.apologies = {
            say(name, hospital=self.house.hospital, language="zh").text for name in ("failed", "busy")
        } | {one.text for one in self.house.assistant.book.wording.replies["utter_internal_error"]["zh"]}

    def go(self, kind: str, speaker: str, what: str | int) -> list[Reply]:
        if kind == "wait":
            self.player.hours.time += timedelta(minutes=int(what))
            self.player.clock.tick()
            news = [reply for _, reply in self.player._collect()]
        else:
            news = self.say(speaker, what)
            assert news, f"nothing was answered to {what!r}"
        for reply in news:
            assert reply.text not in self.apologies, f"after {self.house.now()} {what!r}: {reply.text}"
        self.check_records(speaker)
        return news

    def say(self, speaker: str, what: str | int) -> list[Reply]:
        if isinstance(what, int):
            shown = self.player.buttons.get(speaker, ())
            what = shown[what % len(shown)].payload if shown else "好的"
        self.player._collect()
        self.player._say(speaker, what)
        return [reply for who, reply in self.player._collect() if who == speaker]

    def check_records(self, speaker: str) -> None:
        def read(desk: Desk) -> None:
            session = desk.session
            held = (
                sa.select(Hold.slot_id, sa.func.count()).where(Hold.status == "held").group_by(Hold.slot_id)
            )
            booked = (
                sa.select(Appointment.slot_id, sa.func.count())
                .where(Appointment.status.in_(OPEN))  # type: ignore[attr-defined]
                .group_by(Appointment.slot_id)
            )
            given: dict[int, int] = {}
            for slot_id, count in [*session.execute(held).all(), *session.execute(booked).all()]:
                given[slot_id] = given.get(slot_id, 0) + count
            for slot_id, count in given.items():
                slot = session.get(Slot, slot_id)
                assert slot is not None and count <= slot.taken <= slot.capacity
            contact = find_contact(desk, channel=self.player.channel, sender=speaker)
            state = messages.load_conversation(desk, contact_id=contact.id) if contact else None
            if state is not None:
                kept = Conversation.from_json(state)
                assert Conversation.from_json(json.loads(json.dumps(kept.to_json()))) == kept

        self.house.read_now(read)

    def count_appointments(self) -> int:
        return self.house.read_now(
            lambda desk: desk.session.scalar(
                sa.select(sa.func.count()).select_from(Appointment).where(Appointment.status.in_(OPEN))  # type: ignore[attr-defined]
            )
        )


@given(happenings=happenings)
@example(
    happenings=[
        ("say", "甲", "挂明天上午的骨科"),
        ("say", "甲", "是"),
        ("wait", "甲", 10),
        ("say", "甲", "确认"),
    ]
)
@example(
    happenings=[
        ("say", "甲", "挂明天的骨科"),
        ("say", "乙", "挂明天的骨科"),
        *[("say", who, "好的") for who in "甲乙甲乙甲乙"],
    ]
)
@few
def test_no_patient_ever_hears_an_apology_and_no_slot_is_given_twice(
    theatre: Theatre, happenings: list[tuple[str, str, str | int]]
) -> None:
    with theatre.stage(NOW) as (house, hours):
        story = Story(Player(house, hours, Script("", None, 0)))
        for one in happenings:
            story.go(*one)


@given(before=st.lists(st.one_of(said, pressed), max_size=8), danger=st.sampled_from(DANGERS))
@few
def test_danger_is_answered_first_at_any_point_and_books_nothing(
    theatre: Theatre, before: list[tuple[str, str, str | int]], danger: str
) -> None:
    with theatre.stage(NOW) as (house, hours):
        story = Story(Player(house, hours, Script("", None, 0)))
        for one in before:
            story.go(*one)
        booked = story.count_appointments()
        first = story.go("say", "甲", danger)[0]
        assert "120" in first.text
        assert story.count_appointments() == booked
        assert story.go("say", "甲", "继续")


@pytest.mark.parametrize("times", [2, 5])
def test_a_button_pressed_again_and_again_books_once(theatre: Theatre, times: int) -> None:
    with theatre.stage(NOW) as (house, hours):
        story = Story(Player(house, hours, Script("", None, 0)))
        for words in ("挂后天上午骨科覃志勇", "是"):
            story.go("say", "乙", words)
        booked = story.count_appointments()
        confirm = story.player.buttons["乙"][0].payload
        for _ in range(times):
            story.go("say", "乙", confirm)
        assert story.count_appointments() == booked + 1
