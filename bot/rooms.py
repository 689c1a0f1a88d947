"""Single rooms without the whole house, for commands that need no database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.hours import Hours, hospital_hours
from bot.settings import Settings
from knowledge import Hospital, load_hospital

if TYPE_CHECKING:
    from intents import Interpreter


def open_settings() -> Settings:
    """The settings, or an end with one readable line for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"WENJIN_{name}: {problem['msg']}\n" if name else f"{problem['msg']}\n")
        raise SystemExit(2) from None


def open_hospital(settings: Settings | None = None) -> Hospital:
    return load_hospital((settings or open_settings()).hospital_dir)


def rooms() -> tuple[Hospital, Interpreter, Hours]:
    """Hospital, interpreter and the hour: what understanding needs."""
    from intents import load_interpreter  # other commands need none of it

    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)
    return hospital, load_interpreter(hospital, settings.model_dir), now
