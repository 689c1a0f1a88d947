"""A house whose dialogue is a few scripted lines, for the channels' tests: outbox, delivery and database are real.

What a channel must do (send, press, repeat, lose nothing) depends on no hospital's wording, so these tests neither
load a language model nor break when a sentence is improved.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot.database import open_database
from bot.hours import MovingHours
from bot.house import House
from bot.settings import Settings
from bot.writers import Writers
from dialogues import Assistant, Button, Conversation, Reply, Turn
from dialogues.payload import parse_payload
from intents import Interpreter
from knowledge import Hospital, load_hospital
from services import Desk
from services.database import make_engine, upgrade

NOW = datetime(2026, 3, 11, 9, 0)

ASK_SLOT = Reply(
    text="3月12日（周四）骨科还有这些号，您要哪个？",
    buttons=(
        Button("上午 08:30–09:00", "/SetSlots(choice=101)#{n}"),
        Button("下午 14:30–15:00", "/SetSlots(choice=102)#{n}"),
        Button("看别的日子", "/SetSlots(choice=later)#{n}"),
    ),
)
BOOKED = Reply(text="已预约：骨科，3月12日（周四）上午 08:30–09:00。")
OLD = Reply(text="这个问题已经答过了。")


@dataclass(frozen=True)
class Heard:
    text: str


class ScriptedInterpreter:
    def understand(self, text: str, *, now: datetime, context: Any = None) -> Heard:
        return Heard(text)


class ScriptedAssistant:
    """挂号 asks with three buttons; a press books once; 地图 shows a map; 我在哪 tells what the channel told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.bookings = 0

    def context(self, conversation: Conversation) -> None:
        return None

    def press(self, conversation: Conversation, payload: str, *, desk: Desk) -> Turn | None:
        read = parse_payload(payload)
        if read is None:
            return None
        self.heard.append(payload)
        if read.intent == "book_appointment":
            return self._ask(conversation)
        if read.intent:
            return self._say(conversation, Reply(text=f"好的，我们来办：{read.intent}"))
        if read.question != conversation.question:
            return self._say(conversation, OLD)
        self.bookings += 1
        return self._say(conversation.having(question=conversation.question + 1), BOOKED)

    def step(self, conversation: Conversation, understanding: Heard, *, desk: Desk) -> Turn:
        text = understanding.text
        self.heard.append(text)
        if "挂号" in text or "骨科" in text:
            return self._ask(conversation)
        if "地图" in text:
            reply = Reply(
                text="从门诊大厅到彩超室，走 2 分钟。",
                image="/maps/OPD/2F.svg?to=OPD-2F-US",
                custom={"alt": "门诊二楼路线图"},
            )
            return self._say(conversation, reply)
        if "我在哪" in text:
            code, anonymous = conversation.slots.get("place_code"), conversation.slots.get("anonymous")
            return self._say(
                conversation, Reply(text=f"{code} 不留名={bool(anonymous)} 大字={conversation.large_type}")
            )
        if "大字" in text:
            large = conversation.having(large_type=True)
            return self._say(large, Reply(text="好的，换成大字了。", custom={"large_type": True}))
        if "胸痛" in text:
            return self._say(
                conversation,
                Reply(text="请立即拨打 120，不要自己走动。我们的急诊在门诊楼一楼。", custom={"urgent": True}),
            )
        if "坏掉" in text:
            raise RuntimeError("scripted")
        return self._say(conversation, Reply(text=f"听到了：{text}"))

    def start(
        self, conversation: Conversation, flow: str, slots: Mapping[str, Any] | None = None, *, desk: Desk
    ) -> Turn:
        return self._say(conversation, Reply(text=f"提醒：{flow}"))

    def _ask(self, conversation: Conversation) -> Turn:
        n = str(conversation.question + 1)
        buttons = tuple(Button(one.title, one.payload.replace("{n}", n)) for one in ASK_SLOT.buttons)
        return self._say(conversation.having(question=int(n)), Reply(text=ASK_SLOT.text, buttons=buttons))

    def _say(self, conversation: Conversation, *replies: Reply) -> Turn:
        return Turn(conversation.having(turns=conversation.turns + 1), replies)


@cache
def hospital() -> Hospital:
    return load_hospital()


@cache
def empty_database() -> Path:
    """At the newest revision, made once a run: seven revisions for each test would cost more than the tests."""
    file = Path(tempfile.mkdtemp(prefix="wenjin-empty-")) / "wenjin.db"
    atexit.register(shutil.rmtree, file.parent)
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@contextmanager
def small_house(folder: Path, **settings: Any) -> Iterator[House]:
    chosen = Settings(_env_file=None, data_dir=folder, env="test", **settings)  # type: ignore[call-arg]
    if not chosen.database_url and not (folder / "wenjin.db").exists():
        chosen.read_key()
        shutil.copy(empty_database(), folder / "wenjin.db")
    engine = open_database(chosen)
    house = House(
        settings=chosen,
        hospital=hospital(),
        interpreter=cast(Interpreter, ScriptedInterpreter()),
        assistant=cast(Assistant, ScriptedAssistant()),
        engine=engine,
        writers=Writers(engine, patience=2.0),
        now=MovingHours(NOW),
    )
    try:
        yield house
    finally:
        house.close()
