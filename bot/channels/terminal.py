"""`wenjin chat`: the assistant in a terminal. Buttons are numbered; a dot blinks while it thinks."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.channels.message import Message
from bot.house import House
from bot.transcripts.comparison import spoken_lines
from dialogues.reply import Button, Reply

NAME = "terminal"


def talk(house: House, *, sender: str, record: Path | None = None) -> None:
    """Reads lines until the input ends; with ``record`` writes a transcript that `wenjin transcript` can play."""
    console = Console()
    lines = [
        f"# {house.hospital.short_name}，{house.now():%Y-%m-%d %H:%M}",
        f"现在: {house.now():%Y-%m-%d %H:%M}",
    ]
    buttons: list[Button] = []
    asks = sys.stdin.isatty()
    console.print(Text(f"{house.hospital.name}。Ctrl-D 结束。", style="dim"))
    while True:
        try:
            typed = console.input("[bold cyan]› [/]") if asks else sys.stdin.readline()
        except (EOFError, KeyboardInterrupt):
            break
        if not typed and not asks:
            break
        typed = typed.rstrip("\n")
        pressed = _pressed(typed, buttons)
        with console.status("", spinner="dots"):
            message = Message(NAME, sender, pressed.payload if pressed else typed)
            replies = house.writers.call(partial(house.turns.handle, message))
        lines.append(f"> [{pressed.title}]" if pressed else f"> {typed}".rstrip())
        for reply in replies:
            lines.extend(f"< {line}" for line in spoken_lines(reply))
        buttons = _show(console, replies)
    if record is not None:
        record.write_text("\n".join(lines) + "\n", encoding="utf-8")
        console.print(Text(f"{record}", style="dim"))


def _pressed(typed: str, buttons: list[Button]) -> Button | None:
    number = typed.strip()
    if number.isdecimal() and 1 <= int(number) <= len(buttons):
        return buttons[int(number) - 1]
    return None


def _show(console: Console, replies: list[Reply]) -> list[Button]:
    buttons: list[Button] = []
    for reply in replies:
        if reply.text:
            console.print(Text(reply.text))
        if reply.image:
            console.print(Text(reply.image, style="dim"))
        for button in reply.buttons:
            buttons.append(button)
            console.print(Text(f"  {len(buttons)}  {button.title}", style="green"))
    return buttons
