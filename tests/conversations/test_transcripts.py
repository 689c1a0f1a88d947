"""Every transcript under tests/conversations plays as written. The format: docs/transcripts.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.transcripts import Theatre, play_script, read_scripts
from bot.transcripts.script import Script

HERE = Path(__file__).parent
SCRIPTS = [
    pytest.param(script, id=f"{path.relative_to(HERE)}:{script.line}")
    for path in sorted(HERE.rglob("*.txt"))
    for script in read_scripts(path.read_text(encoding="utf-8"), file=path)
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_conversation_goes_as_written(script: Script, theatre: Theatre) -> None:
    played = play_script(script, theatre)
    assert played.passed, "\n" + played.report()
