"""What every test may use: the demonstration hospital and the language model, each loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from bot.settings import Settings
from bot.transcripts import Theatre
from intents import Interpreter, load_interpreter
from intents.interpreter import MODEL
from knowledge import Hospital, load_hospital

# One checkout gives one verdict: properties draw the same examples every time. To look for new ones:
# pytest --hypothesis-profile explore
settings.register_profile("same", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("same")

NOW = datetime(2026, 3, 11, 9, 0)
"""A Wednesday."""


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    return load_hospital()


@pytest.fixture(scope="session")
def interpreter(hospital: Hospital) -> Interpreter:
    if not (MODEL / "model.bin").exists():
        from intents.training import train

        train(hospital)
    return load_interpreter(hospital)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def theatre(interpreter: Interpreter) -> Iterator[Theatre]:
    """The whole house, loaded once; ``theatre.stage(now)`` gives it a fresh database and hours to move on."""
    theatre = Theatre(Settings(_env_file=None, env="test"))  # type: ignore[call-arg]
    yield theatre
    theatre.close()
