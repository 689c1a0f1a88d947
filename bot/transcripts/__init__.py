"""Conversation transcripts: read, played on a stage of their own, compared. The format: docs/transcripts.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.settings import Settings
from bot.transcripts.runner import Performance, Player
from bot.transcripts.script import Script, ScriptError, read_scripts, rewrite
from bot.transcripts.stage import Theatre

__all__ = [
    "Performance",
    "Player",
    "Script",
    "ScriptError",
    "Theatre",
    "play_files",
    "play_script",
    "read_scripts",
]


def play_script(script: Script, theatre: Theatre) -> Performance:
    """Plays one transcript on a fresh stage."""
    with theatre.stage(script.now) as (house, hours):
        return Player(house, hours, script).play()


def play_files(paths: Iterable[Path], *, settings: Settings, update: bool = False) -> Iterator[Performance]:
    """Plays every transcript of the files and folders; with ``update`` the ``<`` lines that differ are rewritten."""
    theatre = Theatre(settings)
    try:
        for path in _files(paths):
            text = path.read_text(encoding="utf-8")
            scripts = read_scripts(text, file=path)
            played = [play_script(script, theatre) for script in scripts]
            if update:
                said = {line: lines for one in played for line, lines in one.said.items()}
                if said:
                    path.write_text(rewrite(text, said, scripts), encoding="utf-8")
            yield from played
    finally:
        theatre.close()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.txt"))
        else:
            yield path
