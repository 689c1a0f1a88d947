"""Every transcript under tests/conversations plays as written. The format: docs/transcripts.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre, play_script, read_scripts
from bot.transcripts.script import Script
from tests.honesty import find_faults

HERE = Path(__file__).parent
SCRIPTS = [
    pytest.param(script, id=f"{path.relative_to(HERE)}:{script.line}")
    for path in sorted(HERE.rglob("*.txt"))
    for script in read_scripts(path.read_text(encoding="utf-8"), file=path)
]


@pytest.fixture(autouse=True)
def honest(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the curtain falls, every record that was made says who made it what, when and why."""
    stage = theatre.stage

    @contextmanager
    def look(now: datetime) -> Iterator[tuple[House, MovingHours]]:
        with stage(now) as (house, hours):
            yield house, hours
            faults = house.read_now(lambda desk: find_faults(desk, since=now))
            assert not faults, "\n".join(faults)

    monkeypatch.setattr(theatre, "stage", look)


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_conversation_goes_as_written(script: Script, theatre: Theatre) -> None:
    played = play_script(script, theatre)
    assert played.passed, "\n" + played.report()
