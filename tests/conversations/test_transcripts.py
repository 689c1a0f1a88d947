"""Every transcript under tests/conversations plays as written. The format: docs/transcripts.md.

On the way every waiting step of every flow is disturbed once (`disturbances`); a waiting step to which no transcript leads
fails the suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre, read_scripts
from bot.transcripts.script import Script
from tests.conversations.disturbances import DisturbingPlayer, Waiting
from tests.honesty import find_faults

HERE = Path(__file__).parent
SCRIPTS = [
    pytest.param(script, id=f"{path.relative_to(HERE)}:{script.line}")
    for path in sorted(HERE.rglob("*.txt"))
    for script in read_scripts(path.read_text(encoding="utf-8"), file=path)
]


class Tour:
    """What the stories have led to so far, in this run."""

    def __init__(self) -> None:
        self.played: set[str] = set()
        self.seen: dict[Waiting, str] = {}
        self.failures: list[str] = []

    def finish(self) -> None:
        """Skips where only some of the stories were asked for."""
        if len(self.played) < len(SCRIPTS):
            pytest.skip(f"only {len(self.played)} of {len(SCRIPTS)} transcripts were played")


@pytest.fixture(scope="module")
def tour() -> Tour:
    return Tour()


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
def test_the_conversation_goes_as_written(script: Script, theatre: Theatre, tour: Tour) -> None:
    with theatre.stage(script.now) as (house, hours):
        player = DisturbingPlayer(house, hours, script)
        player.seen, player.failures = tour.seen, tour.failures
        played = player.play()
    tour.played.add(f"{script.file}:{script.line}")
    assert played.passed, "\n" + played.report()


def test_no_disturbance_at_any_waiting_step_is_a_dead_end(tour: Tour) -> None:
    tour.finish()
    assert not tour.failures, "\n" + "\n".join(tour.failures)


def test_a_transcript_leads_to_every_waiting_step(tour: Tour, theatre: Theatre) -> None:
    tour.finish()
    waiting = {
        (flow.id, step.id)
        for flow in theatre.house.assistant.book.flows.values()
        for step in flow.steps.values()
        if step.verb == "collect"
    }
    missing = sorted(waiting - set(tour.seen))
    assert not missing, "no transcript leads to:\n" + "\n".join(f"{flow}/{step}" for flow, step in missing)
