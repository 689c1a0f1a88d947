"""Plays a transcript on a stage and says where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import ndiff

from bot.channels.message import Message
from bot.clock import Clock
from bot.hours import MovingHours
from bot.house import House, open_days
from bot.transcripts import person
from bot.transcripts.bookings import read_code
from bot.transcripts.comparison import matches, spoken_lines
from bot.transcripts.facts import FactError, check_fact
from bot.transcripts.script import Script, ScriptError, Step, read_move
from bot.transcripts.world import WorldError, change_world
from dialogues.reply import Button, Reply
from services import Desk, talk
from services.contacts import find_contact
from services.errors import ServiceError

STRIDE = timedelta(minutes=15)
"""How finely the clock ticks while time passes; a promise is kept within this time of its hour."""
CODE = "{验证码}"
"""In what a patient says: the code last sent to his phone."""
DOWN = "停机"
"""After a span of time: the house stood still for so long and ticks once when it is there again."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the transcript and what happened differ."""

    line: int
    text: str


@dataclass(slots=True)
class Performance:
    """What came of one transcript."""

    script: Script
    differences: list[Difference] = field(default_factory=list)
    said: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """For the line of every step whose ``<`` lines differ: what was said, as (speaker, line)."""

    @property
    def passed(self) -> bool:
        return not self.differences

    def report(self) -> str:
        return "\n".join(f"{self.script.name}, line {one.line}\n{one.text}" for one in self.differences)


class Player:
    def __init__(self, house: House, hours: MovingHours, script: Script, *, channel: str = "web"):
        self.house, self.hours, self.script = house, hours, script
        self.channel = channel
        self.code: str | None = None
        self.language: str | None = None
        self.heard: dict[str, int] = {}
        """For each speaker the number of the last outbox row they have seen."""
        self.buttons: dict[str, tuple[Button, ...]] = {}
        self.clock = Clock(house)

    def play(self) -> Performance:
        done = Performance(self.script)
        for step in self.script.steps:
            try:
                self._do(step, done)
            except (FactError, WorldError, ScriptError, ServiceError) as error:
                done.differences.append(Difference(step.line, f"  {error}"))
        return done

    def _do(self, step: Step, done: Performance) -> None:
        if step.kind == "world":
            self._write(lambda desk: change_world(desk, step.text, channel=self.channel))
        elif step.kind == "fact":
            self._write(lambda desk: check_fact(desk, step.text, channel=self.channel))
        elif step.kind == "code":
            self.code = step.text or None
        elif step.kind == "language":
            self.language = step.text or None
        elif step.kind == "channel":
            self.channel = step.text
        elif step.kind == "person":
            self._write(lambda desk: person.act(desk, self.house, text=step.text, channel=self.channel))
            self._compare(step, self._collect(), done)
        elif step.kind == "move":
            self._move(step)
            self._compare(step, self._collect(), done)
        else:
            text = self._find_button(step) if step.kind == "press" else step.text
            self._say(step.speaker, text)
            self._compare(step, self._collect(), done)

    def _say(self, speaker: str, text: str) -> None:
        if CODE in text:
            text = text.replace(CODE, self.house.read_now(lambda desk: self._read_code(desk, speaker)))
        message = Message(
            channel=self.channel, sender=speaker, text=text, place_code=self.code, language=self.language
        )
        self.house.writers.call(lambda: self.house.turns.handle(message))

    def _read_code(self, desk: Desk, speaker: str) -> str:
        return read_code(desk, find_contact(desk, channel=self.channel, sender=speaker))

    def _find_button(self, step: Step) -> str:
        """The payload of the button last shown to this speaker with this title."""
        shown = self.buttons.get(step.speaker, ())
        for button in shown:
            if button.title == step.text:
                return button.payload
        titles = " ".join(f"[{button.title}]" for button in shown) or "none"
        raise ScriptError(f"there is no button [{step.text}]; shown: {titles}")

    def _move(self, step: Step) -> None:
        span, down = step.text.removesuffix(DOWN).strip(), step.text.endswith(DOWN)
        until = read_move(span, self.hours.time, where=ScriptError(f"cannot read {step.text!r}"))
        if down:
            self.hours.time = until
            open_days(self.house)
            self.clock.tick()
            return
        while self.hours.time < until:
            midnight = datetime.combine(self.hours.time.date() + timedelta(days=1), datetime.min.time())
            self.hours.time = min(self.hours.time + STRIDE, until, midnight)
            if self.hours.time == midnight:
                open_days(self.house)
            self.clock.tick()

    def _collect(self) -> list[tuple[str, Reply]]:
        """What was said to anybody since the last look, in order."""

        def read(desk: Desk) -> list[tuple[int, str, Reply]]:
            news = []
            for speaker in self.heard | dict.fromkeys("甲乙丙丁戊", 0):
                contact = find_contact(desk, channel=self.channel, sender=speaker)
                if contact is None:
                    continue
                for line in talk.list_lines(desk, contact_id=contact.id, after=self.heard.get(speaker, 0)):
                    if line.direction == "out":
                        news.append((line.id, speaker, Reply.from_json(line.body)))
            return sorted(news, key=lambda one: one[0])

        news = self.house.read_now(read)
        for number, speaker, reply in news:
            self.heard[speaker] = number
            if reply.text or reply.buttons:
                self.buttons[speaker] = reply.buttons or self.buttons.get(speaker, ())
        return [(speaker, reply) for _, speaker, reply in news]

    def _compare(self, step: Step, news: Sequence[tuple[str, Reply]], done: Performance) -> None:
        lines = [(speaker, line) for speaker, reply in news for line in spoken_lines(reply)]
        expected = [_shown(one.speaker, one.text) for one in step.expected]
        said = [_shown(speaker, line) for speaker, line in lines]
        if not step.expected and step.kind != "move":
            done.said[step.line] = lines  # nothing was written down yet: an update writes it
            return
        if not matches(expected, said):
            done.said[step.line] = lines
            shown = "\n".join("  " + line for line in ndiff(expected, said) if not line.startswith("?"))
            done.differences.append(Difference(step.line, f"  > {step.text}\n{shown}"))

    def _write(self, work) -> None:  # type: ignore[no-untyped-def]
        house = self.house
        house.writers.call(
            lambda: house.writers.transaction(lambda session: work(house.desk(session, actor="test")))
        )


def _shown(speaker: str, line: str) -> str:
    return line if speaker == "甲" else f"{speaker} {line}"
