"""The one place of wiring: settings in, a house out, in which every room stands ready.

Nothing else in the program constructs a hospital, an interpreter, an assistant or an engine; tests build a house
here too, with other settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlmodel import Session

from bot.channels.channel import Channel
from bot.hours import Now, hospital_hours
from bot.settings import Settings
from bot.writers import Writers
from dialogues import Assistant, load_assistant
from intents import Interpreter, load_interpreter
from knowledge import Hospital, load_hospital
from services import Desk
from services.database import make_engine, set_cipher, upgrade
from services.schedules import open_slots

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    hospital: Hospital
    interpreter: Interpreter
    assistant: Assistant
    engine: Engine
    writers: Writers
    now: Now
    channels: dict[str, Channel] = field(default_factory=dict)
    """Filled by whoever serves: the channels on which this process can send."""

    def desk(self, session: Session, *, actor: str = "assistant") -> Desk:
        """The front desk of this hour, in this session."""
        return Desk(session=session, hospital=self.hospital, now=self.now(), actor=actor)

    def close(self) -> None:
        self.writers.close()
        self.engine.dispose()


def open_house(settings: Settings, *, now: Now | None = None, progress: Progress | None = None) -> House:
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


def open_database(settings: Settings) -> Engine:
    """The engine of the settings' database, brought up to date, with the key of its encrypted columns set."""
    set_cipher(settings.read_key())
    engine = make_engine(settings.url)
    upgrade(engine)
    return engine


def open_days(house: House) -> None:
    """Opens the slots of the coming days; those that stand already stay as they are."""
    house.writers.transaction(
        lambda session: open_slots(house.desk(session, actor="clock"), days=house.settings.slot_days),
        patience=60,
    )
