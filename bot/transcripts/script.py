"""A conversation transcript as data: read from text, written back with other ``<`` lines. See docs/transcripts.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

DEFAULT_NOW = datetime(2026, 3, 11, 9, 0)
_SPEAKER = re.compile(r"^([甲乙丙丁戊]?)(?:[ 　]+|$)(.*)$", re.S)
_PRESS = re.compile(r"^\[(.+)\]$")
_MOVE = re.compile(r"^\+(\d+)\s*(s|m|h|d|w|秒|分钟|小时|天|周)$")
_UNITS = {
    "s": "seconds", "秒": "seconds", "m": "minutes", "分钟": "minutes", "h": "hours", "小时": "hours",
    "d": "days", "天": "days", "w": "weeks", "周": "weeks",
}  # fmt: skip
_HEADERS = {
    "现在": "now", "世界": "world", "渠道": "channel", "码": "code", "语言": "language", "人工": "person"
}  # fmt: skip


class ScriptError(ValueError):
    """A transcript line that cannot be read: ``file:line: what``."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One ``<`` line: what somebody is told."""

    line: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: somebody speaks, time passes, the world changes or a fact is looked up.

    ``kind`` is say, press, move, person, world, fact, code, channel or language.
    """

    kind: str
    text: str
    line: int
    speaker: str = "甲"
    expected: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    file: Path | None
    line: int
    now: datetime = DEFAULT_NOW
    steps: tuple[Step, ...] = field(default=())

    @property
    def name(self) -> str:
        return f"{self.file.name}:{self.line} {self.title}" if self.file else self.title


def read_scripts(text: str, *, file: Path | None = None) -> list[Script]:
    """All transcripts of one text; each ``# title`` after the first turn begins another."""
    scripts: list[Script] = []
    script: Script | None = None
    steps: list[Step] = []

    def fail(number: int, what: str) -> ScriptError:
        return ScriptError(f"{file or '<transcript>'}:{number}: {what}")

    def close() -> None:
        if script is not None:
            scripts.append(replace(script, steps=tuple(steps)))

    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith("#"):
            if script is None or any(step.kind != "world" for step in steps):
                close()
                script, steps = Script(stripped.lstrip("# "), file, number), []
            continue  # a second # line before the first turn is a remark
        if script is None:
            script = Script(file.stem if file else "transcript", file, number)
        sign, rest = stripped[0], stripped[1:]
        if sign == ">":
            speaker, words = _speaker(rest)
            pressed = _PRESS.match(words)
            kind = "press" if pressed else "say"
            steps.append(Step(kind, pressed[1] if pressed else words, number, speaker))
        elif sign == "<":
            if not steps or steps[-1].kind not in ("say", "press", "move", "person"):
                raise fail(number, "a < line needs a >, @ or 人工: line before it")
            speaker, words = _speaker(rest, default=steps[-1].speaker)
            steps[-1] = replace(steps[-1], expected=(*steps[-1].expected, Expected(number, speaker, words)))
        elif sign == "!":
            steps.append(Step("fact", rest.strip(), number))
        elif sign == "@":
            span = rest.strip().removesuffix("停机").strip()
            read_move(span, DEFAULT_NOW, where=fail(number, f"cannot read the time {rest.strip()!r}"))
            steps.append(Step("move", rest.strip(), number))
        else:
            name, colon, value = stripped.replace("：", ":", 1).partition(":")
            kind = _HEADERS.get(name.strip(), "")
            if not colon or not kind:
                raise fail(
                    number,
                    f"cannot read {stripped!r}; a line begins with # 现在: 世界: 渠道: 码: 语言: 人工: > < ! or @",
                )
            if kind == "now":
                if steps:
                    raise fail(number, "现在: stands before everything else; later, time passes with @")
                try:
                    script = replace(script, now=datetime.fromisoformat(value.strip()))
                except ValueError:
                    raise fail(
                        number, f"cannot read the time {value.strip()!r}, e.g. 2026-03-11 09:00"
                    ) from None
            else:
                steps.append(Step(kind, value.strip(), number))
    close()
    return scripts


def read_move(text: str, now: datetime, *, where: ScriptError) -> datetime:
    """The time after ``+1d``, ``+2小时`` or at ``2026-03-12 20:00``."""
    if match := _MOVE.match(text):
        return now + timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise where from None


def _speaker(rest: str, *, default: str = "甲") -> tuple[str, str]:
    match = _SPEAKER.match(rest)
    if match is None:  # `>好的` without a space is 甲 saying 好的
        return default, rest.strip()
    return match[1] or default, match[2].strip()


def rewrite(text: str, said: dict[int, list[tuple[str, str]]], scripts: list[Script]) -> str:
    """The text with the ``<`` lines of the steps at these lines replaced; every other line stays as it is.

    ``said`` gives for the line of a step what was said there: (speaker, line of text).
    """
    drop = {
        one.line for script in scripts for step in script.steps if step.line in said for one in step.expected
    }
    lines: list[str] = []
    speakers = {step.line: step.speaker for script in scripts for step in script.steps}
    for number, line in enumerate(text.splitlines(), start=1):
        if number not in drop:
            lines.append(line)
        for speaker, words in said.get(number, ()):
            mark = "" if speaker == speakers[number] else speaker
            lines.append(f"<{mark} {words}".rstrip())
    return "\n".join(lines) + "\n"
