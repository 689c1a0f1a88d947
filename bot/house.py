"""The one place of wiring: settings in, a house out, in which every room stands ready.

Nothing else in the program constructs a hospital, an interpreter, an assistant or an engine; tests build a house
here too, with other settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from bot.bell import Bell
from bot.channels.channel import Channel
from bot.database import open_database
from bot.hours import Hours, hospital_hours
from bot.settings import Settings
from bot.turn import Turns
from bot.writers import Writers
from dialogues import Assistant, load_assistant
from intents import Interpreter, load_interpreter
from knowledge import Hospital, load_hospital
from services import Desk
from services.companions import enrol_roster
from services.database import connect_reading
from services.schedules import open_slots

Progress = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    hospital: Hospital
    interpreter: Interpreter
    assistant: Assistant
    engine: Engine
    writers: Writers
    now: Hours
    channels: dict[str, Channel] = field(default_factory=dict)
    """Filled by whoever serves: the channels on which this process can send."""
    bell: Bell = field(default_factory=Bell)

    @property
    def turns(self) -> Turns:
        return Turns(self)

    def desk(self, session: Session, *, actor: str = "assistant") -> Desk:
        """The front desk of this hour, in this session."""
        return Desk(session=session, hospital=self.hospital, now=self.now(), actor=actor)

    async def read(self, work: Callable[[Desk], T]) -> T:
        """Runs ``work`` in a reading transaction beside the writer (SQLite in WAL lets readers by)."""
        return await asyncio.to_thread(self.read_now, work)

    def read_now(self, work: Callable[[Desk], T]) -> T:
        """The same in this thread. Nothing of it is ever committed."""
        with (
            connect_reading(self.engine) as connection,
            Session(connection) as session,
        ):
            return work(self.desk(session, actor="api"))

    async def write(self, work: Callable[[Desk], T], *, actor: str, ring: bool = True) -> T:
        """Runs ``work`` in one writing transaction and rings the bell: staff, the API, a webhook. Without ``ring`` for
        whoever the bell woke himself."""
        result = await self.writers.run(
            lambda: self.writers.transaction(lambda session: work(self.desk(session, actor=actor)))
        )
        if ring:
            self.bell.ring()
        return result

    async def mark(self, work: Callable[[Desk], T]) -> T:
        """Claims and marks what is sent: by the running hour; patiently, for what has been sent must be marked; and
        without the bell, which woke the sender."""

        def run(session: Session) -> T:
            return work(self.running(self.desk(session, actor="delivery")))

        return await self.writers.run(lambda: self.writers.transaction(run, patience=60))

    def running(self, desk: Desk) -> Desk:
        """The desk by the running hour: leases and waiting times go on even where a test has frozen the hour."""
        return replace(desk, now=self.now.running())

    def close(self) -> None:
        self.writers.close()
        self.engine.dispose()


def open_house(settings: Settings, *, now: Hours | None = None, progress: Progress | None = None) -> House:
    """Loads the hospital, the language model and the dialogues, and opens the database.

    Raises ``KnowledgeError`` and the dialogues' load errors with file, line and the nearest right name, before
    anybody is served.
    """
    tell = progress or (lambda what: None)
    tell("hospital")
    hospital = load_hospital(settings.hospital_dir)
    tell("language model")
    interpreter = load_interpreter(hospital, settings.model_dir)
    tell("dialogues")
    assistant = load_assistant(hospital, settings.flow_dirs)
    tell("database")
    engine = open_database(settings)
    house = House(
        settings=settings,
        hospital=hospital,
        interpreter=interpreter,
        assistant=assistant,
        engine=engine,
        writers=Writers(engine, threads=settings.turn_threads, patience=settings.lock_seconds),
        now=now or hospital_hours(hospital.timezone, frozen=settings.now),
    )
    tell("appointment slots")
    open_days(house)
    return house


def open_days(house: House) -> None:
    """Opens the slots of the coming days and fills the roster of escorts; what stands already stays as it is."""

    def open_all(session: Session) -> None:
        desk = house.desk(session, actor="clock")
        open_slots(desk, days=house.settings.slot_days)
        enrol_roster(desk)

    house.writers.transaction(open_all, patience=60)
